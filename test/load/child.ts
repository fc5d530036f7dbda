import { z } from "zod";

const Plan = z.object({
  url: z.string(),
  credentials: z.string().optional(),
  shards: z.int().min(1),
  shipped: z.boolean(),
});

/** A process of the bench's own: its plan comes as JSON in BENCH_PLAN, its orders over the channel to the bench. It ends with that channel, so
 *  that a killed bench leaves nothing behind. */
export const child = {
  get plan(): z.infer<typeof Plan> {
    return Plan.parse(JSON.parse(process.env["BENCH_PLAN"] ?? "{}"));
  },
  ready(): void {
    tell({ kind: "ready" });
  },
};

export function tell(what: object): void {
  process.send?.(what);
}

process.once("disconnect", () => process.exit(0));
