import { messageIds, type Run } from "@bellhop/contracts";
import { attemptFate, type AttemptFate, type Out } from "./attempts.ts";
import type { Engine } from "../engine.ts";
import { eachOnce, endGone, queueOf, type InQueue, type StandOf } from "./gone.ts";
import { steppingAside } from "./stepping-aside.ts";

/** What the last look at an attempt said. */
interface Looked {
  /** Since when it is out, on the monotonic clock. */
  since: number;
  /** Undefined before the first look. */
  fate?: AttemptFate;
  /** The change of members that the look came after. */
  change: number;
  /** When it was, on the monotonic clock. */
  at: number;
  /** Where it must be while nobody has it. */
  inQueue?: InQueue;
}

/** Looks that are under way at one time. */
const atOnce = 32;

/** Every so many sweeps, all that nobody has claimed is looked at: one that was thought dead may have claimed it, and died. */
const thoroughly = 15;

/** Looks after attempts that are out: every so often, and at once when a member is over. Only those that were out at the sweep before are looked at, so that a
 *  quick action costs nothing; of those only where something may have changed, so that a long queue costs little. */
export function startAttemptSweep(engine: Engine): { stop(): void } {
  const { durations, membership, log } = engine;
  const out = new Map<string, Looked>();
  let changes = 0;
  let sweeps = 0;
  let sweeping: Promise<void> | undefined;
  let again = false;

  const sweep = async () => {
    const now = performance.now();
    // Of a workflow whose shard was taken over only the last record was read: what is out stands in those before it.
    for (const run of engine.book.unread()) await readWhole(run);
    const live = new Map(engine.book.live().flatMap(outOf));
    for (const name of out.keys()) if (!live.has(name)) out.delete(name);
    const due: (() => Promise<void>)[] = [];
    const standOf = eachOnce(engine);
    if (++sweeps % thoroughly === 0) changes += 1;
    for (const [name, attempt] of live) {
      // What it asks for is in no queue yet.
      if (engine.book.isHeldUp(attempt.run.id)) continue;
      const looked = out.get(name);
      if (looked === undefined) {
        out.set(name, { since: now, change: changes, at: now });
        continue;
      }
      if (mayHaveChanged(attempt.run, looked, now)) due.push(() => lookAt(attempt, looked, now));
      if (looked.inQueue !== undefined && isDue(looked.inQueue, now)) due.push(() => lookInQueue(attempt, looked, now, standOf));
    }
    const workers = Array.from({ length: Math.min(atOnce, due.length) }, async () => {
      for (let next = due.pop(); next !== undefined; next = due.pop()) await doneOrAside(next);
    });
    await Promise.all(workers);
  };
  const readWhole = async (run: string) => {
    try {
      const found = await engine.book.find(run);
      // What it held is gone from the store, and nothing is out that could tell it so.
      const isLost =
        found !== undefined && found.endedAt === undefined && found.workflow === undefined && Object.keys(found.tasks).length === 0;
      if (isLost) await engine.book.step(run, { kind: "slow", id: "read", at: new Date().toISOString() });
    } catch (error) {
      log.warn({ run, error: String(error) }, "a run could not be read, it will be");
    }
  };
  const mayHaveChanged = (run: Run, { since, fate, change, at }: Looked, now: number) => {
    if (fate === undefined) return true;
    if (fate.kind === "told") return false;
    if (fate.kind === "fine") {
      if (fate.by !== undefined && !membership.isAlive(fate.by.runner, fate.by.epoch)) return true;
      // It may be told meanwhile, and what tells it be lost.
      return now - at >= durations.lateResult;
    }
    return fate.kind === "lost" || change !== changes || (now - since >= durations.unclaimedNotice && !run.told?.includes("unclaimed"));
  };
  const lookAt = async (attempt: Out, looked: Looked, now: number) => {
    Object.assign(looked, { change: changes, at: now });
    const { kind } = (looked.fate = await look(engine, attempt, now - looked.since));
    if (kind !== "unclaimed" && kind !== "told") delete looked.inQueue;
    else if (looked.inQueue?.kind !== kind) looked.inQueue = { kind, since: now };
  };
  const isDue = ({ upTo, since }: InQueue, now: number) => upTo === undefined || now - since >= durations.lateResult;
  const lookInQueue = async (attempt: Out, looked: Looked, now: number, standOf: StandOf) => {
    const { inQueue } = looked;
    if (inQueue === undefined) return;
    const { last, oldest } = await standOf(queueOf(attempt, inQueue.kind));
    inQueue.since = now;
    const { upTo } = inQueue;
    if (upTo === undefined) inQueue.upTo = last;
    else if (oldest === undefined || oldest > upTo) {
      await endGone(engine, attempt, inQueue.kind);
      // Somebody may have it by now.
      delete looked.fate;
    }
  };
  const start = () => {
    if (sweeping !== undefined) {
      again = true;
      return;
    }
    sweeping = sweep()
      .catch((error: unknown) => log.warn({ error: String(error) }, "attempts could not be looked after, they will be"))
      .finally(() => {
        sweeping = undefined;
        if (!again) return;
        again = false;
        start();
      });
  };
  const timer = setInterval(start, durations.attemptSweep);
  const unlisten = membership.onChange(() => {
    changes += 1;
    start();
  });
  return {
    stop() {
      clearInterval(timer);
      unlisten();
    },
  };
}

/** A step that has to wait for a full queue must not hold up the looks at others. */
function doneOrAside(work: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    steppingAside(resolve, work).then(resolve, reject);
  });
}

async function look(engine: Engine, { run, ref, task: { lostSince, pool } }: Out, outMs: number): Promise<AttemptFate> {
  const { bus, membership, book, durations } = engine;
  const { task, attempt } = ref;
  const fate = await attemptFate({ bus, membership, attempt: ref });
  const at = new Date().toISOString();
  if (fate.kind === "lost" && lostSince === undefined) {
    const { runner, started } = fate;
    engine.log.warn({ ...ref, runner, started }, "an attempt was lost with its runner");
    const id = `lost:${messageIds.requested(ref)}`;
    await book.step(run.id, { kind: "lost", id, at, task, attempt, runner, started, certain: false }, { saved: "engine.lost-saved" });
  }
  if (fate.kind === "unclaimed" && outMs >= durations.unclaimedNotice) {
    const runners = membership.runnersOf(pool).length;
    await book.step(run.id, { kind: "unclaimed", id: `unclaimed:${messageIds.requested(ref)}`, at, task, attempt, runners });
  }
  return fate;
}

/** What runners have of a run, or may have. What waits for a time, a person or a run of its own has no record of an attempt. */
function outOf(run: Run): [name: string, out: Out][] {
  const found: [string, Out][] = [];
  for (const [name, task] of Object.entries(run.tasks)) {
    const ref = { run: run.id, task: name, attempt: task.attempt };
    if (task.waits === undefined) found.push([messageIds.requested(ref), { run, ref, task }]);
  }
  return found;
}
