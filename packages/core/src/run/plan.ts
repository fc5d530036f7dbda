import type { Problem, ReplyPlan, Task } from "@bellhop/contracts";
import type { Catalog, CompiledAlias } from "../catalog.ts";

/** What a run will do, checked and complete. `task.input` is plain: whoever stores it first seals the fields that `secrets` names. */
export interface RunPlan {
  action: string;
  alias?: string;
  reply: ReplyPlan;
  task: Task;
  secrets: string[];
}

export type Planned = { kind: "planned"; plan: RunPlan } | { kind: "refused"; problem: Problem };

/** Turns an action and what was given for its parameters into a plan: StackStorm's rules for parameters, with chat's texts cast by type.
 *  @param at.timeoutMs the time-out where neither action nor input names one */
export function planRun(_at: {
  catalog: Catalog;
  action: string;
  input: Readonly<Record<string, unknown>>;
  alias?: CompiledAlias;
  timeoutMs?: number;
}): Planned {
  throw new Error("to come");
}
