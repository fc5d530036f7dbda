import { fire, Passing } from "@bellhop/bus";
import { buckets, hash, shardOfKey, type Tick } from "@bellhop/contracts";
import { dueTicks, isTimer, readSchedule, triggerKey, type RuleIndex, type Schedule } from "@bellhop/core";
import { point, type Log } from "@bellhop/service";
import { startAlarms } from "./alarms.ts";
import type { Engine } from "../engine.ts";

/** How late a tick may be where missed ones are skipped, in milliseconds. */
const late = 60_000;

interface Known {
  tick: Tick;
  revision: number;
}

/** Fires the timers of a shard that rules wait for, while it is held. A tick is an event that is named by the time it was due, and its record is moved on
 *  afterwards: a crash in between fires the same event again. */
export function startTicks(engine: Engine, shard: number): { stop(): void } {
  const { bus, knowledge, log, durations } = engine;
  const bucket = bus.bucket(buckets.tick);
  const known = new Passing<string, Known>();
  let wanted: ReadonlyMap<string, Timer> = new Map();
  let stopped = false;
  let isRead = false;

  const alarms = startAlarms(engine, "a timer", async (key) => {
    const one = known.get(key);
    if (one !== undefined) await tickOf(key, one);
  });
  const tickOf = async (key: string, { tick, revision }: Known): Promise<void> => {
    const what = wanted.get(key);
    // No rule waits for it any more: its record goes when it would have ticked, so that a rule that comes back in time finds it.
    if (what === undefined || tick.due === undefined) return void (await bucket.delete(key, revision));
    const { schedule } = what;
    const [due, anchor] = [Date.parse(tick.due), Date.parse(tick.anchor)];
    const { fire: ticks, next, passedOver } = dueTicks({ schedule, due, anchor, now: Date.now(), late });
    for (const at of ticks) await fireTick(engine, { key, tick, at: new Date(at).toISOString() });
    point("engine.ticked");
    if (next === undefined) return void (await bucket.delete(key, revision));
    const moved: Tick = { ...tick, due: new Date(next).toISOString() };
    if (passedOver !== undefined) {
      const [after, until] = [new Date(passedOver.after).toISOString(), new Date(passedOver.until).toISOString()];
      log.warn({ timer: key, trigger: tick.trigger, fired: ticks.length, after, until }, "more ticks were missed than are made up for");
      moved.passedOver = { after, until };
    }
    // Where another engine moved it on, the watch says so.
    await bucket.update(key, moved, revision);
  };
  /** The record of a timer that rules wait for since now. Whoever comes second finds the first one's. */
  const begin = async (key: string, { trigger, parameters, schedule }: Timer): Promise<void> => {
    const now = Date.now();
    const due = schedule.next(now, now);
    // A rule that came back: what was passed over meanwhile was nobody's. And a date that is over.
    if (known.has(key) || due === undefined) return;
    await bucket.create(key, { v: 1, trigger, parameters, anchor: new Date(now).toISOString(), due: new Date(due).toISOString() });
  };
  const beginAll = (timers: Iterable<readonly [string, Timer]>) => {
    const turn = async () => {
      for (const [key, timer] of timers) await begin(key, timer);
    };
    turn().catch((error: unknown) => {
      log.warn({ shard, error: String(error) }, "a timer could not be begun, it is tried again");
      setTimeout(look, durations.publishRetry).unref();
    });
  };
  const look = () => {
    wanted = timersOf(knowledge.rules(), log).get(shard) ?? new Map<string, Timer>();
    if (isRead && !stopped) beginAll(wanted);
  };

  const rules = knowledge.onRules(look);
  const watch = bucket.watch(
    `${shard}.>`,
    ({ key, value, revision }) => {
      if (value === undefined) {
        known.delete(key);
        alarms.clear(key);
        const timer = wanted.get(key);
        if (timer !== undefined && isRead && !stopped) beginAll([[key, timer]]);
        return;
      }
      known.set(key, { tick: value, revision });
      alarms.set(key, Date.parse(value.due ?? value.anchor));
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
      alarms.stop();
    },
  };
}

interface Timer {
  trigger: string;
  parameters: Record<string, unknown>;
  schedule: Schedule;
}

/** Read once for all shards: hashing ten thousand names takes a tenth of a second. */
const read = new WeakMap<RuleIndex, ReadonlyMap<number, ReadonlyMap<string, Timer>>>();

/** What ticks, by shard and by its record's key. */
function timersOf(rules: RuleIndex, log: Log): ReadonlyMap<number, ReadonlyMap<string, Timer>> {
  const before = read.get(rules);
  if (before !== undefined) return before;
  const timers = new Map<number, Map<string, Timer>>();
  for (const { type: trigger, parameters } of rules.triggers) {
    if (!isTimer(trigger)) continue;
    const found = readSchedule(trigger, parameters);
    if (found.kind !== "ok") {
      log.warn({ trigger, parameter: found.parameter, expected: found.expected }, "a timer can't be read");
      continue;
    }
    const name = triggerKey(trigger, parameters);
    const shard = shardOfKey(name);
    const ofShard = timers.get(shard) ?? new Map<string, Timer>();
    timers.set(shard, ofShard.set(`${shard}.${hash(name)}`, { trigger, parameters, schedule: found.schedule }));
  }
  read.set(rules, timers);
  return timers;
}

async function fireTick({ bus }: Engine, { key, tick, at }: { key: string; tick: Tick; at: string }): Promise<void> {
  const { trigger, parameters } = tick;
  const payload = { executed_at: at, schedule: parameters };
  await fire(bus, { trigger, parameters, payload, source: { kind: "timer", name: trigger }, key: `timer/${key}/${at}`, at });
}
