import { randomUUID } from "node:crypto";
import type { Happened } from "@bellhop/bus";
import { problem, toProblem, type ApiKey } from "@bellhop/contracts";
import type { Log, Telemetry } from "@bellhop/service";
import { Hono, type Context } from "hono";
import { allows, idOfKey, isKey, type Wanted } from "./api-keys.ts";
import { readBody } from "./body.ts";
import { readEvents } from "./cloud-events.ts";
import { trimmed, type HookConfig } from "./config.ts";
import { webhook, type Known } from "./known.ts";
import { openApi } from "./open-api.ts";
import { openRates } from "./rate.ts";
import { signatureFault, signatureHeaders } from "./signature.ts";

/** What the routes lean on. */
export interface AppParts {
  known: Pick<Known, "isHook" | "isTrigger" | "key">;
  hooks: Readonly<Record<string, HookConfig>>;
  bodyLimit: number;
  rate: number;
  /** Stores what happened. Rejects where it can't. */
  fire: (happened: Happened) => Promise<{ event: string; again: boolean }>;
  log: Log;
  telemetry: Telemetry;
}

/** A refusal, as it is answered. */
interface Refusal {
  status: 400 | 401 | 403 | 404 | 405 | 413 | 415 | 429 | 500 | 503;
  code: string;
  message: string;
  hint?: string;
  headers?: Record<string, string>;
}

/** The routes. Every answer is JSON: what was stored, or what is wrong and what to do. */
export function createApp(parts: AppParts): Hono {
  const { known, hooks, fire, log } = parts;
  const rates = openRates(parts.rate);
  const strangers = openRates(10);
  const app = new Hono();

  app.get("/v1/openapi.json", (c) => c.json(openApi));
  app.post("/v1/webhooks/st2", async (c) => {
    const sender = keyOf(c, { kind: "triggers" });
    if ("status" in sender) return refuse(c, sender);
    const body = await bodyOf(c, parts.bodyLimit);
    if ("status" in body) return refuse(c, body);
    const read = readBody(body.bytes, c.req.header("content-type"));
    if (read.kind === "fault") return refuse(c, { ...read, code: "body_unreadable" });
    const { trigger, payload, trace } = isObject(read.value) ? read.value : {};
    if (typeof trigger !== "string" || !known.isTrigger(trigger)) return refuse(c, unknownTrigger(trigger));
    const name = idempotencyKey(c.req.raw.headers);
    const key = keyed("triggers", trigger, name ?? (typeof trace === "string" ? `${trace}/` : "") + randomUUID());
    const comesAgain = name !== undefined;
    return await stored(c, { trigger, payload: payload ?? {}, key, comesAgain, source: { kind: "webhook", name: sender.name }, at: now() });
  });
  app.post("/v1/webhooks/:path{.+}", async (c) => {
    const path = trimmed(c.req.param("path"));
    const hook = Object.hasOwn(hooks, path) ? hooks[path] : undefined;
    const sender = hook === undefined ? keyOf(c, { kind: "webhooks", path }) : { name: hook.signature };
    if ("status" in sender) return refuse(c, sender);
    const body = await bodyOf(c, parts.bodyLimit);
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
    const shown = shownHeaders(c, hook);
    const payload = { headers: shown.named, headers_lower: shown.lower, body: read.value };
    const name = idempotencyKey(headers);
    const key = keyed("webhook", path, name ?? randomUUID());
    const comesAgain = name !== undefined;
    const source = { kind: "webhook", name: `${path} by ${sender.name}` } as const;
    return await stored(c, { trigger: webhook, parameters: { url: path }, payload, key, comesAgain, source, at: now() });
  });
  app.post("/v1/events", async (c) => {
    const sender = keyOf(c, { kind: "events" });
    if ("status" in sender) return refuse(c, sender);
    const body = await bodyOf(c, parts.bodyLimit);
    if ("status" in body) return refuse(c, body);
    const read = readEvents(c.req.raw.headers, body.bytes);
    if (read.kind === "fault") return refuse(c, { ...read, code: "event_unreadable" });
    const at = now();
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
    count(c, 202);
    return c.json({ events: results }, 202);
  });
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

  async function stored(c: Context, happened: Happened): Promise<Response> {
    const { event, again } = await fire(happened);
    count(c, 202);
    return c.json({ event, again, trigger: happened.trigger }, 202);
  }

  /** Who sends: the holder of a key that allows it. */
  function keyOf(c: Context, wanted: Wanted): ApiKey | Refusal {
    const text = keyText(c);
    if (text === undefined) return limited(strangers, address(c)) ?? unauthorized("No API key came with the request.");
    const id = idOfKey(text);
    const key = id === undefined ? undefined : known.key(id);
    if (key === undefined || !isKey(text, key))
      return limited(strangers, address(c)) ?? unauthorized("This API key is not known, or was revoked.");
    if (!allows(key, wanted)) return { status: 403, ...problem("api_denied", { key: key.name, what: wordsOf(wanted) }).data };
    return limited(rates, `key ${key.id}`) ?? key;
  }

  function refuse(c: Context, { status, code, message, hint = "", headers }: Refusal): Response {
    count(c, status);
    return c.json({ error: { code, message, hint } }, status, headers);
  }

  function count(c: Context, status: number): void {
    const route = c.req.path.startsWith("/v1/webhooks/") ? "webhooks" : c.req.path === "/v1/events" ? "events" : "other";
    parts.telemetry.count("bellhop_api_requests_total", { route, status: String(status) });
  }
}

