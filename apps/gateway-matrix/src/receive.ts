import { messageKey, type Conversation, type Message, type Original, type Person } from "@bellhop/contracts";
import { callOf } from "@bellhop/gateway";
import { z } from "zod";
import { mentionIn, withIds, type Self } from "./mention.ts";

/** What somebody else did in a room, as far as it may be for us. `at` is milliseconds since the epoch, by their homeserver's clock. */
export type Told =
  | ({ readonly kind: "said" } & Saying)
  | ({ readonly kind: "reworded"; readonly target: string } & Saying)
  | ({ readonly kind: "takenBack"; readonly target: string } & Deed)
  | ({ readonly kind: "reacted"; readonly target: string; readonly emoji: string } & Deed);

export interface Deed {
  readonly id: string;
  readonly sender: string;
  readonly at: number;
}

export interface Saying extends Deed {
  readonly content: Said;
}

/** An event as a sync or /messages gave it; undefined where it is none of these, or our own. */
export function readTold(event: unknown, self: Self): Told | undefined {
  const { data } = ToldEvent.safeParse(event);
  if (data === undefined || data.sender === self.account) return undefined;
  const deed: Deed = { id: data.event_id, sender: data.sender, at: data.origin_server_ts };
  switch (data.type) {
    case "m.room.message": {
      const { rel_type, event_id: target } = data.content["m.relates_to"] ?? {};
      if (rel_type !== "m.replace") return { kind: "said", ...deed, content: data.content };
      const content = data.content["m.new_content"];
      return content === undefined || target === undefined ? undefined : { kind: "reworded", target, ...deed, content };
    }
    case "m.room.redaction": {
      const target = data.content.redacts ?? data.redacts;
      return target === undefined ? undefined : { kind: "takenBack", target, ...deed };
    }
    case "m.reaction": {
      const { event_id: target, key } = data.content["m.relates_to"];
      return { kind: "reacted", target, emoji: plainEmoji(key), ...deed };
    }
  }
}

/** Where something was said, and how it counts there. */
export interface Hearing {
  readonly room: string;
  /** Whether everything said in the room is said to us. */
  readonly direct: boolean;
  readonly origin: Message["origin"];
  readonly self: Self;
}

/** A file that came with a message; `media` is what the homeserver calls it, absent where nobody but its owner's devices can read it. */
export interface FileSaid {
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  readonly media?: string;
}

/** The message somebody addressed to us, or undefined for everything else. However often an event is given, its message has the same key.
 *  @param at.awaits whether an author was asked something there; absent: nobody was
 *  @param at.rewords what it takes the place of, where it is an edit */
export function toMessage(
  saying: Saying,
  at: Hearing & {
    prefix: string;
    awaits?: (said: { conversation: Conversation; author: string }) => boolean;
    rewords?: { id: string; thread: string | undefined };
  },
): { message: Message; file?: FileSaid } | undefined {
  const { rewords, direct, prefix, origin, self } = at;
  const { id, sender, content } = saying;
  const text = withIds(wordsOf(content), content.formatted_body ?? "").trim();
  const length = mentionIn(text, { mentions: content["m.mentions"]?.user_ids, self });
  const asked = rewords?.id ?? id;
  const thread = rewords === undefined ? threadOf(content) : rewords.thread;
  const place = conversationIn(at, thread);
  const awaited = at.awaits?.({ conversation: place, author: sender }) ?? false;
  const called = callOf({ text, mentioned: length > 0 ? { length } : undefined, direct, awaited, prefix });
  if (called === undefined) return undefined;
  const message: Message = {
    v: 1,
    key: rewords === undefined ? keyOf(id, at) : keyOf(asked, at, id),
    platform,
    account: self.account,
    conversation: place,
    author: personOf(sender),
    content: { text: called.text },
    addressed: called.how,
    origin,
    replyTo: replyTo({ ...at, thread, message: asked }),
    sentAt: isoTime(saying.at),
  };
  const file = fileIn(content);
  return { message, ...(file && { file }) };
}

export const platform = "matrix";

export function conversationIn(
  { room, direct, self }: Pick<Hearing, "room" | "direct" | "self">,
  thread: string | undefined,
): Conversation {
  return { space: serverOf(self.account), channel: room, thread, kind: direct ? "direct" : "room" };
}

/** In a room each command gets a thread under itself; a direct conversation is quiet enough without. */
export function replyTo(
  at: Pick<Hearing, "room" | "direct" | "self"> & { thread: string | undefined; message: string },
): Message["replyTo"] {
  const { room, direct, self, thread, message } = at;
  const { account } = self;
  return { platform, account, space: serverOf(account), channel: room, thread: thread ?? (direct ? undefined : message), message };
}

