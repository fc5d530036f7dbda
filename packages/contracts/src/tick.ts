import { z } from "zod";

/** A timer that rules wait for, and when it is due next. */
export const Tick = z.object({
  v: z.literal(1),
  /** `core.st2.IntervalTimer`, `core.st2.DateTimer` or `core.st2.CronTimer`. */
  trigger: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  /** When it was first seen: what an interval counts from. */
  anchor: z.iso.datetime(),
  /** Absent in records of earlier releases: never again. */
  due: z.iso.datetime().optional(),
  /** Ticks that were missed, between these, and were more than are made up for. */
  passedOver: z.object({ after: z.iso.datetime(), until: z.iso.datetime() }).optional(),
});
export type Tick = z.infer<typeof Tick>;
