import type { Bus, Membership } from "@bellhop/bus";
import { attemptKey, buckets, messageIds, subjects, type AttemptRef } from "@bellhop/contracts";

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
    bus.tell(subjects.control, { v: 1, run: attempt.run, kind: "cancel" });
    return;
  }
}

async function reportCanceled(bus: Bus, { run, task, attempt }: AttemptRef): Promise<void> {
  const finished = { v: 1, run, task, attempt, runner: "", outcome: { status: "canceled" } } as const;
  await bus.publish(subjects.action.finished, finished, { id: messageIds.finished(finished) });
}

export type AttemptFate =
  /** In good hands, or its result is on its way. */
  { kind: "fine" } | { kind: "unclaimed" } | { kind: "lost"; runner: string; started: boolean };

/** Looks whether an attempt that is out can still come back. One whose runner died before it started is revoked first, so that a runner that was
 *  only asleep can't begin it beside its successor. */
export async function attemptFate(at: { bus: Bus; membership: Membership; attempt: AttemptRef }): Promise<AttemptFate> {
  const { bus, membership, attempt } = at;
  const bucket = bus.bucket(buckets.attempt);
  const key = attemptKey(attempt);
  for (;;) {
    const entry = await bucket.get(key);
    if (entry === undefined) return { kind: "unclaimed" };
    const { state, runner, epoch, cancel } = entry.value;
    if (state === "finished") return { kind: "fine" };
    if (state === "revoked") {
      if (cancel === true) await reportCanceled(bus, attempt);
      return cancel === true ? { kind: "fine" } : { kind: "lost", runner, started: false };
    }
    if (membership.isAlive(runner, epoch)) return { kind: "fine" };
    if (state === "started") return { kind: "lost", runner, started: true };
    if ((await bucket.update(key, { ...entry.value, state: "revoked" }, entry.revision)) !== undefined)
      return { kind: "lost", runner, started: false };
  }
}
