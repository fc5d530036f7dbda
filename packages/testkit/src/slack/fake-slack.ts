import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { readCall, type Call } from "./call.ts";
import { eventsOf } from "./events.ts";
import {
  FaultQueue,
  type CallFault,
  type CallPlan,
  type EventFault,
  type EventPlan,
  type FaultyCall,
  type PlannedFault,
} from "./faults.ts";
import type { SlackEvent } from "./events.ts";
import type { Answer, Surroundings } from "./method.ts";
import { viewRoom, type RoomMessage } from "./room.ts";
import { SocketMode, type Delivery, type SocketModeOptions } from "./socket-mode.ts";
import {
  addChannel,
  addUser,
  createWorkspace,
  edit,
  openDirect,
  post,
  react,
  remove,
  type Bot,
  type Change,
  type Channel,
} from "./state.ts";
import { answerCall } from "./web-api.ts";

export interface FakeSlackOptions extends Partial<SocketModeOptions> {
  /** Milliseconds since the epoch. A clock that stands still makes channels give the same time stamps, as Slack may. */
  now?: () => number;
}

/** One Web API call that reached Slack, faulty ones included. */
export interface LoggedCall {
  method: string;
  args: Readonly<Record<string, string>>;
  /** Absent when the call was lost or refused before Slack acted on it. */
  answer?: Answer;
  fault?: CallFault["kind"];
}

export interface FakeSlack {
  /** `http://127.0.0.1:PORT/api/`, for the SDK's `slackApiUrl`. */
  apiUrl: string;
  team: { id: string; name: string };
  bot: Bot;
  /** A public channel with the bot in it; gives its id (C…; private: G…). */
  createChannel(name: string, options?: { private?: boolean; withoutBot?: boolean; archived?: boolean }): string;
  /** Gives the person's id (U…). */
  createUser(name: string): string;
  /** A person writes. `thread` is the root's ts. The message stands in the room when this returns; its events are on their way. */
  say(message: { channel: string; user: string; text: string; thread?: string }): Promise<{ ts: string }>;
  /** A person writes to the bot directly. */
  dm(user: string, text: string): Promise<{ channel: string; ts: string }>;
  /** The author changes, or takes back, what they wrote. */
  edit(message: { channel: string; ts: string; text: string }): Promise<void>;
  remove(message: { channel: string; ts: string }): Promise<void>;
  react(reaction: { channel: string; ts: string; user: string; name: string }): Promise<void>;
  /** What a person sees, from the first message to the last. */
  room(channel: string): RoomMessage[];
  /** The first message of any room that fits, now or within the time; then fails and tells what the rooms hold. */
  waitForMessage(predicate: (message: RoomMessage) => boolean, timeoutMs?: number): Promise<RoomMessage>;
  /** Looks again whenever a room, a socket, a delivery or the log of calls has changed. */
  waitUntil(condition: () => boolean, timeoutMs?: number): Promise<void>;
  /** Sockets that get events. */
  sockets(): number;
  /** Cuts every socket, as a broken network does. */
  dropSockets(): void;
  /** Asks the oldest sockets (all unless told) to reconnect, as Slack does every few hours. */
  refreshSockets(count?: number): void;
  deliveries(): Delivery[];
  /** Events that are neither acknowledged nor given up. */
  unsettled(): SlackEvent[];
  failCalls(plan: CallPlan): PlannedFault;
  disturbEvents(plan: EventPlan): PlannedFault;
  /** From now on both tokens are `invalid_auth`. */
  revokeTokens(): void;
  requests(): LoggedCall[];
  close(): Promise<void>;
}

/** Slack's documented times; tests make them short. */
const SLACK_TIMES: SocketModeOptions = { ackTimeoutMs: 3_000, retryDelaysMs: [0, 60_000, 300_000], pingMs: 5_000 };

