import { problem, type ProblemData } from "@bellhop/contracts";
import type { ActionLog, AnyAction } from "./action.ts";

export { isAction, type ActionLog, type AnyAction } from "./action.ts";
export { isAlias, type AnyAlias } from "./alias.ts";

/** How an action ended. `output` is JSON; a failure has one where the action kept a result. */
export type Executed = { kind: "succeeded"; output: unknown } | { kind: "failed"; problem: ProblemData; output?: unknown };

/** Carries an action out: checks the input, runs, checks the output. For runners and tests; never throws for what pack code does.
 *  @param call.action its ref, `pack.name`, for the wording of problems */
export async function executeAction(
  definition: AnyAction,
  call: { action: string; input: Record<string, unknown>; config?: Record<string, unknown>; log: ActionLog; signal: AbortSignal },
): Promise<Executed> {
  void definition;
  return { kind: "failed", problem: problem("internal", { why: `${call.action} can't be run yet`, run: "-" }).data };
}
