import { z } from "zod";

/** What the bench tells its load process. */
export const Order = z.object({
  /** At most so many, and none begun after `forMs`. */
  count: z.int().min(1),
  forMs: z.int().min(1).default(20_000),
  inFlight: z.int().min(1),
  /** What is said, on the product's side. */
  text: z.string().default(""),
  /** On the floor's side: with the durable writes, or the hops alone. */
  durable: z.boolean().default(true),
  withinMs: z.int().default(60_000),
});
export type Order = z.infer<typeof Order>;

/** What comes back. */
export const Told = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("done"), seconds: z.number(), latenciesMs: z.array(z.number()), repliedAtMs: z.array(z.number()) }),
  z.object({ kind: z.literal("failed"), why: z.string() }),
]);
export type Told = z.infer<typeof Told>;

/** Rooms the messages come from in turn: order is kept within one, so a single room would measure that. */
export const conversations = 64;
