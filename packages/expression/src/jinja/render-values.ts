import { jsonDump, jsonParse } from "../functions/json.ts";
import { Budget } from "../budget.ts";
import { entriesOf, isMapping, isSequence, type Mapping } from "../value/kinds.ts";
import { str } from "../value/text.ts";
import { stackstormFilters } from "./functions.ts";
import { renderJinja, type Surroundings } from "./index.ts";

/** Renders each value of a mapping as StackStorm does: lists and mappings as JSON that is read again, and what has nothing to render stays as it is, with its
 *  type. `__context` is all variables. Without variables nothing is rendered.
 *  @param surroundings.nested `apart`: each text within lists and mappings is rendered by itself, so that what is put into one can't become another field
 *  @throws {ExpressionError, Fault} the latter where the JSON is broken by what was put into it */
export function renderValues(mapping: Mapping, surroundings: Surroundings & { nested?: "json" | "apart" }): Mapping {
  const { variables } = surroundings;
  if (Object.keys(variables).length === 0) return mapping;
  const budget = surroundings.budget ?? new Budget();
  // A value that is made as it is read is read where a template names it.
  const named = Object.defineProperties({ __context: variables }, Object.getOwnPropertyDescriptors(variables));
  const own = { filters: stackstormFilters, ...surroundings, variables: named, budget };
  if (surroundings.nested === "apart")
    return Object.fromEntries(Array.from(entriesOf(mapping), ([key, value]) => [str(key), renderedApart(value, own)]));
  const rendered = Array.from(entriesOf(mapping), ([key, value]): [string, unknown] => {
    const nested = isMapping(value) || isSequence(value);
    const text = nested ? jsonDump(value, {}, budget) : str(value);
    const result = renderJinja(text, own);
    if (result === text) return [str(key), value];
    return [str(key), nested ? jsonParse(result) : result];
  });
  return Object.fromEntries(rendered);
}

function renderedApart(value: unknown, surroundings: Surroundings): unknown {
  return isMapping(value) || isSequence(value)
    ? within(value, surroundings)
    : typeof value === "string"
      ? renderJinja(value, surroundings)
      : value;
}

/** What stands in a list or mapping. A line end at the end of a text is part of it there, as it is of a text in JSON. */
function within(value: unknown, surroundings: Surroundings): unknown {
  if (isSequence(value)) return Array.from(value, (inner) => within(inner, surroundings));
  if (isMapping(value)) {
    return Object.fromEntries(
      Array.from(entriesOf(value), ([key, inner]) => [within(str(key), surroundings), within(inner, surroundings)]),
    );
  }
  if (typeof value !== "string" || !/\{[{%#]/.test(value)) return value;
  return renderJinja(value, surroundings) + (value.endsWith("\n") ? "\n" : "");
}
