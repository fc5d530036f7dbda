/** What Discord remembers of one guild and of direct conversations. Plain data and the functions that change it; every change is returned so
 *  that it can be announced. */

export type Permission =
  | "ViewChannel"
  | "SendMessages"
  | "SendMessagesInThreads"
  | "ReadMessageHistory"
  | "AddReactions"
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

export interface Pings {
  users: string[];
  roles: string[];
  everyone: boolean;
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
  messages: Map<string, StoredMessage>;
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
}

export interface World {
  guild: { id: string; name: string };
  bot: Bot;
  users: Map<string, User>;
  channels: Map<string, Channel>;
  /** Milliseconds since the epoch. */
  now: () => number;
  lastId: bigint;
}

export type Change =
  | { kind: "posted"; channel: Channel; message: StoredMessage }
  | { kind: "edited"; channel: Channel; message: StoredMessage }
  | { kind: "deleted"; channel: Channel; message: StoredMessage }
  | { kind: "reacted"; channel: Channel; message: StoredMessage; user: string; emoji: string }
  | { kind: "unreacted"; channel: Channel; message: StoredMessage; user: string; emoji: string }
  | { kind: "opened"; channel: Channel };

export type NewMessage = Pick<StoredMessage, "author" | "content"> & Partial<StoredMessage>;

export function createWorld({ now }: { now: () => number }): World {
  const world: World = {
    guild: { id: "", name: "fake" },
    bot: { userId: "", applicationId: "", roleId: "", token: "" },
    users: new Map(),
    channels: new Map(),
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
  };
  return world;
}

export function addUser(world: World, name: string, { bot = false, closed = false } = {}): User {
  const user = { id: nextId(world), name, isBot: bot, closed };
  world.users.set(user.id, user);
  return user;
}

export function addChannel(world: World, options: Pick<Channel, "name" | "kind"> & Partial<Channel>): Channel {
  const channel: Channel = { denied: new Set(), archived: false, locked: false, messages: new Map(), id: nextId(world), ...options };
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
    pings: { users: [], roles: [], everyone: false },
    reactions: [],
    ...message,
    id: nextId(world),
  };
  channel.messages.set(stored.id, stored);
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
  const message: StoredMessage = { ...before, ...fields, editedAt: world.now() };
  channel.messages.set(id, message);
  return { kind: "edited", channel, message };
}

export function remove(channel: Channel, id: string): Change | undefined {
  const message = channel.messages.get(id);
  if (!message) return undefined;
  channel.messages.delete(id);
  return { kind: "deleted", channel, message };
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

/** Whom a text notifies: everybody it names, less what `allowed_mentions` holds back (…/docs/resources/message#allowed-mentions-object). */
export function pingsOf(world: World, content: string, allowed?: AllowedMentions): Pings {
  const named = (pattern: RegExp, known: (id: string) => boolean) => [
    ...new Set([...content.matchAll(pattern)].map((match) => match[1] ?? "").filter(known)),
  ];
  const users = named(/<@!?(\d+)>/g, (id) => world.users.has(id));
  const roles = named(/<@&(\d+)>/g, (id) => id === world.bot.roleId);
  const everyone = /@(everyone|here)\b/.test(content);
  if (!allowed) return { users, roles, everyone };
  const may = (what: "users" | "roles", id: string) => allowed.parse?.includes(what) || allowed[what]?.includes(id);
  return {
    users: users.filter((id) => may("users", id)),
    roles: roles.filter((id) => may("roles", id)),
    everyone: everyone && (allowed.parse?.includes("everyone") ?? false),
  };
}

export interface AllowedMentions {
  parse?: readonly string[];
  users?: readonly string[];
  roles?: readonly string[];
  replied_user?: boolean;
}

const EPOCH = 1_420_070_400_000;
