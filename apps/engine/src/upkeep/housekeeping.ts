import type { Bus } from "@bellhop/bus";
import { buckets, isThere } from "@bellhop/contracts";
import type { Engine } from "../engine.ts";
import { sweepObjects } from "./sweep-objects.ts";

/** What nothing else takes away. Whoever holds shard 0 does it for all: marks and stale holdings each hour, objects once a day, for the first time an hour after
 *  the shard was taken (`durations.tidyEvery`, `sweepEvery`). */
export function startHousekeeping(engine: Engine): { stop(): void } {
  const { bus, log, durations } = engine;
  const { tidyEvery, sweepEvery, objectRetention, runLogRetention } = durations;
  let sweptAt = performance.now() - sweepEvery + tidyEvery;
  let atWork = false;
  const sweep = async () => {
    await sweepKv(bus, { olderThanMs: tidyEvery });
    await tidyBuckets(bus, { olderThanMs: tidyEvery });
    await keepPresses(bus, { olderThanMs: runLogRetention / 2 });
    if (performance.now() - sweptAt < sweepEvery) return;
    const swept = await sweepObjects(bus, { olderThanMs: objectRetention });
    sweptAt = performance.now();
    if (swept.objects > 0 || swept.remains > 0) log.info({ ...swept }, "objects that nobody referred to are gone");
  };
  const timer = setInterval(() => {
    if (atWork) return;
    atWork = true;
    sweep()
      .catch((error: unknown) => log.warn({ error: String(error) }, "not swept, it will be"))
      .finally(() => (atWork = false));
  }, tidyEvery);
  return { stop: () => clearInterval(timer) };
}

/** What is asked may wait for longer than what can be pressed is kept: it is written again before its age takes it. */
export async function keepPresses(bus: Bus, { olderThanMs }: { olderThanMs: number }): Promise<void> {
  const presses = bus.bucket(buckets.press);
  for (const { key, value, revision, createdAt } of await presses.entries()) {
    if (value.over === undefined && Date.now() - createdAt > olderThanMs) await presses.update(key, value, revision);
  }
}

/** Values whose time is over go, and those that were deleted so long ago that everybody has heard of it. Whoever sets one meanwhile keeps it. */
export async function sweepKv(bus: Bus, { olderThanMs }: { olderThanMs: number }): Promise<void> {
  const values = bus.bucket(buckets.kv);
  const now = Date.now();
  for (const { key, value, revision, createdAt } of await values.entries()) {
    const isOver = value.change === "deleted" ? now - createdAt >= olderThanMs : !isThere(value, now);
    if (isOver) await values.delete(key, revision);
  }
}

/** Deleted keys leave marks: timers that fired, processes that left, packs that went. What a killed process held for itself alone, as a prompt does its account,
 *  nobody takes over. */
export async function tidyBuckets(bus: Bus, { olderThanMs }: { olderThanMs: number }): Promise<void> {
  for (const bucket of Object.values(buckets)) {
    if (bucket.maxAge === undefined) await bus.bucket<unknown>(bucket).sweep({ olderThanMs });
  }
  const held = bus.bucket(buckets.holding);
  const holdings = await held.entries();
  // Read after them: who took something since is among these.
  const members = new Set((await bus.bucket(buckets.member).entries()).map(({ value }) => `${value.id}/${value.epoch}`));
  for (const { key, value, revision } of holdings) {
    if (!members.has(`${value.member}/${value.epoch}`)) await held.delete(key, revision);
  }
}
