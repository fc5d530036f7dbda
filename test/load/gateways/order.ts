import { z } from "zod";

/** What the bench tells a platform's process. */
export const Order = z.object({
  side: z.enum(["product", "floor"]),
  /** `in`: from the platform's event to the stored message. `out`: from the published send to the platform's call. `round`: from the event, which
   *  asks for an echo, to the platform's call. */
  way: z.enum(["in", "out", "round"]),
  /** At most so many, and none begun after `forMs`. */
  count: z.int().min(1),
  forMs: z.int().min(1),
  inFlight: z.int().min(1),
  withinMs: z.int().default(60_000),
});
export type Order = z.infer<typeof Order>;
export type Side = Order["side"];

const Environment = z.record(z.string(), z.string());

/** What comes back. */
export const Told = z.discriminatedUnion("kind", [
  /** With what a gateway of each side has to know, as its environment says it. */
  z.object({ kind: z.literal("ready"), env: z.object({ product: Environment, floor: Environment }) }),
  z.object({ kind: z.literal("done"), seconds: z.number(), latenciesMs: z.array(z.number()), turnedAway: z.int() }),
  z.object({ kind: z.literal("failed"), why: z.string() }),
]);
export type Told = z.infer<typeof Told>;

export const platformNames = ["slack", "discord", "matrix"] as const;
export const PlatformName = z.enum(platformNames);
export type PlatformName = z.infer<typeof PlatformName>;

/** What a platform's process is told at its start. */
export const Place = z.object({ platform: PlatformName, limited: z.boolean() });

/** The account that the bare programs send for. */
export const floorAccount = "floor";
