import { hash, messageKey, type Conversation, type Message, type MessageReacted, type Original, type Person } from "@bellhop/contracts";
import { callOf, type Heard } from "@bellhop/gateway";
import { emojiOf } from "./emoji.ts";
import { Callback, Place, type Changed, type Deleted, type Reacted, type Said, type SlackFile, type Written } from "./payloads.ts";
import { plainText } from "./plain-text.ts";

/** Who we are in the workspace, and how a command begins there. */
export interface Self {
  /** Our account: workspace and bot, because Slack's ids of users are unique only within a workspace. */
  account: string;
  /** The bot's user id (U…). */
  user: string;
  /** T… */
  team: string;
  prefix(conversation: Conversation): string;
  /** Whether the author was asked something there. */
  awaits(said: { conversation: Conversation; author: string }): boolean;
}

/** What Socket Mode delivered, or the history gave: the payload of an `events_api` envelope. */
export interface Delivery {
  body: unknown;
  origin: Message["origin"];
}

/** What there is to store, and the files that came with it: they are not in the message yet. */
export interface Found {
  heard: Heard;
  files: readonly SlackFile[];
}

/** What somebody did that concerns us; undefined for everything else. */
export function toHeard(delivery: Delivery, self: Self): Found | undefined {
  const parsed = Callback.safeParse(delivery.body);
  if (!parsed.success) return undefined;
  const event = parsed.data.event;
  const at = { self, origin: delivery.origin, team: parsed.data.team_id ?? self.team };
  if ("reaction" in event) return toReacted(event, at);
  if ("message" in event) return toEdited(event, at);
  return "deleted_ts" in event ? toDeleted(event, at) : toMessage(event, at);
}

/** Where and when an event happened, also one that is nothing to us: how far a channel was heard. */
export function placeOf(body: unknown): { channel: string; at: string; direct: boolean } | undefined {
  const { data } = Place.safeParse(body);
  if (data === undefined) return undefined;
  const { event } = data;
  const channel = event.channel ?? event.item?.channel;
  if (channel === undefined) return undefined;
  return { channel, at: event.event_ts ?? event.ts ?? "0", direct: isDirect({ channel, channel_type: event.channel_type }) };
}

type Where = Pick<Written, "ts" | "thread_ts"> & { channel: string; channel_type?: string };

interface At {
  self: Self;
  origin: Message["origin"];
  /** Where whoever names no workspace of their own is at home. */
  team: string;
}

/** The `message` and `app_mention` events of one message give messages with the same key, and so do all its redeliveries: Slack's `ts` is unique in its
 *  channel, its envelopes are not. An edited mention fires `app_mention` again, with a new event id: that it was edited is heard elsewhere. What the
 *  history gives reads as it does now. */
function toMessage(event: Said, at: At): Found | undefined {
  if (event.edited !== undefined && at.origin !== "backfill") return undefined;
  return found(messageOf(event, at), event);
}

function toEdited({ message: now, previous_message: before, ...event }: Changed, at: At): Found | undefined {
  const { channel, channel_type } = event;
  if (now.subtype === "tombstone") {
    return before && toDeleted({ ...event, subtype: "message_deleted", deleted_ts: now.ts, previous_message: before }, at);
  }
  // Links that unfold and threads that grow change a message too.
  if (now.edited === undefined || now.text === before?.text) return undefined;
  const edit = editOf(now.edited.ts, now.text);
  const said = { ...now, channel, channel_type };
  const message = messageOf(said, at, edit);
  const called = before === undefined || message !== undefined || messageOf({ ...before, channel, channel_type }, at) !== undefined;
  const author = authorOf(said, at);
  if (!called || author === undefined) return undefined;
  // `edited.ts` knows whole seconds only, and two edits may come on two sockets.
  const edited = { ...about(said, at, edit), author, ...(message && { message }), editedAt: timeOf(event.event_ts) };
  return { heard: { kind: "edited", edited }, files: message ? (now.files ?? []) : [] };
}

function toDeleted({ deleted_ts: ts, previous_message: before, ...event }: Deleted, at: At): Found | undefined {
  const said = { ...before, ts, channel: event.channel, channel_type: event.channel_type };
  if (before !== undefined && messageOf({ ...before, ...said }, at) === undefined) return undefined;
  return { heard: { kind: "deleted", deleted: { ...about(said, at), deletedAt: timeOf(event.event_ts) } }, files: [] };
}

