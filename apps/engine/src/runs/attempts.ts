import type { Bus, Membership } from "@bellhop/bus";
import { attemptKey, buckets, messageIds, subjects, type AttemptRef, type Run, type Task } from "@bellhop/contracts";

/** Stops an attempt wherever it is. One that nobody has claimed is revoked here and reported as canceled; one that a runner has is marked,
 *  and the runner told: the mark is what counts, should nobody be listening. Safe to repeat. */
export async function cancelAttempt(bus: Bus, attempt: AttemptRef): Promise<void> {
  const bucket = bus.bucket(buckets.attempt);
  const key = attemptKey(attempt);
  for (;;) {
    const entry = await bucket.get(key);
    if (entry === undefined) {
      const { run, task } = attempt;
      const at = new Date().toISOString();
      const record = {
        v: 1,
        run,
        task,
        attempt: attempt.attempt,
        runner: "",
        epoch: "",
        state: "revoked",
        repeatable: false,
        cancel: true,
        at,
      } as const;
      if ((await bucket.create(key, record)) === undefined) continue;
      return reportCanceled(bus, attempt);
    }
    const { state, cancel } = entry.value;
    if (state === "finished") return;
    if (state === "revoked") return cancel === true ? reportCanceled(bus, attempt) : undefined;
    if (cancel !== true && (await bucket.update(key, { ...entry.value, cancel: true }, entry.revision)) === undefined) continue;
    bus.tell(subjects.control, { v: 1, run: attempt.run, task: attempt.task, kind: "cancel" });
    return;
  }
}

/** Takes the attempt of a run whose command was reworded out of every runner's reach. Who writes the record first has it: nobody can begin what was
 *  revoked here, and what somebody has claimed, or began in an earlier attempt, goes on. Safe to repeat: the answer stays the same. */
export async function revokeForWords(bus: Bus, run: Run): Promise<boolean> {
  return await revoke(bus, run, { superseded: true });
}

/** Ends a run that nobody has begun; another goes on. Safe to repeat. */
export async function cancelUnclaimed(bus: Bus, run: Run): Promise<void> {
  if (await revoke(bus, run, { cancel: true })) for (const attempt of attemptsOf(run)) await reportCanceled(bus, attempt);
}

/** Whether new words have the attempt of a run that is not over yet. */
export async function isSuperseded(bus: Bus, run: Run): Promise<boolean> {
  const bucket = bus.bucket(buckets.attempt);
  const records = await Promise.all(attemptsOf(run).map((attempt) => bucket.get(attemptKey(attempt))));
  return records.some((record) => record?.value.superseded === true);
}

async function revoke(bus: Bus, run: Run, why: { superseded: true } | { cancel: true }): Promise<boolean> {
  // A workflow has begun with its first step.
  if (run.workflow !== undefined) return false;
  const bucket = bus.bucket(buckets.attempt);
  for (const ref of attemptsOf(run)) {
    for (let earlier = 1; earlier < ref.attempt; earlier++) {
      const before = await bucket.get(attemptKey({ ...ref, attempt: earlier }));
      if (before?.value.state === "started" || before?.value.state === "finished") return false;
    }
    const key = attemptKey(ref);
    const at = new Date().toISOString();
    const record = { v: 1, ...ref, runner: "", epoch: "", state: "revoked", repeatable: false, ...why, at } as const;
    if ((await bucket.create(key, record)) !== undefined) continue;
    const found = (await bucket.get(key))?.value;
    const ours = "superseded" in why ? found?.superseded : found?.cancel;
    if (found?.state !== "revoked" || ours !== true) return false;
  }
  return true;
}

function attemptsOf(run: Run): AttemptRef[] {
  return Object.entries(run.tasks).flatMap(([task, { attempt, waits }]) => (isOut(waits) ? [{ run: run.id, task, attempt }] : []));
}

/** What waits for policies is asked for as soon as they let it. */
function isOut(waits: Run["tasks"][string]["waits"]): boolean {
  return waits === undefined || waits === "gate";
}

/** Takes an attempt out of every runner's reach of which there is neither a record nor a request. @returns false: there is a record */
export async function revokeGone(bus: Bus, attempt: AttemptRef): Promise<boolean> {
  const at = new Date().toISOString();
  const record = { v: 1, ...attempt, runner: "", epoch: "", state: "revoked", repeatable: false, at } as const;
  return (await bus.bucket(buckets.attempt).create(attemptKey(attempt), record)) !== undefined;
}

async function reportCanceled(bus: Bus, { run, task, attempt }: AttemptRef): Promise<void> {
  const finished = { v: 1, run, task, attempt, runner: "", outcome: { status: "canceled" } } as const;
  await bus.publish(subjects.action.finished, finished, { id: messageIds.finished(finished) });
}

/** An attempt that is out. */
export interface Out {
  run: Run;
  ref: AttemptRef;
  task: Task;
}

export type AttemptFate =
  /** In good hands: those of `by`; or somebody else ends it. */
  | { kind: "fine"; by?: { runner: string; epoch: string } }
  | { kind: "unclaimed" }
  /** Its runner has stored its result, and the run has not taken it yet. */
  | { kind: "told"; runner: string }
  | { kind: "lost"; runner: string; started: boolean };

/** Looks whether an attempt that is out can still come back. One whose runner died before it started is revoked first, so that a runner that was
 *  only asleep can't begin it beside its successor. */
export async function attemptFate(at: { bus: Bus; membership: Membership; attempt: AttemptRef }): Promise<AttemptFate> {
  const { bus, membership, attempt } = at;
  const bucket = bus.bucket(buckets.attempt);
  const key = attemptKey(attempt);
  for (;;) {
    const entry = await bucket.get(key);
    if (entry === undefined) return { kind: "unclaimed" };
    const { state, runner, epoch, cancel, superseded } = entry.value;
    if (state === "finished") return { kind: "told", runner };
    if (state === "revoked") {
      // Whoever took it for new words ends the run; their edit comes again until they have.
      if (superseded === true) return { kind: "fine" };
      if (cancel === true) await reportCanceled(bus, attempt);
      return cancel === true ? { kind: "fine" } : { kind: "lost", runner, started: false };
    }
    if (membership.isAlive(runner, epoch)) return { kind: "fine", by: { runner, epoch } };
    if (state === "started") return { kind: "lost", runner, started: true };
    if ((await bucket.update(key, { ...entry.value, state: "revoked" }, entry.revision)) !== undefined)
      return { kind: "lost", runner, started: false };
  }
}
