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

/** What was written: CommonMark, with typographic quotes and non-breaking spaces as the person's platform sent them. */
export const Content = z.object({ text: z.string() });
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
  /** How the bot was called: by direct message, by mention, by the command prefix, or at a prompt where every line is a command. */
  addressed: z.enum(["direct", "mention", "prefix", "prompt"]),
  origin: z.enum(["live", "retry", "resume", "backfill"]),
  replyTo: Address,
  sentAt: z.iso.datetime(),
});
export type Message = z.infer<typeof Message>;
