import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer as bodyOf } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { readCall, type Call } from "./call.ts";
import type { CallFault } from "./faults.ts";
import { takeUpload } from "./files.ts";
import type { Answer, Surroundings } from "./method.ts";
import type { RateLimits } from "./rate-limits.ts";
import { answerCall } from "./web-api.ts";

/** One call that reached Slack, faulty ones included. `method` is `upload` or `download` where bytes are moved. */
export interface LoggedCall {
  method: string;
  args: Readonly<Record<string, string>>;
  /** Absent when the call was lost or refused before Slack acted on it. */
  answer?: Answer;
  fault?: CallFault["kind"];
}

export interface Serving {
  world: Surroundings;
  log: LoggedCall[];
  /** What becomes of a call; counts as used. */
  faultOf(call: Call): CallFault | undefined;
  /** Nothing gets through. */
  down(): boolean;
  limits: RateLimits | undefined;
  /** Aborted when the server closes: what is held is let go. */
  closing: AbortSignal;
}

/** Answers one HTTP request: a Web API call, an upload, or somebody who fetches a file. */
export async function answerRequest(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const { world, log } = serving;
  const url = new URL(request.url ?? "/", world.workspace.address);
  const body = await bodyOf(request);
  const [, kind] = url.pathname.split("/");
  const call =
    kind === "upload" || kind === "files-pri"
      ? { method: kind === "upload" ? "upload" : "download", args: { path: url.pathname } }
      : readCall({ url, headers: request.headers, body: body.toString("utf8") });
  if (!call) return reply(response, 200, { ok: false, error: "invalid_form_data" });
  if (serving.down()) return void response.writeHead(503).end("unavailable");
  const fault = serving.faultOf(call);
  const entry: LoggedCall = { method: call.method, args: call.args, fault: fault?.kind };
  log.push(entry);
  await carryOut({ call, fault, entry, request, response, body }, serving);
  world.changed();
}

interface Request {
  call: Call;
  fault: CallFault | undefined;
  entry: LoggedCall;
  request: IncomingMessage;
  response: ServerResponse;
  body: Buffer;
}

async function carryOut({ call, fault, entry, request, response, body }: Request, serving: Serving): Promise<void> {
  const { world, limits, closing } = serving;
  if (fault?.kind === "lose_request") return void response.destroy();
  if (fault?.kind === "unavailable") return void response.writeHead(fault.status ?? 503).end("unavailable");
  if (fault?.kind === "rate_limit") return limited(response, fault.retryAfter);
  const left = limits?.take({ method: call.method, channel: call.args.channel });
  if (left !== undefined) return limited(response, Math.ceil(left / 1000));
  if (fault?.kind === "hold") {
    world.changed();
    await wait(fault.ms, undefined, { signal: closing });
  }
  const answer = await act(call, { request, body, world });
  if (answer.kind === "call") entry.answer = answer.answer;
  if (fault?.kind === "lose_answer") return void response.destroy();
  if (fault?.kind === "error_after") return void response.writeHead(fault.status ?? 500).end("internal error");
  // docs.slack.dev/authentication/installing-with-oauth: "The HTTP response from the API includes an X-OAuth-Scopes header".
  if (answer.kind === "call" && answer.answer.ok === true && call.method !== "apps.connections.open")
    response.setHeader("X-OAuth-Scopes", [...world.workspace.scopes].join(","));
  if (answer.kind === "call") reply(response, 200, answer.answer);
  else response.writeHead(answer.status, { "Content-Type": answer.type }).end(answer.content);
}

type Acted = { kind: "call"; answer: Answer } | { kind: "bytes"; status: number; type: string; content: string | Uint8Array };

async function act(call: Call, { request, body, world }: { request: IncomingMessage; body: Buffer; world: Surroundings }): Promise<Acted> {
  const path = call.args.path ?? "";
  if (call.method === "upload") {
    const type = request.headers["content-type"] ?? "";
    const status = await takeUpload(world.workspace, { id: path.split("/").at(-1) ?? "", body, type });
    return { kind: "bytes", status, type: "text/plain", content: status === 200 ? "OK" : "not what was announced" };
  }
  return call.method === "download" ? download(world, { path, request }) : { kind: "call", answer: answerCall(world, call) };
}

/** A file's private address gives it to a token with files:read, and a page to sign in to everybody else. */
function download({ workspace }: Surroundings, { path, request }: { path: string; request: IncomingMessage }): Acted {
  const id = /^\/files-pri\/[^/]+-(F[^/]+)\//.exec(path)?.[1] ?? "";
  const file = workspace.files.get(id);
  const allowed = request.headers.authorization === `Bearer ${workspace.bot.token}` && workspace.scopes.has("files:read");
  if (!allowed) return { kind: "bytes", status: 200, type: "text/html; charset=utf-8", content: "<!DOCTYPE html><title>Slack</title>" };
  if (file?.state !== "complete" || !file.bytes) return { kind: "bytes", status: 404, type: "text/plain", content: "gone" };
  return { kind: "bytes", status: 200, type: file.mimetype || "application/octet-stream", content: file.bytes };
}

function limited(response: ServerResponse, seconds: number): void {
  response.setHeader("Retry-After", String(seconds));
  reply(response, 429, { ok: false, error: "ratelimited" });
}

function reply(response: ServerResponse, status: number, answer: Answer): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" }).end(JSON.stringify(answer));
}
