import type { Bus } from "@bellhop/bus";
import { attemptKey, buckets, type ActionRequested, type AttemptRecord, type AttemptRef } from "@bellhop/contracts";

/** A claim that this process made: the record as we last wrote or read it. */
export interface Claim {
  record: AttemptRecord;
  revision: number;
}

/** Who claims: a runner in one of its lives. */
export interface Claimant {
  id: string;
  epoch: string;
}

/** Claims an attempt. Undefined when it is somebody's already, or was revoked: then nobody here has to do with it.
 *  @param at.inHand whether this process works on it already */
export async function claimAttempt(at: { bus: Bus; by: Claimant; request: ActionRequested; inHand: boolean }): Promise<Claim | undefined> {
  const { bus, by, request, inHand } = at;
  const bucket = bus.bucket(buckets.attempt);
  const key = attemptKey(request);
  const { run, task, attempt, repeatable } = request;
  const record: AttemptRecord = { v: 1, run, task, attempt, runner: by.id, epoch: by.epoch, state: "claimed", repeatable, at: now() };
  const revision = await bucket.create(key, record);
  if (revision !== undefined) return { record, revision };
  const found = await bucket.get(key);
  // Ours in this very life and not begun: the handler that claimed it failed, and the request came again.
  const ours = found?.value.runner === by.id && found.value.epoch === by.epoch && found.value.state === "claimed";
  return ours && !inHand ? { record: found.value, revision: found.revision } : undefined;
}

export type Started = "started" | "revoked" | "canceled";

/** The last step before the first side effect. After `started` nobody else may begin this attempt. */
export async function startAttempt(bus: Bus, claim: Claim): Promise<Started> {
  for (;;) {
    if (claim.record.state !== "claimed") return "revoked";
    if (claim.record.cancel === true) return "canceled";
    if (await write(bus, claim, { state: "started" })) return "started";
  }
}

/** Says that the result is published. Idempotent; a record that is no longer ours is left alone. */
export async function finishAttempt(bus: Bus, claim: Claim): Promise<void> {
  while (claim.record.state === "claimed" || claim.record.state === "started") {
    if (await write(bus, claim, { state: "finished" })) return;
  }
}

/** Takes an attempt that goes on into this runner's next life. False when somebody revoked it meanwhile. */
export async function keepAttempt(bus: Bus, claim: Claim, epoch: string): Promise<boolean> {
  while (claim.record.state === "claimed" || claim.record.state === "started") {
    if (await write(bus, claim, { epoch })) return true;
  }
  return false;
}

/** Writes an attempt that takes long again, so that the bucket's age does not take its record. */
export async function refreshAttempt(bus: Bus, claim: Claim): Promise<void> {
  await write(bus, claim, {});
}

/** Reads the record again: whether somebody asked to stop, or took the attempt away. */
export async function lookAtAttempt(bus: Bus, claim: Claim): Promise<void> {
  const found = await bus.bucket(buckets.attempt).get(attemptKey(claim.record));
  // A read may come from a server that lags: an older revision tells nothing new.
  if (found !== undefined && found.revision > claim.revision) Object.assign(claim, { record: found.value, revision: found.revision });
}

export async function readAttempt(bus: Bus, attempt: AttemptRef): Promise<Claim | undefined> {
  const found = await bus.bucket(buckets.attempt).get(attemptKey(attempt));
  return found === undefined ? undefined : { record: found.value, revision: found.revision };
}

/** One compare-and-set. When somebody else was first, the claim shows what they wrote. */
async function write(bus: Bus, claim: Claim, change: Partial<AttemptRecord>): Promise<boolean> {
  const bucket = bus.bucket(buckets.attempt);
  const key = attemptKey(claim.record);
  const { revision } = claim;
  const record = { ...claim.record, ...change, at: now() };
  const written = await bucket.update(key, record, revision);
  if (written !== undefined) {
    Object.assign(claim, { record, revision: written });
    return true;
  }
  const found = await bucket.get(key);
  if (found === undefined) throw new Error(`the record of attempt ${key} is gone`);
  Object.assign(claim, { record: found.value, revision: found.revision });
  return false;
}

function now(): string {
  return new Date().toISOString();
}
