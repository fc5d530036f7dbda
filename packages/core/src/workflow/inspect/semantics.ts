import { truth } from "@bellhop/expression";
import { graphOf, mostVisits, reserved, ways, type Graph } from "./graph.ts";
import type { Outline } from "./outline.ts";
import type { SchemaFault } from "./schema.ts";

/** What is wrong with how tasks lead to one another. */
export function semanticFaults(outline: Outline): SchemaFault[] {
  const graph = graphOf(outline);
  return [
    ...reservedNames(outline),
    ...noStart(outline, graph),
    ...undefinedTasks(outline, graph),
    ...undefinedCleaning(outline),
    ...unreachableJoins(outline, graph),
    ...itemsWithoutAction(outline),
  ];
}

function reservedNames({ tasks }: Outline): SchemaFault[] {
  return Array.from(tasks.values())
    .filter(({ name }) => reserved.includes(name))
    .map(({ name, path, schemaPath }) => ({ path, schemaPath, message: `The task name "${name}" is reserved with special function.` }));
}

function noStart({ tasks }: Outline, { starts }: Graph): SchemaFault[] {
  if (tasks.size === 0 || starts.length > 0) return [];
  const message =
    "Unable to identify any tasks to start the workflow. " +
    "If the workflow has a loop, please add a task that serves as an entry point (or lead) into the loop.";
  return [{ path: ["tasks"], schemaPath: ["properties", "tasks"], message }];
}

function undefinedTasks({ tasks }: Outline, { starts }: Graph): SchemaFault[] {
  const faults: SchemaFault[] = [];
  const visited = new Set<string>();
  const queue = [...starts];
  for (const [visits, name] of queue.entries()) {
    visited.add(name);
    for (const { transition, target } of ways(tasks.get(name))) {
      if (visited.has(target) || reserved.includes(target)) continue;
      const { path, schemaPath } = transition.do;
      if (!tasks.has(target)) faults.push({ path, schemaPath, ...undefinedTask(target, [...tasks.keys(), ...reserved]) });
      else if (visits < mostVisits || !queue.includes(target)) queue.push(target);
    }
  }
  return faults;
}

function undefinedCleaning({ tasks, cleaning }: Outline): SchemaFault[] {
  return cleaning.flatMap(({ part: { path, schemaPath }, names }) =>
    names.filter((name) => !tasks.has(name)).map((name) => ({ path, schemaPath, ...undefinedTask(name, [...tasks.keys()]) })),
  );
}

function undefinedTask(name: string, known: readonly string[]): Pick<SchemaFault, "message" | "meant"> {
  return { message: `The task "${name}" is not defined.`, meant: { word: name, known } };
}

interface Staged {
  /** Where routes parted on the ways there. */
  readonly splits: Set<string>;
  readonly before: Set<string>;
}

/** A join whose inbound tasks lie on routes of different splits would wait for tasks of routes that never meet. */
function unreachableJoins({ tasks }: Outline, graph: Graph): SchemaFault[] {
  const staged = stage({ tasks, graph });
  const message = (name: string) =>
    `The join task "${name}" is unreachable. A join task is determined to be unreachable if there are nested forks from multi-referenced tasks ` +
    "that join on the said task. This is ambiguous to the workflow engine because it does not know at which level should the join occurs.";
  return Array.from(staged).flatMap(([name, { splits, before }]) => {
    const task = tasks.get(name);
    if (task?.isJoin !== true) return [];
    const apart = Array.from(before).some((one) => !isSame(staged.get(one)?.splits, splits));
    return apart ? [{ path: task.path, schemaPath: task.schemaPath, message: message(name) }] : [];
  });
}

function isSame(left: ReadonlySet<string> | undefined, right: ReadonlySet<string>): boolean {
  return left?.size === right.size && Array.from(left).every((one) => right.has(one));
}

/** Every way there is gone, with the splits on it; into a cycle only until it has been reached. */
function stage({ tasks, graph }: { readonly tasks: Outline["tasks"]; readonly graph: Graph }): ReadonlyMap<string, Staged> {
  const staged = new Map<string, Staged>();
  const queue: { readonly from: string | undefined; readonly name: string; readonly splits: readonly string[] }[] = [];
  const queued = new Set<string>();
  const add = (entry: (typeof queue)[number]) => {
    // The same way with the same splits says nothing new; past the bound one way for each pair of tasks has to do.
    const key = `${entry.from} ${entry.name} ${queue.length < mostVisits ? entry.splits.join(" ") : ""}`;
    if (!queued.has(key)) queue.push(entry);
    queued.add(key);
  };
  for (const name of graph.starts) add({ from: undefined, name, splits: [] });
  for (const { from, name, splits } of queue) {
    if (!tasks.has(name)) continue;
    const here = graph.splits(name) && !graph.inCycle(name) ? Array.from(new Set([...splits, name])).toSorted() : splits;
    const known = staged.get(name) ?? { splits: new Set<string>(), before: new Set<string>() };
    staged.set(name, known);
    for (const split of here) known.splits.add(split);
    if (from !== undefined) known.before.add(from);
    for (const next of graph.next(name)) if (!staged.has(next) || !graph.inCycle(next)) add({ from: name, name: next, splits: here });
  }
  return staged;
}

function itemsWithoutAction({ tasks }: Outline): SchemaFault[] {
  return Array.from(tasks.values())
    .filter(({ hasItems, action }) => hasItems && !truth(action.value))
    .map(({ path, schemaPath }) => ({ path, schemaPath, message: "The action property is required for with items task." }));
}
