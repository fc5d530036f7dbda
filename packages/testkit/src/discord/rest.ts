import type { IncomingHttpHeaders } from "node:http";
import { messageRoutes } from "./messages.ts";
import { peopleRoutes } from "./people.ts";
import { Refusal, refusals, type Answer, type Call, type Route, type Surroundings } from "./route.ts";

/**
 * The REST routes that a chat bot leans on, refusing what discord.com/developers/docs says is refused (each refusal names its page where it stands).
 *
 * Not verified against the real Discord, only plausible:
 * - the names of the codes within `errors` of an Invalid Form Body (50035), except BASE_TYPE_MAX_LENGTH of a long content;
 * - how long a nonce is remembered ("the past few minutes": three here), and whether per channel or per author;
 * - that a nonce is not among a message's fields when it is read back later (here it is not);
 * - that white space is cut off both ends of a content;
 * - that a message to a locked thread is 50083, and that a reply whose target is gone and need not exist has no message_reference;
 * - that mentions within code are counted (here they are, to be strict).
 * Not modelled: files and stickers, polls, components, slash commands, webhooks, slow mode, the 403 for a missing User-Agent, more than one guild,
 * the ban after 10,000 refused calls.
 */
export function answerCall(at: Surroundings, call: Call, headers: IncomingHttpHeaders): Answer {
  try {
    const route = routes[call.route];
    if (!route)
      throw Object.keys(routes).some((known) => pathOf(known) === pathOf(call.route)) ? refusals.wrongMethod() : refusals.notFound();
    // …/docs/reference#authentication: GET /gateway alone needs none.
    if (call.route !== "GET /gateway" && (headers.authorization !== `Bot ${at.world.bot.token}` || at.revoked()))
      throw refusals.unauthorized();
    if (call.body === unreadable) throw refusals.badJson();
    return route.run(at, call);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { status: error.status, body: error.body };
  }
}

/** Takes the path apart; undefined where it is not below /api/v10. */
export function readCall(request: { method: string; url: URL; body: string }): Call | undefined {
  const path = /^\/api\/v10(\/.*)$/.exec(request.url.pathname)?.[1];
  if (path === undefined) return undefined;
  const ids: string[] = [];
  const note = (id: string, name: string) => {
    ids.push(id);
    return name;
  };
  const route = path
    .split("/")
    .map((part, index, parts) => {
      if (/^\d{15,}$/.test(part)) return note(part, ":id");
      return parts[index - 1] === "reactions" ? note(decodeURIComponent(part), ":emoji") : part;
    })
    .join("/");
  return { route: `${request.method} ${route}`, ids, query: request.url.searchParams, body: parsed(request.body) };
}

const unreadable = Symbol("unreadable");

const routes: Readonly<Record<string, Route>> = { ...messageRoutes, ...peopleRoutes };

function pathOf(route: string): string {
  return route.slice(route.indexOf(" ") + 1);
}

function parsed(body: string): unknown {
  if (body === "") return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return unreadable;
  }
}
