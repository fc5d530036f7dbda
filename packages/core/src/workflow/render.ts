import { entriesOf, evaluate, ExpressionError, Fault, getKey, isMapping, renderValues, truth } from "@bellhop/expression";
import { kept, Variables, variablesAt } from "./context.ts";
import type { Assignment } from "./definition.ts";
import { statusOn, type Draft } from "./draft.ts";
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

/** The value of a text with expressions, or of what holds such texts, as plain JSON. */
export function render(value: unknown, scope: Scope): Rendered {
  if (isPlain(value)) return { kind: "value", value: kept(value) };
  const { draft, variables, task, item } = scope;
  try {
    const found = evaluate(value, {
      variables,
      workflow: { ...(task === undefined ? {} : { task }), item, status: (name, route) => statusOn(draft, name, route) },
      functions: { task: taskFunction(scope), ...draft.functions(draft) },
      literals: draft.workflow.literals,
      now: () => Date.parse(draft.at) / 1000,
      random: chance(draft),
    });
    return { kind: "value", value: kept(found) };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { kind: "fault", message: worded(error) };
  }
}

/** A template of an action chain: names are variables, and what was rendered is text, but in lists and mappings. */
export function renderTemplate(value: unknown, { variables }: Pick<Scope, "variables">): Rendered {
  try {
    return { kind: "value", value: kept(getKey(renderValues({ value }, { variables: variables.record() }), "value")) };
  } catch (error) {
    if (error instanceof ExpressionError) return { kind: "fault", message: worded(error) };
    if (error instanceof Fault || error instanceof SyntaxError) return { kind: "fault", message: `${error.name}: ${error.message}` };
    throw error;
  }
}

/** As the original says it. */
function worded({ language, expression, type, message }: ExpressionError): string {
  if (language === "yaql") return `YaqlEvaluationException: ${message}`;
  return `JinjaEvaluationException: Unable to evaluate expression '${expression}'. ${type}: ${message}`;
}

/** Whether a condition holds. */
export function holds(condition: string | undefined, scope: Scope): Rendered<boolean> {
  if (condition === undefined) return { kind: "value", value: true };
  const rendered = render(condition, scope);
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
    const rendered = template === true ? renderTemplate(value, { variables }) : render(value, { ...scope, variables });
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
  const rendered = render(given, scope);
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
