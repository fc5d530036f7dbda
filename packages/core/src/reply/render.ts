import type { Body, Outcome, Problem, Run } from "@bellhop/contracts";

/** Words the final reply of a run.
 *  @param at.output the outcome's output, loaded where it travelled by reference */
export function renderReply(_at: { run: Run; outcome: Outcome; output?: unknown }): Body {
  throw new Error("to come");
}

/** A problem as chat shows it: what, and what to do about it. */
export function renderProblem(_problem: Pick<Problem, "message" | "hint">): Body {
  throw new Error("to come");
}
