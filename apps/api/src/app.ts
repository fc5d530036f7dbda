import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Happened } from "@bellhop/bus";
import { isFields, problem, toProblem, type ApiKey, type TriggerDefinition } from "@bellhop/contracts";
import { point, type Log, type Telemetry } from "@bellhop/service";
import type { HttpBindings } from "@hono/node-server";
import { Hono, type Context } from "hono";
import { allows, idOfKey, isKey, type Wanted } from "./api-keys.ts";
import { openBodies } from "./bodies.ts";
import { readBody } from "./body.ts";
import { readEvents } from "./cloud-events.ts";
import { trimmed, type HookConfig } from "./config.ts";
import { webhook, type Known } from "./known.ts";
import { openApi } from "./open-api.ts";
import { payloadFault } from "./payload-fault.ts";
import { openRates } from "./rate.ts";
import {
  broken,
  later,
  misfit,
  nothing,
  onlyPost,
  plain,
  refusalBody,
  unauthorized,
  unknownHook,
  unknownTrigger,
  unsigned,
  type Refusal,
} from "./refusal.ts";
import { signatureFault, signatureHeaders } from "./signature.ts";

/** What Node has of a request beside what the web has. */
type Env = { Bindings: HttpBindings };

/** What the routes lean on. */
export interface AppParts {
  known: Pick<Known, "isHook" | "isTrigger" | "trigger" | "key">;
  /** Whether what an event says has to fit the schema of its trigger. */
  checkTriggers: boolean;
  hooks: Readonly<Record<string, HookConfig>>;
  bodyLimit: number;
  rate: number;
  /** Stores what happened. Rejects where it can't. */
  fire: (happened: Happened) => Promise<{ event: string; again: boolean }>;
  log: Log;
  telemetry: Telemetry;
}

