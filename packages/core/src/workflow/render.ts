import { isFields } from "@bellhop/contracts";
import {
  Dict,
  entriesOf,
  evaluate,
  ExpressionError,
  Fault,
  getKey,
  isMapping,
  renderValues,
  truth,
  type HostFunction,
} from "@bellhop/expression";
import { namesFor, readsSecret } from "../kv/names.ts";
import { openedWhenRead } from "../kv/opening.ts";
import { kept, Variables, variablesAt } from "./context.ts";
import type { Assignment } from "./definition.ts";
import { statusOn, type Draft, type WorkflowKv } from "./draft.ts";
import { taskFunction } from "./task-function.ts";

/** What surrounds the expressions of one task. */
export interface Scope {
  readonly draft: Draft;
  readonly variables: Variables;
  readonly task?: { readonly id: string; readonly route: number; readonly result?: unknown };
  readonly item?: unknown;
}

export type Rendered<T = unknown> = { readonly kind: "value"; readonly value: T } | { readonly kind: "fault"; readonly message: string };

export function scopeOf(draft: Draft, context: number, task?: Scope["task"]): Scope {
  return { draft, variables: variablesAt(draft.contexts, context), ...(task === undefined ? {} : { task }) };
}

/** The value of a text with expressions, or of what holds such texts, as plain JSON: sealed where a secret went into it, in a mapping the value of that name
 *  alone. */
export function render(value: unknown, scope: Scope): Rendered {
  return rendered(value, scope, (evaluated) => sealing(value, scope.draft, evaluated));
}

/** The same where a list, or values by their names, are expected: where a secret went into it, each of them is sealed. */
export function renderParts(value: unknown, scope: Scope): Rendered {
  const { kv } = scope.draft;
  if (isMapping(value) || kv === undefined) return render(value, scope);
  return rendered(value, scope, (evaluated) => {
    const found = evaluated(value);
    const closed = keptOf(found, kv);
    if (!kv.names.opened()) return closed;
    const opened = openedOf(found, kv);
    if (Array.isArray(opened)) return opened.map((item) => kv.seal(item));
    return isFields(opened) ? Object.fromEntries(Object.entries(opened).map(([name, own]) => [name, kv.seal(own)])) : kv.seal(opened);
  });
}

/** The same of what is only looked at, and kept nowhere. */
function renderOpen(value: unknown, scope: Scope): Rendered {
  return rendered(value, scope, (evaluated) => {
    const found = kept(evaluated(value));
    scope.draft.kv?.names.opened();
    return found;
  });
}

function rendered(value: unknown, scope: Scope, made: (evaluated: (part: unknown) => unknown) => unknown): Rendered {
  if (isPlain(value)) return { kind: "value", value: kept(value) };
  const { draft, variables, task, item } = scope;
  const { kv } = draft;
  const opened = opener(kv);
  const about = taskFunction(scope);
  const surroundings = {
    variables: kv === undefined ? variables : new Opened(variables, opened),
    workflow: {
      ...(task === undefined
        ? {}
        : {
            task: {
              id: task.id,
              route: task.route,
              get result() {
                return opened(task.result);
              },
            },
          }),
      get item() {
        return opened(item);
      },
      status: (name: string, route: number) => statusOn(draft, name, route),
    },
    functions: {
      task: (...given: Parameters<HostFunction>) => opened(about(...given)),
      ...(kv === undefined ? {} : { st2kv: kv.names.lookUp }),
      ...draft.functions(draft),
    },
    literals: draft.workflow.literals,
    now: () => Date.parse(draft.at) / 1000,
    random: chance(draft),
  };
  try {
    return { kind: "value", value: made((part) => evaluate(part, surroundings)) };
  } catch (error) {
    return { kind: "fault", message: faultOf(error, kv) };
  }
}

/** Variables as an expression reads them. */
class Opened extends Dict {
  readonly #variables: Variables;
  readonly #opened: Opener;

  constructor(variables: Variables, opened: Opener) {
    super();
    this.#variables = variables;
    this.#opened = opened;
  }

  override get(name: unknown): unknown {
    return this.#opened(this.#variables.get(name));
  }

  override has(name: unknown): boolean {
    return this.#variables.has(name);
  }

  override get size(): number {
    return this.#variables.size;
  }

