import type { Transition, Workflow, WorkflowTask } from "./definition.ts";
import { at as itemAt, each } from "./list.ts";
import { reasonOf } from "./reason.ts";
import type { TaskState, TaskStatus, WorkflowState } from "./state.ts";

/** Why a task ran, waits, or did not run: one for each time that it began, or one that says why it did not. */
export interface Explained {
  readonly task: string;
  readonly status: TaskStatus | "waits" | "did not run";
  /** In words. */
  readonly why: readonly string[];
}

/** Goes through the tasks of a workflow, in the order of their definition. */
export function explainWorkflow(workflow: Workflow, state: WorkflowState): Explained[] {
  const instances = [...each(state.sequence)].filter(({ of }) => of === undefined);
  return workflow.tasks.flatMap((task): Explained[] => {
    const own = instances.filter(({ task: name }) => name === task.name);
    const begun = own.map((one) => ({ task: task.name, status: one.status, why: begunWhy({ workflow, state, task, instances }, one) }));
    const waits = state.staged.filter(({ task: name, number, retry }) => name === task.name && number === undefined && retry === undefined);
    if (waits.length > 0) return [...begun, { task: task.name, status: "waits", why: waitsWhy({ workflow, state, task, instances }) }];
    return begun.length > 0 ? begun : [{ task: task.name, status: "did not run", why: notRunWhy({ workflow, state, task, instances }) }];
  });
}

interface Place {
  workflow: Workflow;
  state: WorkflowState;
  task: WorkflowTask;
  instances: readonly TaskState[];
}

function begunWhy({ state, task }: Place, one: TaskState): string[] {
  const led = [...each(one.previous)].flatMap(({ number, key }) => {
    const from = itemAt(state.sequence, number)?.task;
    return task.inbound.filter((way) => way.from === from && way.key === key).map(ledWords);
  });
  const cleaned =
    one.cleans === true && led.length === 0
      ? [`it cleans up after the workflow ${state.cleaning === "cancel" ? "was canceled" : "failed"}`]
      : [];
  const first = led.length === 0 && cleaned.length === 0 ? ["it stands at the beginning"] : [];
  const tried = one.attempt > 1 ? [`it was tried ${one.attempt} times`] : [];
  const items = one.items === undefined ? [] : [`${one.items.statuses.succeeded ?? 0} of ${one.items.list.length} items succeeded`];
  const error = state.errors.findLast(({ task_id: id, route = 0 }) => id === task.name && route === one.route);
  return [...led, ...cleaned, ...first, ...tried, ...items, ...(error === undefined ? [] : [reasonOf(error)])];
}

/** A join that not enough led to yet. */
function waitsWhy(place: Place): string[] {
  const { task, instances, state } = place;
  const missing = task.before.filter((name) => !leads(place, name));
  if (missing.length === 0)
    return [state.status === "paused" || state.status === "pausing" ? "the workflow is paused" : "it is about to begin"];
  return missing.map((name) =>
    instances.some((one) => one.task === name) ? `it waits for ${name}` : `it waits for ${name}, which has not begun`,
  );
}

function leads({ task, instances }: Place, name: string): boolean {
  const ways = task.inbound.filter(({ from }) => from === name);
  return instances.some((one) => one.task === name && ways.some((way) => one.next[idOf(way.to, way)] === true));
}

function notRunWhy(place: Place): string[] {
  const { task, instances, state } = place;
  if (task.inbound.length === 0) return [`the workflow ended before it, ${state.status}`];
  return task.inbound.flatMap((way) => {
    const before = instances.filter(({ task: name }) => name === way.from);
    if (before.length === 0) return [`${way.from} did not run`];
    const last = before.at(-1);
    const taken = last?.next[idOf(way.to, way)];
    if (taken === true) return [`${way.from} led to it, but the workflow ended first, ${state.status}`];
    if (taken === false) return [`${way.from} ${last?.status ?? ""}, and its condition was not true: ${way.when ?? "always"}`];
    return [
      last?.endedAt === undefined ? `${way.from} has not ended` : `${way.from} ended ${last.status}, and nothing was led to after that`,
    ];
  });
}

function ledWords({ from, when }: Transition): string {
  return when === undefined ? `${from} led to it, however it ended` : `${from} led to it: ${when}`;
}

function idOf(name: string, { key }: Transition): string {
  return `${name}__t${key}`;
}
