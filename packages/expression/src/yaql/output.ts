import type { Budget } from "../budget.ts";
import { Fault } from "../error.ts";
import { DateTime, Dict, isMapping, mappingOf, PythonSet, Shown, TimeDelta } from "../value/kinds.ts";
import { Float } from "../number.ts";
import { View } from "../value/view.ts";
import { each, Names, Ordered, Lazy, Pattern, Rule } from "./values.ts";

/** What an expression made, as plain data: tuples and what is lazy as arrays, mappings as objects where all keys are text. */
export function released(value: unknown, budget: Budget): unknown {
  if (typeof value !== "object" || value === null) return value ?? null;
  if (value instanceof Float || value instanceof DateTime || value instanceof TimeDelta || value instanceof Shown) return value;
  if (Array.isArray(value)) return items(value, budget);
  if (value instanceof Dict) {
    return mapping(
      Array.from(value.entries(), ([key, inner]): [unknown, unknown] => [released(key, budget), released(inner, budget)]),
      budget,
    );
  }
  if (value instanceof PythonSet || (value instanceof View && value.of !== "values")) {
    const inner = items(value, budget);
    for (const item of inner) hashable(item);
    return new PythonSet(inner);
  }
  if (value instanceof Lazy || value instanceof View || value instanceof Ordered) return items(value, budget);
  if (value instanceof Pattern) return new Shown("Pattern", `re.compile(${JSON.stringify(value.regex.source)})`);
  if (value instanceof Names) return new Shown("Context", "<context>");
  return value instanceof Rule ? new Shown("MappingRule", "<mapping>") : value;
}

function items(value: Iterable<unknown>, budget: Budget): unknown[] {
  return Array.from(each(value, budget), (item) => released(item, budget));
}

function mapping(entries: readonly (readonly [unknown, unknown])[], budget: Budget): unknown {
  budget.spend(entries.length);
  for (const [key] of entries) hashable(key);
  return mappingOf(entries);
}

/** A list can be no key and in no set, and a tuple gets out as a list; so does a mapping as Python's `dict`. */
function hashable(value: unknown): void {
  if (Array.isArray(value)) throw new Fault("TypeError", "unhashable type: 'list'");
  if (isMapping(value)) throw new Fault("TypeError", "unhashable type: 'dict'");
  if (value instanceof PythonSet) throw new Fault("TypeError", "unhashable type: 'set'");
}
