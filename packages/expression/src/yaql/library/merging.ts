import { Fault } from "../../error.ts";
import { typeName } from "../../value/equal.ts";
import { Dict, entriesOf, getKey, hasKey, isMapping, isSequence, type Mapping } from "../../value/kinds.ts";
import type { Call, Lambda, Table } from "../signature.ts";
import { chain, distinct } from "./queries.ts";

export const merging: Table = {
  "method mergeWith(dict:mapping, another:mapping, listMerger:lambda=, itemMerger:lambda=, maxLevels:int=0)": (
    call: Call,
    dict: Mapping,
    another: Mapping,
    lists: Lambda | undefined,
    items: Lambda | undefined,
    levels: number,
  ) =>
    merged(dict, another, {
      call,
      lists:
        lists ??
        ((left, right) => (isSequence(left) && isSequence(right) ? Array.from(distinct(chain([left, right], call.budget))) : right)),
      items: items ?? ((_left, right) => right),
      levels: Number(levels),
    }),
};

interface Merge {
  readonly call: Call;
  readonly lists: (left: unknown, right: unknown) => unknown;
  readonly items: (left: unknown, right: unknown) => unknown;
  /** 0 is all. */
  readonly levels: number;
}

function merged(left: Mapping, right: Mapping, how: Merge): Dict {
  const made = new Dict();
  how.call.budget.enter();
  for (const [key, value] of entriesOf(left)) {
    how.call.budget.spend();
    made.set(key, hasKey(right, key) ? both(value, getKey(right, key), how) : value);
  }
  for (const [key, value] of entriesOf(right)) if (!made.has(key)) made.set(key, value);
  how.call.budget.leave();
  return made;
}

function both(left: unknown, right: unknown, how: Merge): unknown {
  if (how.levels !== 1 && isMapping(right)) {
    if (!isMapping(left)) throw new Fault("TypeError", `Cannot merge ${typeName(left)} with ${typeName(right)}`);
    return merged(left, right, { ...how, levels: how.levels === 0 ? 0 : how.levels - 1 });
  }
  if (how.levels !== 1 && isSequence(right)) {
    if (!isSequence(left)) throw new Fault("TypeError", `Cannot merge ${typeName(left)} with ${typeName(right)}`);
    return how.lists(left, right);
  }
  return how.items(left, right);
}
