import { entriesOf, isMapping, truth } from "@bellhop/expression";
import { inlineParameters } from "../inline.ts";
import type { Path } from "./schema.ts";

/** A document as far as it can be read, whatever is wrong with the rest, and where its parts stand. */
export interface Outline {
  readonly input: Part;
  readonly vars: Part;
  readonly output: Part;
  readonly timeout: Part;
  readonly tasks: ReadonlyMap<string, TaskOutline>;
  /** Named by `on_cancel` and `on_failure`, with where they are. */
  readonly cleaning: readonly { readonly part: Part; readonly names: readonly string[] }[];
}

export interface TaskOutline extends At {
  readonly name: string;
  /** It has the word `join`, of whatever value. */
  readonly isJoin: boolean;
  /** `join: 0` waits for nobody. */
  readonly waits: boolean;
  readonly hasItems: boolean;
  /** Without what stands inline. */
  readonly action: Part;
  readonly input: Part;
  /** Those that are evaluated before it runs, in that order. */
  readonly before: readonly Part[];
  /** All others with expressions. */
  readonly besides: readonly Part[];
  readonly next: readonly TransitionOutline[];
}

export interface TransitionOutline extends At {
  readonly when: Part;
  readonly publish: Part;
  readonly do: Part;
  readonly targets: readonly string[];
}

/** A value, or undefined where there is none. */
export interface Part extends At {
  readonly value: unknown;
}

interface At {
  readonly path: Path;
  readonly schemaPath: Path;
}

type Fields = Readonly<Record<string, unknown>>;

export function outlineOf(document: unknown): Outline {
  const fields = fieldsOf(document);
  const part = (name: string) => partOf(fields, name, root);
  const at = part("tasks");
  const tasks = Object.entries(fieldsOf(at.value)).map(([name, task]) => taskOf(name, task, at));
  return {
    input: part("input"),
    vars: part("vars"),
    output: part("output"),
    timeout: part("timeout"),
    tasks: new Map(tasks.map((task) => [task.name, task])),
    cleaning: [part("on_cancel"), part("on_failure")].map((one) => ({ part: one, names: namesOf(one.value) })),
  };
}

const root: At = { path: [], schemaPath: [] };

function taskOf(name: string, task: unknown, tasks: At): TaskOutline {
  const at = { path: [...tasks.path, name], schemaPath: [...tasks.schemaPath, "patternProperties", "^\\w+$"] };
  const fields = fieldsOf(task);
  const part = (word: string) => partOf(fields, word, at);
  const called = calledOf(part("action"), part("input"));
  const items = part("with");
  const [list, concurrency] = partsOf(items, ["items", "concurrency"]);
  const next = part("next");
  const transitions = Array.isArray(next.value) ? next.value : [];
  return {
    ...at,
    name,
    isJoin: (fields["join"] ?? null) !== null,
    waits: truth(fields["join"]),
    hasItems: (fields["with"] ?? null) !== null,
    ...called,
    before: [part("delay"), list, concurrency, called.action, called.input].filter((one) => one !== undefined),
    besides: [part("join"), part("timeout"), ...partsOf(part("retry"), ["when", "count", "delay"])],
    next: transitions.map((one, place) => transitionOf(one, { path: [...next.path, place], schemaPath: [...next.schemaPath, "items"] })),
  };
}

/** What stands inline counts for more than `input`. */
function calledOf(action: Part, input: Part): Pick<TaskOutline, "action" | "input"> {
  const inline = typeof action.value === "string" ? inlineParameters(action.value) : [];
  if (inline.length === 0 || typeof action.value !== "string") return { action, input };
  return {
    action: { ...action, value: action.value.split(" ", 1)[0] },
    input: { ...input, value: Object.fromEntries(inline.map(({ name, value }) => [name, value])) },
  };
}

function transitionOf(transition: unknown, at: At): TransitionOutline {
  const fields = fieldsOf(transition);
  const publish = partOf(fields, "publish", at);
  const written = partOf(fields, "do", at);
  const target = truth(written.value) ? written : { ...written, value: "continue" };
  return {
    ...at,
    when: partOf(fields, "when", at),
    publish:
      typeof publish.value === "string"
        ? { ...publish, value: inlineParameters(publish.value).map(({ name, value }) => ({ [name]: value })) }
        : publish,
    do: target,
    targets: namesOf(target.value),
  };
}

/** `"a, b"`, `[a, b]`, or the keys of a mapping, which the original goes through as well. */
function namesOf(value: unknown): readonly string[] {
  if (typeof value === "string") return value.split(",").map((name) => name.trim());
  const names = Array.isArray(value) ? value : Object.keys(fieldsOf(value));
  return names.filter((name) => typeof name === "string");
}

function partsOf(part: Part, words: readonly string[]): readonly Part[] {
  return isMapping(part.value) ? words.map((word) => partOf(fieldsOf(part.value), word, part)) : [];
}

function partOf(fields: Fields, name: string, at: At): Part {
  return { value: fields[name], path: [...at.path, name], schemaPath: [...at.schemaPath, "properties", name] };
}

/** Those whose names are texts. */
function fieldsOf(value: unknown): Fields {
  if (!isMapping(value)) return {};
  return Object.fromEntries(Array.from(entriesOf(value)).filter((entry): entry is [string, unknown] => typeof entry[0] === "string"));
}
