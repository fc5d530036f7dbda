import { jsonDump, jsonParse } from "../functions/json.ts";
import { Budget } from "../budget.ts";
import { entriesOf, isMapping, isSequence, type Mapping } from "../value/kinds.ts";
import { str } from "../value/text.ts";
import { stackstormFilters } from "./functions.ts";
import { renderJinja, type Surroundings } from "./index.ts";

/** Renders each value of a mapping as StackStorm does: lists and mappings as JSON that is read again, and what has nothing to render stays as it is, with its
 *  type. `__context` is all variables. Without variables nothing is rendered. @throws {ExpressionError, Fault} the latter where the JSON is broken by what was
 *  put into it */
export function renderValues(mapping: Mapping, surroundings: Surroundings): Mapping {
  const { variables } = surroundings;
  if (Object.keys(variables).length === 0) return mapping;
  const budget = surroundings.budget ?? new Budget();
  const own = { filters: stackstormFilters, ...surroundings, variables: { __context: variables, ...variables }, budget };
  const rendered = Array.from(entriesOf(mapping), ([key, value]): [string, unknown] => {
    const nested = isMapping(value) || isSequence(value);
    const text = nested ? jsonDump(value, {}, budget) : str(value);
    const result = renderJinja(text, own);
    if (result === text) return [str(key), value];
    return [str(key), nested ? jsonParse(result) : result];
  });
  return Object.fromEntries(rendered);
}
