import type { WorkflowTask } from "./definition.ts";
import { begin, change, definitionOf, fail, latestOf, taskAt, unstage, type Draft } from "./draft.ts";
import { move, report, timeoutOf } from "./finish.ts";
import { hear } from "./flow.ts";
import { itemsOf, namedItem, toBegin, withItem } from "./items.ts";
import { append, emptyList } from "./list.ts";
import { isEnded } from "./machine.ts";
import { render, renderInteger, renderParts, renderTemplate, scopeOf, type Rendered, type Scope } from "./render.ts";
import type { ItemsState, RetryState, Staged, TaskState } from "./state.ts";

/** Begins what is ready, until nothing is: a task that has nothing to do leads on at once. @returns whether it rests before the next: a circle of such tasks must not keep
 *  everybody else waiting, nor be one record */
export function proceed(draft: Draft): "done" | "rests" {
  for (let begun = 0; begun < begunAtMost;) {
    const more = startReady(draft);
    if (more === 0) return "done";
    begun += more;
  }
  if (mayBegin(draft).length === 0) return "done";
  draft.rests = (draft.rests ?? 0) + 1;
  draft.commands.push({ kind: "timer", name: restOf(draft), afterMs: 0 });
  return "rests";
}

const begunAtMost = 64;

/** Each rest has a name of its own: a timer that fired is taken away after its step, which may have set the next. */
export function restOf({ rests = 0 }: Pick<Draft, "rests">): string {
  return `rest.${rests}`;
}

/** @returns how many began, or may now that others can't */
function startReady(draft: Draft): number {
  const prepared = mayBegin(draft).map((staged) => ({ staged, ...prepare(draft, staged) }));
  const faults = prepared.filter((one) => one.kind === "fault");
  for (const { staged, message } of faults) {
    fail(draft, { message, task_id: staged.task, route: staged.route });
    if (draft.cleaning !== undefined) unstage(draft, staged);
  }
  // As in the original one that can't begin keeps all from beginning, so that every fault of a step is told.
  if (faults.length > 0) return draft.cleaning === undefined ? 0 : mayBegin(draft).length;
  const ready = prepared
    .flatMap((one) => (one.kind === "value" ? [{ staged: one.staged, ...one.value }] : []))
    .toSorted((left, right) => byName(left.staged, right.staged));
  for (const one of ready) start(draft, one);
  return ready.length;
}

/** A workflow that has failed still begins what stands beside `fail`, and what cleans up. */
function mayBegin(draft: Draft): readonly Staged[] {
  const room = roomOf(draft);
  const runs = draft.status === "running" || draft.status === "resuming";
  if (room <= 0 || (!runs && draft.status !== "failed" && draft.cleaning === undefined)) return [];
  const may = ({ despite, cleans }: Staged): boolean => (draft.cleaning === undefined ? runs || despite === true : cleans === true);
  const ready = draft.staged.filter((staged) => staged.ready && may(staged) && hasMore(draft, staged));
  return ready.length > room ? ready.toSorted(byName).slice(0, room) : ready;
}

/** Of one whose items have begun, whether another may. */
function hasMore(draft: Draft, { number }: Staged): boolean {
  if (number === undefined) return true;
  const { items, expired } = taskAt(draft, number);
  return items !== undefined && expired !== true && toBegin(items, 1).length > 0;
}

function roomOf({ atOnce, out }: Draft): number {
  return atOnce === null ? Number.POSITIVE_INFINITY : atOnce - out;
}

/** What a task is to do, with all its expressions evaluated. */
interface Plan {
  readonly definition: WorkflowTask;
  readonly calls: readonly Call[];
  readonly items: ItemsState | undefined;
  readonly delay: number;
  readonly timeout: number | undefined;
  readonly scope: Scope;
}

interface Call {
  readonly action: string;
  readonly input: unknown;
}

