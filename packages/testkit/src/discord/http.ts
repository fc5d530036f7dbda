import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer as bodyOf } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { download, type Download } from "./cdn.ts";
import type { CallFault, FaultQueue, FaultyCall } from "./faults.ts";
import { refusal, tooSoon, type RateCounter } from "./rate-limits.ts";
import { answerCall, readCall } from "./rest.ts";
import type { Answer, Call, Surroundings } from "./route.ts";

/** One REST call that reached Discord, faulty ones included. */
export interface LoggedCall {
  /** "POST /channels/:id/messages". */
  method: string;
  ids: readonly string[];
  query: string;
  body: unknown;
  /** Absent when the call was lost or refused before Discord acted on it. */
  answer?: Answer;
  fault?: CallFault["kind"];
}

interface HttpOptions {
  surroundings: Surroundings;
  faults: FaultQueue<CallFault, FaultyCall>;
  counter: RateCounter;
  /** Where calls and downloads are written down. */
  log: LoggedCall[];
  downloads: Download[];
  changed: () => void;
  /** Aborted when the fake ends: nothing is held any longer. */
  closing: AbortSignal;
}

/** Answers the REST API and the CDN, each call through the fault it meets. */
export function createHttp({ surroundings, faults, counter, log, downloads, changed, closing }: HttpOptions) {
  return async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    if (url.pathname.startsWith("/attachments/")) return serveFile(url, { request, response });
    const { method = "GET", headers } = request;
    const call = await readCall({ method, url, type: headers["content-type"] ?? "", body: await bodyOf(request) });
    if (!call) return reply(response, { status: 404, body: { message: "404: Not Found", code: 0 } });
    const fault = faults.take({ method: call.route, ids: call.ids, body: call.body });
    const entry: LoggedCall = { method: call.route, ids: call.ids, query: call.query.toString(), body: call.body, fault: fault?.kind };
    log.push(entry);
    await carryOut(call, { fault, entry, request, response });
    changed();
  };

  async function carryOut(
    call: Call,
    { fault, entry, request, response }: { fault?: CallFault; entry: LoggedCall; request: IncomingMessage; response: ServerResponse },
  ): Promise<void> {
    if (fault?.kind === "lose_request") return void response.destroy();
    if (fault?.kind === "unavailable") return void response.writeHead(fault.status ?? 503).end("unavailable");
    if (fault?.kind === "rate_limit") {
      return reply(response, { status: 429, body: refusal(fault.retryAfter, "user") }, tooSoon(fault.retryAfter, "user"));
    }
    const { headers, refused } = counter.spend(call.route, call.ids[0] ?? "");
    if (refused) return reply(response, { status: 429, body: refused }, headers);
    if (fault?.kind === "hold") {
      changed();
      await wait(fault.ms, undefined, { signal: closing });
    }
    entry.answer = answerCall(surroundings, call, request.headers);
    if (fault?.kind === "lose_answer") return void response.destroy();
    if (fault?.kind === "error_after") return void response.writeHead(fault.status ?? 500).end("internal error");
    reply(response, entry.answer, headers);
  }

  async function serveFile(url: URL, { request, response }: { request: IncomingMessage; response: ServerResponse }): Promise<void> {
    const fault = faults.take({ method: "GET /attachments/:id/:id/:name", ids: url.pathname.split("/").slice(2, 4), body: undefined });
    if (fault?.kind === "hold") await wait(fault.ms, undefined, { signal: closing });
    const answer = fault === undefined || fault.kind === "hold" ? download(surroundings.world, url) : { status: 503, body: "unavailable" };
    const { authorization } = request.headers;
    downloads.push({
      name: url.pathname.split("/").at(-1) ?? "",
      status: answer.status,
      ...(authorization !== undefined && { authorization }),
    });
    changed();
    if (fault?.kind === "lose_request" || fault?.kind === "lose_answer") return void response.destroy();
    if (answer.file === undefined) return void response.writeHead(answer.status, { "Content-Type": "text/plain" }).end(answer.body);
    response
      .writeHead(200, { "Content-Type": answer.file.type, "Content-Length": answer.file.content.byteLength })
      .end(answer.file.content);
  }
}

function reply(response: ServerResponse, { status, body }: Answer, headers: Record<string, string> = {}): void {
  if (body === undefined) return void response.writeHead(status, headers).end();
  response.writeHead(status, { ...headers, "Content-Type": "application/json" }).end(JSON.stringify(body));
}
