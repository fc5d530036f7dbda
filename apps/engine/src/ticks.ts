import { fire } from "@bellhop/bus";
import { buckets, hash, shardOfKey, type Tick } from "@bellhop/contracts";
import { dueTicks, isTimer, readSchedule, triggerKey, type Schedule } from "@bellhop/core";
import type { Engine } from "./engine.ts";

/** How late a tick may be where missed ones are skipped, in milliseconds. */
const late = 60_000;

interface Known {
  tick: Tick;
  revision: number;
  /** Runs until it is due. */
  wait?: NodeJS.Timeout;
}

/** Fires the timers of a shard that rules wait for, while it is held. A tick is an event that is named by the time it was due, and its record is moved on
 *  afterwards: a crash in between fires the same event again. */
export function startTicks(engine: Engine, shard: number): { stop(): void } {
  const { bus, knowledge, log, durations } = engine;
  const bucket = bus.bucket(buckets.tick);
  const known = new Map<string, Known>();
  let wanted = new Map<string, { trigger: string; parameters: Record<string, unknown>; schedule: Schedule }>();
  let stopped = false;
  let isRead = false;

  const arm = (key: string, one: Known) => {
    clearTimeout(one.wait);
    if (one.tick.due === undefined || stopped) return;
    const left = Date.parse(one.tick.due) - Date.now();
    // A tick is due by the wall clock, which people set, and which goes on while the machine sleeps.
    const wake = () => (left > durations.clockLook ? arm(key, one) : void come(key, one));
    one.wait = setTimeout(wake, Math.min(Math.max(left, 0), durations.clockLook));
  };
  const come = async (key: string, { tick, revision }: Known): Promise<void> => {
    try {
      await tickOf(key, tick, revision);
    } catch (error) {
      log.warn({ timer: key, error: String(error) }, "a timer could not tick, it is tried again");
      const one = known.get(key);
      if (one === undefined || stopped) return;
      clearTimeout(one.wait);
      one.wait = setTimeout(() => void come(key, one), durations.publishRetry);
    }
  };
  const tickOf = async (key: string, tick: Tick, revision: number): Promise<void> => {
    const what = wanted.get(key);
    // No rule waits for it any more: its record goes when it would have ticked, so that a rule that comes back in time finds it.
    if (what === undefined) return void (await bucket.delete(key, revision));
    const { schedule } = what;
    const [due, anchor] = [Date.parse(tick.due ?? ""), Date.parse(tick.anchor)];
    const { fire: ticks, next } = dueTicks({ schedule, due, anchor, now: Date.now(), late });
    for (const at of ticks) await fireTick(engine, { key, tick, at: new Date(at).toISOString() });
    const { due: _, ...rest } = tick;
    const moved = { ...rest, ...(next === undefined ? {} : { due: new Date(next).toISOString() }) };
    // Where another engine moved it on, the watch says so.
    await bucket.update(key, moved, revision);
  };
  /** Records of timers that rules wait for since now. Whoever comes second finds the first one's. */
  const begin = async (): Promise<void> => {
    const now = Date.now();
    for (const [key, { trigger, parameters, schedule }] of wanted) {
      const one = known.get(key);
      // A rule that came back: what was passed over meanwhile was nobody's.
      if (one !== undefined) continue;
      const due = schedule.next(now, now);
      const anchor = new Date(now).toISOString();
      await bucket.create(key, { v: 1, trigger, parameters, anchor, ...(due === undefined ? {} : { due: new Date(due).toISOString() }) });
    }
  };
  const look = () => {
    wanted = new Map();
    for (const { type, parameters } of knowledge.rules().triggers) {
      if (!isTimer(type)) continue;
      const name = triggerKey(type, parameters);
      if (shardOfKey(name) !== shard) continue;
      const read = readSchedule(type, parameters);
      if (read.kind === "ok") wanted.set(`${shard}.${hash(name)}`, { trigger: type, parameters, schedule: read.schedule });
      else log.warn({ trigger: type, parameter: read.parameter, expected: read.expected }, "a timer can't be read");
    }
    if (!isRead || stopped) return;
    begin().catch((error: unknown) => {
      log.warn({ shard, error: String(error) }, "a timer could not be begun, it is tried again");
      setTimeout(look, durations.publishRetry).unref();
    });
  };

  const rules = knowledge.onRules(look);
  const watch = bucket.watch(
    `${shard}.>`,
    ({ key, value, revision }) => {
      clearTimeout(known.get(key)?.wait);
      if (value === undefined) {
        known.delete(key);
        if (wanted.has(key)) look();
        return;
      }
      const one = { tick: value, revision };
      known.set(key, one);
      arm(key, one);
    },
    {
      onReady: () => {
        isRead = true;
        look();
      },
    },
  );
  look();
  return {
    stop() {
      stopped = true;
      rules.stop();
      watch.stop();
      for (const { wait } of known.values()) clearTimeout(wait);
    },
  };
}

async function fireTick({ bus }: Engine, { key, tick, at }: { key: string; tick: Tick; at: string }): Promise<void> {
  const { trigger, parameters } = tick;
  const payload = { executed_at: at, schedule: parameters };
  await fire(bus, { trigger, parameters, payload, source: { kind: "timer", name: trigger }, key: `timer/${key}/${at}`, at });
}
