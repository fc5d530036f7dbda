/** What Slack remembers of one workspace. Plain data and the functions that change it; every change is returned so that it can be announced. */

export interface Metadata {
  event_type: string;
  event_payload: Record<string, unknown>;
}

export interface StoredMessage {
  ts: string;
  user: string;
  text: string;
  /** Set for what the bot posted, absent for what people wrote. */
  botId?: string;
  clientMsgId?: string;
  threadTs?: string;
  /** A thread reply that is shown in the channel too. */
  broadcast?: boolean;
  blocks?: unknown[];
  attachments?: unknown[];
  metadata?: Metadata;
  edited?: { user: string; ts: string };
  reactions: { name: string; users: string[] }[];
  /** A deleted message that still has replies: Slack leaves a stone in its place. */
  tombstone?: boolean;
}

export interface Channel {
  id: string;
  name: string;
  kind: "channel" | "group" | "im" | "mpim";
  members: Set<string>;
  archived: boolean;
  messages: Map<string, StoredMessage>;
  /** The last time stamp given out, in microseconds since the epoch. */
  lastMicros: number;
}

export interface User {
  id: string;
  name: string;
  isBot: boolean;
}

export interface Bot {
  userId: string;
  botId: string;
  appId: string;
  /** xoxb-…: for the Web API. */
  token: string;
  /** xapp-…: for apps.connections.open. */
  appToken: string;
}

export interface Workspace {
  team: { id: string; name: string };
  bot: Bot;
  users: Map<string, User>;
  channels: Map<string, Channel>;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Counts up, so that ids are readable and unique in one workspace. */
  serial: number;
}

export type Change =
  | { kind: "posted"; channel: Channel; message: StoredMessage }
  | { kind: "edited"; channel: Channel; message: StoredMessage; previous: StoredMessage; ts: string }
  | { kind: "deleted"; channel: Channel; previous: StoredMessage; ts: string }
  | { kind: "reacted"; channel: Channel; message: StoredMessage; user: string; name: string; ts: string };

export type NewMessage = Pick<StoredMessage, "user" | "text"> & Partial<StoredMessage>;

export function createWorkspace({ now }: { now: () => number }): Workspace {
  const bot: Bot = {
    userId: "U0BELLHOP",
    botId: "B0BELLHOP",
    appId: "A0BELLHOP",
    token: "xoxb-1-fake-bot",
    appToken: "xapp-1-A0BELLHOP-fake-app",
  };
  return {
    team: { id: "T0FAKE", name: "fake" },
    bot,
    users: new Map([[bot.userId, { id: bot.userId, name: "bellhop", isBot: true }]]),
    channels: new Map(),
    now,
    serial: 0,
  };
}

export function addUser(workspace: Workspace, name: string): User {
  const user = { id: nextId(workspace, "U"), name, isBot: false };
  workspace.users.set(user.id, user);
  return user;
}

export function addChannel(workspace: Workspace, options: Pick<Channel, "name" | "kind"> & { members: Iterable<string> }): Channel {
  const id = nextId(workspace, options.kind === "im" ? "D" : options.kind === "channel" ? "C" : "G");
  const channel: Channel = {
    id,
    name: options.name,
    kind: options.kind,
    members: new Set(options.members),
    archived: false,
    messages: new Map(),
    lastMicros: 0,
  };
  workspace.channels.set(id, channel);
  return channel;
}

/** The direct conversation of these people (the bot included) and whether it was there before. */
export function openDirect(workspace: Workspace, users: readonly string[]): { channel: Channel; existed: boolean } {
  const members = new Set([...users, workspace.bot.userId]);
  const kind = members.size > 2 ? "mpim" : "im";
  const same = (channel: Channel) =>
    channel.kind === kind && channel.members.size === members.size && [...members].every((id) => channel.members.has(id));
  const known = [...workspace.channels.values()].find(same);
  return known ? { channel: known, existed: true } : { channel: addChannel(workspace, { name: "", kind, members }), existed: false };
}

/** Unique and increasing within one channel, as Slack promises; two channels may well give the same one. */
export function nextTs(workspace: Workspace, channel: Channel): string {
  channel.lastMicros = Math.max(Math.floor(workspace.now() * 1000), channel.lastMicros + 1);
  return `${Math.floor(channel.lastMicros / 1e6)}.${String(channel.lastMicros % 1e6).padStart(6, "0")}`;
}

export function post(workspace: Workspace, channel: Channel, message: NewMessage): Change & { kind: "posted" } {
  const stored: StoredMessage = { reactions: [], ...message, ts: nextTs(workspace, channel) };
  channel.messages.set(stored.ts, stored);
  return { kind: "posted", channel, message: stored };
}

export function edit(
  workspace: Workspace,
  channel: Channel,
  { ts, user, ...fields }: { ts: string; user: string } & Partial<StoredMessage>,
): Change | undefined {
  const previous = channel.messages.get(ts);
  if (!previous) return undefined;
  const stamp = nextTs(workspace, channel);
  const message: StoredMessage = { ...previous, ...fields, edited: { user, ts: stamp } };
  channel.messages.set(ts, message);
  return { kind: "edited", channel, message, previous, ts: stamp };
}

export function remove(workspace: Workspace, channel: Channel, ts: string): Change | undefined {
  const previous = channel.messages.get(ts);
  if (!previous) return undefined;
  if (repliesTo(channel, ts).length > 0) {
    channel.messages.set(ts, { ts, threadTs: ts, user: "USLACKBOT", text: "This message was deleted.", reactions: [], tombstone: true });
  } else {
    channel.messages.delete(ts);
  }
  return { kind: "deleted", channel, previous, ts: nextTs(workspace, channel) };
}

/** Undefined when that person has put that reaction there already. */
export function react(
  workspace: Workspace,
  channel: Channel,
  { message, user, name }: { message: StoredMessage; user: string; name: string },
): Change | undefined {
  const there = message.reactions.find((reaction) => reaction.name === name);
  if (there?.users.includes(user)) return undefined;
  if (there) there.users.push(user);
  else message.reactions.push({ name, users: [user] });
  return { kind: "reacted", channel, message, user, name, ts: nextTs(workspace, channel) };
}

/** In the order they were posted, which is the order of their time stamps. */
export function repliesTo(channel: Channel, rootTs: string): StoredMessage[] {
  return [...channel.messages.values()].filter((message) => message.threadTs === rootTs && message.ts !== rootTs);
}

function nextId(workspace: Workspace, prefix: string): string {
  workspace.serial += 1;
  return `${prefix}${String(workspace.serial).padStart(8, "0")}`;
}
