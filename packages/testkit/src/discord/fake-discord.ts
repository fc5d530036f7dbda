import { createServer } from "node:http";
import { listen } from "../listen.ts";
import { createOutages } from "../faults.ts";
import { createWatch, type Waits } from "../watch.ts";
import { channelIn, createPeople, type People } from "./acts.ts";
import type { Download } from "./cdn.ts";
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
import { createHttp, type LoggedCall } from "./http.ts";
import { labelsIn, pressing, submitting } from "./interactions.ts";
import { RateCounter, type RateLimits } from "./rate-limits.ts";
import { viewEphemerals, viewMessage, viewRoom, type RoomMessage } from "./room.ts";
import { createWorld, type Bot, type Change, type Channel } from "./state.ts";

export interface FakeDiscordOptions extends Partial<Omit<GatewayOptions, "privileged">> {
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** "off" for tests that are about something else. Default: Discord's own, as far as they are known. */
  rateLimits?: Partial<RateLimits> | "off";
  /** How long a nonce is remembered, in ms. Default: three minutes. */
  nonceMs?: number;
  /** Privileged intents of the bot; all but `messageContent` are off by default. */
  privileged?: Partial<GatewayOptions["privileged"]>;
  /** What the bot may do in the guild, as Discord tells it; all that Bellhop asks for unless told. */
  permissions?: string;
  /** How long the address of a file is good, in ms. Default: a day. */
  fileLifeMs?: number;
  /** How long an interaction may stay without an answer, in ms. Discord: 3 s. */
  pressMs?: number;
  /** The largest file that bots may send, in bytes. Default: 20 MiB (…/docs/reference#uploading-files). */
  fileLimit?: number;
}

/** Something that people saw change. */
interface RoomChange {
  /** In ms since the epoch. */
  at: number;
  kind: "posted" | "edited" | "deleted" | "reacted" | "unreacted";
  /** As it stands then; of a deleted one, as it stood last. */
  message: RoomMessage;
}

export interface FakeDiscord extends People, Waits<RoomMessage> {
  /** `http://127.0.0.1:PORT/api`, for discord.js's `rest.api`. */
  apiUrl: string;
  guild: { id: string; name: string };
  bot: Bot;
  /** What a person sees, from the first message to the last. */
  room(channel: string): RoomMessage[];
  /** What that person sees in all rooms, and in their conversation with the bot. */
  sees(user: string): RoomMessage[];
  /** A person presses a button, or picks an option, by what is written on it. Resolves with whether the bot answered in time: else they see that the interaction
   *  failed. */
  press(press: { channel: string; id: string; user: string; label: string }): Promise<boolean>;
  /** What people pressed and sent so far: what a bot can answer it by. */
  interactions(): { id: string; token: string }[];
  /** The modal that a person has before them: its title and the labels of its fields. */
  modal(user: string): { title: string; fields: string[] } | undefined;
  /** Fills in the modal that is open, by the labels of its fields, and sends it: it closes when the bot has answered. */
  submit(form: { user: string; values: Readonly<Record<string, string>> }): Promise<boolean>;
  /** Who is seen typing there: ids. */
  typing(channel: string): string[];
  /** Everything that people saw change, in its order. */
  changes(): RoomChange[];
  /** Calls back after each change of what people see; gives how to stop. */
  onChange(listener: () => void): () => void;
  /** Connections with a session, identified or resumed. */
  sockets(): number;
  /** Cuts every socket, as a broken network does; clients resume. */
  dropSockets(): void;
  /** Asks every client to reconnect (op 7), as Discord does now and then; clients resume. */
  refreshSockets(): void;
  /** The sessions are over (op 9), also of clients that are away: they identify anew, and nothing is replayed. */
  invalidateSessions(): void;
  /** Closes every socket with one of the gateway's codes. */
  closeSockets(code: number, reason?: string): void;
  /** Until it ends no connection comes about, and those that stand are cut. Sessions stay: events wait for whoever resumes. */
  outage(): { end(): void };
  /** How often clients asked for a new session, and for an old one. */
  sessions(): { identifies: number; resumes: number };
  dispatches(): Dispatch[];
  /** Faults of REST calls, and of looks at files ("GET /attachments/:id/:id/:name"). */
  failCalls(plan: CallPlan): PlannedFault;
  disturbEvents(plan: EventPlan): PlannedFault;
  /** From now on the token is refused: 401, and 4004 on the gateway. */
  revokeTokens(): void;
  requests(): LoggedCall[];
  /** What was asked of the CDN. */
  downloads(): Download[];
  close(): Promise<void>;
}

const DISCORD_LIMITS: RateLimits = {
  messages: { limit: 5, perMs: 5_000 },
  reactions: { limit: 1, perMs: 250 },
  others: { limit: 50, perMs: 1_000 },
  global: { limit: 50, perMs: 1_000 },
};
const UNLIMITED = { limit: 1_000_000, perMs: 1_000 };

/** A small Discord on loopback that the unmodified discord.js talks to: rooms that remember, the REST API that changes them, a gateway that tells
 *  of it. */
