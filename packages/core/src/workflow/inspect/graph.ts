import type { Outline, TaskOutline, TransitionOutline } from "./outline.ts";

/** Names that are no tasks: they say what becomes of the workflow. */
export const reserved: readonly string[] = ["continue", "fail", "noop", "retry"];

/** Who leads to whom. */
export interface Graph {
  readonly starts: readonly string[];
  /** Sorted by name, once for every way. */
  next(task: string): readonly string[];
  /** Several ways lead to it and it does not join them. */
  splits(task: string): boolean;
  inCycle(task: string): boolean;
}

export function graphOf({ tasks, cleaning }: Outline): Graph {
  const next = new Map(Array.from(tasks, ([name, task]) => [name, task.next.flatMap(({ targets }) => targets).toSorted(byPoints)]));
  const inbound = new Map<string, number>();
  for (const target of Array.from(next.values()).flat()) inbound.set(target, (inbound.get(target) ?? 0) + 1);
  const cleans = new Set(cleaning.flatMap(({ names }) => names));
  const cycles = new Map<string, boolean>();
  const after = (task: string) => next.get(task) ?? [];
  return {
    starts: Array.from(tasks.keys())
      .filter((name) => !inbound.has(name) && !cleans.has(name))
      .toSorted(byPoints),
    next: after,
    splits: (task) => tasks.get(task)?.isJoin !== true && (inbound.get(task) ?? 0) > 1,
    inCycle: (task) => {
      const known = cycles.get(task) ?? leadsTo(task, after);
      cycles.set(task, known);
      return known;
    },
  };
}

function leadsTo(task: string, after: (task: string) => readonly string[]): boolean {
  const seen = new Set(after(task));
  for (const one of seen) for (const next of after(one)) seen.add(next);
  return seen.has(task);
}

/** As Python sorts texts. */
function byPoints(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The transitions of a task, once for each task they name. */
export function ways(task: TaskOutline | undefined): readonly { readonly transition: TransitionOutline; readonly target: string }[] {
  return task?.next.flatMap((transition) => transition.targets.map((target) => ({ transition, target }))) ?? [];
}

/** The original goes through a task once for every way there, as long as none of them has been gone through; so it says some things several times, and so
 *  do we, but not without end. */
export const mostVisits = 10_000;
