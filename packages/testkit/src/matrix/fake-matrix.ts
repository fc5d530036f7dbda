import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { deviceOf, readCall, Refusal, type Answer, type Call } from "./call.ts";
import { answerCall } from "./client-api.ts";
import {
  FaultQueue,
  nameOf,
  type CallFault,
  type CallName,
  type CallPlan,
  type FaultyCall,
  type PlannedFault,
  type SyncFault,
  type SyncPlan,
} from "./faults.ts";
import { createPeople, roomBy, type People } from "./people.ts";
import { viewRoom, type RoomMessage } from "./room.ts";
import { createHomeserver, type Bot, type MatrixEvent } from "./state.ts";
import { parsedFilter, placeOf, syncAnswer, type SyncOptions } from "./sync.ts";

export interface FakeMatrixOptions extends Partial<SyncOptions> {
  /** The homeserver's name, behind the colon of every id. */
  name?: string;
  now?: () => number;
}

/** One call that reached the homeserver, faulty ones included. */
export interface LoggedCall extends FaultyCall {
  call: CallName;
  query: Readonly<Record<string, string>>;
  /** Absent when the call was lost or turned away before anything was done, and while it waits. */
  answer?: { status: number; body: unknown };
  fault?: CallFault["kind"];
}

export interface FakeMatrix extends People {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** What stands behind the colon of its ids. */
  name: string;
  bot: Bot;
  /** What a person sees, from the first message to the last. */
  room(id: string): RoomMessage[];
  /** All that was sent there. */
  events(id: string): MatrixEvent[];
  /** The first message of any room that fits, now or within the time; then fails and tells what the rooms hold. */
  waitForMessage(predicate: (message: RoomMessage) => boolean, timeoutMs?: number): Promise<RoomMessage>;
  /** Looks again whenever a room or the log of calls has changed. */
  waitUntil(condition: () => boolean, timeoutMs?: number): Promise<void>;
  /** Long polls that are open now. */
  syncs(): number;
  failCalls(plan: CallPlan): PlannedFault;
  disturbSyncs(plan: SyncPlan): PlannedFault;
  /** From now on every token is M_UNKNOWN_TOKEN. */
  revokeTokens(): void;
  changePassword(password: string): void;
  requests(): LoggedCall[];
  close(): Promise<void>;
}

/** A small homeserver on loopback that the unmodified SDK talks to: rooms that remember, the API that changes them, syncs that tell of it. */
export async function startFakeMatrix(options: FakeMatrixOptions = {}): Promise<FakeMatrix> {
  const { name = "fake.example", now = Date.now, largestTimeline = 100 } = options;
  const { server, bot } = createHomeserver({ name, now });
  const callFaults = new FaultQueue<CallFault, FaultyCall>();
  const syncFaults = new FaultQueue<SyncFault, { since?: string }>();
  const log: LoggedCall[] = [];
  const looking = new Set<() => void>();
  const changed = () => [...looking].forEach((look) => look());
  const closing = new AbortController();
  /** Where the next sync begins anew, by the token that it brings: its batch comes twice. */
  const again = new Map<string, string>();
  let polls = 0;
  const people = createPeople({ server, bot, changed });

  const http = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => http.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo; // a string only for a pipe

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", `http://127.0.0.1:${port}`);
    const { method = "GET", headers } = request;
    const body = await bodyOf(request);
    try {
      const call = readCall({ method, url, headers, body });
      const faulty: FaultyCall = { method, path: `/${call.path.join("/")}`, body: call.body };
      const fault = callFaults.take(faulty);
      const entry: LoggedCall = { ...faulty, call: nameOf(faulty), query: Object.fromEntries(url.searchParams), fault: fault?.kind };
      log.push(entry);
      await carryOut(call, { fault, entry, response });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      reply(response, error.status, error.body);
    }
    changed();
  }

  async function carryOut(call: Call, at: { fault?: CallFault; entry: LoggedCall; response: ServerResponse }): Promise<void> {
    const { fault, entry, response } = at;
    if (fault?.kind === "lose_request") return void response.destroy();
    if (fault?.kind === "unavailable") return void response.writeHead(fault.status ?? 503).end("unavailable");
    if (fault?.kind === "rate_limit") {
      response.setHeader("Retry-After", String(Math.ceil(fault.retryAfterMs / 1000)));
      return reply(response, 429, { errcode: "M_LIMIT_EXCEEDED", error: "Too Many Requests", retry_after_ms: fault.retryAfterMs });
    }
    if (fault?.kind === "hold") {
      changed();
      await wait(fault.ms, undefined, { signal: closing.signal });
    }
    entry.answer = await answer(call, response);
    if (fault?.kind === "lose_answer") return void response.destroy();
    if (fault?.kind === "error_after") return void response.writeHead(fault.status ?? 500).end("internal error");
    reply(response, entry.answer.status, entry.answer.body);
  }

  async function answer(call: Call, response: ServerResponse): Promise<{ status: number; body: unknown }> {
    try {
      const body = call.method === "GET" && call.path.join("/") === "v3/sync" ? await sync(call, response) : answerCall(world, call);
      return { status: 200, body };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { status: error.status, body: error.body };
    }
  }

  const world = { server, announce: changed };

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
      await wait(fault.ms, undefined, { signal: closing.signal });
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

  /** Resolves with the first look that finds something. */
  function waitFor<T>(look: () => T | undefined, { timeoutMs, failure }: { timeoutMs: number; failure: () => string }): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        looking.delete(lookAgain);
        reject(new Error(failure()));
      }, timeoutMs);
      const lookAgain = () => {
        const found = look();
        if (found === undefined) return;
        clearTimeout(timer);
        looking.delete(lookAgain);
        resolve(found);
      };
      looking.add(lookAgain);
      lookAgain();
    });
  }

  const allRooms = () => [...server.rooms.values()].flatMap(viewRoom);

  return {
    url: `http://127.0.0.1:${port}`,
    name,
    bot,
    ...people,
    room: (id) => viewRoom(roomBy(server, id)),
    events: (id) => roomBy(server, id).timeline.map(({ event }) => event),
    waitForMessage: (predicate, timeoutMs = 5_000) =>
      waitFor(() => allRooms().find(predicate), {
        timeoutMs,
        failure: () => `No such message in ${timeoutMs} ms. The rooms hold: ${JSON.stringify(allRooms(), undefined, 1)}`,
      }),
    waitUntil: async (condition, timeoutMs = 5_000) => {
      await waitFor(() => condition() || undefined, { timeoutMs, failure: () => `Not so in ${timeoutMs} ms: ${String(condition)}` });
    },
    syncs: () => polls,
    failCalls: ({ call, when, ...plan }) =>
      callFaults.plan({ ...plan, when: (faulty) => (!call || nameOf(faulty) === call) && (when?.(faulty) ?? true) }),
    disturbSyncs: (plan) => syncFaults.plan(plan),
    revokeTokens: () => {
      server.devices.clear();
      changed();
    },
    changePassword: (password) => {
      const user = server.users.get(bot.userId);
      if (user) user.password = password;
    },
    requests: () => [...log],
    close: async () => {
      closing.abort();
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set, so chunks are buffers
  return Buffer.concat(chunks).toString("utf8");
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
}
