import type { Transition, Workflow, WorkflowTask } from "../definition.ts";

/** What there is to draw of a workflow: boxes, and the ways between them. */
export interface Drawing {
  readonly boxes: readonly Box[];
  readonly ways: readonly Way[];
}

export interface Box {
  readonly id: string;
  /** A task, or what becomes of the workflow: `fail`, `noop`. */
  readonly kind: "task" | "end";
  readonly title: string;
  /** Its action, and what is special about how it runs. */
  readonly lines: readonly string[];
  /** Of a run: what has become of it. */
  readonly state?: string;
}

/** From a task to what follows it, by the ids of their boxes. */
export interface Way {
  readonly from: string;
  readonly to: string;
  /** When it is taken; empty: always. */
  readonly label: string;
}

/** The status of tasks by their names, of a run; tasks that are not in it have not begun. */
export type States = Readonly<Record<string, string>>;

/** A workflow's tasks, and what leads from one to the next.
 *  @param states of a run: what has become of them */
export function drawingOf(workflow: Workflow, states?: States): Drawing {
  const ways = workflow.tasks.flatMap((task) => together(task.next.flatMap(wayOf)));
  const ends = new Set(ways.map(({ to }) => to).filter((to) => to.startsWith(end)));
  return {
    boxes: [
      ...workflow.tasks.map((task): Box => ({
        id: task.name,
        kind: "task",
        title: task.name,
        lines: linesOf(task, workflow),
        ...(states === undefined ? {} : { state: states[task.name] ?? "not begun" }),
      })),
      ...Array.from(ends, (id): Box => ({ id, kind: "end", title: id.slice(end.length), lines: [] })),
    ],
    ways,
  };
}

/** No task can be called so. */
const end = "end ";

/** To go on as it is leads nowhere. */
function wayOf({ from, to, command, when }: Transition): Way[] {
  if (command === "continue") return [];
  return [{ from, to: command === undefined ? to : `${end}${to}`, label: when === undefined ? "" : conditionWords(when) }];
}

/** Several ways between the same two are one line. */
function together(ways: readonly Way[]): readonly Way[] {
  const byTarget = new Map<string, Way>();
  for (const way of ways) {
    const known = byTarget.get(way.to);
    const label = known === undefined || known.label === way.label ? way.label : [known.label, way.label].map(orAlways).join(" or ");
    byTarget.set(way.to, { ...way, label });
  }
  return Array.from(byTarget.values());
}

function orAlways(label: string): string {
  return label === "" ? "always" : label;
}

/** `<% succeeded() %>` is `succeeded`. */
function conditionWords(when: string): string {
  const bare = when.replaceAll(/^\s*(?:<%|\{\{)\s*|\s*(?:%>|\}\})\s*$/g, "");
  return cut(bare.replace(/^(succeeded|failed|completed)\(\)/, "$1"), 40);
}

function linesOf({ name, action, join, items, retry, delay, timeout }: WorkflowTask, { onCancel, onFailure }: Workflow): readonly string[] {
  const lines = [
    action,
    join === undefined ? undefined : join === "all" ? "once all are there" : `once ${join} are there`,
    items === undefined ? undefined : `for each ${items.names?.join(", ") ?? "item"}`,
    retry === undefined
      ? undefined
      : `${retry.count} more attempts${retry.when === undefined ? "" : ` where ${conditionWords(retry.when)}`}`,
    delay === undefined ? undefined : `after ${delay} s`,
    timeout === undefined ? undefined : `within ${timeout} s`,
    onCancel.includes(name) ? "when canceled" : undefined,
    onFailure.includes(name) ? "when failed" : undefined,
  ];
  return lines.filter((line) => line !== undefined).map((line) => cut(line, 48));
}

function cut(text: string, most: number): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
