import { entriesOf, isMapping, truth, variables } from "@bellhop/expression";
import { inlineParameters } from "../inline.ts";
import { graphOf, mostVisits, reserved, ways } from "./graph.ts";
import type { Outline, Part, TaskOutline, TransitionOutline } from "./outline.ts";
import type { SchemaFault } from "./schema.ts";

interface ContextFault extends SchemaFault {
  readonly language: "yaql" | "jinja";
  readonly expression: string;
}

type Names = ReadonlySet<string>;

/** Variables that are read before anything sets them, and those that are the engine's own. `given` are there from the beginning. */
export function contextFaults(outline: Outline, given: readonly string[]): ContextFault[] {
  const faults: ContextFault[] = [];
  const read = reader(faults);
  const before = read(outline.vars, read(outline.input, new Set(given)));
  const after = readTasks({ outline, read, before });
  read(outline.output, after);
  read(outline.timeout, before);
  return faults;
}

/** Complains of what a part reads; gives what there is after it. */
type Read = (part: Part, names: Names) => Names;

/** A list is read item by item, and each sees what those before it set. */
function reader(faults: ContextFault[]): Read {
  const known = new WeakMap<Part, readonly Reading[]>();
  return (part, names) => {
    const readings = known.get(part) ?? readingsOf(part);
    known.set(part, readings);
    let now = names;
    for (const { path, reads, sets } of readings) {
      for (const { name, language, expression } of reads) {
        const meant = { word: name, known: Array.from(now) };
        const say = (message: string) => faults.push({ message, path, schemaPath: part.schemaPath, language, expression, meant });
        if (name.startsWith("__"))
          say(`Variable "${name}" that is prefixed with double underscores is considered a private variable and cannot be referenced.`);
        if (!now.has(name)) say(`Variable "${name}" is referenced before assignment.`);
      }
      if (sets.length > 0) now = together(now, sets);
    }
    return now;
  };
}

interface Reading {
  readonly path: Part["path"];
  readonly reads: ReturnType<typeof variables>;
  readonly sets: readonly string[];
}

function readingsOf({ value, path }: Part): readonly Reading[] {
  if (!truth(value)) return [];
  // What a task is given sets nothing; what the workflow is given does.
  const sets = path.length === 1 || path.at(-1) === "publish" ? namesIn : () => [];
  const inline = typeof value === "string" ? inlineParameters(value).map(({ name, value: inner }) => ({ [name]: inner })) : [];
  const whole: unknown = inline.length > 0 ? inline : value;
  if (!Array.isArray(whole)) return [{ path, reads: variables(whole), sets: sets(whole) }];
  return whole.map((item: unknown, place) => ({ path: [...path, place], reads: variables(item), sets: sets(item) }));
}

/** What `name`, `{ name: value }` or a mapping sets. */
function namesIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return isMapping(value) ? Array.from(entriesOf(value), ([key]) => String(key)) : [];
}

function together(left: Iterable<string>, right: Iterable<string>): Names {
  return new Set([...left, ...right]);
}

interface Visit {
  readonly task: string;
  /** Absent: all that has come together at this join by the time it is visited. */
  readonly names?: Names;
}

/** From the start tasks on, along every way; gives all that any task has. */
function readTasks({ outline, read, before }: { readonly outline: Outline; readonly read: Read; readonly before: Names }): Names {
  const { tasks } = outline;
  const joined = new Map<string, Names>();
  const visited = new Set<string>();
  const queue: Visit[] = graphOf(outline).starts.map((task) => ({ task, names: before }));
  let all = before;
  const visit = ({ task: name, names }: Visit, lead: (to: string, names: Names) => void): void => {
    visited.add(name);
    const here = names === undefined || names.size === 0 ? (joined.get(name) ?? new Set<string>()) : names;
    const task = tasks.get(name);
    for (const part of task?.before ?? []) read(part, here);
    all = together(all, here);
    for (const { transition, target } of ways(task)) lead(target, readTransition(transition, { read, names: here }));
  };
  for (const [visits, one] of queue.entries()) {
    visit(one, (to, names) => {
      if (visited.has(to) || !(tasks.has(to) || reserved.includes(to))) return;
      if (visits >= mostVisits && queue.some(({ task }) => task === to)) return;
      if (!waits(tasks.get(to))) return void queue.push({ task: to, names });
      joined.set(to, together(joined.get(to) ?? [], names));
      queue.push({ task: to });
    });
  }
  return readCleaning({ outline, read, all, visited });
}

function waits(task: TaskOutline | undefined): boolean {
  return task?.waits === true && !reserved.includes(task.name);
}

function readTransition(transition: TransitionOutline, { read, names }: { readonly read: Read; readonly names: Names }): Names {
  read(transition.when, names);
  const after = read(transition.publish, names);
  read(transition.do, after);
  return after;
}

/** Tasks that clean up may come after any other, and so may find what any of them published. */
function readCleaning(given: { outline: Outline; read: Read; all: Names; visited: Set<string> }): Names {
  const { outline, read, visited } = given;
  let all = given.all;
  const queue = outline.cleaning.flatMap(({ names }) => names);
  for (const name of queue) {
    const task = outline.tasks.get(name);
    if (task === undefined || visited.has(name)) continue;
    visited.add(name);
    for (const part of task.before) read(part, all);
    for (const { transition, target } of ways(task)) {
      all = readTransition(transition, { read, names: all });
      queue.push(target);
    }
  }
  return all;
}