/** A small Slack on loopback that the unmodified SDK talks to: rooms that remember, the Web API that changes them, Socket Mode that tells of it. */
export async function startFakeSlack({ now = Date.now, ...times }: FakeSlackOptions = {}): Promise<FakeSlack> {
  const workspace = createWorkspace({ now });
  const callFaults = new FaultQueue<CallFault, FaultyCall>();
  const eventFaults = new FaultQueue<EventFault, SlackEvent>();
  const log: LoggedCall[] = [];
  const looking = new Set<() => void>();
  const changed = () => looking.forEach((look) => look());
  const closing = new AbortController();
  const socketMode = new SocketMode({ workspace, options: { ...SLACK_TIMES, ...times }, changed });
  let revoked = false;

  const announce = (change: Change) => {
    for (const event of eventsOf(workspace, change)) socketMode.send(event, eventFaults.take(event));
    changed();
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.on("upgrade", (request, socket, head) => socketMode.upgrade(request, socket, head));
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a string only for a pipe
  const world: Surroundings = { workspace, announce, openLink: () => socketMode.openLink(port), revoked: () => revoked };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = readCall({
      url: new URL(request.url ?? "/", `http://127.0.0.1:${port}`),
      headers: request.headers,
      body: await bodyOf(request),
    });
    if (!call) return reply(response, 200, { ok: false, error: "invalid_form_data" });
    const fault = callFaults.take(call);
    const entry: LoggedCall = { method: call.method, args: call.args, fault: fault?.kind };
    log.push(entry);
    await carryOut(call, { fault, entry, response });
    changed();
  }

  async function carryOut(
    call: Call,
    { fault, entry, response }: { fault?: CallFault; entry: LoggedCall; response: ServerResponse },
  ): Promise<void> {
    if (fault?.kind === "lose_request") return void response.destroy();
    if (fault?.kind === "unavailable") return void response.writeHead(fault.status ?? 503).end("unavailable");
    if (fault?.kind === "rate_limit") {
      response.setHeader("Retry-After", String(fault.retryAfter));
      return reply(response, 429, { ok: false, error: "ratelimited" });
    }
    if (fault?.kind === "hold") {
      changed();
      await wait(fault.ms, undefined, { signal: closing.signal });
    }
    entry.answer = answerCall(world, call);
    if (fault?.kind === "lose_answer") return void response.destroy();
    if (fault?.kind === "error_after") return void response.writeHead(fault.status ?? 500).end("internal error");
    reply(response, 200, entry.answer);
  }

  function channelBy(id: string): Channel {
    const channel = workspace.channels.get(id);
    if (!channel) throw new Error(`The fake Slack has no channel ${id}`);
    return channel;
  }

  function say({ channel: id, user, text, thread }: { channel: string; user: string; text: string; thread?: string }): { ts: string } {
    const channel = channelBy(id);
    if (!workspace.users.has(user)) throw new Error(`The fake Slack has no user ${user}`);
    if (thread && !channel.messages.has(thread)) throw new Error(`The fake Slack has no message ${thread} in ${id}`);
    const change = post(workspace, channel, { user, text, threadTs: thread, clientMsgId: randomUUID() });
    announce(change);
    return { ts: change.message.ts };
  }

  function mustChange(change: Change | undefined, what: string): void {
    if (!change) throw new Error(`The fake Slack has nothing to ${what}`);
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

  const allRooms = () => [...workspace.channels.values()].flatMap(viewRoom);

  return {
    apiUrl: `http://127.0.0.1:${port}/api/`,
    team: workspace.team,
    bot: workspace.bot,
    createChannel: (name, options = {}) => {
      const members = [...workspace.users.keys()].filter((id) => !options.withoutBot || id !== workspace.bot.userId);
      const channel = addChannel(workspace, { name, kind: options.private ? "group" : "channel", members });
      channel.archived = options.archived ?? false;
      return channel.id;
    },
    createUser: (name) => addUser(workspace, name).id,
    say: async (message) => say(message),
    dm: async (user, text) => {
      const { channel } = openDirect(workspace, [user]);
      return { channel: channel.id, ...say({ channel: channel.id, user, text }) };
    },
    edit: async ({ channel, ts, text }) => {
      const author = channelBy(channel).messages.get(ts)?.user ?? "";
      mustChange(edit(workspace, channelBy(channel), { ts, text, user: author }), `edit at ${ts}`);
    },
    remove: async ({ channel, ts }) => mustChange(remove(workspace, channelBy(channel), ts), `delete at ${ts}`),
    react: async ({ channel, ts, user, name }) => {
      const message = channelBy(channel).messages.get(ts);
      mustChange(message && react(workspace, channelBy(channel), { message, user, name }), `react to at ${ts}`);
    },
    room: (channel) => viewRoom(channelBy(channel)),
    waitForMessage: (predicate, timeoutMs = 5_000) =>
      waitFor(() => allRooms().find(predicate), {
        timeoutMs,
        failure: () => `No such message in ${timeoutMs} ms. The rooms hold: ${JSON.stringify(allRooms(), undefined, 1)}`,
      }),
    waitUntil: async (condition, timeoutMs = 5_000) => {
      await waitFor(() => condition() || undefined, { timeoutMs, failure: () => `Not so in ${timeoutMs} ms: ${String(condition)}` });
    },
    sockets: () => socketMode.sockets(),
    dropSockets: () => socketMode.drop(),
    refreshSockets: (count = Infinity) => socketMode.refresh(count),
    deliveries: () => [...socketMode.deliveries],
    unsettled: () => socketMode.unsettled(),
    failCalls: ({ method, when, ...plan }) =>
      callFaults.plan({ ...plan, when: (call) => (!method || call.method === method) && (when?.(call) ?? true) }),
    disturbEvents: (plan) => eventFaults.plan(plan),
    revokeTokens: () => {
      revoked = true;
    },
    requests: () => [...log],
    close: async () => {
      closing.abort();
      socketMode.close();
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

function reply(response: ServerResponse, status: number, answer: Answer): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" }).end(JSON.stringify(answer));
}
