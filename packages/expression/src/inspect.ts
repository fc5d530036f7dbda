import { stripped } from "./evaluate.ts";
import { Fault } from "./error.ts";
import { entriesOf, isMapping } from "./value/kinds.ts";
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
    const [yaql, jinja] = [text.match(yaqlPattern), text.match(jinjaPattern)];
    if (yaql !== null && jinja !== null)
      return [{ type: null, expression: text, message: "Expression with multiple types is not supported." }];
    return yaql?.flatMap(flawsOf) ?? [];
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
    for (const [language, pattern] of [
      ["yaql", yaqlPattern],
      ["jinja", jinjaPattern],
    ] as const) {
      for (const name of (expression.match(pattern) ?? []).flatMap(namesIn))
        found.set(`${language} ${name} ${expression}`, { language, expression, name });
    }
  }
  return [...found.values()].toSorted((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
}

const yaqlPattern = /<%.*?%>/g;
const jinjaPattern = /\{\{.*?\}\}|\{%[\s\S]*?%\}/g;
const reference = /\bctx\(['"]?[\][a-zA-Z0-9_'".()]*['"]?\)\.?[\][a-zA-Z0-9_'".()]*/g;
/** `ctx().x`, `ctx(x)`, `ctx('x')`, `ctx("x")`. */
const named = [
  /(?<=\bctx\(\)\.)([a-zA-Z0-9_-]+)\b(?!\()\.?/,
  /\bctx\(([a-zA-Z0-9_-]+)\)/,
  /\bctx\('([a-zA-Z0-9_-]+)'\)/,
  /\bctx\("([a-zA-Z0-9_-]+)"\)/,
];

function namesIn(expression: string): string[] {
  return (expression.match(reference) ?? []).flatMap((text) => named.flatMap((pattern) => pattern.exec(text)?.[1] ?? []));
}

function flawsOf(expression: string): Flaw[] {
  try {
    checkYaql(stripped(expression));
    return [];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [{ type: "yaql", expression, message: error.message }];
  }
}

function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  return isMapping(value) ? Array.from(entriesOf(value)).flatMap(([key, inner]) => [...texts(key), ...texts(inner)]) : [];
}
