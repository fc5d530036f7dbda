import { z } from "zod";
import { Address, FileRef } from "./message.ts";
import { Choices } from "./press.ts";

/** Shown beside the text: set apart by a coloured line where the platform has that, as a quote where it has not. Texts are CommonMark. */
export const Card = z.object({
  /** `#rrggbb` */
  color: z.string().optional(),
  author: z.object({ name: z.string(), url: z.string().optional(), icon: z.string().optional() }).optional(),
  title: z.string().optional(),
  /** Where the title leads. */
  url: z.string().optional(),
  text: z.string().optional(),
  fields: z.array(z.object({ name: z.string(), value: z.string(), short: z.boolean().optional() })).optional(),
  /** Addresses of pictures. */
  image: z.string().optional(),
  thumbnail: z.string().optional(),
  footer: z.string().optional(),
});
export type Card = z.infer<typeof Card>;

/** What a reply says: CommonMark, rendered by each gateway in its platform's dialect. */
export const Body = z.object({
  text: z.string(),
  tone: z.enum(["info", "ok", "warn", "error"]).default("info"),
  /** Who is called by name: `token` stands for that person (their id on the platform) wherever the text has it outside of code. Nothing else in a text calls anybody. */
  mentions: z.array(z.object({ token: z.string().min(1), person: z.string() })).optional(),
  cards: z.array(Card).optional(),
  /** What a platform is given as it is, by its name. For Slack: `blocks`, which everywhere else the text says, and whose name stands above what is said, `username`, `icon_emoji` and
   *  `icon_url`. */
  native: z.record(z.string(), z.unknown()).optional(),
  /** Shown below the text, in this order. */
  files: z.array(FileRef).optional(),
  /** Shown last. */
  choices: Choices.optional(),
});
export type Body = z.infer<typeof Body>;

/** What is done instead of saying something. */
export const Gesture = z.discriminatedUnion("kind", [
  /** On the message that is answered. A later revision with `gone` takes it back. */
  z.object({ kind: z.literal("reaction"), emoji: z.string(), gone: z.boolean().optional() }),
  /** Shown until the final word on `answers`. It may be lost: nobody waits for it. */
  z.object({ kind: z.literal("typing") }),
]);
export type Gesture = z.infer<typeof Gesture>;

/** How somebody reads on in an answer that was too long to be said at once: the whole lies in the object store `values`. */
export const Continuation = z.object({
  object: z.string(),
  /** Where the next page begins, in UTF-16 units, and how many of them are left: 0 where all was said. */
  from: z.int().min(0),
  left: z.int().min(0),
  /** The whole is what a command printed, not Markdown. */
  code: z.boolean().optional(),
  /** Whom it was said to: their id on the platform. */
  reader: z.string(),
  /** When it was decided, ISO 8601: of two answers the later one is read on in. */
  at: z.iso.datetime(),
});
export type Continuation = z.infer<typeof Continuation>;

/** Where a person goes on reading, in a room or a thread of it. */
export const Bookmark = z.object({
  v: z.literal(1),
  run: z.string().optional(),
  /** Nobody else may see what is read. */
  only: z.boolean().optional(),
  more: Continuation,
});
export type Bookmark = z.infer<typeof Bookmark>;

/** One outgoing message. `key` names it for ever and `revision` its wording: a revision below the receipt's is dropped. */
export const Send = z.object({
  v: z.literal(1),
  key: z.string(),
  revision: z.int().min(1),
  platform: z.string(),
  account: z.string(),
  to: Address,
  body: Body,
  /** With it the body is empty. */
  gesture: Gesture.optional(),
  /** The key of another send of this account, below whose message it is said: in its thread, or as an answer to it. */
  under: z.string().optional(),
  /** Where what stands can't be reworded any more, since somebody took it away or it is too old, it is said anew. */
  renew: z.boolean().optional(),
  /** Only this person (their id on the platform) may see it: natively, or by direct message. */
  only: z.string().optional(),
  /** The message key this answers, so that a prompt knows what it waits for. */
  answers: z.string().optional(),
  /** The trace that it belongs to, where that is not of what it answers. */
  trace: z.string().optional(),
  /** When that was asked, by the clock of where it was asked: how long an answer took is counted from it. */
  askedAt: z.iso.datetime().optional(),
  run: z.string().optional(),
  /** The last word on what was asked: nothing more will come for `answers`. */
  final: z.boolean(),
  outcome: z.enum(["ok", "failed", "refused"]).optional(),
  /** Shows only how far something is: another wording will take its place. Left out where what stands can't be reworded. */
  passing: z.boolean().optional(),
  /** Where it is told that the platform refused it for good. Absent: nowhere, since that is where it was to be said itself. */
  refusalTo: Address.optional(),
  /** What it says was begun and has an answer of its own to come: the keys that those answers will name. */
  follow: z.array(z.string()).optional(),
  /** There is more of it than is said. */
  more: Continuation.optional(),
  /** The result as data, for programs that asked (`bellhop run --json`). Absent where it was too large to travel inline. */
  result: z.unknown().optional(),
});
export type Send = z.infer<typeof Send>;

/** What became of one piece of an outgoing message: a platform may need several for a long text, or for files. */
export const Piece = z.object({
  state: z.enum(["sending", "sent", "failed"]),
  /** The platform's own name for it once it stands. */
  ref: z.string().optional(),
});
export type Piece = z.infer<typeof Piece>;

/** What became of an outgoing message. Absent -> sending -> sent | failed; `sending` left by a dead gateway is unsure. */
export const Receipt = z.object({
  v: z.literal(1),
  key: z.string(),
  revision: z.int().min(1),
  state: z.enum(["sending", "sent", "failed"]),
  /** The member and epoch that did it: see {@link Member}. */
  by: z.string(),
  at: z.iso.datetime(),
  /** One for each that was begun, in order. */
  pieces: z.array(Piece).default([]),
  /** When it had been asked for, where that was too long ago to keep silent about: stays the same over every try. */
  late: z.iso.datetime().optional(),
  why: z.string().optional(),
});
export type Receipt = z.infer<typeof Receipt>;
