import { z } from "zod";

/** A living process. It renews its record; one that is not renewed for `lengthMs` on the watcher's clock is over. */
export const Member = z.object({
  v: z.literal(1),
  id: z.string(),
  role: z.enum(["engine", "runner", "gateway", "prompt"]),
  /** New at every start: work claimed under an older epoch is nobody's. */
  epoch: z.string(),
  lengthMs: z.int().positive(),
  /** This machine's boot and the process on it: where they can be looked up, a dead holder is over at once. */
  process: z.object({ boot: z.string(), pid: z.int(), started: z.string() }).optional(),
  beat: z.int(),
  /** The newest version of the wire it reads; 1 when not given. Members and holdings themselves never change their version: by them releases know each other. */
  wire: z.int().optional(),
  /** Of a runner: whose requests it takes. One of an earlier release does not say. */
  pools: z.array(z.string()).optional(),
  /** Of the lease by which a runner has sensors: the pools whose sensors it takes. */
  sensors: z.array(z.string()).optional(),
});
export type Member = z.infer<typeof Member>;

/** Something one member at a time may hold (a shard, the sending side of an account). Good as long as its member lives. */
export const Holding = z.object({ v: z.literal(1), what: z.string(), member: z.string(), epoch: z.string() });
export type Holding = z.infer<typeof Holding>;