/** @param edit the event that says it anew */
export function keyOf(id: string, { room, self }: Pick<Hearing, "room" | "self">, edit?: string): string {
  const { account } = self;
  const conversation: Conversation = { space: serverOf(account), channel: room, kind: "room" };
  return messageKey({ platform, account, conversation, id, edit });
}

export function originalOf({ id, at }: Pick<Deed, "id" | "at">, where: Pick<Hearing, "room" | "self">): Original {
  return { key: keyOf(id, where), sentAt: isoTime(at) };
}

/** A user id names its homeserver itself. */
export function personOf(id: string): Person {
  return { platform, id, kind: "human" };
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** The thread a message is in. */
export function threadOf({ "m.relates_to": relation }: Pick<Said, "m.relates_to">): string | undefined {
  return relation?.rel_type === "m.thread" ? relation.event_id : undefined;
}

/** What stands behind the first colon of an id. */
export function serverOf(id: string): string {
  return id.slice(id.indexOf(":") + 1);
}

/** Some clients add what asks for the coloured form of a character, some don't. */
export function plainEmoji(key: string): string {
  return key.replaceAll("\ufe0f", "");
}

const Relation = z
  .object({
    rel_type: z.string().optional(),
    event_id: z.string().optional(),
    "m.in_reply_to": z.object({ event_id: z.string() }).optional(),
  })
  .optional()
  .catch(undefined);

const Words = z.object({
  body: z.string(),
  formatted_body: z.string().optional().catch(undefined),
  "m.mentions": z
    .object({ user_ids: z.array(z.string()).optional() })
    .optional()
    .catch(undefined),
  "m.relates_to": Relation,
});

// Bots speak in m.notice and never answer it; m.emote is no command.
const Typed = Words.extend({ msgtype: z.literal("m.text") });

const Sent = Words.extend({
  msgtype: z.enum(["m.file", "m.image", "m.audio", "m.video"]),
  filename: z.string().optional().catch(undefined),
  // Absent where it is encrypted.
  url: z.string().optional().catch(undefined),
  info: z
    .object({ mimetype: z.string().optional().catch(undefined), size: z.int().min(0).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

const Said = z.discriminatedUnion("msgtype", [Typed, Sent]);
type Said = z.infer<typeof Said>;

const Deeds = {
  event_id: z.string().min(1),
  sender: z.string(),
  state_key: z.undefined().optional(),
  // The last moment that ISO 8601 can say in four digits: other homeservers send what they like.
  origin_server_ts: z.int().min(0).max(253_402_300_799_999),
};

const WithNew = { "m.new_content": Said.optional().catch(undefined) };
const ToldEvent = z.discriminatedUnion("type", [
  z.object({
    ...Deeds,
    type: z.literal("m.room.message"),
    content: z.discriminatedUnion("msgtype", [Typed.extend(WithNew), Sent.extend(WithNew)]),
  }),
  z.object({
    ...Deeds,
    type: z.literal("m.room.redaction"),
    // Where it stands depends on the version of the room.
    redacts: z.string().optional(),
    content: z.object({ redacts: z.string().optional() }),
  }),
  z.object({
    ...Deeds,
    type: z.literal("m.reaction"),
    content: z.object({ "m.relates_to": z.object({ rel_type: z.literal("m.annotation"), event_id: z.string(), key: z.string() }) }),
  }),
]);

/** Of a file its caption: a body that says the name is none. */
function wordsOf(content: Said): string {
  if (content.msgtype === "m.text") return withoutQuote(content);
  return content.filename === undefined || content.filename === content.body ? "" : content.body;
}

function fileIn(content: Said): FileSaid | undefined {
  if (content.msgtype === "m.text") return undefined;
  const { filename, body, url, info } = content;
  const [, media] = /^mxc:\/\/([^/?#]+\/[\w-]+)$/.exec(url ?? "") ?? [];
  return { name: filename ?? body, type: info?.mimetype ?? "", bytes: info?.size ?? 0, media };
}

/** Older clients begin a reply with what it answers: lines that were not written now. */
function withoutQuote({ body, "m.relates_to": relation }: Said): string {
  if (relation?.["m.in_reply_to"] === undefined || !/^> (?:\* )?<@/.test(body)) return body;
  const lines = body.split("\n");
  const first = lines.findIndex((line) => !line.startsWith("> "));
  return first < 0 ? "" : lines.slice(first).join("\n");
}