  override entries(): Iterable<[unknown, unknown]> {
    return Object.entries(this.#opened(this.#variables.record()));
  }
}

type Opener = <Value>(value: Value) => Value;

function opener(kv: WorkflowKv | undefined): Opener {
  const open = kv?.open;
  return (value) => (open === undefined ? value : openedWhenRead(value, open));
}

/** What comes of a value; where a secret was opened for it, it is gone through again by its names, so that only what holds it is sealed. */
function sealing(value: unknown, { kv }: Draft, evaluated: (part: unknown) => unknown): unknown {
  const found = evaluated(value);
  const closed = keptOf(found, kv);
  if (kv === undefined || !kv.names.opened()) return closed;
  if (!isMapping(value)) return kv.seal(openedOf(found, kv));
  const entries = Array.from(entriesOf(value), ([key, inner]): [string, unknown] => {
    const name = String(kept(evaluated(key)));
    const own = evaluated(inner);
    const ownClosed = keptOf(own, kv);
    return [name, kv.names.opened() ? kv.seal(openedOf(own, kv)) : ownClosed];
  });
  return Object.fromEntries(entries);
}

function keptOf(found: unknown, kv: WorkflowKv | undefined): unknown {
  return kept(found, kv?.open === undefined ? undefined : "ours");
}

/** With nothing closed in it: nobody looks for one seal within another. */
function openedOf(found: unknown, { names }: WorkflowKv): unknown {
  const plain = kept(found, "opened");
  names.opened();
  return plain;
}

/** A template of an action chain: names are variables, and what was rendered is text, but in lists and mappings. */
export function renderTemplate(value: unknown, { draft, variables }: Pick<Scope, "draft" | "variables">): Rendered {
  const { kv } = draft;
  const known = Object.defineProperties(namesFor(value, kv?.names), Object.getOwnPropertyDescriptors(opener(kv)(variables.record())));
  const evaluated = (part: unknown) => getKey(renderValues({ part }, { variables: known }), "part");
  try {
    return { kind: "value", value: sealing(value, draft, evaluated) };
  } catch (error) {
    return { kind: "fault", message: faultOf(error, kv) };
  }
}

/** @throws what is no fault of an expression, nor of what it reads */
function faultOf(error: unknown, kv: WorkflowKv | undefined): string {
  if (error instanceof ExpressionError) return worded(error, kv);
  if (!(error instanceof Fault) && !(error instanceof SyntaxError)) throw error;
  return `${error.name}: ${kv?.names.opened() === true ? readsSecret : error.message}`;
}

/** As the original says it; where a secret was opened, without what may tell it. */
function worded({ language, expression, type, message: said }: ExpressionError, kv: WorkflowKv | undefined): string {
  const secret = kv?.names.opened() === true;
  const message = secret
    ? language === "yaql"
      ? `Unable to evaluate expression '${expression}'. ${type}: ${readsSecret}`
      : readsSecret
    : said;
  if (language === "yaql") return `YaqlEvaluationException: ${message}`;
  return `JinjaEvaluationException: Unable to evaluate expression '${expression}'. ${type}: ${message}`;
}

/** Whether a condition holds. */
export function holds(condition: string | undefined, scope: Scope): Rendered<boolean> {
  if (condition === undefined) return { kind: "value", value: true };
  const rendered = renderOpen(condition, scope);
  return rendered.kind === "fault" ? rendered : { kind: "value", value: truth(rendered.value) };
}

/** Values by name, each of which sees those before it. */
export function renderAll(
  assignments: readonly Assignment[],
  scope: Scope,
): { readonly values: Readonly<Record<string, unknown>>; readonly faults: readonly string[]; readonly variables: Variables } {
  let { variables } = scope;
  const values = new Map<string, unknown>();
  const faults: string[] = [];
  for (const { name, value, template } of assignments) {
    const rendered = template === true ? renderTemplate(value, { draft: scope.draft, variables }) : render(value, { ...scope, variables });
    if (rendered.kind === "fault") faults.push(rendered.message);
    else {
      values.set(name, rendered.value);
      variables = variables.with(name, rendered.value);
    }
  }
  return { values: Object.fromEntries(values), faults, variables };
}

/** A whole number of something, that the definition says or an expression of it gives. */
export function renderInteger(given: number | string | undefined, fault: string, scope: Scope): Rendered<number | undefined> {
  if (typeof given !== "string") return { kind: "value", value: given };
  const rendered = renderOpen(given, scope);
  if (rendered.kind === "fault") return rendered;
  return Number.isInteger(rendered.value) ? { kind: "value", value: Number(rendered.value) } : { kind: "fault", message: fault };
}

/** Without any expression. */
function isPlain(value: unknown): boolean {
  if (typeof value === "string") return !/<%|\{\{|\{%/.test(value);
  if (Array.isArray(value)) return value.every(isPlain);
  if (typeof value !== "object" || value === null) return true;
  return !isMapping(value) || Array.from(entriesOf(value)).every(([key, inner]) => isPlain(key) && isPlain(inner));
}

/** The same for the same step, so that a step that is decided twice is decided alike. */
function chance({ at, sequence, contexts }: Draft): () => number {
  let seed: number | undefined;
  return () => {
    seed ??= Array.from(at).reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), sequence.length * 31 + contexts.length);
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
