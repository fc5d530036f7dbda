import { Dict, entriesOf, isMapping, isSequence, Shown, Tuple } from "../value/kinds.ts";
import { View } from "../value/view.ts";
import { Callable, classOf, type Evaluation, Generator, Group, Range, Thing, Undefined } from "./objects.ts";
import { listOf, represent, tuple } from "./operations.ts";

/** A value as it may leave: plain data and the kinds of `value/`, nothing that only lives while a template runs. What was made lazily is a list. */
export function outgoing(value: unknown, evaluation: Evaluation): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Undefined) return value.fail();
  if (value instanceof Generator) return inside(listOf(value, evaluation), evaluation);
  if (value instanceof Callable || value instanceof Thing || value instanceof View || value instanceof Range) {
    return new Shown(classOf(value), represent(value, evaluation));
  }
  return inside(value, evaluation);
}

/** The same with plain objects for dicts that have only texts for keys, as a result is held. */
export function result(value: unknown, evaluation: Evaluation): unknown {
  return plain(outgoing(value, evaluation), evaluation);
}

function plain(value: unknown, evaluation: Evaluation): unknown {
  if (typeof value !== "object" || value === null) return value;
  evaluation.budget.spend();
  if (isSequence(value)) {
    const items = value.map((item) => plain(item, evaluation));
    if (items.every((item, index) => item === value[index])) return value;
    return value instanceof Tuple ? tuple(items) : items;
  }
  if (!(value instanceof Dict)) return value;
  const entries = Array.from(value.entries(), ([key, inner]): [unknown, unknown] => [key, plain(inner, evaluation)]);
  return entries.every((entry): entry is [string, unknown] => typeof entry[0] === "string")
    ? Object.fromEntries(entries)
    : new Dict(entries);
}

/** The same value where nothing in it has to change. */
function inside(value: unknown, evaluation: Evaluation): unknown {
  if (typeof value !== "object" || value === null) return value;
  evaluation.budget.enter();
  const made = rebuilt(value, evaluation);
  evaluation.budget.leave();
  return made;
}

function rebuilt(value: object, evaluation: Evaluation): unknown {
  if (isSequence(value)) {
    evaluation.budget.spend(value.length);
    const items = value.map((item) => outgoing(item, evaluation));
    if (value instanceof Group) return tuple(items);
    if (items.every((item, index) => item === value[index])) return value;
    return value instanceof Tuple ? tuple(items) : items;
  }
  if (!isMapping(value)) return value;
  let changed = false;
  const entries: [unknown, unknown][] = [];
  for (const [key, inner] of entriesOf(value)) {
    evaluation.budget.spend();
    const own = outgoing(inner, evaluation);
    if (own !== inner) changed = true;
    entries.push([key, own]);
  }
  return changed ? new Dict(entries) : value;
}
