import type { Delivery } from "@bellhop/bus";
import { attemptIn, messageIds, Problem, spans, subjects, toProblem, type ActionRequested, type AttemptRef } from "@bellhop/contracts";
import { point, type Log } from "@bellhop/service";
import { claimAttempt, startAttempt } from "./attempts.ts";
import { carryOut, type AttemptResult, type Ground } from "./carry-out.ts";
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
  let result: Result | undefined;
  try {
    point("runner.claimed");
    const entry = entryOf(request);
    runner.journal.write(entry);
    const acknowledged = acknowledge(delivery, log);
    const ground = pack instanceof Problem ? pack : await groundOf(runner, request, pack);
    result = await traced(runner, request, () => work(runner, { held, entry, ground, acknowledged }));
  } catch (error) {
    hand.drop(held);
    failed(runner, request, error);
    throw error;
  }
  // This hand is free for the next attempt while the result goes out. It still answers for it: the drain waits.
  if (result === undefined) hand.drop(held);
  else await runner.settling.add(tell(runner, held, result));
}

/** One span for the attempt, and its place among the figures. A request of an engine of an earlier release names no trace. */
async function traced(runner: Runner, request: ActionRequested, attempt: () => Promise<Result | undefined>): Promise<Result | undefined> {
  const { telemetry } = runner;
  const { trace, run, task, attempt: number, action, pool } = request;
  const counted = async (note: (more: { status?: string }) => void) => {
    const told = await attempt();
    if (told === undefined) return undefined;
    const { status, ms } = told.result;
    note({ status });
    telemetry.count("bellhop_attempts_total", { pool, outcome: status });
    if (ms !== undefined) telemetry.observe("bellhop_attempt_seconds", { pool }, ms / 1000);
    return told;
  };
  if (trace === undefined) return await counted(() => {});
  return await telemetry.span(() => spans.attempt(trace, request), { run, task, attempt: number, action, pool }, counted);
}

/** A request that no handler survived, or that can't be read, still gets its answer. */
export async function onDeadRequest(runner: Runner, request: ActionRequested | undefined, raw: string, problem: Problem): Promise<void> {
  const attempt = request ?? attemptIn(raw);
  if (attempt === undefined) return;
  const finished = {
    v: 1,
    ...attemptOf(attempt),
    runner: runner.claimant().id,
    outcome: { status: "failed", problem: problem.data },
    trace: request?.trace,
  } as const;
  await runner.bus.publish(subjects.action.finished, finished, { id: messageIds.finished(attempt) });
}

/** A result that only has to be told. */
interface Result {
  entry: JournalEntry;
  result: AttemptResult;
}

/** From the claim to the end of the work. Undefined: there is nothing to tell, another attempt follows or another runner has it. */
async function work(
  runner: Runner,
  { held, entry, ground, acknowledged }: { held: Held; entry: JournalEntry; ground: Ground | Problem; acknowledged: Promise<void> },
): Promise<Result | undefined> {
  const { bus, journal, desks, log } = runner;
  const { claim, signal } = held;
  // Both before the first side effect, in no order: what counts for others is the claim (docs/decisions/0007).
  const [begun] = await Promise.all([endedBefore(signal) ?? startAttempt(bus, claim), acknowledged]);
  let result: AttemptResult | undefined;
  if (ground instanceof Problem && begun === "started") {
    result = { status: "failed", problem: ground.data };
  } else if (begun === "started" && !(ground instanceof Problem)) {
    point("runner.started");
    log.info({ ...entry.attempt, action: entry.action, trace: entry.trace }, "attempt started");
    result = await carryOut(runner, held, ground);
    point("runner.worked");
  } else if (begun === "canceled") {
    result = { status: "canceled" };
  }
  if (result !== undefined) return { entry, result };
  journal.remove(entry.attempt);
  await desks.clear(entry.attempt);
  return undefined;
}

/** Before the attempt is marked as started: who dies while files are fetched leaves it to the next one. Each attempt is given the values of its own time. */
async function groundOf({ desks, configs }: Runner, request: ActionRequested, pack: ReadyPack): Promise<Ground | Problem> {
  const { action, config: instance, user } = request;
  const whose = { ...(instance === undefined ? {} : { instance }), ...(user === undefined ? {} : { user }) };
  try {
    const config = await configs.valuesFor({ version: pack.version, action, ...whose });
    return { pack, config, desk: await desks.lay(attemptOf(request), request.files) };
  } catch (error) {
    return toProblem(error, request.run);
  }
}

async function tell(runner: Runner, held: Held, { entry, result }: Result): Promise<void> {
  const { journal, hand, log } = runner;
  try {
    journal.write({ ...entry, result });
    point("runner.journaled");
    await settle(runner, { entry, result, claim: held.claim });
    log.info({ ...entry.attempt, action: entry.action, status: result.status, ms: result.ms, trace: entry.trace }, "attempt finished");
  } catch (error) {
    failed(runner, held.request, error);
  } finally {
    hand.drop(held);
  }
}

/** Should it come again nevertheless, the claim is what counts. */
async function acknowledge(delivery: Pick<Delivery, "ack">, log: Log): Promise<void> {
  await delivery.ack().catch((error: unknown) => log.warn({ error: String(error) }, "a request could not be acknowledged"));
  point("runner.acknowledged");
}

/** The claim stands and the request is gone: only what the next life finds in the journal, or the end of this one, can mend it. */
function failed({ log }: Runner, request: ActionRequested, error: unknown): void {
  log.error({ ...attemptOf(request), error: String(error) }, "an attempt could not be brought to its end");
}

/** On disk before it is marked as started: whoever comes back under this name knows what may have begun. */
function entryOf(request: ActionRequested): JournalEntry {
  const { action, repeatable, trace } = request;
  return { v: 1, attempt: attemptOf(request), action, repeatable, ...(trace === undefined ? {} : { trace }) };
}

function endedBefore(signal: AbortSignal): "canceled" | "revoked" | undefined {
  const reason = endReason(signal);
  if (reason === undefined) return undefined;
  return reason === "cancel" ? "canceled" : "revoked";
}

function attemptOf({ run, task, attempt }: AttemptRef): AttemptRef {
  return { run, task, attempt };
}
