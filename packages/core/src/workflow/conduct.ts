import { goAgain } from "./again.ts";
import { kept, Variables } from "./context.ts";
import type { Workflow } from "./definition.ts";
import {
  addContext,
  change,
  draftOf,
  fail,
  finishDraft,
  happen,
  hasStatus,
  instances,
  isTerminal,
  log,
  stage,
  taskAt,
  unstage,
  type Brought,
  type Draft,
} from "./draft.ts";
import type { Conducted, WorkflowEvent } from "./event.ts";
import { failUnreachable, giveOutput, isAnyReady, lastContext, lastVariables } from "./flow.ts";
import { executionFailed, move, report } from "./finish.ts";
import { itemHappening, withItem } from "./items.ts";
import { at, each, emptyList, listOf } from "./list.ts";
import { isActive, isEnded, isFailure, taskChanges, type Report } from "./machine.ts";
import { render, renderAll, renderInteger, scopeOf } from "./render.ts";
import { proceed, restOf } from "./start.ts";
import type { TaskState, WorkflowState } from "./state.ts";

/** What an event comes to. A workflow begins with `begin` and no state, and goes on with the state of the step before. Pure; what it costs does not grow with the tasks
 *  that were. An event that concerns nothing that is out gives the state as it was. */
export function conduct(workflow: Workflow, state: WorkflowState | undefined, event: WorkflowEvent, brought?: Brought): Conducted {
  if (state === undefined) {
    if (event.kind !== "begin") throw new Error(`a workflow begins with begin, not with ${event.kind}`);
    const draft = draftOf(workflow, blank(workflow, event), brought);
    enterWorkflow(draft, event);
    return settled(draft);
  }
  if (event.kind === "begin") return { state, commands: [] };
  const draft = draftOf(workflow, { ...state, at: event.at }, brought);
  const heard = apply(draft, event);
  if (heard === "ignored") return { state, commands: [] };
  return heard === "applied" ? settled(draft) : { state, commands: [], refused: heard.refused };
}

/** What the last tasks of a workflow that has ended saw, all together; of another nothing. */
export function contextOf(workflow: Workflow, state: WorkflowState): Readonly<Record<string, unknown>> {
  return isEnded(state.status) ? lastVariables(draftOf(workflow, state)).record() : {};
}

type Heard = "applied" | "ignored" | { readonly refused: string };

function apply(draft: Draft, event: Exclude<WorkflowEvent, { kind: "begin" }>): Heard {
  switch (event.kind) {
    case "finished":
    case "moved":
      return reported(draft, event);
    case "due":
      return due(draft, event.timer);
    case "asked":
      return asked(draft, event.what);
    case "again": {
      const heard = goAgain(draft, event.tasks ?? []);
      if (heard === "applied") limit(draft, 0);
      return heard;
    }
  }
}

function blank(workflow: Workflow, { at, atOnce }: Extract<WorkflowEvent, { kind: "begin" }>): WorkflowState {
  return {
    status: "running",
    contexts: emptyList(),
    routes: [[]],
    sequence: emptyList(),
    latest: listOf(workflow.tasks.map(() => [])),
    arrivals: listOf(workflow.tasks.map(() => [])),
    staged: [],
    counts: {},
    out: 0,
    errors: [],
    output: null,
    atOnce: atOnce ?? null,
    ended: false,
    at,
  };
}

/** Inputs are what was given, or their defaults; each of them and of the variables sees those before it. What was given is data. */
function enterWorkflow(draft: Draft, { input, context = {} }: Extract<WorkflowEvent, { kind: "begin" }>): void {
  const { workflow } = draft;
  // A chain's templates see parameters by their names, whatever they are.
  const known = workflow.chain ? { ...context, action_context: { parent: context["parent"] ?? {} }, ...keptAll(input) } : context;
  let variables = new Variables({ root: known, layers: [] });
  const faults: string[] = [];
  for (const { name, value } of workflow.input) {
    const rendered = Object.hasOwn(input, name)
      ? { kind: "value" as const, value: kept(input[name]) }
      : render(value, { draft, variables });
    if (rendered.kind === "fault") faults.push(rendered.message);
    else variables = variables.with(name, rendered.value);
  }
  const vars = renderAll(workflow.vars, { draft, variables });
  for (const message of [...faults, ...vars.faults]) fail(draft, { message });
  if (isTerminal(draft)) return;
  const node = addContext(draft, { set: vars.variables.record() });
  for (const task of workflow.starts) stage(draft, { task, route: 0, context: node, previous: emptyList(), ready: true });
  limit(draft, node);
}

