import { buckets, type Timer } from "@bellhop/contracts";
import { startAlarms } from "./alarms.ts";
import { endLate, questionTimer } from "../intake/asking.ts";
import { attemptFate } from "../runs/attempts.ts";
import type { Engine } from "../engine.ts";

/** What timers need of an engine. */
type Ground = Pick<Engine, "bus" | "membership" | "durations" | "log"> & {
  book: Pick<Engine["book"], "step" | "find">;
  questions: Pick<Engine["questions"], "keep">;
};

/** Fires the timers of a shard while it is held. A timer is a key until its step is in the log: a crash in between fires it again, and the
 *  run knows the event's id. What is set anew meanwhile under the same name is another revision, and stays. */
export function startTimers(at: Ground, shard: number): { stop(): void } {
  const begun = performance.now();
  const known = new Map<string, { timer: Timer; revision: number }>();
  const timers = at.bus.bucket(buckets.timer);
  const alarms = startAlarms(at, "a timer", async (key) => {
    const due = known.get(key);
    if (due === undefined) return;
    const { timer, revision } = due;
    const later = await fire(at, timer, begun);
    if (later === undefined) await timers.delete(key, revision);
    else await timers.update(key, { ...timer, due: later }, revision);
  });
  const watch = timers.watch(`${shard}.>`, ({ key, value, revision }) => {
    if (value === undefined) {
      known.delete(key);
      alarms.clear(key);
    } else {
      known.set(key, { timer: value, revision });
      alarms.set(key, value.due);
    }
  });
  return {
    stop() {
      watch.stop();
      alarms.stop();
    },
  };
}

/** @param begun when the shard was taken over, by the monotonic clock
 *  @returns when it is due again, if it is */
async function fire(at: Ground, timer: Timer, begun: number): Promise<number | undefined> {
  const { run, name } = timer;
  const { lateResult, runnerLease } = at.durations;
  if (name === questionTimer) {
    await endLate(at, timer);
    return undefined;
  }
  // Whoever has watched for less than a lease takes every runner for one that lives: then it looks again as soon as it knows.
  if (name.startsWith("late-") && (await cameBack(at, run)))
    return Date.now() + (performance.now() - begun < runnerLease ? runnerLease : lateResult);
  await at.book.step(run, { kind: "timer", id: `timer:${name}`, at: new Date().toISOString(), name });
  return undefined;
}

/** Whether the runner that was waited for is at work again: one that was cut off takes what it went on with into its next life. Its result is waited for
 *  once more. */
async function cameBack({ bus, membership, book }: Ground, id: string): Promise<boolean> {
  const run = await book.find(id);
  if (run === undefined || run.endedAt !== undefined) return false;
  for (const [task, { attempt, lostSince }] of Object.entries(run.tasks)) {
    if (lostSince === undefined) continue;
    const { kind } = await attemptFate({ bus, membership, attempt: { run: id, task, attempt } });
    if (kind === "fine" || kind === "told") return true;
  }
  return false;
}
