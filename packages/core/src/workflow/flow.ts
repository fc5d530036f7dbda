import { published } from "./chain.ts";
import { variablesAt, Variables } from "./context.ts";
import type { WorkflowTask } from "./definition.ts";
import { addContext, arrivalsAt, definitionOf, fail, happen, hasStatus, isBusy, isTerminal, log, type Draft } from "./draft.ts";
import { each } from "./list.ts";
import { isEnded, isFailure, type Left } from "./machine.ts";
import { renderAll } from "./render.ts";
import type { TaskState } from "./state.ts";

/** Whether enough leads to a task on a route that something has led to; or may still, or can't any more. */
export function inbound(draft: Draft, definition: WorkflowTask, route: number): "enough" | "open" | "short" {
  const { join, before, name } = definition;
  if (join === undefined) return "enough";
  const { begun, led } = arrivalsAt(draft, name, route);
  if (led >= (join === "all" ? before.length : Math.max(1, join))) return "enough";
  // As in the original a task that runs leads nowhere yet, so that its join is told as missed at once where the workflow fails.
  return begun < before.length && (isBusy(draft) || isAnyReady(draft)) ? "open" : "short";
}

/** A task changed: what that comes to for the workflow. */
export function hear(draft: Draft, task: TaskState): void {
  if (draft.cleaning !== undefined || isTerminal(draft)) return;
  const { status } = task;
  const rest = isBusy(draft) ? "active" : "dormant";
  if (status === "running" || status === "resuming") {
    if (draft.asked !== "pause" || draft.status === "resuming") happen(draft, `task ${status}`);
  } else if (status === "canceling") happen(draft, "task canceling");
  else if (status === "pending" || status === "paused") {
    if (draft.workflow.pause === "workflow" || (rest === "dormant" && !isAnyReady(draft))) happen(draft, `task ${status} ${rest}`);
  } else if (status === "canceled" || status === "retrying") happen(draft, `task ${status} ${rest}`);
  else if (isFailure(status) && !leadsOn(draft, task) && !leadsToJoin(draft, task)) happen(draft, `task failed ${rest}`);
  else if (isEnded(status)) happen(draft, `task done ${rest} ${leftAfter(draft, task)}`);
  if (isTerminal(draft)) failUnreachable(draft);
}

/** Joins that something led to, and that can't be reached any more, fail a workflow that would be done. Where somebody asked to cancel it nothing is missed. */
export function failUnreachable(draft: Draft): void {
  if (draft.asked === "cancel") return;
  for (const { task, route, ready } of draft.staged) {
    const definition = draft.workflow.byName.get(task);
    if (ready || definition?.join === undefined || inbound(draft, definition, route) !== "short") continue;
    log(draft, {
      message: `UnreachableJoinError: The join task|route "${task}|${route}" is partially satisfied but unreachable.`,
      task_id: task,
      route,
    });
    draft.status = "failed";
  }
}

/** Once it has ended, and as long as nothing was given. */
export function giveOutput(draft: Draft): void {
  if (!isTerminal(draft) || draft.output !== null) return;
  if (draft.workflow.chain) draft.output = chainResult(draft);
  const { values, faults } = renderAll(draft.workflow.output, { draft, variables: lastVariables(draft) });
  if (Object.keys(values).length > 0) draft.output = values;
  for (const message of faults) {
    if (draft.status === "succeeded" || draft.status === "failed") fail(draft, { message });
    else log(draft, { message });
  }
}

/** What a chain did, in the order in which it did it. */
function chainResult(draft: Draft): Readonly<Record<string, unknown>> {
  const tasks = Array.from(each(draft.sequence), (task, number) => ({ task, number })).flatMap(({ task, number }) =>
    draft.workflow.byName.has(task.task) && isEnded(task.status)
      ? [
          {
            id: task.task,
            name: task.task,
            execution_id: String(number),
            workflow: null,
            created_at: task.startedAt,
            updated_at: task.endedAt ?? null,
            state: task.expired === true ? "timeout" : task.status,
            result: task.result ?? null,
          },
        ]
      : [],
  );
  return { tasks, published: lastVariables(draft).get(published) ?? {} };
}

/** What the last tasks saw, all together. */
export function lastVariables(draft: Draft): Variables {
  const [first = emptyContext(draft), ...others] = lastContexts(draft);
  let variables = variablesAt(draft.contexts, first);
  for (const other of others) variables = variables.joined(variablesAt(draft.contexts, other));
  return variables;
}

/** The same as a node of its own. */
export function lastContext(draft: Draft): number {
  const [first = emptyContext(draft), ...others] = lastContexts(draft);
  return others.reduce((from, other) => addContext(draft, { from, with: other }), first);
}

export function isAnyReady(draft: Draft): boolean {
  return draft.staged.some(({ ready }) => ready);
}

function lastContexts(draft: Draft): readonly number[] {
  return Array.from(each(draft.sequence))
    .filter(({ terminal }) => terminal === true)
    .map(({ context }) => context);
}

/** Where nothing ended there is nothing to see. */
function emptyContext(draft: Draft): number {
  return addContext(draft, { set: {} });
}

/** Whether a task that has ended leads to more than `continue`. */
function leadsOn(draft: Draft, task: TaskState): boolean {
  const definition = draft.workflow.byName.get(task.task);
  if (definition === undefined) return false;
  return definition.next.some(({ to, key, command }) => {
    if (command === "continue" || task.next[`${to}__t${key}`] !== true) return false;
    if (command !== undefined) return true;
    const target = definitionOf(draft, to);
    return target.join === undefined || inbound(draft, target, task.route) !== "short";
  });
}

/** A failure that leads to a join is cared for, whatever becomes of the join. */
function leadsToJoin({ workflow }: Draft, task: TaskState): boolean {
  const next = workflow.byName.get(task.task)?.next ?? [];
  return next.some(({ to, key }) => task.next[`${to}__t${key}`] === true && workflow.byName.get(to)?.join !== undefined);
}

function leftAfter(draft: Draft, task: TaskState): Left {
  if (hasStatus(draft, "canceling", "canceled")) return "canceled";
  const more = isAnyReady(draft) || leadsOn(draft, task);
  const waiting = hasStatus(draft, "pausing", "paused", "pending");
  // Branches that wait hold no others, where the definition says so.
  if (draft.workflow.pause === "branch" && (more || isBusy(draft)) && !hasStatus(draft, "pausing")) return more ? "more" : "none";
  return waiting ? "paused" : more ? "more" : "none";
}
