import { z } from "zod";
import { Address } from "./message.ts";

/** What a reply says: CommonMark, rendered by each gateway in its platform's dialect. */
export const Body = z.object({
  text: z.string(),
  tone: z.enum(["info", "ok", "warn", "error"]).default("info"),
});
export type Body = z.infer<typeof Body>;

/** One outgoing message. `key` names it for ever and `revision` its wording: a revision below the receipt's is dropped. */
export const Send = z.object({
  v: z.literal(1),
  key: z.string(),
  revision: z.int().min(1),
  platform: z.string(),
  account: z.string(),
  to: Address,
  body: Body,
  /** The message key this answers, so that a prompt knows what it waits for. */
  answers: z.string().optional(),
  run: z.string().optional(),
  /** The last word on what was asked: nothing more will come for `answers`. */
  final: z.boolean(),
  outcome: z.enum(["ok", "failed", "refused"]).optional(),
  /** The result as data, for programs that asked (`bellhop run --json`). Absent where it was too large to travel inline. */
  result: z.unknown().optional(),
});
export type Send = z.infer<typeof Send>;

/** What became of an outgoing message. Absent -> sending -> sent | failed; `sending` left by a dead gateway is unsure. */
export const Receipt = z.object({
  v: z.literal(1),
  key: z.string(),
  revision: z.int().min(1),
  state: z.enum(["sending", "sent", "failed"]),
  /** The member and epoch that did it: see {@link Member}. */
  by: z.string(),
  at: z.iso.datetime(),
  /** The platform's own name for the message once it stands. */
  ref: z.string().optional(),
  why: z.string().optional(),
});
export type Receipt = z.infer<typeof Receipt>;
