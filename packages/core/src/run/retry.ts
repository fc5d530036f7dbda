import type { Outcome, Retry, Run } from "@bellhop/contracts";
import type { DecideSettings } from "./event.ts";

/** The further try that a policy has for a run that failed. None within a workflow, which has retries of its own, for one that was told to end, or that was answered before. */
export function retryOf(at: { run: Run; outcome: Outcome; settings: DecideSettings }): Omit<Retry, "reworded"> | undefined {
  const { run, outcome, settings } = at;
  if (run.parent !== undefined || run.status === "canceling" || run.endedAt !== undefined) return undefined;
  const policy = settings.policies?.(run.action)?.retries.find(({ on }) => on === outcome.status);
  const count = (run.retry?.count ?? 0) + 1;
  return policy === undefined || count > policy.most ? undefined : { count, policy: policy.policy, delayMs: policy.delayMs };
}
