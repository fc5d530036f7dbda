import type { Hold, Membership } from "@bellhop/bus";
import { buckets, nameOfToken, sensorHolding, type PackVersion, type SensorSwitch, type TriggerDefinition } from "@bellhop/contracts";
import { shareOut } from "@bellhop/core";
import { followVersions } from "@bellhop/pack-loader";
import { isGone, processIdentity } from "@bellhop/service";
import { startInstance, type Instance, type SensorGround, type Wanted } from "./instance.ts";

export interface Sensors {
  /** Instances that this runner has. */
  held(): number;
  stop(): Promise<void>;
}

interface Held {
  readonly hold: Hold;
  /** What the instance was started for: another name of that means another instance. */
  stamp: string;
  instance: Instance;
}

/** Has this runner's share of the sensors of all active packs: each instance is one runner's at a time. A lease is had only while there are sensors for its pools. */
export function startSensors(ground: SensorGround & { pools: readonly string[] }): Sensors {
  const { bus, log, durations, pools, runner } = ground;
  const versions = new Map<string, PackVersion>();
  const triggers = new Map<string, ReadonlyMap<string, TriggerDefinition>>();
  const triggerOf = (ref: string) => triggers.get(packOf(ref))?.get(ref);
  const switches = new Map<string, SensorSwitch>();
  const configured = new Map<string, number>();
  const held = new Map<string, Held>();
  let membership: Membership | undefined;
  let unlisten: (() => void) | undefined;
  let balancing: Promise<void> | undefined;
  let again = false;
  /** What was lost is ended and has said how it ended, before any of it begins here anew. */
  let losing: Promise<unknown> = Promise.resolve();
  let stopping = false;
  let unread = 2;
  const read = () => {
    let first = true;
    return () => {
      if (first) unread--;
      first = false;
      start();
    };
  };

  const isFresh = () => membership !== undefined && membership.silentMs() < membership.lengthMs - durations.lease * spare;
  const isMine = (name: string) => {
    const holder = membership?.holder(name);
    // Its own holding is seen a moment after it is written.
    return isFresh() && held.has(name) && (holder === undefined || holder.epoch === membership?.epoch);
  };

  const isOthers = (name: string) => {
    const holder = membership?.holder(name);
    return holder !== undefined && holder.epoch !== membership?.epoch;
  };

  const balance = async () => {
    await losing;
    const wanted = wantedOf({ versions, switches, pools, triggerOf });
    await Promise.all([...held].filter(([name]) => !wanted.has(name)).map(([name]) => giveBack(name, "unwanted")));
    if (wanted.size === 0 && membership !== undefined) await leave();
    if (wanted.size === 0) return;
    const lease = (membership ??= await join());
    const shares = shareOut({
      instances: [...wanted].map(([name, { definition }]) => ({ name, pool: poolOf(definition) })),
      runnersOf: (pool) => lease.sensorRunnersOf(pool).map(({ id }) => id),
      holderOf: (name) => lease.holder(name)?.id ?? (held.has(name) ? lease.id : undefined),
    });
    await Promise.all(
      [...held.keys()].filter((name) => shares.get(name) !== lease.id || isOthers(name)).map((name) => giveBack(name, "moved")),
    );
    await Promise.all([...wanted].filter(([name]) => shares.get(name) === lease.id).map(([name, one]) => have(name, one)));
  };

  const have = async (name: string, wanted: Wanted) => {
    const stamp = JSON.stringify([wanted.version.digest, wanted.restart, wanted.partition, configured.get(wanted.version.name)]);
    const before = held.get(name);
    if (before?.stamp === stamp) return;
    if (before !== undefined) {
      await before.instance.stop("moved");
      // Lost meanwhile: what began now would be nobody's to end.
      if (held.get(name) !== before) return;
      before.stamp = stamp;
      before.instance = startInstance(ground, { wanted, isMine: () => isMine(name) });
      return;
    }
    const lease = membership;
    if (lease === undefined || !isFresh() || isOthers(name)) return;
    const hold = await lease.hold(name);
    if (hold !== undefined && lease === membership)
      held.set(name, { hold, stamp, instance: startInstance(ground, { wanted, isMine: () => isMine(name) }) });
  };

  const giveBack = async (name: string, how: "unwanted" | "moved") => {
    const one = held.get(name);
    if (one === undefined) return;
    await one.instance.stop(how);
    held.delete(name);
    await membership?.release(one.hold);
  };

  const join = async () => {
    const joined = await bus.join({
      role: "runner",
      id: `${runner}.sensors`,
      // It takes no requests.
      pools: [],
      sensors: pools,
      lengthMs: durations.lease,
      renewalMs: durations.leaseRenewal,
      process: processIdentity(),
      isGone,
    });
    unlisten = joined.onChange(start);
    void joined.lost.then(() => {
      if (joined === membership) void lose("its lease is lost");
    });
    return joined;
  };

  const leave = async () => {
    const left = membership;
    membership = undefined;
    unlisten?.();
    await left?.leave();
  };

  /** Another runner may have them soon: they end at once. */
  const lose = async (why: string) => {
    const lost = [...held.values()];
    held.clear();
    if (lost.length > 0) log.warn({ sensors: lost.length, why }, "sensors are ended: they may be another runner's");
    losing = Promise.allSettled([...lost.map(({ instance }) => instance.stop("lost")), leave()]);
    await losing;
  };

  const start = () => {
    if (stopping || unread > 0) return;
    if (balancing !== undefined) {
      again = true;
      return;
    }
    balancing = balance()
      .catch((error: unknown) => log.warn({ error: String(error) }, "sensors could not be shared out, it is tried again"))
      .finally(() => {
        balancing = undefined;
        if (!again) return;
        again = false;
        start();
      });
  };

  const following = followVersions({
    store: bus,
    log,
    retryMs: durations.publishRetry,
    take(name, version) {
      const has = (version?.sensors?.length ?? 0) > 0;
      triggers.set(name, new Map(version?.triggers?.map((trigger) => [trigger.ref, trigger])));
      if (version === undefined || !has) versions.delete(name);
      else versions.set(name, withoutActions(version));
      start();
    },
    onSettled: read(),
  });
  const switching = bus.bucket(buckets.sensor).watch(
    ">",
    ({ key, value }) => {
      if (value === undefined) switches.delete(nameOfToken(key));
      else switches.set(value.sensor, value);
      start();
    },
    { onReady: read() },
  );
  const configuring = ground.configs.onChange((pack) => {
    configured.set(pack, (configured.get(pack) ?? 0) + 1);
    if (versions.has(pack)) start();
  });
  const timer = setInterval(start, durations.leaseRenewal);
  // By its own clock: others count from later, so nothing runs here any more when they begin.
  const watch = setInterval(() => {
    if (membership !== undefined && held.size > 0 && !isFresh()) void lose("its lease was not renewed in time");
  }, durations.lease / 20);

  return {
    held: () => held.size,
    async stop() {
      stopping = true;
      clearInterval(timer);
      clearInterval(watch);
      following.stop();
      switching.stop();
      configuring.stop();
      await balancing;
      await Promise.all([...held.keys()].map((name) => giveBack(name, "moved")));
      await leave();
    },
  };
}