/** Where a key may stand. In the query only as StackStorm's senders put it. */
function keyText(c: Context): string | undefined {
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
function shownHeaders(c: Context, hook: HookConfig | undefined): { named: Record<string, string>; lower: Record<string, string> } {
  const named: Record<string, string> = {};
  const lower: Record<string, string> = {};
  const sent = new Map(rawNames(c).map((name) => [name.toLowerCase(), name]));
  for (const [name, value] of c.req.raw.headers) {
    if (hidden.has(name) || name === hook?.header.toLowerCase()) continue;
    lower[name] = value;
    named[name.replaceAll(/(^|-)([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase())] = value;
    named[sent.get(name) ?? name] = value;
  }
  return { named, lower };
}

function rawNames(c: Context): string[] {
  const { incoming } = (c.env ?? {}) as { incoming?: { rawHeaders?: string[] } };
  return (incoming?.rawHeaders ?? []).filter((_, index) => index % 2 === 0);
}

function address(c: Context): string {
  const { incoming } = (c.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress ?? "somebody";
}

/** One key for each place and name there: slashes and line ends of a name don't make it another's. */
function keyed(kind: string, place: string, name: string): string {
  return `${kind}/${encodeURI(place.toWellFormed())}/${encodeURIComponent(name.toWellFormed())}`;
}

/** The sender's own name for what it sends. */
function idempotencyKey(headers: Headers): string | undefined {
  const given = headers.get("idempotency-key") ?? headers.get("x-github-delivery") ?? undefined;
  return given === undefined || given === "" ? undefined : given;
}

/** The body, read no further than it may be. */
async function bodyOf(c: Context, limit: number): Promise<{ bytes: Uint8Array } | Refusal> {
  const over: Refusal = {
    status: 413,
    code: "body_large",
    message: `The body is larger than ${limit} bytes.`,
    hint: "Send less, or set api.bodyLimit in bellhop.yaml.",
  };
  if (Number(c.req.header("content-length") ?? 0) > limit) return over;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of c.req.raw.body ?? []) {
      size += chunk.length;
      if (size > limit) return over;
      chunks.push(chunk);
    }
  } catch {
    return { status: 400, code: "body_cut", message: "The body ended before it was whole.", hint: "Send it again." };
  }
  return { bytes: Buffer.concat(chunks) };
}

function limited(rates: ReturnType<typeof openRates>, name: string): Refusal | undefined {
  const taken = rates.take(name, performance.now());
  if (taken.ok) return undefined;
  const headers = { "Retry-After": String(taken.retrySeconds) };
  return { status: 429, code: "rate_limited", message: "Too many requests.", hint: `Try again in ${taken.retrySeconds} s.`, headers };
}

function unauthorized(message: string): Refusal {
  const hint = "`bellhop api-key create NAME --scope SCOPE` makes one; send it as `Authorization: Bearer KEY`.";
  return { status: 401, code: "key_missing", message, hint, headers: { "WWW-Authenticate": "Bearer" } };
}

function unsigned(fault: string): Refusal {
  return { status: 401, code: "signature_wrong", message: `${fault}.`, hint: "Sign with the secret that bellhop.yaml has for this hook." };
}

function unknownHook(path: string): Refusal {
  const message = `No rule waits for the webhook ${path.slice(0, 200)}.`;
  return { status: 404, code: "hook_unknown", message, hint: "`bellhop rule list` shows what rules wait for." };
}

function unknownTrigger(trigger: unknown): Refusal {
  const named = typeof trigger === "string" ? `There is no trigger ${trigger.slice(0, 200)}.` : "The body names no trigger.";
  return { status: 400, code: "trigger_unknown", message: named, hint: 'Send {"trigger": "pack.name", "payload": {…}}.' };
}

function wordsOf(wanted: Wanted): string {
  return wanted.kind === "webhooks" ? `webhooks:${wanted.path}` : wanted.kind;
}

function now(): string {
  return new Date().toISOString();
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const plain: Refusal = { status: 400, code: "body_plain", message: "The body has to be an object or a list.", hint: "" };
const onlyPost: Refusal = { status: 405, code: "method", message: "Only POST.", headers: { Allow: "POST" } };
const nothing: Refusal = {
  status: 404,
  code: "nothing_here",
  message: "There is nothing here.",
  hint: "/v1/openapi.json says what there is.",
};
const later: Refusal = {
  status: 503,
  code: "try_later",
  message: "It could not be stored now.",
  hint: "Send it again.",
  headers: { "Retry-After": "5" },
};
const broken: Refusal = { status: 500, code: "internal", message: "Something went wrong inside Bellhop.", hint: "Its log says what." };