function toReacted(event: Reacted, at: At): Found | undefined {
  const { item, user, reaction, event_ts } = event;
  if (item.type !== "message" || user === at.self.user) return undefined;
  const said = { ts: item.ts, channel: item.channel };
  const rest = about(said, at);
  const reacted: MessageReacted = {
    ...rest,
    key: `${rest.key}/r${[reaction, user, event_ts].map(encodeURIComponent).join("/")}`,
    by: { platform, space: at.team, id: user, kind: "human" },
    emoji: emojiOf(reaction),
    added: event.type === "reaction_added",
    // Slack does not tell in which thread the message stands: most commands begin their own.
    replyTo: replyTo(said, at),
    at: timeOf(event_ts),
  };
  return { heard: { kind: "reacted", reacted }, files: [] };
}

/** What an edit is named by. Slack counts edits in whole seconds: two in one second differ in what they say. */
function editOf(ts: string, text: string): string {
  return `${ts}-${hash(text).slice(0, 8)}`;
}

const platform = "slack";

function messageOf(event: Written & Where, at: At, edit?: string): Message | undefined {
  const author = authorOf(event, at);
  if (author === undefined) return undefined;
  const { account, user } = at.self;
  const conversation = conversationOf(event, at);
  const mention = new RegExp(`^\\s*<@${user}(?:\\|[^>]*)?>`).exec(event.text)?.[0];
  const called = callOf({
    text: plainText(event.text.slice(mention?.length ?? 0)),
    mentioned: mention === undefined ? undefined : { length: 0 },
    direct: conversation.kind === "direct",
    awaited: at.self.awaits({ conversation, author: author.id }),
    prefix: at.self.prefix(conversation),
  });
  if (called === undefined) return undefined;
  return {
    v: 1,
    key: messageKey({ platform, account, conversation, id: event.ts, edit }),
    platform,
    account,
    conversation,
    author,
    content: { text: called.text },
    addressed: called.how,
    origin: at.origin,
    replyTo: replyTo(event, at),
    sentAt: timeOf(event.ts),
  };
}

function found(message: Message | undefined, { files = [] }: Said): Found | undefined {
  return message && { heard: { kind: "message", message }, files };
}

/** No bot's words, our own least of all, are a command: bots that answer bots never end. */
function authorOf(event: Written & Where, at: At): Person | undefined {
  const { user, bot_id, subtype } = event;
  if (user === undefined || typeof bot_id === "string" || user === at.self.user || user === "USLACKBOT") return undefined;
  if (subtype !== undefined && !typed.has(subtype)) return undefined;
  if (event.hidden === true) return undefined;
  return { platform, space: event.user_team ?? event.team ?? at.team, id: user, kind: "human" };
}

/** Subtypes that are still a message somebody typed: shown in the channel too, with a file, written as /me. */
const typed: ReadonlySet<string> = new Set(["thread_broadcast", "file_share", "me_message"]);

function about(said: Where, at: At, edit?: string) {
  const { account } = at.self;
  const conversation = conversationOf(said, at);
  const original: Original = { key: messageKey({ platform, account, conversation, id: said.ts }), sentAt: timeOf(said.ts) };
  return {
    v: 1,
    key: messageKey({ platform, account, conversation, id: said.ts, edit }),
    platform,
    account,
    conversation,
    original,
  } as const;
}

function conversationOf(said: Where, { self }: At): Conversation {
  const kind = isDirect(said) ? "direct" : "room";
  return { space: self.team, channel: said.channel, thread: threadOf(said), kind };
}

function replyTo(said: Where, at: At): Message["replyTo"] {
  return {
    platform,
    account: at.self.account,
    space: at.self.team,
    channel: said.channel,
    // In a room each command gets a thread under itself; a direct conversation is quiet enough without.
    thread: threadOf(said) ?? (isDirect(said) ? undefined : said.ts),
    message: said.ts,
  };
}

/** The thread a message was written into: once it has replies, a message names itself as its thread. */
function threadOf({ ts, thread_ts }: { ts: string; thread_ts?: string }): string | undefined {
  return thread_ts === ts ? undefined : thread_ts;
}

/** Events of reactions and messages in the history do not say what kind of channel it is; the first letter of a direct one's id does. */
function isDirect({ channel, channel_type }: { channel: string; channel_type?: string }): boolean {
  return channel_type === "im" || (channel_type === undefined && channel.startsWith("D"));
}

/** A ts in seconds is a moment of Slack's clock. */
function timeOf(ts: string): string {
  return new Date(Number(ts) * 1000).toISOString();
}
