import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { eventsOf, type DiscordEvent } from "./events.ts";
import {
  FaultQueue,
  type CallFault,
  type CallPlan,
  type EventFault,
  type EventPlan,
  type FaultyCall,
  type PlannedFault,
} from "./faults.ts";
import { Gateway, type Dispatch, type GatewayOptions } from "./gateway.ts";
import { RateCounter, refusal, tooSoon, type RateLimits } from "./rate-limits.ts";
import { answerCall, readCall } from "./rest.ts";
import { viewRoom, type RoomMessage } from "./room.ts";
import type { Answer, Call, Surroundings } from "./route.ts";
import {
  addChannel,
  addUser,
  createWorld,
  edit,
  openDirect,
  openThread,
  pingsOf,
  post,
  react,
  remove,
  type Bot,
  type Change,
  type Channel,
  type Permission,
} from "./state.ts";

export interface FakeDiscordOptions extends Partial<Omit<GatewayOptions, "privileged">> {
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** "off" for tests that are about something else. Default: Discord's own, as far as they are known. */
  rateLimits?: Partial<RateLimits> | "off";
  /** How long a nonce is remembered, in ms. Default: three minutes. */
  nonceMs?: number;
  /** Privileged intents of the bot; all but `messageContent` are off by default. */
  privileged?: Partial<GatewayOptions["privileged"]>;
}

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

export interface FakeDiscord {
  /** `http://127.0.0.1:PORT/api`, for discord.js's `rest.api`. */
  apiUrl: string;
  guild: { id: string; name: string };
  bot: Bot;
  /** A text channel of the guild; gives its id. `denied`: what the bot may not do there. */
  createChannel(name: string, options?: { denied?: readonly Permission[] }): string;
  /** A public thread under a message; gives its id. */
  createThread(thread: { channel: string; message: string; name?: string; locked?: boolean }): string;
  /** Gives the person's id. `closed`: takes no direct messages. */
  createUser(name: string, options?: { bot?: boolean; closed?: boolean }): string;
  /** A person writes. The message stands in the room when this returns; its event is on its way. */
  say(message: { channel: string; user: string; text: string; replyTo?: string }): Promise<{ id: string }>;
  /** A person writes to the bot directly. */
  dm(user: string, text: string): Promise<{ channel: string; id: string }>;
  /** The author changes, or takes back, what they wrote. */
  edit(message: { channel: string; id: string; text: string }): Promise<void>;
  remove(message: { channel: string; id: string }): Promise<void>;
  react(reaction: { channel: string; id: string; user: string; name: string }): Promise<void>;
  /** What a person sees, from the first message to the last. */
  room(channel: string): RoomMessage[];
  /** The first message of any room that fits, now or within the time; then fails and tells what the rooms hold. */
  waitForMessage(predicate: (message: RoomMessage) => boolean, timeoutMs?: number): Promise<RoomMessage>;
  /** Looks again whenever a room, a socket, a dispatch or the log of calls has changed. */
  waitUntil(condition: () => boolean, timeoutMs?: number): Promise<void>;
  /** Connections with a session, identified or resumed. */
  sockets(): number;
  /** Cuts every socket, as a broken network does; clients resume. */
  dropSockets(): void;
  /** Asks every client to reconnect (op 7), as Discord does now and then; clients resume. */
  refreshSockets(): void;
  /** The sessions are over (op 9): clients identify anew, and nothing is replayed. */
  invalidateSessions(): void;
  /** Closes every socket with one of the gateway's codes. */
  closeSockets(code: number, reason?: string): void;
  /** How often clients asked for a new session, and for an old one. */
  sessions(): { identifies: number; resumes: number };
  dispatches(): Dispatch[];
  failCalls(plan: CallPlan): PlannedFault;
  disturbEvents(plan: EventPlan): PlannedFault;
  /** From now on the token is refused: 401, and 4004 on the gateway. */
  revokeTokens(): void;
  requests(): LoggedCall[];
  close(): Promise<void>;
}

