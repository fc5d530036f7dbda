import type { Transition, WorkflowTask } from "./definition.ts";
import {
  addContext,
  change,
  definitionOf,
  fail,
  lead,
  log,
  note,
  restage,
  stage,
  stagedAt,
  taskAt,
  unstage,
  isTerminal,
  type Draft,
} from "./draft.ts";
import { hear, inbound } from "./flow.ts";
import { resultsOf } from "./items.ts";
import { append, emptyList } from "./list.ts";
import { isActive, isEnded, isFailure, taskChanges, type Report, type TaskHappeningOf } from "./machine.ts";
import { holds, renderAll, renderTemplate, scopeOf, type Rendered, type Scope } from "./render.ts";
import type { Staged, TaskState } from "./state.ts";

/** A task without items reports. */
export function report(draft: Draft, number: number, given: { readonly status: Report; readonly result?: unknown }): void {
  const task = taskAt(draft, number);
  if (given.status === "failed") {
    log(draft, {
      message: executionFailed,
      task_id: task.task,
      ...(given.result === undefined || given.result === null ? {} : { result: given.result }),
    });
  }
  // To orquesta what timed out has failed; a chain tells them apart.
  if (given.status === "timeout" && draft.workflow.chain) change(draft, number, { expired: true });
  move(draft, number, { happening: given.status, result: given.result ?? null });
}

export const executionFailed = "Execution failed. See result for details.";

/** Takes a task to what the table says, and follows what that leads to. */
export function move(draft: Draft, number: number, given: { readonly happening: TaskHappeningOf; readonly result: unknown }): void {
  const before = taskAt(draft, number);
  const status = taskChanges[before.status][given.happening] ?? before.status;
  const task = status === before.status ? before : change(draft, number, { status, ...(isEnded(status) ? { endedAt: draft.at } : {}) });
  if (isEnded(status) && status !== before.status) end(draft, number, given.result);
  else {
    hear(draft, task);
    if (isTerminal(draft)) change(draft, number, { terminal: true });
  }
}

/** It has ended: it is tried again, or what it leads to is staged. */
function end(draft: Draft, number: number, given: unknown): void {
  const task = taskAt(draft, number);
  const definition = definitionOf(draft, task.task);
  clearTimeout(draft, number, task);
  const waiting = draft.staged.find((staged) => staged.number === number);
  if (waiting !== undefined) unstage(draft, waiting);
  const result = task.items === undefined ? given : resultsOf(task.items);
  const scope = scopeOf(draft, task.context, { id: task.task, route: task.route, result });
  if (isTriedAgain(draft, task, scope)) return again(draft, number);
  if (definition.next.length === 0) change(draft, number, { terminal: true });
  if (draft.workflow.keepsResults) change(draft, number, { result });
  follow(draft, { number, definition, scope, taken: new Map() });
}

/** An error in the condition fails the workflow, and is no reason to try again. */
function isTriedAgain(draft: Draft, task: TaskState, scope: Scope): boolean {
  const { retry, status } = task;
  if (retry === undefined || !isActive(draft.status) || retry.tally >= retry.count || status === "canceled" || draft.expired === true)
    return false;
  if (retry.when === undefined) return isFailure(status);
  const held = holds(retry.when, scope);
  if (held.kind === "value") return held.value;
  fail(draft, { message: held.message, task_id: task.task, route: task.route });
  return false;
}

function again(draft: Draft, number: number): void {
  const { task, route, context, previous, retry, attempt } = taskAt(draft, number);
  if (retry === undefined) throw new Error(`${task} is not tried again`);
  const tallied = { ...retry, tally: retry.tally + 1 };
  const retried = change(draft, number, { status: "retrying", retry: tallied, attempt: attempt + 1, items: undefined, expired: undefined });
  stage(draft, { task, route, context, previous, ready: true, retry: retry.delay ?? 0 });
  hear(draft, retried);
}

interface Ending {
  readonly number: number;
  readonly definition: WorkflowTask;
  readonly scope: Scope;
  /** By `task__tKEY` of where they lead, filled one by one. */
  readonly taken: Map<string, boolean>;
}

/** All transitions whose condition holds are taken, not the first alone. */
function follow(draft: Draft, ending: Ending): void {
  const { number, definition, taken } = ending;
  const commands: Staged[] = [];
  const next: Staged[] = [];
  for (const transition of definition.next) {
    const staged = take(draft, ending, transition);
    if (staged === undefined) continue;
    if (transition.command !== undefined) commands.push(staged);
    else if (staged.ready) next.push(staged);
  }
  if (commands.some(({ task }) => task === "fail")) for (const staged of next) despite(draft, staged);
  hear(draft, change(draft, number, { next: Object.fromEntries(taken) }));
  for (const command of commands) obey(draft, command);
  if (isTerminal(draft)) change(draft, number, { terminal: true });
}

