/** What Discord remembers of one guild and of direct conversations. Plain data and the functions that change it; every change is returned so
 *  that it can be announced. */

import type { Pings } from "./pings.ts";

export type Permission =
  | "ViewChannel"
  | "SendMessages"
  | "SendMessagesInThreads"
  | "ReadMessageHistory"
  | "AddReactions"
  | "AttachFiles"
  | "CreatePublicThreads"
  | "ManageMessages";

export interface StoredMessage {
  id: string;
  author: string;
  content: string;
  /** Present for a reply, even after the message it answers was deleted. */
  replyTo?: string;
  nonce?: string | number;
  flags: number;
  embeds: unknown[];
  /** What can be pressed below it. */
  components: Record<string, unknown>[];
  files: StoredFile[];
  /** Whom it notified, never more than its content names: people, roles, "everyone". */
  pings: Pings;
  /** Milliseconds since the epoch. */
  editedAt?: number;
  /** The thread that was started from it. */
  thread?: string;
  /** What Discord posts itself is of a type of its own. */
  type: number;
  reactions: { emoji: string; users: string[] }[];
}

export interface StoredFile {
  id: string;
  name: string;
  /** Its media type. */
  type: string;
  content: Uint8Array;
}

export interface Channel {
  id: string;
  name: string;
  kind: "text" | "thread" | "dm";
  /** The channel that a thread is in. */
  parent?: string;
  /** The person on the other side of a direct conversation. */
  recipient?: string;
  /** What the bot may not do here. */
  denied: ReadonlySet<Permission>;
  archived: boolean;
  locked: boolean;
  /** The bot has written here: of a thread it is a member then. */
  joined: boolean;
  messages: Map<string, StoredMessage>;
  /** The newest there ever was: it may be deleted (…/docs/resources/channel#channel-object). */
  lastMessage?: string;
  /** Who is seen typing, and until when. */
  typing: Map<string, number>;
}

export interface User {
  id: string;
  name: string;
  isBot: boolean;
  /** Takes no direct messages from the bot. */
  closed: boolean;
}

export interface Bot {
  userId: string;
  applicationId: string;
  /** The role that Discord made for it in the guild: people mention it instead of the bot by mistake. */
  roleId: string;
  token: string;
  /** What it may do in the guild, as Discord writes it. Only told: what channels allow is theirs. */
  permissions: string;
  /** Its Message Content intent is on. */
  readsContent: boolean;
}

/** Something that a person pressed or sent. */
export interface OpenInteraction {
  id: string;
  token: string;
  /** Of a component, or of a modal. */
  type: 3 | 5;
  user: string;
  channel: Channel;
  message: StoredMessage;
  at: number;
  answered: boolean;
  /** Whether the bot answered in time. */
  taken: Promise<boolean>;
  settle: (taken: boolean) => void;
}

/** Shown to one person alone beside what they pressed, and kept by nobody. */
export interface Ephemeral {
  id: string;
  channel: string;
  only: string;
  content: string;
}

export interface World {
  /** By their tokens. */
  interactions: Map<string, OpenInteraction>;
  ephemerals: Ephemeral[];
  /** The modal that each person has before them, and where it was opened. */
  modals: Map<string, { modal: Record<string, unknown>; channel: Channel; message: StoredMessage }>;
  guild: { id: string; name: string };
  bot: Bot;
  users: Map<string, User>;
  channels: Map<string, Channel>;
  /** Every file there ever was, by its id. */
  files: Map<string, StoredFile>;
  cdn: Cdn;
  /** Milliseconds since the epoch. */
  now: () => number;
  lastId: bigint;
}

/** Where files are, and how their addresses are signed. */
interface Cdn {
  /** `http://…`, known once the server listens. */
  base: string;
  secret: string;
  /** How long an address is good, in ms. */
  lifeMs: number;
}

export type Change =
  | { kind: "posted"; channel: Channel; message: StoredMessage }
  | { kind: "edited"; channel: Channel; message: StoredMessage }
  /** By Discord itself: the preview of a link is there. */
  | { kind: "unfurled"; channel: Channel; message: StoredMessage }
  | { kind: "deleted"; channel: Channel; message: StoredMessage }
  /** Several at once. */
  | { kind: "purged"; channel: Channel; messages: StoredMessage[] }
  | { kind: "reacted"; channel: Channel; message: StoredMessage; user: string; emoji: string }
  | { kind: "unreacted"; channel: Channel; message: StoredMessage; user: string; emoji: string }
  | { kind: "opened"; channel: Channel }
  /** A thread was archived, or is active again. */
  | { kind: "archived"; channel: Channel };

export type NewMessage = Pick<StoredMessage, "author" | "content"> & Partial<StoredMessage>;

export function createWorld({ now, fileLifeMs }: { now: () => number; fileLifeMs: number }): World {
  const world: World = {
    guild: { id: "", name: "fake" },
    bot: { userId: "", applicationId: "", roleId: "", token: "", permissions: "", readsContent: true },
    interactions: new Map(),
    ephemerals: [],
    modals: new Map(),
    users: new Map(),
    channels: new Map(),
    files: new Map(),
    cdn: { base: "", secret: "signs addresses of files", lifeMs: fileLifeMs },
    now,
    lastId: 0n,
  };
  world.guild.id = nextId(world);
  const { id } = addUser(world, "bellhop", { bot: true });
  world.bot = {
    userId: id,
    applicationId: id,
    roleId: nextId(world),
    // As real ones are: the id in base64, a time stamp, a secret.
    token: `${Buffer.from(id).toString("base64url")}.Gfake1.${"x".repeat(38)}`,
    permissions: "274878008384",
    readsContent: true,
  };
  return world;
}

