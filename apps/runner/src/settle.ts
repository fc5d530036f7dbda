import { messageIds, Problem, subjects, toProblem, type ActionFinished, type AttemptRef, type Outcome } from "@bellhop/contracts";
import { point } from "@bellhop/service";
import { finishAttempt, type Claim } from "./attempts.ts";
import type { AttemptResult } from "./carry-out.ts";
import type { JournalEntry } from "./journal.ts";
import type { Runner } from "./runner.ts";

/** Tells a result that lies in the journal: published until stored, the record says finished, the journal forgets it. Safe to repeat from the
 *  beginning, in this life or the next. */
export async function settle(
  runner: Pick<Runner, "bus" | "journal" | "desks" | "log">,
  told: { entry: JournalEntry; result: AttemptResult; claim: Claim | undefined },
): Promise<void> {
  const { bus, journal, desks, log } = runner;
  const { entry, result, claim } = told;
  const { attempt } = entry;
  const { run, task } = attempt;
  const finished: ActionFinished = {
    v: 1,
    run,
    task,
    attempt: attempt.attempt,
    runner: claim?.record.runner ?? "",
    outcome: await outcomeOf(runner, attempt, result),
    ...(entry.trace === undefined ? {} : { trace: entry.trace }),
  };
  const id = messageIds.finished(attempt);
  await bus.publish(subjects.action.finished, finished, { id }).catch(async (error: unknown) => {
    // What another try can't mend: the result is lost, but that it is must be told.
    if (!(error instanceof Problem) || error.retry) throw error;
    log.error({ ...attempt, problem: error.message }, "a result can't be published");
    const outcome: Outcome = { status: "failed", problem: error.data };
    await bus.publish(subjects.action.finished, { ...finished, outcome }, { id });
  });
  point("runner.published");
  if (claim !== undefined) await finishAttempt(bus, claim);
  point("runner.finished");
  journal.remove(attempt);
  await desks.clear(attempt);
}

/** What a result refers to is stored before anybody hears of it. */
async function outcomeOf(
  { bus, desks }: Pick<Runner, "bus" | "desks">,
  attempt: AttemptRef,
  { output, files, ...rest }: AttemptResult,
): Promise<Outcome> {
  try {
    return {
      ...rest,
      ...(output === undefined ? {} : { output: await bus.storeValue(output) }),
      ...(files === undefined ? {} : { files: await desks.store(attempt, files) }),
    };
  } catch (error) {
    const { retry, data } = toProblem(error);
    if (retry) throw error;
    return { ...rest, status: "failed", problem: data };
  }
}
