import type { Hold } from "@bellhop/bus";
import { shardOfKey, shards } from "@bellhop/contracts";
import type { Engine } from "../engine.ts";
import { startShardWork, type ShardWork } from "./shard-work.ts";

interface Held {
  hold: Hold;
  work: ShardWork;
}

/** Holds this engine's fair share of the shards: all when alone; as others come and go the shares follow. None while an engine of a newer release lives, which
 *  may write what this one can't read. Two engines that hold one shard for a moment do no harm, because every step is a compare-and-set. */
export function holdShards(engine: Engine, concurrency: number): { held(): number[]; stop(): Promise<void> } {
  const { membership, durations, log } = engine;
  const held = new Map<number, Held>();
  let stopping = false;
  let balancing: Promise<void> | undefined;
  let again = false;

  const take = async (shard: number) => {
    const hold = await membership.hold(shardHolding(shard));
    if (hold === undefined) return;
    held.set(shard, { hold, work: await startShardWork(engine, shard, concurrency) });
  };
  const giveBack = async (shard: number) => {
    const entry = held.get(shard);
    if (entry === undefined) return;
    held.delete(shard);
    await entry.work.stop();
    await membership.release(entry.hold);
  };
  const balance = async () => {
    for (const shard of held.keys()) {
      const holder = membership.holder(shardHolding(shard));
      if (holder !== undefined && holder.epoch !== membership.epoch) await giveBack(shard);
    }
    const share = membership.outdated() ? 0 : Math.ceil(shards.length / Math.max(1, membership.peers().length));
    const wanted = preferred(membership.id);
    for (const shard of [...wanted].reverse()) if (held.size > share) await giveBack(shard);
    const free = wanted.filter((shard) => !held.has(shard) && isFree(shard)).slice(0, Math.max(0, share - held.size));
    await Promise.all(free.map(take));
  };
  const isFree = (shard: number) => {
    const holder = membership.holder(shardHolding(shard));
    return holder === undefined || holder.epoch === membership.epoch;
  };
  const start = () => {
    if (stopping) return;
    if (balancing !== undefined) {
      again = true;
      return;
    }
    const before = held.size;
    balancing = balance()
      .catch((error: unknown) => log.warn({ error: String(error) }, "shards could not be taken, it is tried again"))
      .finally(() => {
        balancing = undefined;
        if (held.size !== before) log.info({ shards: held.size }, "shards held");
        if (!again) return;
        again = false;
        start();
      });
  };
  const timer = setInterval(start, durations.leaseRenewal);
  const unlisten = membership.onChange(start);
  start();

  return {
    held: () => [...held.keys()],
    async stop() {
      stopping = true;
      clearInterval(timer);
      unlisten();
      await balancing;
      await Promise.all([...held.keys()].map(giveBack));
    },
  };
}

/** What the holder of a shard holds. */
export function shardHolding(shard: number): string {
  return `shard.${shard}`;
}

/** Each engine begins at another shard, so that several do not all reach for the same ones. */
function preferred(id: string): number[] {
  const first = shardOfKey(id);
  return shards.map((_, index) => (first + index) % shards.length);
}
