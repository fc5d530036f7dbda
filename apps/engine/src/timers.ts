import { buckets, type Timer } from "@bellhop/contracts";
import { timerKey } from "./apply.ts";
import type { Engine } from "./engine.ts";

/** setTimeout's own limit; a timer further away is looked at again then. */
const furthest = 2 ** 31 - 1;

/** Fires the timers of a shard while it is held. A timer is a key until its step is in the log: a crash in between fires it again, and the
 *  run knows the event's id. */
export function startTimers(engine: Engine, shard: number): { stop(): void } {
  const armed = new Map<string, NodeJS.Timeout>();
  const disarm = (key: string) => {
    clearTimeout(armed.get(key));
    armed.delete(key);
  };
  const arm = (key: string, timer: Timer) => {
    disarm(key);
    const left = timer.due - Date.now();
    armed.set(
      key,
      setTimeout(() => (left > furthest ? arm(key, timer) : void fire(engine, timer)), Math.min(Math.max(left, 0), furthest)),
    );
  };
  const watch = engine.bus
    .bucket(buckets.timer)
    .watch(`${shard}.>`, ({ key, value }) => (value === undefined ? disarm(key) : arm(key, value)));
  return {
    stop() {
      watch.stop();
      for (const key of armed.keys()) disarm(key);
    },
  };
}

async function fire(engine: Engine, timer: Timer): Promise<void> {
  const { run, name } = timer;
  try {
    await engine.book.step(run, { kind: "timer", id: `timer:${name}`, at: new Date().toISOString(), name });
    await engine.bus.bucket(buckets.timer).delete(timerKey(timer));
  } catch (error) {
    engine.log.warn({ run, timer: name, error: String(error) }, "a timer could not be fired, it is tried again");
    setTimeout(() => void fire(engine, timer), engine.durations.publishRetry).unref();
  }
}