/** The routes. Every answer is JSON: what was stored, or what is wrong and what to do. */
export function createApp(parts: AppParts): Hono<Env> {
  const { known, hooks, fire, log } = parts;
  const rates = openRates(parts.rate);
  const strangers = openRates(10);
  const bodies = openBodies({ limit: parts.bodyLimit, together: Math.max(allBodies, 4 * parts.bodyLimit) });
  const app = new Hono<Env>();

  app.use(async (c, next) => {
    try {
      await next();
    } finally {
      bodies.release(c.env.incoming);
    }
  });
  app.get("/v1/openapi.json", (c) => c.json(openApi));
  app.post("/v1/webhooks/st2", async (c) => {
    const sender = keyOf(c, { kind: "triggers" });
    if ("status" in sender) return refuse(c, sender);
    const body = await bodies.read(c.env.incoming);
    if ("status" in body) return refuse(c, body);
    const read = readBody(body.bytes, c.req.header("content-type"));
    if (read.kind === "fault") return refuse(c, { ...read, code: "body_unreadable" });
    const { trigger, payload, trace } = isFields(read.value) ? read.value : {};
    if (typeof trigger !== "string" || !known.isTrigger(trigger)) return refuse(c, unknownTrigger(trigger));
    const unfit = await payloadFault(checked(trigger), payload ?? {});
    if (unfit !== undefined) return refuse(c, misfit(trigger, unfit));
    const name = idempotencyKey(c.req.raw.headers);
    const key = keyed("triggers", trigger, name ?? randomUUID());
    const comesAgain = name !== undefined;
    const tag = tagOf(isFields(trace) ? trace["trace_tag"] : trace);
    const source = { kind: "webhook", name: sender.name } as const;
    return await stored(c, { trigger, payload: payload ?? {}, key, comesAgain, source, ...tag, at: now() });
  });
  app.post("/v1/webhooks/:path{.+}", async (c) => {
    const path = trimmed(c.req.param("path"));
    const hook = Object.hasOwn(hooks, path) ? hooks[path] : undefined;
    const sender = hook === undefined ? keyOf(c, { kind: "webhooks", path }) : { name: hook.signature };
    if ("status" in sender) return refuse(c, sender);
    const body = await bodies.read(c.env.incoming);
    if ("status" in body) return refuse(c, body);
    const { headers } = c.req.raw;
    if (hook !== undefined) {
      const fault = signatureFault({ hook, headers, body: body.bytes, now: Date.now() });
      const turned = fault === undefined ? undefined : (limited(strangers, address(c)) ?? unsigned(fault));
      const over = turned ?? limited(rates, `hook ${path}`);
      if (over !== undefined) return refuse(c, over);
    }
    if (!known.isHook(path)) return refuse(c, unknownHook(path));
    const read = readBody(body.bytes, c.req.header("content-type"));
    if (read.kind === "fault") return refuse(c, { ...read, code: "body_unreadable" });
    if (typeof read.value !== "object" || read.value === null) return refuse(c, plain);
    const shown = shownHeaders(c.env.incoming, hook);
    const payload = { headers: shown.named, headers_lower: shown.lower, body: read.value };
    const name = idempotencyKey(headers);
    const key = keyed("webhook", path, name ?? randomUUID());
    const comesAgain = name !== undefined;
    const source = { kind: "webhook", name: `${path} by ${sender.name}` } as const;
    const tag = tagOf(headers.get("st2-trace-tag"));
    return await stored(c, { trigger: webhook, parameters: { url: path }, payload, key, comesAgain, source, ...tag, at: now() });
  });
  app.post("/v1/events", async (c) => {
    const sender = keyOf(c, { kind: "events" });
    if ("status" in sender) return refuse(c, sender);
    const body = await bodies.read(c.env.incoming);
    if ("status" in body) return refuse(c, body);
    const read = readEvents(c.req.raw.headers, body.bytes);
    if (read.kind === "fault") return refuse(c, { ...read, code: "event_unreadable" });
    for (const [index, { type, data }] of read.events.entries()) {
      const unfit = await payloadFault(checked(type), data ?? {});
      if (unfit !== undefined) return refuse(c, misfit(type, read.events.length === 1 ? unfit : `event ${index}: ${unfit}`));
    }
    const at = now();
    point("api.received");
    const results = await Promise.all(
      read.events.map(async ({ id, source, type, attributes, data }) => {
        const own = known.isTrigger(type);
        const what = own
          ? { trigger: type, payload: data ?? {} }
          : { trigger: "core.cloudevent", payload: { ...attributes, ...(data === undefined ? {} : { data }) } };
        return await fire({
          ...what,
          key: keyed("cloudevent", source, id),
          comesAgain: true,
          source: { kind: "cloudevent", name: source },
          at,
        });
      }),
    );
    point("api.stored");
    count(c, 202);
    return c.json({ events: results }, 202);
  });
  app.post("/v1/webhooks/*", (c) => refuse(c, unknownHook("")));
  app.all("/v1/webhooks/*", (c) => refuse(c, onlyPost));
  app.all("/v1/events", (c) => refuse(c, onlyPost));
  app.notFound((c) => refuse(c, nothing));
  app.onError((error, c) => {
    const { data } = toProblem(error);
    // What NATS can't take for now is still with the sender; anything else is ours to mend.
    const waits = data.retry || data.code.startsWith("nats_");
    log[waits ? "warn" : "error"]({ problem: data, method: c.req.method }, "a request failed");
    return refuse(c, waits ? later : broken);
  });
  return app;

  async function stored(c: Context<Env>, happened: Happened): Promise<Response> {
    point("api.received");
    const { event, again } = await fire(happened);
    point("api.stored");
    count(c, 202);
    return c.json({ event, again, trigger: happened.trigger }, 202);
  }

  /** Who sends: the holder of a key that allows it. */
  function keyOf(c: Context<Env>, wanted: Wanted): ApiKey | Refusal {
    const text = keyText(c);
    if (text === undefined) return limited(strangers, address(c)) ?? unauthorized("No API key came with the request.");
    const id = idOfKey(text);
    const key = id === undefined ? undefined : known.key(id);
    if (key === undefined || !isKey(text, key))
      return limited(strangers, address(c)) ?? unauthorized("This API key is not known, or was revoked.");
    if (!allows(key, wanted)) return { status: 403, ...problem("api_denied", { key: key.name, what: wordsOf(wanted) }).data };
    return limited(rates, `key ${key.id}`) ?? key;
  }

  /** The trigger whose schema is held against what is said of it. */
  function checked(ref: string): TriggerDefinition | undefined {
    return parts.checkTriggers ? known.trigger(ref) : undefined;
  }

  function refuse(c: Context<Env>, refusal: Refusal): Response {
    const { status, headers } = refusal;
    count(c, status);
    return c.body(refusalBody(refusal), status, { "Content-Type": "application/json", ...headers });
  }

  function count(c: Context<Env>, status: number): void {
    const route = c.req.path.startsWith("/v1/webhooks/") ? "webhooks" : c.req.path === "/v1/events" ? "events" : "other";
    parts.telemetry.count("bellhop_api_requests_total", { route, status: String(status) });
  }
}