export async function startFakeDiscord({ now = Date.now, ...options }: FakeDiscordOptions = {}): Promise<FakeDiscord> {
  const { rateLimits = {}, nonceMs = 180_000, heartbeatMs = 41_250, resumeOverlap = 0, privileged = {} } = options;
  const { fileLifeMs = 86_400_000, fileLimit = 20 * 1024 * 1024, pressMs = 3_000 } = options;
  const world = createWorld({ now, fileLifeMs });
  world.bot.readsContent = privileged.messageContent ?? true;
  world.bot.permissions = options.permissions ?? world.bot.permissions;
  const unlimited = { messages: UNLIMITED, reactions: UNLIMITED, others: UNLIMITED, global: UNLIMITED };
  const limits = rateLimits === "off" ? unlimited : { ...DISCORD_LIMITS, ...rateLimits };
  const callFaults = new FaultQueue<CallFault, FaultyCall>();
  const eventFaults = new FaultQueue<EventFault, DiscordEvent>();
  const log: LoggedCall[] = [];
  const downloads: Download[] = [];
  const changes: RoomChange[] = [];
  const watching = new Set<() => void>();
  const { changed, waits } = createWatch(() => rooms());
  const closing = new AbortController();
  let revoked = false;
  const outages = createOutages(() => {
    gateway.drop();
    server.closeAllConnections();
  });
  const gateway = new Gateway({
    world,
    options: { heartbeatMs, resumeOverlap, privileged: { messageContent: true, members: false, presences: false, ...privileged } },
    revoked: () => revoked,
    changed,
  });

  const announce = (change: Change) => {
    changes.push(...seen(change));
    for (const event of eventsOf(world, change)) gateway.send(event, eventFaults.take(event));
    changed();
    watching.forEach((tell) => tell());
  };
  const serve = createHttp({
    surroundings: { world, announce, changed, pressMs, gatewayUrl: () => gateway.url(port), revoked: () => revoked, nonceMs, fileLimit },
    faults: callFaults,
    counter: new RateCounter({ limits, now }),
    log,
    downloads,
    changed,
    closing: closing.signal,
  });
  const server = createServer((request, response) => {
    if (outages.any()) return void request.socket.destroy();
    serve(request, response).catch(() => response.destroy());
  });
  server.on("upgrade", (request, socket, head) => {
    if (outages.any()) return void socket.destroy();
    gateway.upgrade(request, socket, head);
  });
  const port = await listen(server);
  world.cdn.base = `http://127.0.0.1:${port}`;

  const rooms = (which: (channel: Channel) => boolean = () => true) =>
    [...world.channels.values()].filter(which).flatMap((channel) => viewRoom(world, channel));

  const people = createPeople(world, announce);
  const pressTimers = new Set<NodeJS.Timeout>();

  async function interact({ event, interaction }: ReturnType<typeof pressing>): Promise<boolean> {
    const timer = setTimeout(() => interaction.settle(false), pressMs);
    pressTimers.add(timer);
    gateway.send(event, eventFaults.take(event));
    const taken = await interaction.taken;
    clearTimeout(timer);
    pressTimers.delete(timer);
    return taken;
  }

  function seen(change: Change): RoomChange[] {
    if (change.kind === "opened" || change.kind === "archived" || change.kind === "unfurled") return [];
    const { channel } = change;
    const messages = change.kind === "purged" ? change.messages : [change.message];
    const kind = change.kind === "purged" ? "deleted" : change.kind;
    return messages.map((message) => ({ at: now(), kind, message: viewMessage(world, channel, message) }));
  }

  return {
    apiUrl: `http://127.0.0.1:${port}/api`,
    guild: world.guild,
    bot: world.bot,
    ...people,
    room: (channel) => viewRoom(world, channelIn(world, channel)),
    sees: (user) => [...rooms(({ kind, recipient }) => kind !== "dm" || recipient === user), ...viewEphemerals(world, user)],
    press: async ({ channel: id, id: message, user, label }) => {
      const channel = channelIn(world, id);
      const found = channel.messages.get(message);
      if (!found) throw new Error(`The fake Discord has no message ${message} in ${id}`);
      return await interact(pressing(world, { channel, message: found, user, label }));
    },
    interactions: () => [...world.interactions.values()].map(({ id, token }) => ({ id, token })),
    modal: (user) => {
      const open = world.modals.get(user)?.modal;
      return open && { title: String(open.title), fields: labelsIn(open).map(({ label }) => label) };
    },
    submit: async (form) => await interact(submitting(world, form)),
    typing: (channel) => [...channelIn(world, channel).typing].filter(([, until]) => until > now()).map(([id]) => id),
    changes: () => [...changes],
    onChange: (listener) => {
      watching.add(listener);
      return () => watching.delete(listener);
    },
    ...waits,
    sockets: () => gateway.sockets(),
    dropSockets: () => gateway.drop(),
    refreshSockets: () => gateway.requestReconnect(),
    invalidateSessions: () => gateway.invalidate(),
    closeSockets: (code, reason = "") => gateway.closeWith(code, reason),
    outage: outages.begin,
    sessions: () => ({ identifies: gateway.identifies, resumes: gateway.resumes }),
    dispatches: () => [...gateway.dispatches],
    failCalls: ({ method, when, ...plan }) =>
      callFaults.plan({ ...plan, when: (call) => (!method || call.method === method) && (when?.(call) ?? true) }),
    disturbEvents: (plan) => eventFaults.plan(plan),
    revokeTokens: () => {
      revoked = true;
    },
    requests: () => [...log],
    downloads: () => [...downloads],
    close: async () => {
      closing.abort();
      for (const timer of pressTimers) clearTimeout(timer);
      gateway.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
