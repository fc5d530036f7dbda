import { problem } from "@bellhop/contracts";
import { readAttempt, type Claim } from "./attempts.ts";
import type { AttemptResult } from "./carry-out.ts";
import type { JournalEntry } from "./journal.ts";
import type { Runner } from "./runner.ts";
import { settle } from "./settle.ts";

/** Brings to an end what an earlier life left in the journal. Call it once nothing of that life runs any more.
 *  - A result: it is published, late or again; the engine knows what it has.
 *  - Marked as started, no result: nobody will ever know more, so that is said at once. A repeatable attempt is left to the engine,
 *    which hands out the next one as soon as it sees that the old life is over: one road for each, so the two can't cross.
 *  - Not marked as started: the engine revokes and hands out the next one. */
export async function recover(
  runner: Pick<Runner, "bus" | "journal" | "desks" | "log">,
  left: { id: string; entries: readonly JournalEntry[] },
): Promise<void> {
  const { bus, journal, log } = runner;
  const { id } = left;
  for (const entry of left.entries) {
    const claim = await readAttempt(bus, entry.attempt);
    const result = leftResult(entry, claim, id);
    if (result === undefined) {
      journal.remove(entry.attempt);
      continue;
    }
    log.info({ ...entry.attempt, status: result.status, trace: entry.trace }, "result of an earlier life");
    await settle(runner, { entry, result, claim: claim?.record.runner === id ? claim : undefined });
  }
}

function leftResult(entry: JournalEntry, claim: Claim | undefined, id: string): AttemptResult | undefined {
  if (entry.result !== undefined) return entry.result;
  if (claim === undefined || claim.record.runner !== id || claim.record.state !== "started") return undefined;
  // Its processes are gone, which is what was asked for.
  if (claim.record.cancel === true) return { status: "canceled" };
  if (entry.repeatable) return undefined;
  const { data } = problem("action_abandoned", { run: entry.attempt.run, action: entry.action });
  return { status: "abandoned", problem: data };
}
