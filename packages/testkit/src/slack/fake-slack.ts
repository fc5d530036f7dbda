import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { listen } from "../listen.ts";
import { createOutages } from "../faults.ts";
import { createWatch, type Waits } from "../watch.ts";
import { everyScope } from "./access.ts";
import type { Call } from "./call.ts";
import { eventsOf, type SlackEvent } from "./events.ts";
import {
  FaultQueue,
  type CallFault,
  type CallPlan,
  type EventFault,
  type EventPlan,
  type FaultyCall,
  type PlannedFault,
} from "./faults.ts";
import { answerRequest, type LoggedCall } from "./http.ts";
import { blockActions, viewSubmission } from "./interactions.ts";
import { Journal, type JournalEntry } from "./journal.ts";
import type { Surroundings } from "./method.ts";
import { RateLimits } from "./rate-limits.ts";
import { viewOf, viewRoom, type RoomMessage } from "./room.ts";
import { SocketMode, type Delivery, type SocketModeOptions } from "./socket-mode.ts";
import {
  addChannel,
  addUser,
  announceFile,
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

export interface FakeSlackOptions extends Partial<SocketModeOptions> {
  /** The workspace's id, T0FAKE unless told. Its bot has the same id in all of them, as may be. */
  team?: string;
  /** Milliseconds since the epoch. A clock that stands still makes channels give the same time stamps, as Slack may. */
  now?: () => number;
  /** What the workspace lets the bot do; everything unless told. */
  scopes?: Iterable<string>;
  /** Calls are counted as Slack does, and turned away with 429. `minuteMs`: how long a minute is, 60,000 unless told. */
  rateLimits?: { minuteMs?: number };
  /** How long after the answer to files.completeUploadExternal a file is shared, in ms. */
  shareDelayMs?: number;
}

export interface SentFile {
  name: string;
  /** Its media type. */
  type: string;
  content: Uint8Array;
}

export interface FakeSlack extends Waits<RoomMessage> {
  /** `http://127.0.0.1:PORT/api/`, for the SDK's `slackApiUrl`. */
  apiUrl: string;
  team: { id: string; name: string };
  bot: Bot;
  /** A public channel with the bot in it; gives its id (C…; private: G…). */
  createChannel(name: string, options?: { private?: boolean; withoutBot?: boolean; archived?: boolean }): string;
  /** Gives the person's id (U…), or that of a bot that is not ours. */
  createUser(name: string, options?: { bot?: boolean }): string;
  /** A person writes. `thread` is the root's ts. The message stands in the room when this returns; its events are on their way. */
  say(message: { channel: string; user: string; text: string; thread?: string; files?: readonly SentFile[] }): Promise<{ ts: string }>;
  /** A person writes to the bot directly. */
  dm(user: string, text: string, options?: { files?: readonly SentFile[] }): Promise<{ channel: string; ts: string }>;
  /** The author changes, or takes back, what they wrote. */
  edit(message: { channel: string; ts: string; text: string }): Promise<void>;
  remove(message: { channel: string; ts: string }): Promise<void>;
  react(reaction: { channel: string; ts: string; user: string; name: string }): Promise<void>;
  unreact(reaction: { channel: string; ts: string; user: string; name: string }): Promise<void>;
  /** A person presses a button, or picks an option, by what is written on it. Resolves with whether the app acknowledged it in time: else they see that it
   *  failed. */
  press(press: { channel: string; ts: string; user: string; label: string }): Promise<boolean>;
  /** The modal that a person has before them: its title and the labels of its fields. */
  modal(user: string): { title: string; fields: string[] } | undefined;
  /** Fills in the modal that is open, by the labels of its fields, and sends it: it closes when the app has acknowledged it. */
  submit(form: { user: string; values: Readonly<Record<string, string>> }): Promise<boolean>;
  /** What people see, from the first message to the last; what only one of them sees says so. */
  room(channel: string): RoomMessage[];
  /** What one person sees, wherever. */
  sees(user: string): RoomMessage[];
  /** When which message appeared, was reworded, was gone. */
  journal(): readonly JournalEntry[];
  /** Calls back after each change of what people see; gives how to stop. */
  onChange(listener: () => void): () => void;
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
  /** Until it ends, every call is answered 503 and every socket cut or turned away. */
  outage(): { end(): void };
  /** From now on both tokens are `invalid_auth`. */
  revokeTokens(): void;
  /** What the workspace lets the bot do from now on. */
  grant(scopes: Iterable<string>): void;
  /** Uploads that were answered and are not shown yet. */
  sharing(): number;
  requests(): LoggedCall[];
  close(): Promise<void>;
}

/** Slack's documented times; tests make them short. */
const SLACK_TIMES: SocketModeOptions = { ackTimeoutMs: 3_000, pressTimeoutMs: 3_000, retryDelaysMs: [0, 60_000, 300_000], pingMs: 5_000 };

/** A small Slack on loopback that the unmodified SDK talks to: rooms that remember, the Web API that changes them, Socket Mode that tells of it. */
export async function startFakeSlack(options: FakeSlackOptions = {}): Promise<FakeSlack> {
  const { team = "T0FAKE", now = Date.now, scopes = everyScope, rateLimits, shareDelayMs = 20, ...times } = options;
  const workspace = createWorkspace({ team, now, scopes });
  const callFaults = new FaultQueue<CallFault, FaultyCall>();
  const eventFaults = new FaultQueue<EventFault, SlackEvent>();
  const log: LoggedCall[] = [];
  const journal = new Journal();
  const listening = new Set<() => void>();
  const { changed, waits } = createWatch(() => allRooms());
  const closing = new AbortController();
  const socketMode = new SocketMode({ workspace, options: { ...SLACK_TIMES, ...times }, changed });
  const sharing = new Set<NodeJS.Timeout>();
  let revoked = false;
  const outages = createOutages(() => socketMode.drop());

  const announce = (change: Change) => {
    journal.write(now(), change);
    for (const event of eventsOf(workspace, change)) socketMode.send(event, eventFaults.take(event));
    changed();
    listening.forEach((listener) => listener());
  };
  const later = (act: () => void) => {
    const timer = setTimeout(() => {
      sharing.delete(timer);
      act();
      changed();
    }, shareDelayMs);
    sharing.add(timer);
  };
  const server = createServer((request, response) => {
    answerRequest(request, response, serving).catch(() => response.destroy());
  });
  server.on("upgrade", (request, socket, head) => {
    if (outages.any()) socket.destroy();
    else socketMode.upgrade(request, socket, head);
  });
  const port = await listen(server);
  workspace.address = `http://127.0.0.1:${port}`;
  const openLink = () => socketMode.openLink(port);
  const world: Surroundings = { workspace, announce, changed, later, openLink, revoked: () => revoked };
  const serving = {
    world,
    log,
    faultOf: (call: Call) => callFaults.take(call),
    down: outages.any,
    limits: rateLimits && new RateLimits({ minuteMs: rateLimits.minuteMs ?? 60_000, now }),
    closing: closing.signal,
  };

  function channelBy(id: string): Channel {
    const channel = workspace.channels.get(id);
    if (!channel) throw new Error(`The fake Slack has no channel ${id}`);
    return channel;
  }

  function say(message: { channel: string; user: string; text: string; thread?: string; files?: readonly SentFile[] }): { ts: string } {
    const { channel: id, user, text, thread, files = [] } = message;
    const channel = channelBy(id);
    const author = workspace.users.get(user);
    if (!author) throw new Error(`The fake Slack has no user ${user}`);
    if (thread && !channel.messages.has(thread)) throw new Error(`The fake Slack has no message ${thread} in ${id}`);
    // Who writes in a channel has joined it.
    channel.members.add(user);
    const kept = files.map(({ name, type, content }) => {
      const file = announceFile(workspace, { name, mimetype: type, size: content.byteLength, user });
      return Object.assign(file, { bytes: content, state: "complete" as const }).id;
    });
    const about = author.isBot ? { botId: author.botId } : { clientMsgId: randomUUID() };
    const change = post(workspace, channel, { user, text, threadTs: thread, ...about, ...(kept.length > 0 && { files: kept }) });
    announce(change);
    return { ts: change.message.ts };
  }

  function reaction({ channel: id, ts, user, name }: { channel: string; ts: string; user: string; name: string }, added: boolean): void {
    const channel = channelBy(id);
    const message = channel.messages.get(ts);
    mustChange(message && react(workspace, channel, { message, user, name, added }), `react to at ${ts}`);
  }

  function mustChange(change: Change | undefined, what: string): void {
    if (!change) throw new Error(`The fake Slack has nothing to ${what}`);
    announce(change);
  }

  const allRooms = () => [...workspace.channels.values()].flatMap((channel) => viewRoom(workspace, channel));

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
    createUser: (name, about) => addUser(workspace, name, about).id,
    say: async (message) => say(message),
    dm: async (user, text, { files } = {}) => {
      const { channel } = openDirect(workspace, [user]);
      return { channel: channel.id, ...say({ channel: channel.id, user, text, files }) };
    },
    edit: async ({ channel, ts, text }) => {
      const author = channelBy(channel).messages.get(ts)?.user ?? "";
      mustChange(edit(workspace, channelBy(channel), { ts, text, user: author }), `edit at ${ts}`);
    },
    remove: async ({ channel, ts }) => mustChange(remove(workspace, channelBy(channel), ts), `delete at ${ts}`),
    react: async (about) => reaction(about, true),
    unreact: async (about) => reaction(about, false),
    press: async ({ channel, ts, user, label }) => {
      const message = viewOf(workspace, user).find((one) => one.channel === channel && one.ts === ts);
      if (!message) throw new Error(`${user} sees no message ${ts} in ${channel}`);
      return socketMode.interact(blockActions(workspace, { message, user, label }));
    },
    modal: (user) => {
      const modal = workspace.modals.get(user);
      return modal && { title: modal.title, fields: modal.blocks.map(({ label }) => (label as { text: string }).text) };
    },
    submit: async ({ user, values }) => {
      const modal = workspace.modals.get(user);
      if (!modal) throw new Error(`${user} has no modal before them`);
      const taken = await socketMode.interact(viewSubmission(workspace, { modal, user, values }));
      if (taken) workspace.modals.delete(user);
      return taken;
    },
    room: (channel) => viewRoom(workspace, channelBy(channel)),
    sees: (user) => viewOf(workspace, user),
    journal: () => journal.entries,
    onChange: (listener) => {
      listening.add(listener);
      return () => listening.delete(listener);
    },
    ...waits,
    sockets: () => socketMode.sockets(),
    dropSockets: () => socketMode.drop(),
    refreshSockets: (count = Infinity) => socketMode.refresh(count),
    deliveries: () => [...socketMode.deliveries],
    unsettled: () => socketMode.unsettled(),
    failCalls: ({ method, when, ...plan }) =>
      callFaults.plan({ ...plan, when: (call) => (!method || call.method === method) && (when?.(call) ?? true) }),
    disturbEvents: (plan) => eventFaults.plan(plan),
    outage: outages.begin,
    revokeTokens: () => {
      revoked = true;
    },
    grant: (granted) => {
      workspace.scopes = new Set(granted);
    },
    sharing: () => sharing.size,
    requests: () => [...log],
    close: async () => {
      closing.abort();
      for (const timer of sharing) clearTimeout(timer);
      socketMode.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
