import { buckets } from "@bellhop/contracts";
import type { Engine } from "./engine.ts";

const hour = 3_600_000;

/** Deleted keys leave marks that nothing removes by itself: timers that fired, processes that left. Whoever holds shard 0 sweeps for all. */
export function startHousekeeping(engine: Engine): { stop(): void } {
  const { bus, log } = engine;
  const sweep = async () => {
    for (const bucket of [buckets.timer, buckets.member, buckets.holding]) await bus.bucket<unknown>(bucket).sweep({ olderThanMs: hour });
  };
  const timer = setInterval(() => {
    sweep().catch((error: unknown) => log.debug({ error: String(error) }, "not swept, it will be"));
  }, hour);
  return { stop: () => clearInterval(timer) };
}
