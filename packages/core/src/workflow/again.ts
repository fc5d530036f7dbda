import { change, latestOf, restage, stage, stagedAt, taskAt, type Draft } from "./draft.ts";
import type { TaskAgain } from "./event.ts";
import { again } from "./items.ts";
import { each } from "./list.ts";
import type { Staged } from "./state.ts";

/** Takes a workflow that has ended up again, from tasks of it or from those that failed or were canceled last. */
export function goAgain(draft: Draft, tasks: readonly TaskAgain[]): "applied" | { readonly refused: string } {
  if (!draft.ended) return { refused: `It is ${draft.status}: what has not ended can't run again.` };
  const wanted = new Map<number, TaskAgain>();
  for (const one of tasks) {
    const number = latestOf(draft, one.task, one.route ?? 0);
    if (number === undefined)
      return { refused: `The task ${one.task} has not run${one.route === undefined ? "" : ` on route ${one.route}`}.` };
    wanted.set(number, one);
  }
  const after = followers(draft);
  const numbers = tasks.length === 0 ? failedLast(draft) : withoutFollowers(Array.from(wanted.keys()), after);
  if (numbers.length === 0 && !draft.staged.some(({ ready }) => ready))
    return { refused: "Nothing of it failed: name the tasks to run again." };
  withdraw(draft, new Set(numbers.flatMap((number) => [number, ...after(number)])));
  for (const number of numbers) {
    stageAgain(draft, number, wanted.get(number)?.reset === true);
    for (const one of [number, ...after(number)]) change(draft, one, { terminal: false });
  }
  Array.from(each(draft.sequence)).forEach((task, number) => {
    // Of a branch that stopped where the workflow failed: what it led to is staged still.
    if (task.terminal === true && Object.values(task.next).includes(true)) change(draft, number, { terminal: false });
  });
  // Its output is made anew, and so is what was wrong with it.
  draft.errors = draft.errors.filter(({ task_id: task }) => task !== undefined);
  Object.assign(draft, { status: "resuming", output: null, ended: false, cleaning: undefined, expired: undefined, asked: undefined });
  return "applied";
}

/** What they had led to waits for them; a join keeps what else led to it. */
function withdraw(draft: Draft, numbers: ReadonlySet<number>): void {
  draft.staged = draft.staged.flatMap((staged) => {
    if (!Array.from(each(staged.previous)).some(({ number }) => numbers.has(number))) return [staged];
    return draft.workflow.byName.get(staged.task)?.join === undefined ? [] : [{ ...staged, ready: false }];
  });
}

function stageAgain(draft: Draft, number: number, reset: boolean): void {
  const { task, route, context, previous, items } = taskAt(draft, number);
  draft.errors = draft.errors.filter(({ task_id }) => task_id !== task);
  const staged: Staged = { task, route, context, previous, ready: true, ...(items === undefined ? {} : { items: again(items, reset) }) };
  const before = stagedAt(draft, task, route);
  if (before === undefined) stage(draft, staged);
  else restage(draft, before, staged);
}

function failedLast(draft: Draft): readonly number[] {
  return Array.from(each(draft.sequence), (task, number) => ({ task, number }))
    .filter(
      ({ task, number }) =>
        task.terminal === true && task.status !== "succeeded" && task.cleans !== true && latestOf(draft, task.task, task.route) === number,
    )
    .map(({ number }) => number);
}

/** What came after an instance, however far. */
function followers(draft: Draft): (number: number) => ReadonlySet<number> {
  const next = new Map<number, number[]>();
  Array.from(each(draft.sequence)).forEach(({ previous }, number) => {
    for (const { number: before } of each(previous)) {
      const known = next.get(before);
      if (known === undefined) next.set(before, [number]);
      else known.push(number);
    }
  });
  return (number) => {
    const found = new Set(next.get(number));
    for (const one of found) for (const after of next.get(one) ?? []) found.add(after);
    return found;
  };
}

/** One that comes after another of them runs again anyway. */
function withoutFollowers(numbers: readonly number[], after: (number: number) => ReadonlySet<number>): readonly number[] {
  return numbers.filter((number) => !numbers.some((other) => other !== number && after(other).has(number) && !after(number).has(other)));
}
