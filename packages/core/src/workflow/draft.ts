import type { Sealed } from "@bellhop/contracts";
import type { HostFunction } from "@bellhop/expression";
import type { KvNames } from "../kv/names.ts";
import type { Workflow, WorkflowTask } from "./definition.ts";
import type { WorkflowCommand } from "./event.ts";
import { append, at, each, put } from "./list.ts";
import { isEnded, workflowChanges, type WorkflowHappening } from "./machine.ts";
import type { Arrivals, ContextNode, LogEntry, Staged, TaskState, TaskStatus, WorkflowState } from "./state.ts";

/** A state while one event changes it, and what is to be done for it. Only its fields are set anew; what they hold is never changed. */
export type Draft = { -readonly [Field in keyof WorkflowState]: WorkflowState[Field] } & {
  readonly workflow: Workflow;
  readonly functions: Functions;
  readonly kv: WorkflowKv | undefined;
  readonly commands: WorkflowCommand[];
};

/** What expressions can call beside what they always can, by name, as a workflow stands. */
export type Functions = (state: WorkflowState) => Readonly<Record<string, HostFunction>>;

/** The datastore, as this workflow sees it, and what is sealed of its own. What its expressions open is sealed where it is kept. */
export interface WorkflowKv {
  readonly names: KvNames;
  seal(value: unknown): unknown;
  /** Reads what the run holds sealed (inputs, results of tasks, what was published of both), so that `names` tell of it. Absent: it stays closed.
   *  @throws {Fault} where it can't */
  readonly open?: ((sealed: Sealed) => unknown) | undefined;
}

/** What a workflow's expressions can ask of who conducts it. */
export interface Brought {
  readonly functions?: Functions | undefined;
  readonly kv?: WorkflowKv | undefined;
}

export function draftOf(workflow: Workflow, state: WorkflowState, { functions = () => ({}), kv }: Brought = {}): Draft {
  return { ...state, workflow, functions, kv, commands: [] };
}

export function finishDraft({ workflow: _workflow, functions: _functions, kv: _kv, commands: _commands, ...state }: Draft): WorkflowState {
  return state;
}

export function taskAt(draft: Draft, number: number): TaskState {
  const task = at(draft.sequence, number);
  if (task === undefined) throw new Error(`there is no task ${number}`);
  return task;
}

export function definitionOf(draft: Draft, name: string): WorkflowTask {
  const task = draft.workflow.byName.get(name);
  if (task === undefined) throw new Error(`the definition has no task ${name}`);
  return task;
}

/** The number of the latest instance on a route. */
export function latestOf({ workflow, latest }: Draft, name: string, route: number): number | undefined {
  const task = workflow.byName.get(name);
  return task === undefined ? undefined : at(latest, task.number)?.find((instance) => instance.route === route)?.number;
}

/** All that are the latest on their routes. */
export function* instances(draft: Draft): Generator<{ readonly number: number; readonly task: TaskState }> {
  for (const routes of each(draft.latest)) for (const { number } of routes) yield { number, task: taskAt(draft, number) };
}

/** Another instance, the latest on its route. */
export function begin(draft: Draft, task: TaskState): number {
  const number = draft.sequence.length;
  draft.sequence = append(draft.sequence, task);
  const definition = definitionOf(draft, task.task);
  const { number: place, joins } = definition;
  const routes = at(draft.latest, place) ?? [];
  const before = routes.find(({ route }) => route === task.route);
  if (before === undefined) for (const join of joins) arrive(draft, { join, route: task.route, begun: 1 });
  else {
    const { status, next } = taskAt(draft, before.number);
    count(draft, status, -1);
    for (const join of joins) if (hasLed(definition, next, join)) arrive(draft, { join, route: task.route, led: -1 });
  }
  const instance = { route: task.route, number };
  const others = before === undefined ? routes : routes.filter((other) => other !== before);
  draft.latest = put(draft.latest, place, [...others, instance]);
  count(draft, task.status, 1);
  return number;
}

/** The first transition of an instance that leads to a join. */
export function lead(draft: Draft, number: number, join: string): void {
  const { task, route } = taskAt(draft, number);
  if (latestOf(draft, task, route) === number) arrive(draft, { join, route, led: 1 });
}

export function arrivalsAt({ workflow, arrivals }: Draft, join: string, route: number): Arrivals {
  const number = workflow.byName.get(join)?.number ?? -1;
  return at(arrivals, number)?.find((one) => one.route === route) ?? { route, begun: 0, led: 0 };
}