function prepare(draft: Draft, staged: Staged): Rendered<Plan> {
  const definition = definitionOf(draft, staged.task);
  const scope = scopeOf(draft, staged.context, { id: staged.task, route: staged.route });
  const known = staged.number === undefined ? staged.items : taskAt(draft, staged.number).items;
  const items: Rendered<ItemsState | undefined> = known === undefined ? listOf(definition, scope) : { kind: "value", value: known };
  if (items.kind === "fault") return items;
  const calls = callsOf(definition, { scope, items: known === undefined ? items.value : undefined });
  if (calls.kind === "fault") return calls;
  const delay = renderInteger(definition.delay, "TypeError: The value of task delay is not type of integer.", scope);
  if (delay.kind === "fault") return delay;
  const timeout = renderInteger(definition.timeout, "TypeError: The value of task timeout is not type of integer.", scope);
  if (timeout.kind === "fault") return timeout;
  const seconds = staged.retry ?? (staged.number === undefined ? (delay.value ?? 0) : 0);
  return { kind: "value", value: { definition, calls: calls.value, items: items.value, delay: seconds, timeout: timeout.value, scope } };
}

function listOf({ items: given }: WorkflowTask, scope: Scope): Rendered<ItemsState | undefined> {
  if (given === undefined) return { kind: "value", value: undefined };
  const list = renderParts(given.list, scope);
  if (list.kind === "fault") return list;
  if (!Array.isArray(list.value)) return { kind: "fault", message: `TypeError: The value of "${given.list}" is not type of list.` };
  const concurrency = renderInteger(given.concurrency, "TypeError: The value of concurrency is not type of integer.", scope);
  if (concurrency.kind === "fault") return concurrency;
  return { kind: "value", value: itemsOf(list.value, concurrency.value === undefined ? null : Math.max(1, concurrency.value)) };
}

/** Of the items where they are new: one that can't be told fails the task before any begins. Of a very long list the rest is told as it begins: no step takes so long
 *  that its engine is taken for dead. */
function callsOf(
  definition: WorkflowTask,
  given: { readonly scope: Scope; readonly items: ItemsState | undefined },
): Rendered<readonly Call[]> {
  const { scope, items } = given;
  const { action } = definition;
  if (action === undefined || (definition.items !== undefined && items === undefined)) return { kind: "value", value: [] };
  const scopes =
    items === undefined
      ? [scope]
      : items.list.slice(0, toldAtOnce).map((item) => ({ ...scope, item: namedItem(item, definition.items?.names) }));
  const calls: Call[] = [];
  for (const one of scopes) {
    const call = callOf(definition, action, one);
    if (call.kind === "fault") return call;
    calls.push(call.value);
  }
  return { kind: "value", value: calls };
}

const toldAtOnce = 1000;

function callOf(definition: WorkflowTask, action: string, scope: Scope): Rendered<Call> {
  const name = render(action, scope);
  if (name.kind === "fault") return name;
  if (typeof name.value !== "string")
    return { kind: "fault", message: `TypeError: The value of "${action}" is not the name of an action.` };
  const input = scope.draft.workflow.chain ? renderTemplate(definition.input, scope) : renderParts(definition.input, scope);
  return input.kind === "fault" ? input : { kind: "value", value: { action: name.value, input: input.value } };
}

function start(draft: Draft, { staged, ...plan }: Plan & { readonly staged: Staged }): void {
  // Another of this batch may have taken what room there was.
  if (roomOf(draft) <= 0) return;
  const number = staged.number ?? enter(draft, staged, plan);
  if (number === undefined) return;
  const { definition, calls, items, delay } = plan;
  if (items !== undefined) return startItems(draft, number, { ...plan, staged });
  if (definition.action === undefined) return report(draft, number, { status: "succeeded", result: null });
  for (const call of calls) run(draft, { number, call, delay });
}

/** The instance that begins: a new one, or the same again where it is tried again. Undefined where there is none. */
function enter(draft: Draft, staged: Staged, { definition, scope, timeout, items }: Plan): number | undefined {
  unstage(draft, staged);
  const { task, route, context, previous } = staged;
  const latest = latestOf(draft, task, route);
  const before = latest === undefined ? undefined : taskAt(draft, latest);
  if (latest !== undefined && before !== undefined && !isEnded(before.status)) {
    if (before.status !== "retrying") return once(draft, latest);
    change(draft, latest, { items });
    setTimeLimit(draft, latest, timeout);
    move(draft, latest, { happening: "running", result: null });
    return latest;
  }
  const retry = retryOf(definition, scope);
  if (retry.kind === "fault") {
    fail(draft, { message: retry.message, task_id: task, route });
    return undefined;
  }
  const number = begin(draft, {
    task,
    route,
    status: "running",
    context,
    previous,
    next: {},
    attempt: 1,
    startedAt: draft.at,
    ...(staged.cleans === true ? { cleans: true } : {}),
    ...(retry.value === undefined ? {} : { retry: retry.value }),
    ...(items === undefined ? {} : { items }),
  });
  setTimeLimit(draft, number, timeout);
  entered(draft, number);
  return number;
}

