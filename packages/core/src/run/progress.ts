import type { Progress, Task } from "@bellhop/contracts";
import type { Workflow } from "../workflow/definition.ts";
import type { WorkflowEvent } from "../workflow/event.ts";
import { changedPlaces } from "../workflow/list.ts";
import { reasonOf, saidIn } from "../workflow/reason.ts";
import type { WorkflowState } from "../workflow/state.ts";

const longestWhy = 200;

/** What became of a workflow's tasks between two of its states, for whoever looks on.
 *  @param at.happened what led from one to the other
 *  @param at.tasks what is out afterwards */
export function progressOf(at: {
  workflow: Workflow;
  before: WorkflowState | undefined;
  after: WorkflowState;
  happened: WorkflowEvent;
  tasks: Readonly<Record<string, Task>>;
}): Progress[] {
  const { workflow, before, after, happened, tasks } = at;
  const children = new Map(
    Object.entries(tasks).flatMap(([name, { child }]) => (child === undefined ? [] : [[name.split("-")[0] ?? "", child]])),
  );
  return Array.from(changedPlaces(before?.sequence, after.sequence)).flatMap(([place, task, was]) => {
    const definition = workflow.byName.get(task.task);
    const child = children.get(`${place}`);
    // Neither is a word that stands where a task could, as `noop` does.
    if (definition === undefined) return [];
    if (was?.status === task.status && was.attempt === task.attempt && child === undefined) return [];
    const entry = after.errors.findLast(({ task_id: id, route }) => id === task.task && (route ?? 0) === task.route);
    const why = entry === undefined ? failureOf(place, happened) : reasonOf(entry);
    return [
      {
        task: `${place}`,
        name: task.task,
        ...(definition.action === undefined ? {} : { action: definition.action }),
        status: task.status,
        attempt: task.attempt,
        ...(child === undefined ? {} : { run: child }),
        ...(task.items === undefined ? {} : { items: task.items.list.length }),
        ...(why === undefined || task.status === "running" || task.status === "succeeded" ? {} : { why: why.slice(0, longestWhy) }),
      },
    ];
  });
}

/** Why a task failed that the workflow went on from: of such the conductor logs no error. */
function failureOf(place: number, happened: WorkflowEvent): string | undefined {
  if (happened.kind !== "finished" || happened.key.split(".")[0] !== `${place}`) return undefined;
  return saidIn(happened.result);
}
