import { z } from "zod";
import { Address, Person } from "./message.ts";

/** What a command lacks and a person is asked for. Their next message in the same place says it. */
export const Question = z.object({
  v: z.literal(1),
  /** Of the message that lacked something: names the question for ever. */
  key: z.string(),
  /** The log of that message. */
  run: z.string(),
  asker: Person,
  /** Where the question stands, and is answered. */
  to: Address,
  /** Everything said there is said to us: no thread has to be kept apart. */
  direct: z.boolean(),
  alias: z.string(),
  action: z.string(),
  /** What was given so far; secrets sealed. */
  input: z.record(z.string(), z.unknown()),
  /** What of the alias's format is still to be given, in order: the first is asked for. */
  lacks: z.array(z.string()).min(1),
  askedAt: z.iso.datetime(),
  /** It waits for no answer any more: it has one or was dropped, or none came in time. */
  over: z.enum(["ended", "late"]).optional(),
});
export type Question = z.infer<typeof Question>;
