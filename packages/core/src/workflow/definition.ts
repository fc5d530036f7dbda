import { fieldsOf, type Notify } from "@bellhop/contracts";
import { compileChain } from "./chain.ts";
import { cyclic } from "./cycles.ts";
import { inlineParameters } from "./inline.ts";

/** What a task may lead to beside other tasks. `retry` is none of them: it says how its task is retried. */
export type EngineCommand = "continue" | "noop" | "fail";

/** A value under a name; texts with expressions are evaluated, in the order of their list. */
export interface Assignment {
  readonly name: string;
  readonly value: unknown;
  /** Of an action chain: Jinja alone, whose names are those of the context. */
  readonly template?: boolean;
}

/** One way from a task to another. A transition that names three tasks is three of them. */
export interface Transition {
  readonly from: string;
  readonly to: string;
  /** `to` is no task. */
  readonly command: EngineCommand | undefined;
  /** Its place in the task's `next`. */
  readonly place: number;
  /** Which it is of those between the same two tasks, from 0. */
  readonly key: number;
  /** Absent: whenever the task has ended, however it did. */
  readonly when: string | undefined;
  readonly publish: readonly Assignment[];
  /** Of an action chain: taken where this template gives the name of where it leads. */
  readonly named?: string;
}

/** How often a task is tried again. Numbers may be texts that evaluate to one. */
export interface Retry {
  /** Absent: whenever it failed. */
  readonly when: string | undefined;
  readonly count: number | string;
  /** Seconds. */
  readonly delay: number | string | undefined;
}

export interface Items {
  /** Evaluates to a list. */
  readonly list: string;
  /** What `item(name)` finds; absent: `item()` is the item as it is. */
  readonly names: readonly string[] | undefined;
  /** How many run at once; absent: all. */
  readonly concurrency: number | string | undefined;
}

export interface WorkflowTask {
  readonly name: string;
  /** Its place among the tasks that can be reached; what a state knows it by. */
  readonly number: number;
  /** Absent: nothing is done, and it succeeds at once. */
  readonly action: string | undefined;
  /** A mapping, or a text that evaluates to one. */
  readonly input: unknown;
  readonly items: Items | undefined;
  /** Seconds. */
  readonly delay: number | string | undefined;
  /** Seconds that each attempt may take, with all items. */
  readonly timeout: number | string | undefined;
  readonly retry: Retry | undefined;
  /** How many of the tasks before it must lead here. */
  readonly join: "all" | number | undefined;
  /** By the name of where they lead, then as they stand in `next`. */
  readonly next: readonly Transition[];
  /** The ways that lead here, and the tasks they come from, each once. */
  readonly inbound: readonly Transition[];
  readonly before: readonly string[];
  /** The tasks it leads to that wait for more than one, each once. */
  readonly joins: readonly string[];
  /** Each arrival is a route of its own, with its own instances of what comes after. */
  readonly splits: boolean;
  /** Of an action chain: who is told of its end. */
  readonly notify?: Notify;
}

/** A compiled definition. */
export interface Workflow {
  readonly description: string;
  readonly input: readonly Assignment[];
  readonly vars: readonly Assignment[];
  readonly output: readonly Assignment[];
  /** Those that can be reached; by `number`. */
  readonly tasks: readonly WorkflowTask[];
  readonly byName: ReadonlyMap<string, WorkflowTask>;
  /** Where it begins, by name. */
  readonly starts: readonly string[];
  /** Seconds for all of it. */
  readonly timeout: number | string | undefined;
  /** Tasks that clean up once it is canceled, or has failed. They begin nothing by themselves. */
  readonly onCancel: readonly string[];
  readonly onFailure: readonly string[];
  /** What waits with a task that waits for an answer or is paused: all of it, as in the original, or only what comes after that task. */
  readonly pause: "workflow" | "branch";
  /** Texts of the definition: one of them is evaluated where an expression gives it. */
  readonly literals: ReadonlySet<string>;
  /** Its expressions ask `task()` for results, which are kept for it. */
  readonly keepsResults: boolean;
  /** An action chain: its expressions are evaluated as Jinja templates, and its result has the form of one. */
  readonly chain: boolean;
}

