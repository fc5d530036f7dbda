import { bare, yaqlSpans } from "./evaluate.ts";
import { Fault } from "./error.ts";
import { entriesOf, isMapping } from "./value/kinds.ts";
import { hasJinja, jinjaVariables, validateJinja } from "./jinja/index.ts";
import { checkYaql } from "./yaql/index.ts";

/** What is wrong with an expression before it is evaluated. */
export interface Flaw {
  /** Null where a text has expressions of both languages. */
  readonly type: "yaql" | "jinja" | null;
  readonly expression: string;
  readonly message: string;
}

/** All that can be said without evaluating. */
export function validate(value: unknown): Flaw[] {
  return texts(value).flatMap((text) => {
    const yaql = expressionsIn(text);
    const jinja = hasJinja(text);
    if (yaql.length > 0 && jinja) return [{ type: null, expression: text, message: "Expression with multiple types is not supported." }];
    if (jinja) return validateJinja(text).map(({ expression, message }): Flaw => ({ type: "jinja", expression, message }));
    return yaql.flatMap(flawsOf);
  });
}

/** A variable that an expression reads by name. */
export interface Variable {
  readonly language: "yaql" | "jinja";
  /** The text it stands in. */
  readonly expression: string;
  readonly name: string;
}

/** What is read from the context, sorted by name. */
export function variables(value: unknown): Variable[] {
  const found = new Map<string, Variable>();
  for (const expression of texts(value)) {
    const add = (language: Variable["language"], name: string) =>
      found.set(`${language} ${name} ${expression}`, { language, expression, name });
    for (const name of expressionsIn(expression).flatMap(namesIn)) add("yaql", name);
    for (const name of jinjaVariables(expression)) add("jinja", name);
  }
  return [...found.values()].toSorted((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
}

function expressionsIn(text: string): string[] {
  return Array.from(yaqlSpans(text), (span) => span.text);
}

const reference = /\bctx\(['"]?[\][a-zA-Z0-9_'".()]*['"]?\)\.?[\][a-zA-Z0-9_'".()]*/g;
/** `ctx().x`, `ctx(x)`, `ctx('x')`, `ctx("x")`. */
const named = [
  /(?<=\bctx\(\)\.)([a-zA-Z0-9_-]+)\b(?!\()\.?/,
  /\bctx\(([a-zA-Z0-9_-]+)\)/,
  /\bctx\('([a-zA-Z0-9_-]+)'\)/,
  /\bctx\("([a-zA-Z0-9_-]+)"\)/,
];

/** Names that stand further back are not found: the pattern is orquesta's, and takes time by the square of the length. */
const longest = 10_000;

function namesIn(expression: string): string[] {
  return (expression.slice(0, longest).match(reference) ?? []).flatMap((text) => named.flatMap((pattern) => pattern.exec(text)?.[1] ?? []));
}

function flawsOf(expression: string): Flaw[] {
  try {
    checkYaql(bare(expression));
    return [];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [{ type: "yaql", expression, message: error.message }];
  }
}

/** All texts in a value, in their order, however deep they are. */
function texts(value: unknown): string[] {
  const found: string[] = [];
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === "string") found.push(next);
    else if (Array.isArray(next)) for (let at = next.length - 1; at >= 0; at -= 1) waiting.push(next[at]);
    else if (isMapping(next)) for (const [key, inner] of Array.from(entriesOf(next)).toReversed()) waiting.push(inner, key);
  }
  return found;
}