const DISCORD_LIMITS: RateLimits = {
  messages: { limit: 5, perMs: 5_000 },
  others: { limit: 50, perMs: 1_000 },
  global: { limit: 50, perMs: 1_000 },
};
const UNLIMITED = { limit: 1_000_000, perMs: 1_000 };

/** A small Discord on loopback that the unmodified discord.js talks to: rooms that remember, the REST API that changes them, a gateway that tells
 *  of it. */
export async function startFakeDiscord({ now = Date.now, ...options }: FakeDiscordOptions = {}): Promise<FakeDiscord> {
  const { rateLimits = {}, nonceMs = 180_000, heartbeatMs = 41_250, resumeOverlap = 0, privileged = {} } = options;
  const world = createWorld({ now });
  const limits =
    rateLimits === "off" ? { messages: UNLIMITED, others: UNLIMITED, global: UNLIMITED } : { ...DISCORD_LIMITS, ...rateLimits };
  const counter = new RateCounter({ limits, now });
  const callFaults = new FaultQueue<CallFault, FaultyCall>();
  const eventFaults = new FaultQueue<EventFault, DiscordEvent>();
  const log: LoggedCall[] = [];
  const looking = new Set<() => void>();
  const changed = () => looking.forEach((look) => look());
  const closing = new AbortController();
  let revoked = false;
  const gateway = new Gateway({
    world,
    options: { heartbeatMs, resumeOverlap, privileged: { messageContent: true, members: false, presences: false, ...privileged } },
    revoked: () => revoked,
    changed,
  });

  const announce = (change: Change) => {
    for (const event of eventsOf(world, change)) gateway.send(event, eventFaults.take(event));
    changed();
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.on("upgrade", (request, socket, head) => gateway.upgrade(request, socket, head));
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a string only for a pipe
  const surroundings: Surroundings = { world, announce, gatewayUrl: () => gateway.url(port), revoked: () => revoked, nonceMs };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", `http://127.0.0.1:${port}`);
    const call = readCall({ method: request.method ?? "GET", url, body: await bodyOf(request) });
    if (!call) return reply(response, { status: 404, body: { message: "404: Not Found", code: 0 } });
    const fault = callFaults.take({ method: call.route, ids: call.ids, body: call.body });
    const entry: LoggedCall = { method: call.route, ids: call.ids, query: call.query.toString(), body: call.body, fault: fault?.kind };
    log.push(entry);
    await carryOut(call, { fault, entry, request, response });
    changed();
  }

  async function carryOut(
    call: Call,
    { fault, entry, request, response }: { fault?: CallFault; entry: LoggedCall; request: IncomingMessage; response: ServerResponse },
  ): Promise<void> {
    if (fault?.kind === "lose_request") return void response.destroy();
    if (fault?.kind === "unavailable") return void response.writeHead(fault.status ?? 503).end("unavailable");
    if (fault?.kind === "rate_limit") {
      return reply(response, { status: 429, body: refusal(fault.retryAfter, false) }, tooSoon(fault.retryAfter, "user"));
    }
    const { headers, refused } = counter.spend(call.route, call.ids[0] ?? "");
    if (refused) return reply(response, { status: 429, body: refused }, headers);
    if (fault?.kind === "hold") {
      changed();
      await wait(fault.ms, undefined, { signal: closing.signal });
    }
    entry.answer = answerCall(surroundings, call, request.headers);
    if (fault?.kind === "lose_answer") return void response.destroy();
    if (fault?.kind === "error_after") return void response.writeHead(fault.status ?? 500).end("internal error");
    reply(response, entry.answer, headers);
  }

  function channelBy(id: string): Channel {
    const channel = world.channels.get(id);
    if (!channel) throw new Error(`The fake Discord has no channel ${id}`);
    return channel;
  }

  function say({ channel: id, user, text, replyTo }: { channel: string; user: string; text: string; replyTo?: string }): { id: string } {
    const channel = channelBy(id);
    if (!world.users.has(user)) throw new Error(`The fake Discord has no user ${user}`);
    if (replyTo && !channel.messages.has(replyTo)) throw new Error(`The fake Discord has no message ${replyTo} in ${id}`);
    const change = post(world, channel, { author: user, content: text, replyTo, pings: pingsOf(world, text) });
    announce(change);
    return { id: change.message.id };
  }

  function mustChange(change: Change | undefined, what: string): void {
    if (!change) throw new Error(`The fake Discord has nothing to ${what}`);
    announce(change);
  }

  /** Resolves with the first look that finds something. */
  function waitFor<T>(look: () => T | undefined, { timeoutMs, failure }: { timeoutMs: number; failure: () => string }): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        looking.delete(again);
        reject(new Error(failure()));
      }, timeoutMs);
      const again = () => {
        const found = look();
        if (found === undefined) return;
        clearTimeout(timer);
        looking.delete(again);
        resolve(found);
      };
      looking.add(again);
      again();
    });
  }

  const allRooms = () => [...world.channels.values()].flatMap((channel) => viewRoom(world, channel));

  return {
    apiUrl: `http://127.0.0.1:${port}/api`,
    guild: world.guild,
    bot: world.bot,
    createChannel: (name, { denied = [] } = {}) => addChannel(world, { name, kind: "text", denied: new Set(denied) }).id,
    createThread: ({ channel, message, name = "thread", locked = false }) => {
      const under = channelBy(channel).messages.get(message);
      if (!under) throw new Error(`The fake Discord has no message ${message} in ${channel}`);
      const change = openThread(world, channelBy(channel), { message: under, name });
      change.channel.locked = locked;
      announce(change);
      return change.channel.id;
    },
    createUser: (name, about) => addUser(world, name, about).id,
    say: async (message) => say(message),
    dm: async (user, text) => {
      const { channel } = openDirect(world, user);
      return { channel: channel.id, ...say({ channel: channel.id, user, text }) };
    },
    edit: async ({ channel, id, text }) =>
      mustChange(edit(world, channelBy(channel), { id, content: text, pings: pingsOf(world, text) }), `edit at ${id}`),
    remove: async ({ channel, id }) => mustChange(remove(channelBy(channel), id), `delete at ${id}`),
    react: async ({ channel, id, user, name }) => {
      const message = channelBy(channel).messages.get(id);
      mustChange(message && react(channelBy(channel), { message, user, emoji: name }), `react to at ${id}`);
    },
    room: (channel) => viewRoom(world, channelBy(channel)),
    waitForMessage: (predicate, timeoutMs = 5_000) =>
      waitFor(() => allRooms().find(predicate), {
        timeoutMs,
        failure: () => `No such message in ${timeoutMs} ms. The rooms hold: ${JSON.stringify(allRooms(), undefined, 1)}`,
      }),
    waitUntil: async (condition, timeoutMs = 5_000) => {
      await waitFor(() => condition() || undefined, { timeoutMs, failure: () => `Not so in ${timeoutMs} ms: ${String(condition)}` });
    },
    sockets: () => gateway.sockets(),
    dropSockets: () => gateway.drop(),
    refreshSockets: () => gateway.requestReconnect(),
    invalidateSessions: () => gateway.invalidate(),
    closeSockets: (code, reason = "") => gateway.closeWith(code, reason),
    sessions: () => ({ identifies: gateway.identifies, resumes: gateway.resumes }),
    dispatches: () => [...gateway.dispatches],
    failCalls: ({ method, when, ...plan }) =>
      callFaults.plan({ ...plan, when: (call) => (!method || call.method === method) && (when?.(call) ?? true) }),
    disturbEvents: (plan) => eventFaults.plan(plan),
    revokeTokens: () => {
      revoked = true;
    },
    requests: () => [...log],
    close: async () => {
      closing.abort();
      gateway.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set, so chunks are buffers
  return Buffer.concat(chunks).toString("utf8");
}

function reply(response: ServerResponse, { status, body }: Answer, headers: Record<string, string> = {}): void {
  if (body === undefined) return void response.writeHead(status, headers).end();
  response.writeHead(status, { ...headers, "Content-Type": "application/json" }).end(JSON.stringify(body));
}