function entered(draft: Draft, number: number): void {
  hear(draft, taskAt(draft, number));
  if (isEnded(draft.status)) change(draft, number, { terminal: true });
}

/** The action of an instance that runs is called once more. */
function once(draft: Draft, latest: number): number | undefined {
  const { task, route, context, items } = taskAt(draft, latest);
  if (items !== undefined) return undefined;
  const call: TaskState = {
    task,
    route,
    status: "running",
    of: latest,
    context,
    previous: emptyList(),
    next: {},
    attempt: 1,
    startedAt: draft.at,
  };
  draft.sequence = append(draft.sequence, call);
  return draft.sequence.length - 1;
}

function retryOf({ name, retry }: WorkflowTask, scope: Scope): Rendered<RetryState | undefined> {
  if (retry === undefined) return { kind: "value", value: undefined };
  const count = renderInteger(retry.count, `ValueError: The retry count for task "${name}" is not an integer.`, scope);
  if (count.kind === "fault") return count;
  const delay = renderInteger(retry.delay, `ValueError: The retry delay for task "${name}" is not an integer.`, scope);
  if (delay.kind === "fault") return delay;
  return { kind: "value", value: { when: retry.when, count: count.value ?? 0, delay: delay.value, tally: 0 } };
}

function startItems(draft: Draft, number: number, given: Plan & { readonly staged: Staged }): void {
  const { definition, calls, items, delay, scope, staged } = given;
  if (items === undefined) return;
  if (items.list.length === 0) return move(draft, number, { happening: "succeeded", result: [] });
  const task = taskAt(draft, number);
  if (task.status === "paused") move(draft, number, { happening: "running", result: null });
  const places = toBegin(items, roomOf(draft));
  let begun = items;
  for (const place of places) {
    const call = calls[place] ?? callAt(draft, definition, { scope, items, place, number });
    if (call === undefined) return;
    begun = withItem(begun, place, { status: "running" });
    run(draft, { number, call, delay, item: place });
  }
  change(draft, number, { items: begun });
  const waits: Staged = { ...staged, ready: true, number };
  const { retry: _retry, items: _items, ...rest } = waits;
  if (staged.number === undefined) draft.staged = [...draft.staged, rest];
  else if (toBegin(begun, 1).length === 0 && begun.from >= begun.list.length) unstage(draft, staged);
}

/** An item that begins later is told then. What was told once is told again, unless it asks how other tasks stand. */
function callAt(
  draft: Draft,
  definition: WorkflowTask,
  given: { readonly scope: Scope; readonly items: ItemsState; readonly place: number; readonly number: number },
): Call | undefined {
  const item = namedItem(given.items.list[given.place], definition.items?.names);
  const call = callOf(definition, definition.action ?? "", { ...given.scope, item });
  if (call.kind === "value") return call.value;
  const { task, route } = taskAt(draft, given.number);
  fail(draft, { message: call.message, task_id: task, route });
  return undefined;
}

function run(draft: Draft, given: { readonly number: number; readonly call: Call; readonly delay: number; readonly item?: number }): void {
  const { number, call, delay, item } = given;
  const { task, route, attempt } = taskAt(draft, number);
  draft.out += 1;
  draft.commands.push({
    kind: "run",
    key: item === undefined ? String(number) : `${number}.${item}`,
    attempt,
    task,
    route,
    ...(item === undefined ? {} : { item }),
    ...call,
    ...(delay > 0 ? { delayMs: delay * 1000 } : {}),
  });
}

function setTimeLimit(draft: Draft, number: number, seconds: number | undefined): void {
  if (seconds === undefined || seconds <= 0) return;
  draft.commands.push({ kind: "timer", name: timeoutOf(number, taskAt(draft, number).attempt), afterMs: seconds * 1000 });
}

function byName(left: Staged, right: Staged): number {
  if (left.task !== right.task) return left.task < right.task ? -1 : 1;
  return left.route - right.route;
}