/** Of all bodies that are in hand, in bytes. */
const allBodies = 64 * 1024 * 1024;

/** Where a key may stand. In the query only as StackStorm's senders put it. */
function keyText(c: Context<Env>): string | undefined {
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(c.req.header("authorization") ?? "")?.[1];
  return bearer ?? c.req.header("bellhop-api-key") ?? c.req.header("st2-api-key") ?? c.req.query("st2-api-key");
}

/** What rules never see: keys, cookies, signatures. */
const hidden = new Set([
  "authorization",
  "bellhop-api-key",
  "st2-api-key",
  "x-auth-token",
  "cookie",
  "proxy-authorization",
  ...signatureHeaders,
]);

/** Headers as StackStorm shows them (`X-Github-Event`), as they were sent where that differs, and in lower case. */
function shownHeaders(
  { headers, rawHeaders }: IncomingMessage,
  hook: HookConfig | undefined,
): { named: Record<string, string>; lower: Record<string, string> } {
  const named: Record<string, string> = {};
  const lower: Record<string, string> = {};
  const signature = hook?.header.toLowerCase();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const sent = rawHeaders[at] ?? "";
    const name = sent.toLowerCase();
    const given = headers[name];
    if (given === undefined || hidden.has(name) || name === signature) continue;
    const value = Array.isArray(given) ? given.join(", ") : given;
    lower[name] = value;
    named[titled(name)] = value;
    named[sent] = value;
  }
  return { named, lower };
}

/** Senders name the same headers again and again. */
const titles = new Map<string, string>();

function titled(name: string): string {
  const known = titles.get(name);
  if (known !== undefined) return known;
  const title = name.replaceAll(/(^|-)([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase());
  if (titles.size < 1_000) titles.set(name, title);
  return title;
}

function address({ env }: Context<Env>): string {
  return env.incoming.socket.remoteAddress ?? "somebody";
}

/** One key for each place and name there: slashes and line ends of a name don't make it another's. */
function keyed(kind: string, place: string, name: string): string {
  return `${kind}/${encodeURI(place.toWellFormed())}/${encodeURIComponent(name.toWellFormed())}`;
}

/** What the sender calls the chain that begins here, as StackStorm's senders say it. */
function tagOf(given: unknown): { tag?: string } {
  return typeof given === "string" && given !== "" ? { tag: given.slice(0, longestTag).toWellFormed() } : {};
}

const longestTag = 200;

/** The sender's own name for what it sends. */
function idempotencyKey(headers: Headers): string | undefined {
  const given = headers.get("idempotency-key") ?? headers.get("x-github-delivery") ?? undefined;
  return given === undefined || given === "" ? undefined : given;
}

function limited(rates: ReturnType<typeof openRates>, name: string): Refusal | undefined {
  const taken = rates.take(name, performance.now());
  if (taken.ok) return undefined;
  const headers = { "Retry-After": String(taken.retrySeconds) };
  return { status: 429, code: "rate_limited", message: "Too many requests.", hint: `Try again in ${taken.retrySeconds} s.`, headers };
}

function wordsOf(wanted: Wanted): string {
  return wanted.kind === "webhooks" ? `webhooks:${wanted.path}` : wanted.kind;
}

function now(): string {
  return new Date().toISOString();
}