function keptAll(input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, kept(value)]));
}

function limit(draft: Draft, context: number): void {
  const timeout = renderInteger(draft.workflow.timeout, "TypeError: The value of timeout is not type of integer.", scopeOf(draft, context));
  if (timeout.kind === "fault") fail(draft, { message: timeout.message });
  else if (timeout.value !== undefined && timeout.value > 0) {
    draft.commands.push({ kind: "timer", name: workflowTimeout, afterMs: timeout.value * 1000 });
  }
}

const workflowTimeout = "timeout";

/** Begins what can begin, and ends what has ended. */
function settled(draft: Draft): Conducted {
  let rests = proceed(draft) === "rests";
  if (!rests) awake(draft);
  if (isTerminal(draft)) {
    if (draft.expired === true && draft.status === "canceled") draft.status = "timeout";
    if (draft.status === "failed" && isLateChain(draft)) draft.status = "timeout";
    // The output sees what cleaning up gives.
    if (cleaners(draft).length === 0) giveOutput(draft);
    if (draft.out === 0 && !rests && draft.cleaning === undefined) rests = cleanUp(draft) === "rests";
    if (draft.out === 0 && !rests && !draft.ended) {
      giveOutput(draft);
      end(draft);
    }
  }
  return { state: finishDraft(draft), commands: draft.commands };
}

/** What was resumed runs, or waits again; and what nothing can come to any more does not wait for ever. */
function awake(draft: Draft): void {
  if (draft.status === "resuming" && draft.out > 0)
    draft.status = hasStatus(draft, "running", "resuming", "canceling") ? "running" : "paused";
  if ((draft.status !== "running" && draft.status !== "resuming") || draft.out > 0 || draft.cleaning !== undefined) return;
  failUnreachable(draft);
  if (!isTerminal(draft)) fail(draft, { message: "Nothing is left to run, and the workflow has not ended." });
}

/** A chain ends as the action that it came to last. */
function isLateChain({ workflow, sequence }: Draft): boolean {
  if (!workflow.chain) return false;
  const last = Array.from(each(sequence)).findLast(({ task }) => workflow.byName.has(task));
  return last?.expired === true;
}

function cleaners({ status, workflow: { onCancel, onFailure } }: Draft): readonly string[] {
  return status === "canceled" ? onCancel : isFailure(status) ? onFailure : [];
}

function cleanUp(draft: Draft): "done" | "rests" {
  const tasks = cleaners(draft);
  if (tasks.length === 0) return "done";
  draft.cleaning = draft.status === "canceled" ? "cancel" : "failure";
  const context = lastContext(draft);
  for (const task of tasks) stage(draft, { task, route: 0, context, previous: emptyList(), ready: true, cleans: true });
  return proceed(draft);
}

function end(draft: Draft): void {
  const { status, output, errors } = draft;
  if (!isEnded(status)) throw new Error(`${status} is no end`);
  draft.ended = true;
  if (draft.workflow.timeout !== undefined) draft.commands.push({ kind: "clear", name: workflowTimeout });
  draft.commands.push({ kind: "end", status, output, errors });
}

/** What an action says of itself, where it is the attempt that is out. */
function reported(draft: Draft, event: Extract<WorkflowEvent, { kind: "finished" | "moved" }>): Heard {
  const [number = -1, place] = event.key.split(".").map(Number);
  const task = at(draft.sequence, number);
  const item = place === undefined || task?.items === undefined ? undefined : (at(task.items.begun, place) ?? undefined);
  const own = place === undefined ? task : item;
  if (task === undefined || own === undefined || task.attempt !== event.attempt || isEnded(own.status) || own.status === "retrying")
    return "ignored";
  if (event.kind === "finished") draft.out -= 1;
  const status: Report = event.kind === "finished" && task.expired === true ? "timeout" : event.status;
  const result = event.kind === "finished" ? event.result : null;
  if (event.kind === "finished" && !isActive(own.status)) waken(draft, number);
  if (place !== undefined) itemReported(draft, { number, place, status, result });
  else if (task.of !== undefined) again(draft, { number, of: task.of, status, result });
  else report(draft, number, { status, result });
  return "applied";
}

/** What had waited goes on first, and the workflow with it, unless somebody asked for the pause. */
function waken(draft: Draft, number: number): void {
  if (draft.asked !== "pause" && (draft.status === "paused" || draft.status === "pausing")) draft.status = "running";
  if (taskAt(draft, number).status === "paused") change(draft, number, { status: "running" });
}

