import { z } from "zod";
import { Address, Conversation, Message, Person } from "./message.ts";
import { Tick } from "./tick.ts";

/** A command that somebody wants run later, or again and again. Kept for a while when it is over, so that what asked for it is not taken twice. */
export const CommandSchedule = z.object({
  v: z.literal(1),
  /** What people call it by: six characters. */
  id: z.string(),
  /** The key of the message that asked for it. */
  message: z.string(),
  /** In whose name it runs. */
  asker: Person,
  account: z.string(),
  conversation: Conversation,
  addressed: Message.shape.addressed,
  /** Where its answers go. */
  replyTo: Address,
  command: z.string(),
  /** When, as they said it. */
  when: z.string(),
  /** The same as a timer's trigger. */
  trigger: Tick.shape.trigger,
  parameters: Tick.shape.parameters,
  /** When it was asked for: what an interval counts from. */
  askedAt: z.iso.datetime(),
  /** Absent: never again. */
  due: z.iso.datetime().optional(),
  over: z.object({ at: z.iso.datetime(), why: z.enum(["done", "canceled"]), by: Person.optional() }).optional(),
});
export type CommandSchedule = z.infer<typeof CommandSchedule>;
