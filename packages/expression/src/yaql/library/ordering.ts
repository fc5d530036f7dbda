import { Fault } from "../../error.ts";
import { equals } from "../../value/equal.ts";
import { Dict, isSequence, List } from "../../value/kinds.ts";
import type { Call, Lambda, Table } from "../signature.ts";
import { each, Lazy, Ordered } from "../values.ts";

/* Sorting and grouping. */

type Many = Iterable<unknown>;

export const ordering: Table = {
  "method orderBy(collection:iterable, selector:lambda)": (call: Call, collection: Many, selector: Lambda) =>
    ordered(call, collection, { key: selector, ascending: true }),
  "method orderByDescending(collection:iterable, selector:lambda)": (call: Call, collection: Many, selector: Lambda) =>
    ordered(call, collection, { key: selector, ascending: false }),
  "method thenBy(collection:ordered, selector:lambda)": (_call: Call, collection: Ordered, selector: Lambda) => {
    collection.orders.push({ key: selector, ascending: true });
    return collection;
  },
  "method thenByDescending(collection:ordered, selector:lambda)": (_call: Call, collection: Ordered, selector: Lambda) => {
    collection.orders.push({ key: selector, ascending: false });
    return collection;
  },
  "method groupBy(collection:iterable, keySelector:lambda, valueSelector:lambda=, aggregator:lambda=)": (
    { budget }: Call,
    collection: Many,
    key: Lambda,
    value: Lambda | undefined,
    aggregator: Lambda | undefined,
  ) => {
    const groups = new Dict();
    for (const item of each(collection, budget)) {
      const kept = value === undefined ? item : value(item);
      const name = key(item);
      const group = groups.get(name);
      if (group instanceof List) group.push(kept);
      else groups.set(name, List.from([kept]));
    }
    return new Lazy(aggregated(groups, aggregator));
  },
};

function ordered({ budget, operate }: Call, collection: Many, order: Ordered["orders"][number]): Ordered {
  const sorted = new Ordered(each(collection, budget), (left, right) => {
    budget.spend();
    return operate("#operator_<", left, right) === true;
  });
  sorted.orders.push(order);
  return sorted;
}

/** A group is made of its values; before YAQL 1.1.1 it was of key and values together, and what fits that only is done that way. */
function* aggregated(groups: Dict, aggregator: Lambda | undefined): Generator<unknown, void> {
  let failure: Fault | undefined;
  let fallback = true;
  for (const [key, kept] of groups.entries()) {
    const values = isSequence(kept) ? kept : [];
    if (aggregator === undefined) {
      yield [key, values];
      continue;
    }
    if (failure === undefined) {
      try {
        const result = aggregator(values);
        const [first] = values;
        const asPair = isSequence(result) && result.length === 2 && values.length === 2 && equals(result[0], first);
        if (!asPair) fallback = false;
        yield [key, result];
        continue;
      } catch (error) {
        if (!(error instanceof Fault) || !olderErrors.has(error.type)) throw error;
        failure = error;
      }
    }
    if (!fallback) throw failure;
    const result = aggregator([key, values]);
    if (!isSequence(result) || result.length !== 2) throw failure;
    yield result;
  }
}

const olderErrors = new Set(["NoMatchingMethodException", "NoMatchingFunctionException", "IndexError"]);