/** The first of several calls of one instance that ends is its end. */
function again(
  draft: Draft,
  given: { readonly number: number; readonly of: number; readonly status: Report; readonly result: unknown },
): void {
  const { number, of, status, result } = given;
  change(draft, number, { status: status === "pausing" ? "running" : status, ...(isEnded(status) ? { endedAt: draft.at } : {}) });
  if (isEnded(status)) report(draft, of, { status, result });
}

function itemReported(
  draft: Draft,
  given: { readonly number: number; readonly place: number; readonly status: Report; readonly result: unknown },
): void {
  const { number, place, status, result } = given;
  const { items, task } = taskAt(draft, number);
  if (items === undefined) throw new Error(`${task} has no items`);
  if (status === "failed") log(draft, { message: executionFailed, task_id: task, result });
  const happening = itemHappening(items, place, status);
  const after = withItem(items, place, { status, ...(isEnded(status) ? { result } : {}) });
  change(draft, number, { items: after });
  move(draft, number, { happening, result: null });
}

function due(draft: Draft, timer: string): Heard {
  if (timer === workflowTimeout) {
    if (isTerminal(draft) || draft.asked === "cancel") return "ignored";
    log(draft, { message: "The workflow took longer than its timeout." });
    draft.expired = true;
    return asked(draft, "cancel");
  }
  if (timer.startsWith("rest.")) return timer === restOf(draft) && !draft.ended ? "applied" : "ignored";
  const [, number = -1, attempt] = timer.split(".").map(Number);
  const task = at(draft.sequence, number);
  if (task === undefined || task.attempt !== attempt || isEnded(task.status) || task.status === "retrying" || task.expired === true)
    return "ignored";
  change(draft, number, { expired: true });
  log(draft, { message: "The task took longer than its timeout.", task_id: task.task, route: task.route });
  const out = keysOf(number, task);
  for (const key of out) draft.commands.push({ kind: "cancel", key, attempt });
  if (out.length === 0) move(draft, number, { happening: "timeout", result: null });
  return "applied";
}

function asked(draft: Draft, what: "pause" | "resume" | "cancel"): Heard {
  const refused = { refused: `It is ${draft.status}, so there is nothing to ${what}.` };
  if (isTerminal(draft)) return refused;
  if (what === "resume") {
    const waits = isAnyReady(draft) || draft.out > 0;
    if (draft.status !== "paused" && draft.status !== "pausing") return refused;
    happen(draft, draft.status === "paused" && !waits ? "asked resume, nothing left" : "asked resume");
    draft.asked = undefined;
    if (isTerminal(draft)) failUnreachable(draft);
  } else {
    draft.asked = what;
    for (const { number, task } of instances(draft)) {
      if (task.items === undefined || isEnded(task.status)) continue;
      const rest = keysOf(number, task).length > 0 ? "active" : "dormant";
      if (isActive(task.status)) moveQuietly(draft, number, `asked ${what} ${rest}`);
    }
    happen(draft, `asked ${what} ${hasStatus(draft, "running", "resuming", "pausing", "canceling") ? "active" : "dormant"}`);
  }
  for (const one of outstanding(draft)) draft.commands.push({ kind: what, ...one });
  return "applied";
}

/** As the table says, and no more: what is asked ends nobody's work. */
function moveQuietly(draft: Draft, number: number, happening: `asked ${"pause" | "cancel"} ${"active" | "dormant"}`): void {
  const { status } = taskAt(draft, number);
  const after = taskChanges[status][happening];
  if (after === undefined) return;
  change(draft, number, { status: after, ...(isEnded(after) ? { endedAt: draft.at } : {}) });
  const waiting = draft.staged.find((staged) => staged.number === number);
  if (isEnded(after) && waiting !== undefined) unstage(draft, waiting);
}

/** Everything that is out, with its keys. */
function outstanding(draft: Draft): readonly { readonly key: string; readonly attempt: number }[] {
  return Array.from(each(draft.sequence)).flatMap((task, number) => keysOf(number, task).map((key) => ({ key, attempt: task.attempt })));
}

function keysOf(number: number, { status, items }: TaskState): readonly string[] {
  if (items === undefined) return isEnded(status) || status === "retrying" ? [] : [String(number)];
  return Array.from(each(items.begun)).flatMap((item, place) => (item === null || isEnded(item.status) ? [] : [`${number}.${place}`]));
}
