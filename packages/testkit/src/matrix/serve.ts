import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { buffer as bodyOf } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { deviceOf, Download, readCall, Refusal, type Answer, type Call } from "./call.ts";
import { answerCall } from "./client-api.ts";
import { nameOf, type CallFault, type CallName, type FaultQueue, type FaultyCall, type SyncFault } from "./faults.ts";
import { limited } from "./pace.ts";
import type { Homeserver } from "./state.ts";
import { parsedFilter, placeOf, syncAnswer } from "./sync.ts";

/** One call that reached the homeserver, faulty ones included. */
export interface LoggedCall extends FaultyCall {
  call: CallName;
  query: Readonly<Record<string, string>>;
  /** Absent when the call was lost or turned away before anything was done, and while it waits. */
  answer?: { status: number; body: unknown };
  fault?: CallFault["kind"];
}

export interface Serving {
  server: Homeserver;
  largestTimeline: number;
  callFaults: FaultQueue<CallFault, FaultyCall>;
  syncFaults: FaultQueue<SyncFault, { since?: string }>;
  log: LoggedCall[];
  /** Whoever waits for something to happen. */
  looking: Set<() => void>;
  changed: () => void;
  closing: AbortSignal;
}

/** The homeserver's HTTP, with the faults that were planned. `polls` counts the long polls that are open. */
export function createHttp({ server, largestTimeline, callFaults, syncFaults, log, looking, changed, closing }: Serving): {
  http: Server;
  polls: () => number;
} {
  const world = { server, announce: changed };
  /** Where the next sync begins anew, by the token that it brings: its batch comes twice. */
  const again = new Map<string, string>();
  let polls = 0;
  const http = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  return { http, polls: () => polls };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const { method = "GET", headers } = request;
    const bytes = await bodyOf(request);
    try {
      const call = readCall({ method, url, headers, bytes });
      const faulty: FaultyCall = { method, path: `/${call.path.join("/")}`, body: call.body };
      const fault = callFaults.take(faulty);
      const entry: LoggedCall = { ...faulty, call: nameOf(faulty), query: Object.fromEntries(url.searchParams), fault: fault?.kind };
      log.push(entry);
      await carryOut(call, { fault, entry, response });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refuse(response, error);
    }
    changed();
  }

  async function carryOut(call: Call, at: { fault?: CallFault; entry: LoggedCall; response: ServerResponse }): Promise<void> {
    const { fault, entry, response } = at;
    if (fault?.kind === "lose_request") return void response.destroy();
    if (fault?.kind === "unavailable") return void response.writeHead(fault.status ?? 503).end("unavailable");
    if (fault?.kind === "rate_limit") throw limited(fault.retryAfterMs);
    if (fault?.kind === "hold") {
      changed();
      await wait(fault.ms, undefined, { signal: closing });
    }
    const answer = await done(call, response);
    entry.answer = answer instanceof Refusal ? { status: answer.status, body: answer.body } : { status: 200, body: answer };
    if (fault?.kind === "lose_answer") return void response.destroy();
    if (fault?.kind === "error_after") return void response.writeHead(fault.status ?? 500).end("internal error");
    if (answer instanceof Refusal) return refuse(response, answer);
    if (answer instanceof Download) return void response.writeHead(200, { "Content-Type": answer.media.type }).end(answer.media.bytes);
    reply(response, 200, answer);
  }

  async function done(call: Call, response: ServerResponse): Promise<Answer | Refusal> {
    try {
      return call.method === "GET" && call.path.join("/") === "v3/sync" ? await sync(call, response) : answerCall(world, call);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return error;
    }
  }

  /** Waits until there is something to tell, for as long as the caller asked and is still there. */
  async function sync(call: Call, response: ServerResponse): Promise<Answer> {
    const token = call.query.get("since") ?? undefined;
    const from = again.get(token ?? "") ?? token;
    if (token !== undefined) again.delete(token);
    const since = from === undefined ? undefined : placeOf(from);
    const look = () => {
      const device = deviceOf(server, call);
      return syncAnswer({ server, device, since, filter: parsedFilter(call.query.get("filter")), options: { largestTimeline } });
    };
    let found = look();
    const timeoutMs = since === undefined ? 0 : Number(call.query.get("timeout") ?? 0);
    if (found.empty && timeoutMs > 0) {
      await untilChange(() => !(found = look()).empty, { timeoutMs, response });
    }
    if (found.empty || since === undefined) return found.answer;
    const fault = syncFaults.take({ since: token });
    if (fault?.kind === "late") {
      await wait(fault.ms, undefined, { signal: closing });
      found = look();
    }
    if (fault?.kind === "twice" && token !== undefined && "next_batch" in found.answer) again.set(String(found.answer.next_batch), token);
    return found.answer;
  }

  function untilChange(happened: () => boolean, at: { timeoutMs: number; response: ServerResponse }): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (error?: unknown) => {
        clearTimeout(timer);
        looking.delete(lookAgain);
        at.response.off("close", leave);
        polls -= 1;
        if (error === undefined) resolve();
        else reject(error);
        queueMicrotask(changed);
      };
      const lookAgain = () => {
        try {
          if (happened()) end();
        } catch (error) {
          end(error);
        }
      };
      const leave = () => end();
      const timer = setTimeout(end, at.timeoutMs);
      at.response.on("close", leave);
      looking.add(lookAgain);
      polls += 1;
      changed();
    });
  }
}

function refuse(response: ServerResponse, { status, body, headers }: Refusal): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  reply(response, status, body);
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
}
