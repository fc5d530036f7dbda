import type { Progress } from "@bellhop/contracts";
import type { PastRunInFull } from "@bellhop/history";

/** A task of a workflow as people see it. `indent`: how many runs it lies within. */
export interface TaskLine {
  indent: number;
  name: string;
  status: string;
  /** From its first attempt to its end, or until now. */
  ms?: number;
  /** What else there is to say, with a blank before it. */
  about: string;
}

/** The tasks of a run in the order in which they began; below one that is a run of its own, the tasks of that.
 *  @param at.now epoch milliseconds */
export function taskLines(at: {
  run: Pick<PastRunInFull, "id" | "steps" | "endedAt">;
  children: ReadonlyMap<string, Pick<PastRunInFull, "id" | "steps" | "endedAt">>;
  now: number;
}): TaskLine[] {
  return linesOf(at, 0);
}

/** A workflow that calls itself is shown so deep. */
const deepest = 8;

function linesOf(at: Parameters<typeof taskLines>[0], indent: number): TaskLine[] {
  const { run, children, now } = at;
  const tasks = new Map<string, { latest: Progress; from: number; to?: number }>();
  for (const { at: time, tasks: changed = [] } of run.steps) {
    for (const latest of changed) {
      const from = tasks.get(latest.task)?.from ?? Date.parse(time);
      tasks.set(latest.task, {
        latest: { ...tasks.get(latest.task)?.latest, ...latest },
        from,
        ...(isOver(latest) ? { to: Date.parse(time) } : {}),
      });
    }
  }
  return Array.from(tasks.values()).flatMap(({ latest, from, to }) => {
    const child = latest.run === undefined ? undefined : children.get(latest.run);
    const until = to ?? (run.endedAt === undefined ? now : Date.parse(run.endedAt));
    const line = { indent, name: latest.name, status: latest.status, ms: Math.max(0, until - from), about: aboutOf(latest) };
    return [line, ...(child === undefined || indent >= deepest ? [] : linesOf({ ...at, run: child }, indent + 1))];
  });
}

function aboutOf({ action, attempt = 1, items, run, why, name }: Progress): string {
  const parts = [
    action === undefined || action === name ? "" : action,
    items === undefined ? "" : `${items} items`,
    attempt > 1 ? `attempt ${attempt}` : "",
    run === undefined ? "" : `run ${run.slice(-10)}`,
    why ?? "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `  ${parts.join(", ")}`;
}

function isOver({ status }: Progress): boolean {
  return ["succeeded", "failed", "timeout", "canceled", "abandoned"].includes(status);
}