/** Undefined where its condition does not hold, or can't be told. */
function take(draft: Draft, { number, definition, scope, taken }: Ending, transition: Transition): Staged | undefined {
  const { route, context: from } = taskAt(draft, number);
  const { to, key } = transition;
  const place = { task_id: definition.name, route, task_transition_id: `${to}__t${key}` };
  const held = isNamed(transition, holds(transition.when, scope), scope);
  if (held.kind === "fault") {
    fail(draft, { message: held.message, ...place });
    return undefined;
  }
  if (
    held.value &&
    definition.joins.includes(to) &&
    !definition.next.some((other) => other.to === to && taken.get(`${to}__t${other.key}`) === true)
  ) {
    lead(draft, number, to);
  }
  taken.set(`${to}__t${key}`, held.value);
  if (!held.value) return undefined;
  const { values, faults } = renderAll(transition.publish, scope);
  for (const message of faults) fail(draft, { message, ...place });
  if (faults.length > 0) return undefined;
  const context = Object.keys(values).length > 0 ? addContext(draft, { from, set: values }) : from;
  return arrive(draft, { transition, number, context });
}

/** Of an action chain's transition with a template, whether it leads where it says. */
function isNamed({ named, to }: Transition, held: Rendered<boolean>, scope: Scope): Rendered<boolean> {
  if (named === undefined || held.kind === "fault" || !held.value) return held;
  const rendered = renderTemplate(named, scope);
  return rendered.kind === "fault" ? rendered : { kind: "value", value: rendered.value === to };
}

/** Stages where a transition leads, or adds to what is staged there. */
function arrive(draft: Draft, given: { readonly transition: Transition; readonly number: number; readonly context: number }): Staged {
  const { transition, number, context } = given;
  const { route: from } = taskAt(draft, number);
  const route = routeOf(draft, transition, from);
  const step = { number, key: transition.key };
  const definition = draft.workflow.byName.get(transition.to);
  const before = definition === undefined ? undefined : stagedAt(draft, transition.to, route);
  const staged: Staged =
    before === undefined
      ? { task: transition.to, route, context, previous: append(emptyList(), step), ready: false }
      : {
          ...before,
          context: before.context === context ? context : addContext(draft, { from: before.context, with: context }),
          previous: append(before.previous, step),
        };
  const ready = definition === undefined || inbound(draft, definition, from) === "enough";
  const after: Staged = { ...staged, ready, ...(draft.cleaning === undefined ? {} : { cleans: true }) };
  if (definition === undefined) return after;
  if (before === undefined) stage(draft, after);
  else restage(draft, before, after);
  return after;
}

/** A task that several lead to without a join has a route for each of them, unless it is in a cycle. */
function routeOf(draft: Draft, { from, to, key }: Transition, route: number): number {
  if (draft.workflow.byName.get(to)?.splits !== true) return route;
  const own = draft.routes[route] ?? [];
  const id = `${from}__t${key}`;
  if (own.includes(id)) return route;
  draft.routes = [...draft.routes, [...own, id]];
  return draft.routes.length - 1;
}

function despite(draft: Draft, staged: Staged): void {
  const found = stagedAt(draft, staged.task, staged.route);
  if (found !== undefined) restage(draft, found, { ...found, despite: true });
}

/** `continue`, `noop` and `fail` are tasks that end where they begin. */
function obey(draft: Draft, { task, route, context, previous }: Staged): void {
  const status = task === "fail" ? "failed" : "succeeded";
  const done: TaskState = {
    task,
    route,
    status,
    context,
    previous,
    next: {},
    terminal: true,
    attempt: 1,
    startedAt: draft.at,
    endedAt: draft.at,
  };
  if (status === "failed") log(draft, { message: executionFailed, task_id: task });
  note(draft, done);
  hear(draft, done);
}

export function timeoutOf(number: number, attempt: number): string {
  return `timeout.${number}.${attempt}`;
}

function clearTimeout(draft: Draft, number: number, task: TaskState): void {
  if (definitionOf(draft, task.task).timeout !== undefined) draft.commands.push({ kind: "clear", name: timeoutOf(number, task.attempt) });
}