type Mapping = Readonly<Record<string, unknown>>;

/** Reads a definition that was inspected and has nothing wrong: orquesta's document as data, or an action chain's. @throws {Error} where it has no tasks at all */
export function compileWorkflow(data: unknown): Workflow {
  const document = fieldsOf(data);
  if ("chain" in document) return compileChain(document);
  const named = new Map(Object.entries(fieldsOf(document["tasks"])).map(([name, task]) => [name, fieldsOf(task)]));
  if (named.size === 0) throw new Error("a workflow has tasks");
  const graph = new Graph(named);
  const cleaning = { onCancel: names(document["on_cancel"]), onFailure: names(document["on_failure"]) };
  const starts = graph.starts(new Set([...cleaning.onCancel, ...cleaning.onFailure]));
  const reached = graph.reached([...starts, ...cleaning.onCancel, ...cleaning.onFailure]);
  const known = new Set(reached);
  const tasks = reached.map((name, number) => graph.task(name, number, known));
  return {
    description: text(document["description"]) ?? "",
    input: list(document["input"]).flatMap((entry) => (typeof entry === "string" ? [{ name: entry, value: null }] : pairs(entry))),
    vars: assignments(document["vars"]),
    output: assignments(document["output"]),
    tasks,
    byName: new Map(tasks.map((task) => [task.name, task])),
    starts,
    timeout: amount(document["timeout"]),
    ...cleaning,
    pause: document["pause"] === "branch" ? "branch" : "workflow",
    literals: new Set(texts([document["input"], document["vars"]])),
    keepsResults: texts(document).some((value) => /\btask\(/.test(value)),
    chain: false,
  };
}

interface Way {
  readonly to: string;
  readonly place: number;
  readonly when: string | undefined;
  readonly publish: readonly Assignment[];
}

/** Who leads to whom. */
class Graph {
  readonly #tasks: ReadonlyMap<string, Mapping>;
  readonly #ways: ReadonlyMap<string, readonly Way[]>;
  readonly #cyclic: ReadonlySet<string>;
  readonly #inbound = new Map<string, Transition[]>();
  readonly #next = new Map<string, Transition[]>();

  constructor(tasks: ReadonlyMap<string, Mapping>) {
    this.#tasks = tasks;
    this.#ways = new Map(Array.from(tasks, ([name, task]) => [name, waysOf(task)]));
    for (const [from, ways] of this.#ways) {
      const keys = new Map<string, number>();
      const next: Transition[] = [];
      for (const way of ways) {
        if (way.to === "retry") continue;
        const key = keys.get(way.to) ?? 0;
        keys.set(way.to, key + 1);
        const command = isCommand(way.to) ? way.to : undefined;
        next.push({ from, ...way, key, command });
      }
      this.#next.set(from, next.toSorted(byTarget));
      for (const transition of next) multiply(this.#inbound, transition.to, transition);
    }
    this.#cyclic = cyclic((name) => (this.#next.get(name) ?? []).map(({ to }) => to), Array.from(tasks.keys()));
  }

  starts(cleaning: ReadonlySet<string>): readonly string[] {
    return Array.from(this.#tasks.keys())
      .filter((name) => !this.#inbound.has(name) && !cleaning.has(name))
      .toSorted();
  }

  /** Those that can be come to, in the order of the definition. */
  reached(from: readonly string[]): readonly string[] {
    const seen = new Set(from);
    for (const name of seen) for (const { to, command } of this.#next.get(name) ?? []) if (command === undefined) seen.add(to);
    return Array.from(this.#tasks.keys()).filter((name) => seen.has(name));
  }

  task(name: string, number: number, reached: ReadonlySet<string>): WorkflowTask {
    const task = this.#tasks.get(name) ?? {};
    const inbound = (this.#inbound.get(name) ?? []).filter(({ from }) => reached.has(from));
    const join = joinOf(task);
    return {
      name,
      number,
      ...called(task),
      items: itemsOf(task["with"]),
      delay: amount(task["delay"]),
      timeout: amount(task["timeout"]),
      retry: this.#retry(name),
      join,
      next: this.#next.get(name) ?? [],
      joins: this.#joins(name),
      inbound,
      before: Array.from(new Set(inbound.map(({ from }) => from))),
      splits: join === undefined && (this.#inbound.get(name) ?? []).length > 1 && !this.#cyclic.has(name),
    };
  }

  #joins(name: string): readonly string[] {
    const targets = new Set((this.#next.get(name) ?? []).map(({ to }) => to));
    return Array.from(targets).filter((to) => joinOf(this.#tasks.get(to)) !== undefined);
  }

  /** `do: retry` says more than the task's own `retry`, as it is read later. */
  #retry(name: string): Retry | undefined {
    const command = (this.#ways.get(name) ?? []).findLast(({ to }) => to === "retry");
    if (command !== undefined) return { when: command.when ?? "<% completed() %>", count: 3, delay: undefined };
    const own = this.#tasks.get(name)?.["retry"];
    if (own === undefined || own === null) return undefined;
    const { when, count, delay } = fieldsOf(own);
    return { when: text(when), count: amount(count) ?? 0, delay: amount(delay) };
  }
}

function waysOf(task: Mapping): readonly Way[] {
  return list(task["next"]).flatMap((entry, place) => {
    const { when, publish, do: targets } = fieldsOf(entry);
    const to = names(targets);
    const published = typeof publish === "string" ? inlineParameters(publish) : assignments(publish);
    return (to.length > 0 ? to : ["continue"]).map((target) => ({ to: target, place, when: text(when), publish: published }));
  });
}

/** `core.local cmd="date" timeout=5` is an action with its input, which counts for more than `input`. */
function called(task: Mapping): Pick<WorkflowTask, "action" | "input"> {
  const action = text(task["action"]);
  const inline = inlineParameters(action ?? "");
  const blank = action?.indexOf(" ") ?? -1;
  if (action === undefined || inline.length === 0 || blank === -1) return { action, input: task["input"] ?? null };
  return { action: action.slice(0, blank), input: Object.fromEntries(inline.map(({ name, value }) => [name, value])) };
}

function itemsOf(given: unknown): Items | undefined {
  if (given === undefined || given === null) return undefined;
  const { items, concurrency } = typeof given === "string" ? { items: given, concurrency: undefined } : fieldsOf(given);
  const all = text(items) ?? "";
  const at = all.indexOf(" in ");
  if (at === -1) return { list: all.trim(), names: undefined, concurrency: amount(concurrency) };
  return { list: all.slice(at + 4).trim(), names: all.slice(0, at).replaceAll(" ", "").split(","), concurrency: amount(concurrency) };
}

function joinOf(task: Mapping | undefined): "all" | number | undefined {
  const join = task?.["join"];
  return join === "all" || typeof join === "number" ? join : undefined;
}

function isCommand(name: string): name is EngineCommand {
  return name === "continue" || name === "noop" || name === "fail";
}

/** As the original sorts names: by code points. */
function byTarget(left: Transition, right: Transition): number {
  return left.to < right.to ? -1 : left.to > right.to ? 1 : 0;
}

function multiply<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [value]);
  else known.push(value);
}

function assignments(value: unknown): readonly Assignment[] {
  return list(value).flatMap(pairs);
}

function pairs(value: unknown): readonly Assignment[] {
  return Object.entries(fieldsOf(value)).map(([name, inner]) => ({ name, value: inner }));
}

/** `"a, b"` or `[a, b]`. */
function names(value: unknown): readonly string[] {
  if (typeof value === "string") return value === "" ? [] : value.split(",").map((name) => name.trim());
  return list(value).filter((name) => typeof name === "string");
}

function texts(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : [];
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function amount(value: unknown): number | string | undefined {
  return typeof value === "number" || (typeof value === "string" && value !== "") ? value : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
