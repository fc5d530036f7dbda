import type { Delivery } from "@bellhop/bus";
import { messageIds, Problem, subjects, toProblem, type ActionRequested } from "@bellhop/contracts";
import { point } from "@bellhop/service";
import { claimAttempt, startAttempt } from "./attempts.ts";
import { carryOut, type AttemptResult } from "./carry-out.ts";
import type { Held } from "./hand.ts";
import type { JournalEntry } from "./journal.ts";
import { endReason } from "./kinds/kind.ts";
import type { ReadyPack } from "./packs.ts";
import type { Runner } from "./runner.ts";
import { settle } from "./settle.ts";

/** One request: at most one runner starts it, and from its claim on this runner's life answers for it. */
export async function onActionRequested(runner: Runner, request: ActionRequested, delivery: Pick<Delivery, "ack">): Promise<void> {
  const { bus, hand, log } = runner;
  await runner.mayClaim();
  // Before the claim: a runner that can't have the pack leaves the attempt to one that can.
  const pack = await runner.packs.ensure(request.digest).catch((error: unknown) => {
    if (runner.packs.missingFor(request.digest) < runner.packPatienceMs) throw error;
    // No runner could have it for so long: the person who asked is told instead of waiting for ever.
    return toProblem(error, request.run);
  });
  const claim = await claimAttempt({ bus, by: runner.claimant(), request, inHand: hand.has(request) });
  if (claim === undefined) return;
  const held = hand.take(request, claim);
  try {
    point("runner.claimed");
    // Should it come again nevertheless, the claim is what counts.
    await delivery.ack().catch((error: unknown) => log.warn({ error: String(error) }, "a request could not be acknowledged"));
    point("runner.acknowledged");
    await attemptIt(runner, held, pack);
  } catch (error) {
    // The claim stands and the request is gone: only what the next life finds in the journal, or the end of this one, can mend it.
    log.error({ ...attemptOf(request), error: String(error) }, "an attempt could not be brought to its end");
    throw error;
  } finally {
    hand.drop(held);
  }
}

/** A request that no handler survived, or that can't be read, still gets its answer. */
export async function onDeadRequest(runner: Runner, request: ActionRequested | undefined, problem: Problem): Promise<void> {
  if (request === undefined) return;
  const finished = {
    v: 1,
    ...attemptOf(request),
    runner: runner.claimant().id,
    outcome: { status: "failed", problem: problem.data },
  } as const;
  await runner.bus.publish(subjects.action.finished, finished, { id: messageIds.finished(request) });
}

async function attemptIt(runner: Runner, held: Held, pack: ReadyPack | Problem): Promise<void> {
  const { bus, journal, log } = runner;
  const { request, claim, signal } = held;
  const { action, repeatable } = request;
  const entry: JournalEntry = { v: 1, attempt: attemptOf(request), action, repeatable };
  // On disk before it is marked as started: whoever comes back under this name knows what may have begun.
  await journal.write(entry);
  const begun = endedBefore(signal) ?? (await startAttempt(bus, claim));
  let result: AttemptResult | undefined;
  if (pack instanceof Problem && begun === "started") {
    result = { status: "failed", problem: pack.data };
  } else if (begun === "started" && !(pack instanceof Problem)) {
    point("runner.started");
    log.debug({ ...entry.attempt, action }, "attempt started");
    result = await carryOut(runner, held, pack);
    point("runner.worked");
  } else if (begun === "canceled") {
    result = { status: "canceled" };
  }
  if (result === undefined) {
    journal.remove(entry.attempt);
    return;
  }
  await journal.write({ ...entry, result });
  point("runner.journaled");
  await settle(runner, { entry, result, claim });
  log.info({ ...entry.attempt, action, status: result.status, ms: result.ms }, "attempt finished");
}

function endedBefore(signal: AbortSignal): "canceled" | "revoked" | undefined {
  const reason = endReason(signal);
  if (reason === undefined) return undefined;
  return reason === "cancel" ? "canceled" : "revoked";
}

function attemptOf({ run, task, attempt }: ActionRequested): { run: string; task: string; attempt: number } {
  return { run, task, attempt };
}
