import { Budget, type Limits } from "./budget.ts";
import { BoundReached, ExpressionError, Fault, Located } from "./error.ts";
import { Dict, isMapping, mappingOf, type Mapping } from "./value/kinds.ts";
import { replacedSpans, type Span, spansOf, stripped } from "./spans.ts";
import { str } from "./value/text.ts";
import { workflowFunctions } from "./jinja/functions.ts";
import { evaluateJinja, hasJinja } from "./jinja/index.ts";
import { evaluateYaql } from "./yaql/index.ts";
import type { Host, HostFunction } from "./yaql/signature.ts";

/** What an evaluation may know and take. */
export interface Surroundings {
  /** By name; what begins with `__` is the engine's: `__state`, `__current_task`, `__current_item`. Nothing of it is changed. */
  readonly variables?: Mapping;
  /** What a workflow knows beside them; then nothing in `variables` is the engine's. */
  readonly workflow?: WorkflowSurroundings;
  /** `st2kv` and `task`: given what they were called with, they answer plain data or throw a `Fault`. */
  readonly functions?: Readonly<Record<string, HostFunction>>;
  /** Seconds since 1970, for `now()`. */
  readonly now?: () => number;
  /** From 0 up to 1, for `random()`. */
  readonly random?: () => number;
  readonly limits?: Partial<Limits>;
  /** Texts that stand in the definition itself. One of them is evaluated where an expression gives it; any other text that comes out is data, whatever it looks like. */
  readonly literals?: ReadonlySet<string>;
}

/** What `succeeded()`, `result()`, `item()` and `task_status()` look at. */
interface WorkflowSurroundings {
  /** The task that is over, or is about to begin. */
  readonly task?: { readonly id: string; readonly route: number; readonly result?: unknown };
  readonly item?: unknown;
  /** Of a task as this route knows it; undefined where it has not run. */
  readonly status: (task: string, route: number) => string | undefined;
}

/** Evaluates texts with expressions, and lists and mappings of them. A text that is one expression keeps the type of its value; a text that has more is text.
 *  What comes out is data, and not evaluated again unless it is one of `literals`. @throws {ExpressionError} */
export function evaluate(value: unknown, surroundings: Surroundings = {}): unknown {
  const { variables = {}, workflow } = surroundings;
  const host: Host = {
    ...(workflow === undefined
      ? { variables: open(variables), all: variables, status: undefined }
      : {
          variables,
          all: {
            __current_task: workflow.task,
            get __current_item() {
              return workflow.item;
            },
          },
          status: workflow.status,
        }),
    functions: surroundings.functions ?? {},
    now: surroundings.now ?? missing("now() needs a clock"),
    random: surroundings.random ?? missing("random() needs a source of chance"),
  };
  const budget = new Budget(surroundings.limits);
  try {
    return deep(value, { host, budget, literals: surroundings.literals ?? new Set() });
  } catch (error) {
    // Met outside of any expression: in how the value itself is nested, or one that goes into a text. The stack may end before the budget does.
    const fault = error instanceof RangeError ? new BoundReached("depth", budget.limits.depth) : error;
    if (!(fault instanceof Fault)) throw fault;
    throw new ExpressionError({ type: fault.type, language: "yaql", expression: "", message: fault.message, cause: fault });
  }
}

interface Given {
  readonly literals: ReadonlySet<string>;
  readonly host: Host;
  readonly budget: Budget;
}

/** Without what is the engine's own. */
function open(variables: Mapping): Mapping {
  if (variables instanceof Dict) return variables;
  for (const name in variables) {
    if (name.startsWith("__")) return Object.fromEntries(Object.entries(variables).filter(([key]) => !key.startsWith("__")));
  }
  return variables;
}

function deep(value: unknown, given: Given): unknown {
  if (typeof value === "string") return text(value, given);
  if (typeof value !== "object" || value === null) return value;
  given.budget.enter();
  const made = Array.isArray(value) ? value.map((item: unknown) => deep(item, given)) : isMapping(value) ? mapping(value, given) : value;
  given.budget.leave();
  return made;
}

function mapping(value: Mapping, given: Given): unknown {
  const entries = Array.from(value instanceof Dict ? value.entries() : Object.entries(value), ([key, inner]): [unknown, unknown] => [
    deep(key, given),
    deep(inner, given),
  ]);
  return mappingOf(entries);
}

function text(value: string, given: Given): unknown {
  const found = Array.from(yaqlSpans(value));
  const [only] = found;
  if (only === undefined) return hasJinja(value) ? jinja(value, given) : value;
  if (only.text.length === value.length) return one(value, given);
  const done = new Map<string, string>();
  return replacedSpans(value, found, ({ text: expression }) => {
    const known = done.get(expression) ?? str(one(expression, given));
    done.set(expression, known);
    given.budget.size(value.length + known.length);
    return known;
  });
}

/** `<% … %>`, without line breaks inside. */
export function yaqlSpans(value: string): Iterable<Span> {
  return spansOf(value, "<%", "%>");
}

function jinja(value: string, given: Given): unknown {
  const { host, budget, literals } = given;
  const functions = workflowFunctions(host);
  return evaluateJinja(value, { variables: {}, functions, filters: functions, budget, literals });
}

function one(expression: string, given: Given): unknown {
  const inner = bare(expression);
  try {
    const value = evaluateYaql(inner, given);
    return typeof value === "string" && given.literals.has(value) ? again(value, given) : value;
  } catch (error) {
    throw failed(expression, inner, error);
  }
}

/** Texts that name each other in a circle come to an end. */
function again(value: string, given: Given): unknown {
  given.budget.enter();
  const result = text(value, given);
  given.budget.leave();
  return result;
}

/** As orquesta takes the delimiters off: all such characters at both ends. */
export function bare(expression: string): string {
  return stripped(expression, "<%>").trim();
}

function failed(expression: string, inner: string, error: unknown): unknown {
  const fault = error instanceof Located ? error.fault : error;
  if (!(fault instanceof Fault)) return error;
  const message =
    fault.type === "KeyError"
      ? `Unable to resolve key '${fault.message}' in expression '${expression}' from context.`
      : `Unable to evaluate expression '${expression}'. ${fault.type}: ${fault.message}`;
  const position = error instanceof Located ? expression.indexOf(inner) + error.at : undefined;
  return new ExpressionError({ type: fault.type, language: "yaql", expression, message, position, cause: fault });
}

function missing(message: string): () => never {
  return () => {
    throw new Fault("ValueError", message);
  };
}
