import { buckets, type Timer } from "@bellhop/contracts";
import { timerKey } from "./apply.ts";
import { endLate, questionTimer } from "./asking.ts";
import { attemptFate } from "./attempts.ts";
import type { Engine } from "./engine.ts";

/** setTimeout's own limit; a timer further away is looked at again then. */
const furthest = 2 ** 31 - 1;

/** Fires the timers of a shard while it is held. A timer is a key until its step is in the log: a crash in between fires it again, and the
 *  run knows the event's id. */
export function startTimers(engine: Engine, shard: number): { stop(): void } {
  const begun = performance.now();
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
      setTimeout(() => (left > furthest ? arm(key, timer) : void fire(engine, timer, begun)), Math.min(Math.max(left, 0), furthest)),
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

/** @param begun when the shard was taken over, by the monotonic clock */
async function fire(engine: Engine, timer: Timer, begun: number): Promise<void> {
  const { run, name } = timer;
  const { lateResult, runnerLease, publishRetry } = engine.durations;
  try {
    if (name === questionTimer) {
      await endLate(engine, timer);
      return void (await engine.bus.bucket(buckets.timer).delete(timerKey(timer)));
    }
    if (name.startsWith("late-") && (await cameBack(engine, run))) {
      // Whoever has watched for less than a lease takes every runner for one that lives: then it looks again as soon as it knows.
      const wait = performance.now() - begun < runnerLease ? runnerLease : lateResult;
      await engine.bus.bucket(buckets.timer).put(timerKey(timer), { ...timer, due: Date.now() + wait });
      return;
    }
    await engine.book.step(run, { kind: "timer", id: `timer:${name}`, at: new Date().toISOString(), name });
    await engine.bus.bucket(buckets.timer).delete(timerKey(timer));
  } catch (error) {
    engine.log.warn({ run, timer: name, error: String(error) }, "a timer could not be fired, it is tried again");
    setTimeout(() => void fire(engine, timer, begun), publishRetry).unref();
  }
}

/** Whether the runner that was waited for is at work again: one that was cut off takes what it went on with into its next life. Its result is waited for
 *  once more. */
async function cameBack(engine: Engine, id: string): Promise<boolean> {
  const { bus, membership, book } = engine;
  const run = await book.find(id);
  if (run === undefined || run.endedAt !== undefined) return false;
  for (const [task, { attempt, lostSince }] of Object.entries(run.tasks)) {
    if (lostSince === undefined) continue;
    if ((await attemptFate({ bus, membership, attempt: { run: id, task, attempt } })).kind === "fine") return true;
  }
  return false;
}
