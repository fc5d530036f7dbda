import { messageKey, type Conversation, type Message } from "@bellhop/contracts";
import { z } from "zod";

/** Who we are on Discord. */
export interface Self {
  /** The bot's user id: our account. */
  account: string;
  /** The role that Discord made for the bot in a guild: people pick it from the list where they mean the bot. */
  roleIn(guild: string): string | undefined;
}

/** A message as MESSAGE_CREATE or the history shows it. */
export interface Delivery {
  message: unknown;
  origin: Message["origin"];
  /** The guild it is in, where the message does not say: a message of the history has no `guild_id`. */
  guild?: string;
}

/** The message somebody addressed to us, or undefined for everything else. A redelivery, a replay and the history give messages with the same key.
 *  A thread is a channel of its own on Discord: the conversation is the channel that was written in, and so is where the answer goes. */
export function toMessage({ message, origin, guild }: Delivery, self: Self): Message | undefined {
  const parsed = Written.safeParse(message);
  if (!parsed.success || !isWrittenByPerson(parsed.data, self)) return undefined;
  const { id, channel_id: channel, author, content, guild_id: space = guild } = parsed.data;
  const called = addressed(content, { self, space });
  if (called === undefined) return undefined;

  const platform = "discord";
  const { account } = self;
  const conversation: Conversation = { space, channel, kind: space === undefined ? "direct" : "room" };
  return {
    v: 1,
    key: messageKey({ platform, account, conversation, id }),
    platform,
    account,
    conversation,
    author: { platform, id: author.id, name: author.username, kind: "human" },
    content: { text: called.text },
    addressed: called.how,
    origin,
    replyTo: { platform, account, space, channel, message: id },
    sentAt: sentAt(id),
  };
}

/** When a snowflake was made, ISO 8601. */
export function sentAt(id: string): string {
  return new Date(Number(BigInt(id) >> 22n) + epoch).toISOString();
}

/** The smallest snowflake of a moment, in milliseconds since the epoch. */
export function snowflakeAt(ms: number): string {
  return String(BigInt(Math.max(0, Math.floor(ms) - epoch)) << 22n);
}

/** Discord's own notation as the text a person sees, as far as the text alone tells: mentions with ids, emoji by name, links without brackets. */
export function plainText(text: string): string {
  return text
    .replace(/<@!?(\d+)>/g, "@$1")
    .replace(/<(@&|#)(\d+)>/g, "$1$2")
    .replace(/<a?:(\w+):\d+>/g, ":$1:")
    .replace(/<\/([^:>\n]+):\d+>/g, "/$1")
    .replace(/<(https?:\/\/[^\s<>]+)>/g, "$1");
}

/** The role of GUILD_CREATE that Discord made for our bot. */
export function managedRole(guild: unknown, account: string): { guild: string; role: string } | undefined {
  const parsed = Guild.safeParse(guild);
  const role = parsed.data?.roles.find(({ tags }) => tags?.bot_id === account);
  return parsed.data && role && { guild: parsed.data.id, role: role.id };
}

const Snowflake = z.string().regex(/^\d{15,20}$/);

const Written = z.object({
  id: Snowflake,
  channel_id: Snowflake,
  guild_id: Snowflake.optional(),
  type: z.int(),
  author: z.object({ id: Snowflake, username: z.string().optional(), bot: z.boolean().optional(), system: z.boolean().optional() }),
  content: z.string(),
  webhook_id: z.string().optional(),
});
type Written = z.infer<typeof Written>;

const Guild = z.object({
  id: Snowflake,
  roles: z.array(z.object({ id: Snowflake, tags: z.object({ bot_id: z.string().optional() }).optional() })),
});

/** DEFAULT and REPLY: everything else is Discord's own, such as "… started a thread". */
const typed: ReadonlySet<number> = new Set([0, 19]);

/** No bot's words, our own least of all, are a command: bots that answer bots never end. */
function isWrittenByPerson({ type, author, webhook_id }: Written, self: Self): boolean {
  return typed.has(type) && author.id !== self.account && author.bot !== true && author.system !== true && webhook_id === undefined;
}

/** How a text calls us, and the command without the call. A mention counts where it begins the message: in the middle somebody may just be
 *  talking about the bot, and half a sentence is no command. */
function addressed(text: string, at: { self: Self; space: string | undefined }): { how: Message["addressed"]; text: string } | undefined {
  const [mention, sign, id] = /^\s*<@([!&]?)(\d+)>[\s:,]*/.exec(text) ?? [];
  const ours = sign === "&" ? (at.space === undefined ? undefined : at.self.roleIn(at.space)) : at.self.account;
  const mentioned = mention !== undefined && id === ours;
  const rest = plainText(text.slice(mentioned ? mention.length : 0)).trim();
  const command = rest.startsWith("!") ? rest.slice(1).trimStart() : rest;
  if (command === "") return mentioned ? { how: "mention", text: "help" } : undefined;
  if (mentioned) return { how: "mention", text: command };
  if (at.space === undefined) return { how: "direct", text: command };
  return rest.startsWith("!") && /^[^\s!]/.test(rest.slice(1)) ? { how: "prefix", text: command } : undefined;
}

const epoch = 1_420_070_400_000;
