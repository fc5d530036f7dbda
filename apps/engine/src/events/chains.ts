import { Passing } from "@bellhop/bus";
import type { ChainBounds } from "@bellhop/core";

/** How many runs followed from what runs of rules brought about, by trace, as far as this engine decided on them: after a crash it counts anew, and the depth of a
 *  chain still bounds it. */
export interface Chains {
  readonly bounds: ChainBounds;
  before(trace: string): number;
  note(trace: string, runs: number): void;
}

/** Whoever goes on for ever is among those that were here lately. */
const tracesAtMost = 10_000;

export function countChains(bounds: ChainBounds): Chains {
  const counts = new Passing<string, number>();
  return {
    bounds,
    before: (trace) => counts.get(trace) ?? 0,
    note(trace, runs) {
      const count = (counts.get(trace) ?? 0) + runs;
      counts.delete(trace);
      counts.set(trace, count);
      const [oldest] = counts.keys();
      if (counts.size > tracesAtMost && oldest !== undefined) counts.delete(oldest);
    },
  };
}
