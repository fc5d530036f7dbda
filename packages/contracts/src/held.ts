import { z } from "zod";
import { ObjectRef } from "./value.ts";

/** The way to a value within another: names of fields, places in lists. */
export const Path = z.array(z.union([z.string(), z.int()]));
export type Path = z.infer<typeof Path>;

/** What a step changed, in the order in which it is done: a value set, a field gone, a list whose first entries went or that ends earlier. */
export const Change = z.union([
  z.object({ at: Path, to: z.unknown() }),
  z.object({ at: Path, gone: z.literal(true) }),
  z.object({ at: Path, drop: z.int().min(1) }),
  z.object({ at: Path, length: z.int().min(0) }),
]);
export type Change = z.infer<typeof Change>;

/** A value that was taken out of a record, which says null in its place: its JSON lies in the object store `values`.
 *  `parted`: what lies there is a {@link Parted}, from which others were taken out before. */
export const Apart = z.object({ at: Path, ref: ObjectRef, parted: z.literal(true).optional() });
export type Apart = z.infer<typeof Apart>;

export const Parted = z.object({ value: z.unknown(), apart: z.array(Apart) });
export type Parted = z.infer<typeof Parted>;

/** What a run holds that is too much for each of its records: whole, or what changed since the record before; `from` is the sequence of the last record that has it whole. */
export const Held = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("whole"), value: z.unknown() }),
  z.object({ kind: z.literal("changes"), from: z.int().min(1), changes: z.array(Change).nullable() }),
]);
export type Held = z.infer<typeof Held>;

/** How a task of a workflow fares, as a record tells it to whoever looks on. */
export const Progress = z.object({
  /** As attempts are named: `7`, an item of it `7.3`. */
  task: z.string(),
  /** The definition's name for it. */
  name: z.string(),
  action: z.string().optional(),
  status: z.string(),
  attempt: z.int().min(1).optional(),
  /** The run of a sub-workflow. */
  run: z.string().optional(),
  /** How many items a list of them has. */
  items: z.int().min(0).optional(),
  /** Why it failed, in few words. */
  why: z.string().optional(),
});
export type Progress = z.infer<typeof Progress>;
