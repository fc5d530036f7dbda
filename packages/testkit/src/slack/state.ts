/** What Slack remembers of one workspace. Plain data and the functions that change it; every change is returned so that it can be announced. */

export interface Metadata {
  event_type: string;
  event_payload: Record<string, unknown>;
}

export interface StoredMessage {
  ts: string;
  /** Which of all that was said in the workspace it is: two channels may give one `ts`. */
  nth: number;
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
  /** Ids of the files that came with it. */
  files?: string[];
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

/** Shown to one person alone, and kept by nobody: no history has it. */
export interface Ephemeral {
  channel: string;
  ts: string;
  /** As a message's. */
  nth: number;
  user: string;
  only: string;
  text: string;
  blocks?: unknown[];
  threadTs?: string;
}

export interface StoredFile {
  id: string;
  name: string;
  title: string;
  mimetype: string;
  /** Absent until it is uploaded. */
  bytes?: Uint8Array;
  /** As announced, before the bytes came. */
  size: number;
  user: string;
  /** Seconds. */
  created: number;
  state: "announced" | "uploaded" | "complete" | "deleted";
  shares: { channel: string; ts: string }[];
}

export interface User {
  id: string;
  name: string;
  isBot: boolean;
  /** B…, of other bots than ours. */
  botId?: string;
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

export interface Modal {
  id: string;
  title: string;
  callback_id: string;
  private_metadata: string;
  blocks: Record<string, unknown>[];
}

export interface Workspace {
  team: { id: string; name: string };
  bot: Bot;
  /** Where files are fetched from and uploaded to: `http://127.0.0.1:PORT`. */
  address: string;
  users: Map<string, User>;
  channels: Map<string, Channel>;
  files: Map<string, StoredFile>;
  ephemerals: Ephemeral[];
  /** What presses gave to open modals with. */
  triggers: Map<string, { user: string; at: number; exchanged: boolean }>;
  /** The modal that each person has open. */
  modals: Map<string, Modal>;
  /** What the workspace let the app do. */
  scopes: Set<string>;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Counts up, so that ids are readable and unique in one workspace. */
  serial: number;
}

export type Change =
  | { kind: "posted"; channel: Channel; message: StoredMessage }
  | { kind: "edited"; channel: Channel; message: StoredMessage; previous: StoredMessage; ts: string }
  /** `stone`: what stands in its place, where it had replies. */
  | { kind: "deleted"; channel: Channel; previous: StoredMessage; stone?: StoredMessage; ts: string }
  | { kind: "reacted"; added: boolean; channel: Channel; message: StoredMessage; user: string; name: string; ts: string }
  | { kind: "whispered"; channel: Channel; ephemeral: Ephemeral };

export type NewMessage = Pick<StoredMessage, "user" | "text"> & Partial<Omit<StoredMessage, "nth">>;

export function createWorkspace({ team, now, scopes }: { team: string; now: () => number; scopes: Iterable<string> }): Workspace {
  const bot: Bot = {
    userId: "U0BELLHOP",
    botId: "B0BELLHOP",
    appId: "A0BELLHOP",
    token: "xoxb-1-fake-bot",
    appToken: "xapp-1-A0BELLHOP-fake-app",
  };
  return {
    team: { id: team, name: "fake" },
    bot,
    address: "",
    users: new Map([[bot.userId, { id: bot.userId, name: "bellhop", isBot: true }]]),
    channels: new Map(),
    files: new Map(),
    ephemerals: [],
    triggers: new Map(),
    modals: new Map(),
    scopes: new Set(scopes),
    now,
    serial: 0,
  };
}

export function addUser(workspace: Workspace, name: string, { bot = false } = {}): User {
  const user: User = { id: nextId(workspace, "U"), name, isBot: bot, ...(bot && { botId: nextId(workspace, "B") }) };
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
function nextTs(workspace: Workspace, channel: Channel): string {
  channel.lastMicros = Math.max(Math.floor(workspace.now() * 1000), channel.lastMicros + 1);
  return `${Math.floor(channel.lastMicros / 1e6)}.${String(channel.lastMicros % 1e6).padStart(6, "0")}`;
}

export function post(workspace: Workspace, channel: Channel, message: NewMessage): Change & { kind: "posted" } {
  const stored: StoredMessage = { reactions: [], ...message, ts: nextTs(workspace, channel), nth: nextSerial(workspace) };
  channel.messages.set(stored.ts, stored);
  for (const id of stored.files ?? []) workspace.files.get(id)?.shares.push({ channel: channel.id, ts: stored.ts });
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
  // Edits are told in whole seconds, so two of them may tell the same.
  const message: StoredMessage = { ...previous, ...fields, edited: { user, ts: `${Math.floor(Number(stamp))}.000000` } };
  channel.messages.set(ts, message);
  return { kind: "edited", channel, message, previous, ts: stamp };
}

export function remove(workspace: Workspace, channel: Channel, ts: string): Change | undefined {
  const previous = channel.messages.get(ts);
  if (!previous || previous.tombstone) return undefined;
  const stone: StoredMessage | undefined =
    repliesTo(channel, ts).length > 0
      ? { ts, nth: previous.nth, threadTs: ts, user: "USLACKBOT", text: "This message was deleted.", reactions: [], tombstone: true }
      : undefined;
  if (stone) channel.messages.set(ts, stone);
  else channel.messages.delete(ts);
  for (const id of previous.files ?? []) forget(workspace, { id, channel: channel.id, ts });
  return { kind: "deleted", channel, previous, stone, ts: nextTs(workspace, channel) };
}

/** The file stays where else it was shared. */
function forget(workspace: Workspace, { id, channel, ts }: { id: string; channel: string; ts: string }): void {
  const file = workspace.files.get(id);
  if (file) file.shares = file.shares.filter((share) => share.channel !== channel || share.ts !== ts);
}

/** Puts a reaction on a message, or takes it back. Undefined when it is so already. */
export function react(
  workspace: Workspace,
  channel: Channel,
  { message, user, name, added }: { message: StoredMessage; user: string; name: string; added: boolean },
): Change | undefined {
  const there = message.reactions.find((reaction) => reaction.name === name);
  if ((there?.users.includes(user) ?? false) === added) return undefined;
  if (!there) message.reactions.push({ name, users: [user] });
  else if (added) there.users.push(user);
  else there.users = there.users.filter((id) => id !== user);
  message.reactions = message.reactions.filter(({ users }) => users.length > 0);
  return { kind: "reacted", added, channel, message, user, name, ts: nextTs(workspace, channel) };
}

/** What only one person gets to see. In a thread that nobody has answered in yet it is shown to nobody (chat.postEphemeral, thread_ts). */
export function whisper(
  workspace: Workspace,
  channel: Channel,
  said: Omit<Ephemeral, "channel" | "ts" | "nth" | "user">,
): { change: Change | undefined; ts: string } {
  const ts = nextTs(workspace, channel);
  const ephemeral: Ephemeral = { ...said, channel: channel.id, user: workspace.bot.userId, ts, nth: nextSerial(workspace) };
  if (said.threadTs !== undefined && repliesTo(channel, said.threadTs).length === 0) return { change: undefined, ts };
  workspace.ephemerals.push(ephemeral);
  return { change: { kind: "whispered", channel, ephemeral }, ts };
}

export function announceFile(
  workspace: Workspace,
  about: Pick<StoredFile, "name" | "size" | "user"> & Partial<Pick<StoredFile, "mimetype">>,
): StoredFile {
  const file: StoredFile = {
    title: about.name,
    mimetype: "",
    ...about,
    id: nextId(workspace, "F"),
    created: Math.floor(workspace.now() / 1000),
    state: "announced",
    shares: [],
  };
  workspace.files.set(file.id, file);
  return file;
}

/** In the order they were posted, which is the order of their time stamps. */
export function repliesTo(channel: Channel, rootTs: string): StoredMessage[] {
  return [...channel.messages.values()].filter((message) => message.threadTs === rootTs && message.ts !== rootTs);
}

export function nextId(workspace: Workspace, prefix: string): string {
  return `${prefix}${String(nextSerial(workspace)).padStart(8, "0")}`;
}

/** A number that nothing in the workspace had before, above all that something had. */
export function nextSerial(workspace: Workspace): number {
  workspace.serial += 1;
  return workspace.serial;
}
