import { Fault } from "../../error.ts";
import { isInt } from "../../number.ts";
import { truth } from "../../value/equal.ts";
import { getKey, hasKey, isMapping, isSequence, List, type Mapping } from "../../value/kinds.ts";
import { repr } from "../../value/text.ts";
import type { Call, Host, Table } from "../signature.ts";
import { each, isIterable } from "../values.ts";

/* The functions that orquesta adds: what a workflow knows. Names that begin with two underscores are the engine's own. */

const currentTask = ({ host }: Call): Mapping => {
  const task = getKey(host.all, "__current_task");
  if (!isMapping(task) || !truth(task)) throw new Fault("ExpressionEvaluationException", "The current task is not set in the context.");
  return task;
};

/** How the current task ended. */
const currentStatus = (call: Call): unknown => {
  const task = currentTask(call);
  return taskStatus(call.host, getKey(task, "id"), getKey(task, "route"));
};

const completed = new Set(["succeeded", "failed", "expired", "timeout", "abandoned", "canceled"]);

export const orquesta: Table = {
  "ctx(key:any?=null)": ({ host }: Call, key: unknown) => {
    if (!truth(key)) return host.variables;
    if (typeof key === "string" && key.startsWith("__")) {
      if (!hasKey(host.all, key)) throw new Fault("VariableUndefinedError", `The variable "${key}" is undefined.`);
      throw new Fault("VariableInaccessibleError", `The variable "${key}" is for internal use and inaccessible.`);
    }
    const value = getKey(host.variables, key);
    if (value === undefined)
      throw new Fault("VariableUndefinedError", `The variable "${typeof key === "string" ? key : repr(key)}" is undefined.`);
    return value;
  },
  "item(key:any?=null)": ({ host }: Call, key: unknown) => {
    const item = getKey(host.all, "__current_item") ?? null;
    if (!truth(key)) return item;
    if (!isMapping(item)) throw new Fault("ExpressionEvaluationException", "Item is not type of collections.abc.Mapping.");
    const value = getKey(item, key);
    if (value === undefined)
      throw new Fault("ExpressionEvaluationException", `Item does not have key "${typeof key === "string" ? key : repr(key)}".`);
    return value;
  },
  "result()": (call: Call) => getKey(currentTask(call), "result") ?? null,
  "succeeded()": (call: Call) => currentStatus(call) === "succeeded",
  "failed()": (call: Call) => currentStatus(call) === "failed",
  "completed()": (call: Call) => completed.has(String(currentStatus(call))),
  "task_status(task_id:any?, route:any?=null)": ({ host }: Call, id: unknown, route: unknown) => taskStatus(host, id, route),
  "zip(*args:any?, **kwargs:any?)": ({ budget, named }: Call, ...args: readonly unknown[]) => {
    const lists = args.map((arg) => {
      if (arg === null) return [];
      if (isIterable(arg)) return Array.from(each(arg, budget));
      if (typeof arg === "string") return Array.from(arg);
      throw new Fault("TypeError", "zip() takes lists");
    });
    const [first, second] = lists;
    if (first === undefined) return List.from([]);
    if (second === undefined) return first;
    const length = Math.max(...lists.map((list) => list.length));
    budget.spend(length * lists.length);
    const pad = named["pad"] ?? null;
    return List.from({ length }, (_, place) => lists.map((list) => (place < list.length ? list[place] : pad)));
  },
};

/** The status of a task on this route, or on the one that this one split from; `null`, as a word, where it has not run. */
function taskStatus({ all, status }: Host, id: unknown, given: unknown): unknown {
  const task = getKey(all, "__current_task");
  const route = isInt(given) ? Number(given) : isMapping(task) ? Number(getKey(task, "route") ?? 0) : 0;
  if (status !== undefined) return status(typeof id === "string" ? id : repr(id), route) ?? unset;
  const state = getKey(all, "__state");
  if (!isMapping(state)) return unset;
  const tasks = getKey(state, "tasks");
  const routes = getKey(state, "routes");
  for (let at: number | undefined = route; at !== undefined; at = splitFrom(routes, at)) {
    const place = isMapping(tasks) ? getKey(tasks, `${typeof id === "string" ? id : repr(id)}__r${at}`) : undefined;
    const sequence = getKey(state, "sequence");
    if (isInt(place) && isSequence(sequence)) {
      const entry = sequence[Number(place)];
      return isMapping(entry) ? (getKey(entry, "status") ?? unset) : unset;
    }
  }
  return unset;
}

const unset = "null";

/** The longest earlier route whose splits this one has all. */
function splitFrom(routes: unknown, route: number): number | undefined {
  const own = isSequence(routes) ? routes[route] : undefined;
  if (!isSequence(routes) || !isSequence(own)) return undefined;
  for (let earlier = route - 1; earlier >= 0; earlier -= 1) {
    const splits = routes[earlier];
    if (isSequence(splits) && splits.every((split) => own.includes(split))) return earlier;
  }
  return undefined;
}
