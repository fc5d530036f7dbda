import type { Engine } from "../engine.ts";

/** Writes the live runs of a shard whole again before the records age from which they are read. */
export function startRenewal({ book, durations, log }: Engine, shard: number): { stop(): void } {
  let renewing: Promise<void> | undefined;
  const renew = async () => {
    const before = new Date(Date.now() - durations.runLogRetention / 2).toISOString();
    const renewed = await book.renew(shard, before);
    if (renewed > 0) log.info({ shard, runs: renewed }, "runs that live long were written whole again");
  };
  const timer = setInterval(() => {
    renewing ??= renew()
      .catch((error: unknown) => log.warn({ shard, error: String(error) }, "runs could not be written again, they will be"))
      .finally(() => (renewing = undefined));
  }, durations.tidyEvery);
  return { stop: () => clearInterval(timer) };
}
