import {
  messageKey,
  type Conversation,
  type FileRef,
  type Message,
  type MessageReacted,
  type Original,
  type Person,
} from "@bellhop/contracts";
import { callOf, type Heard } from "@bellhop/gateway";
import type { z } from "zod";
import { Bulk, Edited, Place, Reaction, Written, type Attachment } from "./payloads.ts";
import { GatewayDispatchEvents } from "./sdk.ts";
import { sentAt } from "./snowflake.ts";

/** Who we are on Discord, and how a command begins there. */
export interface Self {
  /** The bot's user id: our account. */
  account: string;
  /** The role that Discord made for the bot in a guild: people pick it from the list where they mean the bot. */
  roleIn(guild: string): string | undefined;
  /** Whether a message is known to be our own: who deletes one is not told, nor whose it was. */
  isOurs(message: string): boolean;
  prefix(conversation: Conversation): string;
  /** Whether an author was asked something there, and answers it below what we said. */
  awaits(said: { conversation: Conversation; author: string; below: boolean }): boolean;
}

/** What the gateway dispatched, or a message of the history as if it had. */
export interface Delivery {
  /** The event's name. */
  t: string;
  d: unknown;
  origin: Message["origin"];
  /** The guild it is in, where the payload does not say: a message of the history has no `guild_id`. */
  guild?: string;
  /** Now, ISO 8601: some events have no time of their own. */
  now: string;
}

/** What there is to store, and the files that came with it: they are not in the message yet. */
export interface Found {
  heard: Heard;
  attachments: readonly Attachment[];
}

/** What somebody did that concerns us. A redelivery, a replay and the history give the same keys. A thread is a channel of its own on Discord: the
 *  conversation is the channel that was written in, and so is where the answer goes. */
export function toHeard(delivery: Delivery, self: Self): readonly Found[] {
  switch (delivery.t) {
    case GatewayDispatchEvents.MessageCreate:
      return taken(Written, delivery, (written, at) => {
        const message = messageOf(written, at, self);
        return message === undefined ? [] : [{ heard: { kind: "message", message }, attachments: written.attachments }];
      });
    case GatewayDispatchEvents.MessageUpdate:
      return taken(Edited, delivery, (written, at) => editOf(written, at, self));
    case GatewayDispatchEvents.MessageDelete:
      return taken(Place, delivery, ({ id }, at) => deletionsOf([id], at, self));
    case GatewayDispatchEvents.MessageDeleteBulk:
      return taken(Bulk, delivery, ({ ids }, at) => deletionsOf(ids, at, self));
    case GatewayDispatchEvents.MessageReactionAdd:
    case GatewayDispatchEvents.MessageReactionRemove:
      return taken(Reaction, delivery, (reaction, at) => reactionOf(reaction, at, self));
    default:
      return [];
  }
}

/** What was heard, with what became of its files. */
export function withFiles(heard: Heard, files: FileRef[]): Heard {
  const added = (message: Message) => ({ ...message, content: { ...message.content, files } });
  if (heard.kind === "message") return { ...heard, message: added(heard.message) };
  if (heard.kind !== "edited" || heard.edited.message === undefined) return heard;
  return { ...heard, edited: { ...heard.edited, message: added(heard.edited.message) } };
}

interface At extends Pick<Delivery, "t" | "origin" | "now"> {
  conversation: Conversation;
}

function taken<T extends { channel_id: string; guild_id?: string }>(
  schema: z.ZodType<T>,
  { d, guild, ...delivery }: Delivery,
  find: (payload: T, at: At) => readonly Found[],
): readonly Found[] {
  const { data } = schema.safeParse(d);
  if (data === undefined) return [];
  const { channel_id: channel, guild_id: space = guild } = data;
  return find(data, { ...delivery, conversation: { space, channel, kind: space === undefined ? "direct" : "room" } });
}

const platform = "discord";

function messageOf(written: Written, at: At, self: Self): Message | undefined {
  if (!isWrittenByPerson(written, self)) return undefined;
  const called = calledIn(written, at, self);
  if (called === undefined) return undefined;
  const { conversation, origin } = at;
  const { key, sentAt: when } = originalOf(written.id, at, self);
  return {
    v: 1,
    key,
    platform,
    account: self.account,
    conversation,
    author: personOf(written.author),
    content: { text: called.text },
    addressed: called.how,
    origin,
    replyTo: replyTo(written.id, at, self),
    sentAt: when,
  };
}

