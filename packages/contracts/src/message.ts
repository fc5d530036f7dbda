import { z } from "zod";

/** Who wrote, on which platform. `id` is the platform's own; `space` the workspace, guild or homeserver it is unique in. */
export const Person = z.object({
  platform: z.string(),
  space: z.string().optional(),
  id: z.string(),
  name: z.string().optional(),
  kind: z.enum(["human", "bot"]).default("human"),
});
export type Person = z.infer<typeof Person>;

/** Where a message was written: a channel or direct message, and the thread within it. */
export const Conversation = z.object({
  space: z.string().optional(),
  channel: z.string(),
  thread: z.string().optional(),
  kind: z.enum(["room", "direct"]),
});
export type Conversation = z.infer<typeof Conversation>;

/** Where a reply goes. Travels with everything a message leads to, so that nobody has to ask. */
export const Address = z.object({
  platform: z.string(),
  account: z.string(),
  space: z.string().optional(),
  channel: z.string(),
  /** The thread to answer in, as the platform names it. */
  thread: z.string().optional(),
  /** The message that is answered. */
  message: z.string().optional(),
});
export type Address = z.infer<typeof Address>;

/** A file that travels by reference. The gateway that heard of it put its bytes into the object store `values`: a platform's own address
 *  asks for a token, or stops working. */
export const FileRef = z.object({
  /** What people call it, without a path. */
  name: z.string(),
  /** Its media type, such as `text/csv`. */
  type: z.string(),
  bytes: z.int().min(0),
  /** The SHA-256 it lies under. Absent where it could not be kept: `lost` says why. */
  object: z.string().optional(),
  lost: z.enum(["too_large", "too_many", "unreadable"]).optional(),
});
export type FileRef = z.infer<typeof FileRef>;

/** What was written: CommonMark, with typographic quotes and non-breaking spaces as the person's platform sent them. */
export const Content = z.object({ text: z.string(), files: z.array(FileRef).optional() });
export type Content = z.infer<typeof Content>;

/** What a person wrote, in no platform's dialect. */
export const Message = z.object({
  v: z.literal(1),
  /** {@link messageKey}: redelivery, retry and back-fill of one message give the same one. */
  key: z.string(),
  platform: z.string(),
  /** Our own installation on that platform: a bot in a workspace, or one terminal prompt. */
  account: z.string(),
  conversation: Conversation,
  author: Person,
  content: Content,
  /** How the bot was called: by direct message, by mention, by the command prefix, at a prompt where every line is a command, or not at all where it answers
   *  what its author was asked. */
  addressed: z.enum(["direct", "mention", "prefix", "prompt", "answer"]),
  origin: z.enum(["live", "retry", "resume", "backfill"]),
  replyTo: Address,
  /** Of a command that is due now: by which schedule. Nobody wrote it just now. */
  schedule: z.object({ id: z.string() }).optional(),
  sentAt: z.iso.datetime(),
});
export type Message = z.infer<typeof Message>;

/** The message that something happened to: its key, and when it was sent, from which its run's id follows. */
export const Original = z.object({ key: z.string(), sentAt: z.iso.datetime() });
export type Original = z.infer<typeof Original>;

/** What the events about messages share. `key` names the event itself: a redelivery has the same one. */
const About = {
  v: z.literal(1),
  key: z.string(),
  platform: z.string(),
  account: z.string(),
  conversation: Conversation,
  original: Original,
};

/** A person reworded a message. */
export const MessageEdited = z.object({
  ...About,
  author: Person,
  /** What it says now, under the edit's own key. Absent where it does not call us any more. */
  message: Message.optional(),
  editedAt: z.iso.datetime(),
});
export type MessageEdited = z.infer<typeof MessageEdited>;

/** A message is gone. Platforms seldom say who took it away. */
export const MessageDeleted = z.object({ ...About, deletedAt: z.iso.datetime() });
export type MessageDeleted = z.infer<typeof MessageDeleted>;

/** A person put a reaction on a message, or took it back. */
export const MessageReacted = z.object({
  ...About,
  by: Person,
  /** As Unicode where the platform has it so or has a common name for it, else the platform's own name. */
  emoji: z.string(),
  added: z.boolean(),
  replyTo: Address,
  at: z.iso.datetime(),
});
export type MessageReacted = z.infer<typeof MessageReacted>;

/** What a press and a filled-in form share. `key` names it for ever: a redelivery has the same one. */
const Acted = {
  v: z.literal(1),
  key: z.string(),
  platform: z.string(),
  account: z.string(),
  /** Where the message stands that was pressed. */
  conversation: Conversation,
  by: Person,
  /** The id that the message's choices carry, and which of them it was, from 0. */
  press: z.string(),
  choice: z.int().min(0),
  /** Where whoever did it is told what came of it. */
  replyTo: Address,
  at: z.iso.datetime(),
};

/** A person pressed a button, picked from a select, or put the reaction that stands for one of them. */
export const MessagePressed = z.object({ ...Acted, value: z.string().optional(), via: z.enum(["button", "select", "reaction"]) });
export type MessagePressed = z.infer<typeof MessagePressed>;

/** A person filled a form in. */
export const MessageSubmitted = z.object({ ...Acted, fields: z.record(z.string(), z.string()) });
export type MessageSubmitted = z.infer<typeof MessageSubmitted>;
