import { hash, problem, type Command, type Outcome, type ProblemData, type Progress, type Run, type Value } from "@bellhop/contracts";
import type { WorkflowCommand } from "../workflow/event.ts";
import { reasonOf, reasons } from "../workflow/reason.ts";
import { ended } from "./ending.ts";
import type { Decision, DecideSettings, RunEvent } from "./event.ts";
import { retryOf } from "./retry.ts";

type WorkflowEnd = Extract<WorkflowCommand, { kind: "end" }>;

/** The end of a workflow's run, as its conductor says it. @param at.commands what the step wants besides, before the end is told */
export function workflowEnded(at: {
  run: Run;
  event: RunEvent;
  end: WorkflowEnd;
  isChain: boolean;
  commands: Command[];
  progress: Progress[];
  settings: DecideSettings;
}): Extract<Decision, { kind: "changed" }> {
  const { run, event, end, isChain, commands, progress, settings } = at;
  const { status, output, errors } = end;
  // A chain's output has the form of its result.
  const result = isChain ? output : { output, ...(errors.length === 0 ? {} : { errors }) };
  const { value, kept } = valueOf(result);
  const why = problemOf({ run, status, errors });
  const outcome: Outcome = {
    status,
    output: value,
    ms: Math.max(0, Date.parse(event.at) - Date.parse(run.askedAt)),
    ...(why === undefined ? {} : { problem: why }),
  };
  const decision = ended({ run, event, outcome, output: result, retry: retryOf({ run, outcome, settings }) });
  return { ...decision, commands: [...commands, ...decision.commands], kept: [...kept, ...(decision.kept ?? [])], progress };
}

/** Why it ended so: of what failed, what its conductor logged; of what was canceled, why a task of it could not begin, if that was it. */
function problemOf({ run, status, errors }: { run: Run } & Pick<WorkflowEnd, "status" | "errors">): ProblemData | undefined {
  if (status === "canceled") return run.workflow?.refused;
  if (status === "succeeded" || errors.length === 0) return undefined;
  const why = reasons(errors)
    .map((entry) => (entry.task_id === undefined ? reasonOf(entry) : `${entry.task_id}: ${reasonOf(entry)}`))
    .join(" ");
  return problem("workflow_failed", { action: run.action, run: run.id, status, why: why.slice(0, longestWhy) }).data;
}

const longestWhy = 500;

/** What is large lies in the object store, under its hash. */
function valueOf(result: unknown): { value: Value; kept: { object: string; text: string }[] } {
  const text = JSON.stringify(result);
  const bytes = new TextEncoder().encode(text).length;
  if (bytes <= largestInline) return { value: { inline: result }, kept: [] };
  const object = hash(text);
  return { value: { ref: { object, bytes } }, kept: [{ object, text }] };
}

/** Two of them and the reply share the last record of a sub-workflow. */
const largestInline = 8 * 1024;
