import type { Bus, Membership } from "@bellhop/bus";
import { buckets, token, type Durations } from "@bellhop/contracts";
import { isGone, processIdentity, type Log } from "@bellhop/service";
import { keepAttempt, lookAtAttempt, refreshAttempt, type Claimant } from "./attempts.ts";
import type { Hand } from "./hand.ts";

/** This runner's place among the living, from one life to the next. */
export interface Contact {
  readonly claimant: () => Claimant;
  /** Resolves while the runner is in contact. */
  readonly mayClaim: () => Promise<void>;
  /** Whether a runner of this pool lives that reads more than this one. */
  readonly outdated: (pool: string) => boolean;
  /** Whether it is in contact now. */
  readonly isHeld: () => boolean;
  leave(): Promise<void>;
}

/** Joins, and watches its own renewals as the others see them. Out of contact for `runnerIsolation`, it ends its repeatable attempts, because
 *  another runner may soon begin them; what may not be repeated goes on. Back in contact it begins a new life, so that the engines see the
 *  ended ones as lost, and takes into it what went on. */
export async function keepContact(at: {
  bus: Bus;
  id: string;
  pools: readonly string[];
  hand: Hand;
  durations: Durations;
  log: Log;
}): Promise<Contact> {
  const { bus, id, pools, hand, durations, log } = at;
  let membership = await join();
  let seenAt = performance.now();
  let isolated = false;
  let rejoining: Promise<void> | undefined;
  let left = false;
  const waiting: (() => void)[] = [];

  const own = bus.bucket(buckets.member).watch(`member.${token(id)}`, ({ value }) => {
    if (value?.epoch !== membership.epoch) return;
    seenAt = performance.now();
    if (isolated) rejoin();
    else void lookAfter();
  });
  const timer = setInterval(() => {
    if (isolated || performance.now() - seenAt < durations.runnerIsolation) return;
    isolated = true;
    const ended = hand.all().filter(({ request }) => request.repeatable);
    log.warn({ ended: ended.length }, "out of contact: repeatable attempts are ended, nothing new is claimed");
    for (const held of ended) held.end("isolated");
  }, durations.runnerIsolation / 24);
  follow(membership);

  return {
    claimant: () => ({ id, epoch: membership.epoch }),
    mayClaim: () => (isolated || rejoining !== undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve()),
    outdated: (pool) => membership.outdated(pool),
    isHeld: () => !isolated && rejoining === undefined,
    async leave() {
      left = true;
      clearInterval(timer);
      own.stop();
      for (const go of waiting.splice(0)) go();
      await rejoining;
      await membership.leave();
    },
  };

  function join(): Promise<Membership> {
    return bus.join({
      role: "runner",
      id,
      pools,
      lengthMs: durations.runnerLease,
      renewalMs: durations.runnerLeaseRenewal,
      process: processIdentity(),
      isGone,
    });
  }

  function follow(joined: Membership): void {
    void joined.lost.then(() => {
      if (!left && joined === membership) rejoin();
    });
  }

  function rejoin(): void {
    rejoining ??= anew()
      .catch((error: unknown) => log.error({ error: String(error) }, "the runner's lease could not be had again"))
      .finally(() => {
        rejoining = undefined;
        if (!isolated) for (const go of waiting.splice(0)) go();
      });
  }

  async function anew(): Promise<void> {
    await membership.leave();
    if (left) return;
    membership = await join();
    follow(membership);
    const goingOn = hand.all().filter(({ signal }) => !signal.aborted);
    for (const held of goingOn) if (!(await keepAttempt(bus, held.claim, membership.epoch))) held.end("isolated");
    seenAt = performance.now();
    isolated = false;
    log.info({ epoch: membership.epoch, kept: goingOn.length }, "in contact again");
  }

  /** With each renewal, what takes longer is looked at: whether somebody asked to stop it and we did not hear, or took it away. */
  async function lookAfter(): Promise<void> {
    const now = performance.now();
    for (const held of hand.all()) {
      const { claim, since, signal } = held;
      if (now - since < durations.runnerLeaseRenewal || signal.aborted) continue;
      try {
        await lookAtAttempt(bus, claim);
        if (claim.record.cancel === true) held.end("cancel");
        else if (claim.record.state === "revoked") held.end("isolated");
        else if (Date.now() - Date.parse(claim.record.at) > rewriteMs) await refreshAttempt(bus, claim);
      } catch (error) {
        log.warn({ error: String(error) }, "an attempt's record can't be read");
      }
    }
  }
}

/** The records' bucket is aged by days: see docs/decisions/0004. */
const rewriteMs = 86_400_000;