/** How long before its end a lease is trusted no more, as a part of a short one: for timers that are late, and for ends of processes. */
const spare = 0.25;

/** Every instance that shall live in these pools, by its holding. */
function wantedOf(at: {
  versions: ReadonlyMap<string, PackVersion>;
  switches: ReadonlyMap<string, SensorSwitch>;
  pools: readonly string[];
  triggerOf: Wanted["triggerOf"];
}): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const version of at.versions.values()) {
    for (const definition of version.sensors ?? []) {
      const { ref } = definition;
      const { enabled = definition.enabled, partitions: count = definition.partitions ?? 1, restart } = at.switches.get(ref) ?? {};
      if (!enabled || !at.pools.includes(poolOf(definition))) continue;
      for (let index = 0; index < count; index++) {
        wanted.set(sensorHolding({ sensor: ref, index }), {
          definition,
          version,
          triggers: version.triggers ?? [],
          triggerOf: at.triggerOf,
          partition: { index, count },
          ...(restart === undefined ? {} : { restart }),
        });
      }
    }
  }
  return wanted;
}

function packOf(ref: string): string {
  return ref.slice(0, ref.indexOf("."));
}

function poolOf({ pool = "default" }: Wanted["definition"]): string {
  return pool;
}

/** A runner has many packs, and of most it needs little. */
function withoutActions(version: PackVersion): PackVersion {
  return { ...version, actions: [], aliases: [], rules: [] };
}
