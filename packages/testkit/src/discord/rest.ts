import type { IncomingHttpHeaders } from "node:http";
import { interactionRoutes } from "./interactions.ts";
import { messageRoutes } from "./messages.ts";
import { peopleRoutes } from "./people.ts";
import { Refusal, refusals, type Answer, type Call, type Route, type Surroundings, type Upload } from "./route.ts";

/**
 * The REST routes that a chat bot leans on, refusing what discord.com/developers/docs says is refused (each refusal names its page where it stands).
 *
 * Not verified against the real Discord, only plausible:
 * - the names of the codes within `errors` of an Invalid Form Body (50035), except BASE_TYPE_MAX_LENGTH of a long content;
 * - how long a nonce is remembered ("the past few minutes": three here), and whether per channel or per author;
 * - that a nonce is not among a message's fields when it is read back later (here it is not);
 * - that white space is cut off both ends of a content;
 * - that a message to a locked thread is 50083, and that a reply whose target is gone and need not exist has no message_reference;
 * - that mentions within code are counted (here they are, to be strict);
 * - that white space in a file's name becomes "_", and that a text's type gets a charset;
 * - that the CDN answers 404 once a signature is no good any more, and whether it keeps the files of deleted messages (here it does);
 * - that a file which an edit does not list is refused, and its code;
 * - that GUILD_CREATE names channels which the bot can't see (here it does, and none of their threads);
 * - that an interaction which is not answered in time is 10062, and that a follow-up before the first answer is 10015.
 * Not modelled: stickers, polls, components but for rows of buttons and string selects, slash commands, webhooks but those of interactions, slow mode, the 403 for a missing User-Agent, more than one guild,
 * the ban after 10,000 refused calls.
 */
export function answerCall(at: Surroundings, call: Call, headers: IncomingHttpHeaders): Answer {
  try {
    const route = routes[call.route];
    if (!route)
      throw Object.keys(routes).some((known) => pathOf(known) === pathOf(call.route)) ? refusals.wrongMethod() : refusals.notFound();
    // …/docs/reference#authentication: GET /gateway alone needs none.
    // What follows an interaction is let in by its token.
    if (
      call.route !== "GET /gateway" &&
      !Object.hasOwn(interactionRoutes, call.route) &&
      (headers.authorization !== `Bot ${at.world.bot.token}` || at.revoked())
    )
      throw refusals.unauthorized();
    if (call.body === unreadable) throw refusals.badJson();
    return route.run(at, call);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { status: error.status, body: error.body };
  }
}

/** Takes the path and the body apart; undefined where the path is not below /api/v10. */
export async function readCall(request: { method: string; url: URL; type: string; body: Buffer }): Promise<Call | undefined> {
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
      if (/^(?:interactions|webhooks)$/.test(parts[index - 2] ?? "")) return note(part, ":token");
      return parts[index - 1] === "reactions" ? note(decodeURIComponent(part), ":emoji") : part;
    })
    .join("/");
  return {
    route: `${request.method} ${route}`,
    ids,
    query: request.url.searchParams,
    bytes: request.body.byteLength,
    ...(await readBody(request)),
  };
}

async function readBody({ type, body }: { type: string; body: Buffer }): Promise<Pick<Call, "body" | "files">> {
  const files = new Map<number, Upload>();
  if (!type.startsWith("multipart/form-data")) return { body: parsed(body.toString("utf8")), files };
  let json: unknown;
  for (const [name, value] of await new Response(new Uint8Array(body), { headers: { "Content-Type": type } }).formData()) {
    const n = /^files\[(\d+)\]$/.exec(name)?.[1];
    if (name === "payload_json" && typeof value === "string") json = parsed(value);
    if (n !== undefined && value instanceof File) {
      files.set(Number(n), { name: value.name, type: value.type, content: new Uint8Array(await value.arrayBuffer()) });
    }
  }
  return { body: json ?? {}, files };
}

const unreadable = Symbol("unreadable");

const routes: Readonly<Record<string, Route>> = { ...messageRoutes, ...peopleRoutes, ...interactionRoutes };

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
