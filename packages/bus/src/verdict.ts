import { limits, type Problem } from "@bellhop/contracts";

export type Verdict = { kind: "again"; afterMs: number } | { kind: "dead" };

/** What becomes of a message whose handler threw: a problem that passes is tried for ever, a crash `limits.deliveries` times. */
export function verdict(failure: { problem: Problem; crashes: number; retries: number; ackWaitMs: number }): Verdict {
  const { problem, crashes, retries, ackWaitMs } = failure;
  if (!problem.retry && crashes >= limits.deliveries) return { kind: "dead" };
  const doublings = Math.min(problem.retry ? retries : crashes, 16) - 1;
  return { kind: "again", afterMs: Math.min(ackWaitMs, (ackWaitMs / 50) * 2 ** Math.max(0, doublings)) };
}

/** Whether a message was delivered so often that it must be what kills its handlers' processes. Deliveries also count restarts and
 *  messages given back, so this allows for several times as many as crashes that were seen. */
export function killsItsHandlers(deliveries: number): boolean {
  return deliveries > limits.deliveries * 4;
}
