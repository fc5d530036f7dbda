import { Fault } from "../../error.ts";
import { equals, truth } from "../../value/equal.ts";
import { isSequence } from "../../value/kinds.ts";
import type { Call, Lambda, Table } from "../signature.ts";
import { each, Lazy } from "../values.ts";
import { firsts } from "./queries.ts";

/* What many things come to. */

type Many = Iterable<unknown>;

const aggregate = ({ budget }: Call, collection: Many, selector: (left: unknown, right: unknown) => unknown, seed: unknown) => {
  let total = seed;
  for (const item of each(collection, budget)) total = total === undefined ? item : selector(total, item);
  if (total === undefined) throw new Fault("TypeError", "reduce() of empty iterable with no initial value");
  return total;
};

export const summaries: Table = {
  "both any(collection:iterable, predicate:lambda=)": ({ budget }: Call, collection: Many, predicate: Lambda | undefined) => {
    for (const item of each(collection, budget)) if (predicate === undefined || truth(predicate(item))) return true;
    return false;
  },
  "both all(collection:iterable, predicate:lambda=)": ({ budget }: Call, collection: Many, predicate: Lambda | undefined) => {
    for (const item of each(collection, budget)) if (!truth(predicate === undefined ? item : predicate(item))) return false;
    return true;
  },
  "both len(collection:iterator)": ({ budget }: Call, collection: Many) => counted(each(collection, budget)),
  "method count(collection:iterable)": ({ budget }: Call, collection: Many) => counted(each(collection, budget)),
  "method sum(collection:iterable, initial:any?=)": (call: Call, collection: Many, initial: unknown) =>
    aggregate(call, collection, (left, right) => call.operate("#operator_+", left, right), initial),
  "method max(collection:iterable, initial:any?=)": (call: Call, collection: Many, initial: unknown) =>
    aggregate(call, collection, (left, right) => (call.operate("#operator_>", right, left) === true ? right : left), initial),
  "method min(collection:iterable, initial:any?=)": (call: Call, collection: Many, initial: unknown) =>
    aggregate(call, collection, (left, right) => (call.operate("#operator_>", right, left) === true ? left : right), initial),
  "method first(collection:iterable, default:any?=)": ({ budget }: Call, collection: Many, fallback: unknown) => {
    for (const item of each(collection, budget)) return item;
    return orStop(fallback);
  },
  "method single(collection:iterable)": ({ budget }: Call, collection: Many) => {
    const [first, second] = Array.from(firsts(each(collection, budget), 2));
    if (second !== undefined) throw new Fault("ValueError", "Collection contains more than one item");
    return orStop(first);
  },
  "method last(collection:iterable, default:any?=)": ({ budget }: Call, collection: Many, fallback: unknown) => {
    if (isSequence(collection)) return collection.length === 0 ? orStop(fallback) : collection.at(-1);
    let last = fallback;
    for (const item of each(collection, budget)) last = item;
    return orStop(last);
  },
  "method indexOf(collection:iterable, item:any?)": ({ budget }: Call, collection: Many, item: unknown) =>
    placeWhere(each(collection, budget), (other) => equals(other, item, budget)),
  "method lastIndexOf(collection:iterable, item:any?)": ({ budget }: Call, collection: Many, item: unknown) =>
    lastWhere(each(collection, budget), (other) => equals(other, item, budget)),
  "method indexWhere(collection:iterable, predicate:lambda)": ({ budget }: Call, collection: Many, predicate: Lambda) =>
    placeWhere(each(collection, budget), (item) => truth(predicate(item))),
  "method lastIndexWhere(collection:iterable, predicate:lambda)": ({ budget }: Call, collection: Many, predicate: Lambda) =>
    lastWhere(each(collection, budget), (item) => truth(predicate(item))),
  "method aggregate(collection:iterable, selector:lambda, seed:any?=)": aggregate,
  "method reduce(collection:iterable, selector:lambda, seed:any?=)": aggregate,
  "method accumulate(collection:iterable, selector:lambda, seed:any?=)": (
    { budget }: Call,
    collection: Many,
    selector: Lambda,
    seed: unknown,
  ) =>
    new Lazy(
      (function* () {
        let total = seed;
        if (total !== undefined) yield total;
        for (const item of each(collection, budget)) {
          total = total === undefined ? item : selector(total, item);
          yield total;
        }
        if (total === undefined) throw new Fault("TypeError", "accumulate() of empty sequence with no initial value");
      })(),
    ),
};

function counted(items: Many): number {
  let count = 0;
  for (const _ of items) count += 1;
  return count;
}

function placeWhere(items: Many, fits: (item: unknown) => boolean): number {
  let place = 0;
  for (const item of items) {
    if (fits(item)) return place;
    place += 1;
  }
  return -1;
}

function lastWhere(items: Many, fits: (item: unknown) => boolean): number {
  let place = 0;
  let found = -1;
  for (const item of items) {
    if (fits(item)) found = place;
    place += 1;
  }
  return found;
}

function orStop(value: unknown): unknown {
  if (value === undefined) throw new Fault("StopIteration", "the collection is empty");
  return value;
}