/** What `continue`, `noop` and `fail` leave behind: the context they were led to with. */
export function note(draft: Draft, task: TaskState): void {
  draft.sequence = append(draft.sequence, task);
}

export function change(draft: Draft, number: number, changes: Partial<TaskState>): TaskState {
  const before = taskAt(draft, number);
  const after = { ...before, ...changes };
  draft.sequence = put(draft.sequence, number, after);
  if (changes.status !== undefined && changes.status !== before.status && latestOf(draft, before.task, before.route) === number) {
    count(draft, before.status, -1);
    count(draft, changes.status, 1);
  }
  return after;
}

export function stagedAt(draft: Draft, task: string, route: number): Staged | undefined {
  return draft.staged.find((staged) => staged.task === task && staged.route === route && staged.number === undefined);
}

export function stage(draft: Draft, staged: Staged): void {
  draft.staged = [...draft.staged, staged];
}

export function restage(draft: Draft, before: Staged, after: Staged): void {
  draft.staged = draft.staged.map((staged) => (staged === before ? after : staged));
}

export function unstage(draft: Draft, gone: Staged): void {
  draft.staged = draft.staged.filter((staged) => staged !== gone);
}

export function addContext(draft: Draft, node: ContextNode): number {
  draft.contexts = append(draft.contexts, node);
  return draft.contexts.length - 1;
}

export function hasStatus({ counts }: Draft, ...statuses: readonly TaskStatus[]): boolean {
  return statuses.some((status) => (counts[status] ?? 0) > 0);
}

export function isBusy(draft: Draft): boolean {
  return hasStatus(draft, "running", "resuming", "pausing", "canceling");
}

/** The same thing is said once. */
export function log(draft: Draft, entry: Omit<LogEntry, "type">): void {
  const added: LogEntry = { type: "error", ...entry };
  const result = resultText(added);
  const known = draft.errors.some(
    (other) =>
      other.message === entry.message &&
      other.task_id === entry.task_id &&
      other.route === entry.route &&
      other.task_transition_id === entry.task_transition_id &&
      resultText(other) === result,
  );
  if (!known) draft.errors = [...draft.errors, added];
}

/** As text once for each: of very many items that fail each is compared with all before it. */
function resultText(entry: LogEntry): string | undefined {
  if (entry.result === undefined) return undefined;
  const text = resultTexts.get(entry) ?? JSON.stringify(entry.result);
  resultTexts.set(entry, text);
  return text;
}

const resultTexts = new WeakMap<LogEntry, string>();

/** What the table says of it. Cleaning up changes nothing any more. */
export function happen(draft: Draft, happening: WorkflowHappening): void {
  if (draft.cleaning !== undefined) return;
  draft.status = workflowChanges[draft.status][happening] ?? draft.status;
}

/** What can't go on fails the workflow; where it has ended already that is so much as a word more. */
export function fail(draft: Draft, entry: Omit<LogEntry, "type">): void {
  log(draft, entry);
  happen(draft, "fault");
}

/** How a task stands on a route, or on the one that this one split off from. */
export function statusOn(draft: Draft, name: string, route: number): TaskStatus | undefined {
  for (let on: number | undefined = route; on !== undefined; on = splitFrom(draft.routes, on)) {
    const number = latestOf(draft, name, on);
    if (number !== undefined) return taskAt(draft, number).status;
  }
  return undefined;
}

/** The longest earlier route whose splits this one has all. */
export function splitFrom(routes: WorkflowState["routes"], route: number): number | undefined {
  const own = new Set(routes[route]);
  const earlier = routes.slice(0, route).findLastIndex((splits) => splits.every((split) => own.has(split)));
  return earlier === -1 ? undefined : earlier;
}

export function isTerminal(draft: Draft): boolean {
  return isEnded(draft.status);
}

function hasLed({ next }: WorkflowTask, taken: TaskState["next"], to: string): boolean {
  return next.some((transition) => transition.to === to && taken[`${to}__t${transition.key}`] === true);
}

function arrive(
  draft: Draft,
  { join, route, begun = 0, led = 0 }: { readonly join: string; readonly route: number; readonly begun?: number; readonly led?: number },
): void {
  const { number } = definitionOf(draft, join);
  const before = arrivalsAt(draft, join, route);
  const after = { route, begun: before.begun + begun, led: before.led + led };
  draft.arrivals = put(draft.arrivals, number, [...(at(draft.arrivals, number) ?? []).filter((one) => one.route !== route), after]);
}

function count(draft: Draft, status: TaskStatus, by: number): void {
  draft.counts = { ...draft.counts, [status]: (draft.counts[status] ?? 0) + by };
}