export function addUser(world: World, name: string, { bot = false, closed = false } = {}): User {
  const user = { id: nextId(world), name, isBot: bot, closed };
  world.users.set(user.id, user);
  return user;
}

export function addChannel(world: World, options: Pick<Channel, "name" | "kind"> & Partial<Channel>): Channel {
  const channel: Channel = {
    denied: new Set(),
    archived: false,
    locked: false,
    joined: false,
    messages: new Map(),
    typing: new Map(),
    id: nextId(world),
    ...options,
  };
  world.channels.set(channel.id, channel);
  return channel;
}

/** The direct conversation of the bot and a person, and whether it was there before. */
export function openDirect(world: World, recipient: string): { channel: Channel; existed: boolean } {
  const known = [...world.channels.values()].find((channel) => channel.kind === "dm" && channel.recipient === recipient);
  return known ? { channel: known, existed: true } : { channel: addChannel(world, { name: "", kind: "dm", recipient }), existed: false };
}

/** A thread's id is that of the message it was started from. */
export function openThread(
  world: World,
  channel: Channel,
  { message, name }: { message: StoredMessage; name: string },
): Change & { kind: "opened" } {
  message.thread = message.id;
  const thread = addChannel(world, { id: message.id, name, kind: "thread", parent: channel.id, denied: channel.denied });
  return { kind: "opened", channel: thread };
}

export function post(world: World, channel: Channel, message: NewMessage): Change & { kind: "posted" } {
  const stored: StoredMessage = {
    type: message.replyTo === undefined ? 0 : 19,
    flags: 0,
    embeds: [],
    components: [],
    files: [],
    pings: { users: [], roles: [], everyone: false },
    reactions: [],
    ...message,
    id: nextId(world),
  };
  channel.messages.set(stored.id, stored);
  channel.lastMessage = stored.id;
  // Clients stop showing that somebody types when their message comes.
  channel.typing.delete(stored.author);
  if (stored.author === world.bot.userId) channel.joined = true;
  // A message wakes its thread up again.
  channel.archived = false;
  return { kind: "posted", channel, message: stored };
}

export function edit(
  world: World,
  channel: Channel,
  { id, ...fields }: { id: string } & Partial<StoredMessage>,
): (Change & { kind: "edited" }) | undefined {
  const before = channel.messages.get(id);
  if (!before) return undefined;
  // Discord tells two edits apart, however fast they come: its time stamps have microseconds.
  const message: StoredMessage = { ...before, ...fields, editedAt: Math.max(world.now(), (before.editedAt ?? 0) + 1) };
  channel.messages.set(id, message);
  return { kind: "edited", channel, message };
}

export function unfurl(channel: Channel, id: string): Change | undefined {
  const before = channel.messages.get(id);
  if (!before) return undefined;
  const message: StoredMessage = { ...before, embeds: [{ type: "link", url: "https://example.com/", title: "A page" }] };
  channel.messages.set(id, message);
  return { kind: "unfurled", channel, message };
}

/** A file, wherever it will be shown. White space in its name is not kept. */
export function addFile(world: World, file: Omit<StoredFile, "id">): StoredFile {
  const stored = { ...file, name: file.name.replace(/\s+/g, "_"), id: nextId(world) };
  world.files.set(stored.id, stored);
  return stored;
}

export function remove(channel: Channel, id: string): Change | undefined {
  const message = channel.messages.get(id);
  if (!message) return undefined;
  channel.messages.delete(id);
  return { kind: "deleted", channel, message };
}

export function purge(channel: Channel, ids: readonly string[]): Change {
  const messages = ids.map((id) => channel.messages.get(id)).filter((message) => message !== undefined);
  for (const { id } of messages) channel.messages.delete(id);
  return { kind: "purged", channel, messages };
}

/** Undefined when that person has put that reaction there already. */
export function react(
  channel: Channel,
  { message, user, emoji }: { message: StoredMessage; user: string; emoji: string },
): Change | undefined {
  const there = message.reactions.find((reaction) => reaction.emoji === emoji);
  if (there?.users.includes(user)) return undefined;
  if (there) there.users.push(user);
  else message.reactions.push({ emoji, users: [user] });
  return { kind: "reacted", channel, message, user, emoji };
}

/** Undefined when there is no such reaction of that person. */
export function unreact(
  channel: Channel,
  { message, user, emoji }: { message: StoredMessage; user: string; emoji: string },
): Change | undefined {
  const there = message.reactions.find((reaction) => reaction.emoji === emoji);
  if (!there?.users.includes(user)) return undefined;
  there.users = there.users.filter((id) => id !== user);
  message.reactions = message.reactions.filter(({ users }) => users.length > 0);
  return { kind: "unreacted", channel, message, user, emoji };
}

/** A snowflake: milliseconds since 2015 in the upper bits, unique and increasing (discord.com/developers/docs/reference#snowflakes). */
export function nextId(world: World): string {
  const id = BigInt(Math.floor(world.now()) - EPOCH) << 22n;
  world.lastId = id > world.lastId ? id : world.lastId + 1n;
  return String(world.lastId);
}

/** Milliseconds since the epoch. */
export function timeOf(id: string): number {
  return Number(BigInt(id) >> 22n) + EPOCH;
}

const EPOCH = 1_420_070_400_000;