/** Discord tells of a message that got a preview, was pinned or has a thread now as of one that was edited: only the author's own edit has a time. */
function editOf(edited: z.infer<typeof Edited>, at: At, self: Self): readonly Found[] {
  if (!isWrittenByPerson(edited, self)) return [];
  const { id, edited_timestamp: edit, attachments } = edited;
  const key = messageKey({ platform, account: self.account, conversation: at.conversation, id, edit });
  const editedAt = new Date(edit).toISOString();
  const message = messageOf(edited, at, self);
  const now = message && { ...message, key, sentAt: editedAt };
  const about = { ...aboutOf(id, at, self), key, author: personOf(edited.author), editedAt };
  return [{ heard: { kind: "edited", edited: { ...about, ...(now && { message: now }) } }, attachments: now ? attachments : [] }];
}

function deletionsOf(ids: readonly string[], at: At, self: Self): readonly Found[] {
  const abouts = ids.filter((id) => !self.isOurs(id)).map((id) => aboutOf(id, at, self));
  return abouts.map((about) => {
    const deleted = { ...about, key: `${about.original.key}/d`, deletedAt: at.now };
    return { heard: { kind: "deleted", deleted }, attachments: [] };
  });
}

/** The event has no name and no time of its own: the same reaction of the same person on the same message is one. */
function reactionOf(reaction: Reaction, at: At, self: Self): readonly Found[] {
  const { user_id: id, message_id: message, emoji, member } = reaction;
  if (id === self.account || member?.user.bot === true) return [];
  const added = at.t === GatewayDispatchEvents.MessageReactionAdd;
  const about = aboutOf(message, at, self);
  const event = [emoji.id ?? emoji.name, id, added ? "on" : "off"].map(encodeURIComponent).join("/");
  const reacted: MessageReacted = {
    ...about,
    key: `${about.original.key}/r${event}`,
    by: personOf({ id, ...member?.user }),
    emoji: emoji.name,
    added,
    replyTo: replyTo(message, at, self),
    at: at.now,
  };
  return [{ heard: { kind: "reacted", reacted }, attachments: [] }];
}

function aboutOf(id: string, at: At, self: Self) {
  return { v: 1, platform, account: self.account, conversation: at.conversation, original: originalOf(id, at, self) } as const;
}

function originalOf(id: string, { conversation }: At, { account }: Self): Original {
  return { key: messageKey({ platform, account, conversation, id }), sentAt: sentAt(id) };
}

function replyTo(message: string, { conversation: { space, channel } }: At, { account }: Self): Message["replyTo"] {
  return { platform, account, space, channel, message };
}

function personOf({ id, username: name }: { id: string; username?: string }): Person {
  return { platform, id, name, kind: "human" };
}

/** DEFAULT and REPLY: everything else is Discord's own, such as "… started a thread". */
const typed: ReadonlySet<number> = new Set([0, 19]);

/** No bot's words, our own least of all, are a command: bots that answer bots never end. */
function isWrittenByPerson({ type, author, webhook_id }: Written, self: Self): boolean {
  return typed.has(type) && author.id !== self.account && author.bot !== true && author.system !== true && webhook_id === undefined;
}

/** How a text calls us, by the bot's name, or by its role's; or answers what we asked its author, as a reply to something that we said. Discord shows bots the words of replies that ping
 *  them without the intent for all words, too. */
function calledIn({ content, author, referenced_message: answered }: Written, { conversation }: At, self: Self): ReturnType<typeof callOf> {
  const { space } = conversation;
  const [mention = "", sign, id] = /^\s*<@([!&]?)(\d+)>/.exec(content) ?? [];
  const ours = sign === "&" ? (space === undefined ? undefined : self.roleIn(space)) : self.account;
  const isOurs = mention !== "" && id === ours;
  return callOf({
    text: plainText(isOurs ? content.slice(mention.length) : content),
    mentioned: isOurs ? { length: 0 } : undefined,
    direct: conversation.kind === "direct",
    awaited: answered?.author.id === self.account && self.awaits({ conversation, author: author.id, below: true }),
    prefix: self.prefix(conversation),
  });
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
