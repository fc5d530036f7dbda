import { Fault } from "../../error.ts";
import { add, type Numeric } from "../../value/arithmetic.ts";
import { equals, truth, typeName } from "../../value/equal.ts";
import { Dict, entriesOf, getKey, hasKey, isMapping, isSequence, List, type Mapping, PythonSet } from "../../value/kinds.ts";
import type { Call, Lambda, Table } from "../signature.ts";
import { each, isIterable, Lazy, Ordered } from "../values.ts";
import { listed } from "./collections.ts";

type Many = Iterable<unknown>;

const where = ({ budget }: Call, collection: Many, predicate: Lambda) =>
  new Lazy(
    (function* () {
      for (const item of each(collection, budget)) if (truth(predicate(item))) yield item;
    })(),
  );
const select = ({ budget }: Call, collection: Many, selector: Lambda) =>
  new Lazy(
    (function* () {
      for (const item of each(collection, budget)) yield selector(item);
    })(),
  );
const limit = ({ budget }: Call, collection: Many, count: number) => {
  const most = Number(count);
  if (most < 0) throw new Fault("ValueError", "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.");
  return new Lazy(firsts(each(collection, budget), most));
};
const aggregate = ({ budget }: Call, collection: Many, selector: (left: unknown, right: unknown) => unknown, seed: unknown) => {
  let total = seed;
  for (const item of each(collection, budget)) total = total === undefined ? item : selector(total, item);
  if (total === undefined) throw new Fault("TypeError", "reduce() of empty iterable with no initial value");
  return total;
};

export const queries: Table = {
  "method where(collection:iterable, predicate:lambda)": where,
  "method filter(collection:iterable, predicate:lambda)": where,
  "method select(collection:iterable, selector:lambda)": select,
  "method map(collection:iterable, selector:lambda)": select,
  "method limit(collection:iterable, count:int)": limit,
  "method take(collection:iterable, count:int)": limit,
  "method skip(collection:iterable, count:int)": ({ budget }: Call, collection: Many, count: number) => {
    const most = Number(count);
    if (most < 0) throw new Fault("ValueError", "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.");
    return new Lazy(
      (function* () {
        let place = 0;
        for (const item of each(collection, budget)) {
          if (place >= most) yield item;
          place += 1;
        }
      })(),
    );
  },
  "both append(collection:iterable, *args:any?)": ({ budget }: Call, collection: Many, ...args: readonly unknown[]) =>
    new Lazy(chain([collection, args], budget)),
  "both distinct(collection:iterable, keySelector:lambda=)": ({ budget }: Call, collection: Many, key: Lambda | undefined) =>
    new Lazy(distinct(each(collection, budget), key)),
  "both enumerate(collection:iterable, start:int?=0)": ({ budget }: Call, collection: Many, start: Numeric | null) =>
    new Lazy(
      (function* () {
        if (start === null) throw new Fault("TypeError", "'NoneType' object cannot be interpreted as an integer");
        let place = add(start, 0);
        for (const item of each(collection, budget)) {
          yield List.from([place, item]);
          place = add(place, 1);
        }
      })(),
    ),
  "both any(collection:iterable, predicate:lambda=)": ({ budget }: Call, collection: Many, predicate: Lambda | undefined) => {
    for (const item of each(collection, budget)) if (predicate === undefined || truth(predicate(item))) return true;
    return false;
  },
  "both all(collection:iterable, predicate:lambda=)": ({ budget }: Call, collection: Many, predicate: Lambda | undefined) => {
    for (const item of each(collection, budget)) if (!truth(predicate === undefined ? item : predicate(item))) return false;
    return true;
  },
  "both concat(*collections:iterable)": ({ budget }: Call, ...collections: readonly Many[]) => new Lazy(chain(collections, budget)),
  "both len(collection:iterator)": ({ budget }: Call, collection: Many) => counted(each(collection, budget)),
  "method count(collection:iterable)": ({ budget }: Call, collection: Many) => counted(each(collection, budget)),
  "method memorize(collection:iterable)": ({ budget }: Call, collection: Many) =>
    collection instanceof Lazy ? Array.from(each(collection, budget)) : collection,
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
  "method selectMany(collection:iterable, selector:lambda)": ({ budget }: Call, collection: Many, selector: Lambda) =>
    new Lazy(
      (function* () {
        for (const item of each(collection, budget)) {
          const inner = selector(item);
          if (isIterable(inner)) yield* each(inner, budget);
          else yield inner;
        }
      })(),
    ),
  "range(stop:int)": (_call: Call, stop: number) => new Lazy(range(0, Number(stop), 1)),
  "range(start:int, stop:int, step:int=1)": (_call: Call, start: number, stop: number, step: number) => {
    if (Number(step) === 0) throw new Fault("ValueError", "range() arg 3 must not be zero");
    return new Lazy(range(Number(start), Number(stop), Number(step)));
  },
  "sequence(start:int=0, step:int=1)": (_call: Call, start: number, step: number) =>
    new Lazy(range(Number(start), Number.POSITIVE_INFINITY, Number(step))),
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
  "method zip(*collections:iterable)": ({ budget }: Call, ...collections: readonly Many[]) =>
    new Lazy(zipped(collections.map((collection) => each(collection, budget)))),
  "method zipLongest(*collections:iterable, **kwargs:any?)": ({ budget, named }: Call, ...collections: readonly Many[]) =>
    new Lazy(
      zipped(
        collections.map((collection) => each(collection, budget)),
        { pad: named["default"] ?? null },
      ),
    ),
  "method join(collection1:iterable, collection2:iterable, predicate:lambda, selector:lambda)": (
    { budget }: Call,
    left: Many,
    right: Many,
    predicate: Lambda,
    selector: Lambda,
  ) =>
    new Lazy(
      (function* () {
        for (const one of each(left, budget))
          for (const other of each(right, budget)) if (truth(predicate(one, other))) yield selector(one, other);
      })(),
    ),
  "method repeat(obj:any?, times:int=-1)": ({ budget }: Call, value: unknown, times: number) =>
    new Lazy(
      (function* () {
        for (let done = 0; Number(times) < 0 || done < Number(times); done += 1) {
          budget.spend();
          yield value;
        }
      })(),
    ),
  "method cycle(collection:iterable)": ({ budget }: Call, collection: Many) =>
    new Lazy(
      (function* () {
        const items = [];
        for (const item of each(collection, budget)) {
          items.push(item);
          yield item;
        }
        while (items.length > 0) yield* each(items, budget);
      })(),
    ),
  "method takeWhile(collection:iterable, predicate:lambda)": ({ budget }: Call, collection: Many, predicate: Lambda) =>
    new Lazy(
      (function* () {
        for (const item of each(collection, budget)) {
          if (!truth(predicate(item))) return;
          yield item;
        }
      })(),
    ),
  "method skipWhile(collection:iterable, predicate:lambda)": ({ budget }: Call, collection: Many, predicate: Lambda) =>
    new Lazy(
      (function* () {
        let skipping = true;
        for (const item of each(collection, budget)) {
          skipping &&= truth(predicate(item));
          if (!skipping) yield item;
        }
      })(),
    ),
  "method indexOf(collection:iterable, item:any?)": ({ budget }: Call, collection: Many, item: unknown) =>
    placeWhere(each(collection, budget), (other) => equals(other, item)),
  "method lastIndexOf(collection:iterable, item:any?)": ({ budget }: Call, collection: Many, item: unknown) =>
    lastWhere(each(collection, budget), (other) => equals(other, item)),
  "method indexWhere(collection:iterable, predicate:lambda)": ({ budget }: Call, collection: Many, predicate: Lambda) =>
    placeWhere(each(collection, budget), (item) => truth(predicate(item))),
  "method lastIndexWhere(collection:iterable, predicate:lambda)": ({ budget }: Call, collection: Many, predicate: Lambda) =>
    lastWhere(each(collection, budget), (item) => truth(predicate(item))),
  "method slice(collection:iterable, length:int)": ({ budget }: Call, collection: Many, length: number) => {
    if (Number(length) < 0) throw new Fault("ValueError", "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.");
    return new Lazy(
      (function* () {
        let part: unknown[] = [];
        if (Number(length) === 0) return;
        for (const item of each(collection, budget)) {
          part.push(item);
          if (part.length < Number(length)) continue;
          yield part;
          part = [];
        }
        if (part.length > 0) yield part;
      })(),
    );
  },
  "method splitWhere(collection:iterable, predicate:lambda)": ({ budget }: Call, collection: Many, predicate: Lambda) =>
    new Lazy(
      (function* () {
        const items = listed(collection, budget);
        let start = 0;
        for (const [place, item] of items.entries()) {
          if (!truth(predicate(item))) continue;
          yield items.slice(start, place);
          start = place + 1;
        }
        if (start !== items.length) yield items.slice(start);
      })(),
    ),
  "method sliceWhere(collection:iterable, predicate:lambda)": ({ budget }: Call, collection: Many, predicate: Lambda) =>
    new Lazy(
      (function* () {
        const items = listed(collection, budget);
        let start = 0;
        let before: unknown;
        for (const [place, item] of items.entries()) {
          const now = predicate(item);
          if (before !== undefined && !equals(now, before)) {
            yield items.slice(start, place);
            start = place;
          }
          before = now;
        }
        if (start !== items.length) yield items.slice(start);
      })(),
    ),
  "method splitAt(collection:iterable, index:int)": ({ budget }: Call, collection: Many, place: number) => {
    const items = listed(collection, budget);
    return List.from([items.slice(0, Number(place)), items.slice(Number(place))]);
  },
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
  "method reverse(collection:iterable)": ({ budget }: Call, collection: Many) =>
    new Lazy(listed(collection, budget).toReversed()[Symbol.iterator]()),
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
      lists: lists ?? ((left, right) => Array.from(distinct(chain([left as Many, right as Many], call.budget)))),
      items: items ?? ((_left, right) => right),
      levels: Number(levels),
    }),
  "generate(initial:any?, predicate:lambda, next:lambda, selector:lambda=, decycle:bool?=false)": (
    { budget }: Call,
    initial: unknown,
    predicate: Lambda,
    next: Lambda,
    selector: Lambda | undefined,
    decycle: boolean,
  ) =>
    new Lazy(
      (function* () {
        const past = new Dict();
        for (let value = initial; truth(predicate(value)); value = next(value)) {
          budget.spend();
          if (decycle) {
            if (past.has(value)) return;
            past.set(value, true);
          }
          yield selector === undefined ? value : selector(value);
        }
      })(),
    ),
  "generateMany(initial:any?, producer:lambda, selector:lambda=, decycle:bool?=false, depthFirst:bool?=false)": (
    { budget }: Call,
    initial: unknown,
    producer: Lambda,
    selector: Lambda | undefined,
    decycle: boolean,
    depthFirst: boolean,
  ) =>
    new Lazy(
      (function* () {
        const past = new Dict();
        const waiting: unknown[] = [initial];
        while (waiting.length > 0) {
          budget.spend();
          const value = waiting.shift();
          if (decycle) {
            if (past.has(value)) continue;
            past.set(value, true);
          }
          yield selector === undefined ? value : selector(value);
          const produced = producer(value);
          if (!isIterable(produced)) throw new Fault("TypeError", `'${typeName(produced)}' object is not iterable`);
          const more = Array.from(each(produced, budget));
          if (depthFirst) waiting.unshift(...more);
          else waiting.push(...more);
        }
      })(),
    ),
  "method defaultIfEmpty(collection:iterable, default:iterable)": ({ budget }: Call, collection: Many, fallback: Many) => {
    if (isSequence(collection)) return collection.length === 0 ? fallback : collection;
    if (collection instanceof PythonSet) return collection.size === 0 ? fallback : collection;
    const items = Array.from(each(collection, budget));
    return items.length === 0 ? fallback : items;
  },
};

function* firsts(items: Many, most: number): Generator<unknown, void> {
  if (most === 0) return;
  let left = most;
  const source = items[Symbol.iterator]();
  // Taken by hand: `for … of` would close what others may go on with.
  while (left > 0) {
    const next = source.next();
    if (next.done === true) return;
    left -= 1;
    yield next.value;
  }
}

function* chain(collections: readonly Many[], budget: Call["budget"]): Generator<unknown, void> {
  for (const collection of collections) yield* each(collection, budget);
}

function* distinct(items: Many, key?: Lambda): Generator<unknown, void> {
  const past = new Dict();
  for (const item of items) {
    const name = key === undefined ? item : key(item);
    if (past.has(name)) continue;
    past.set(name, true);
    yield item;
  }
}

function* range(start: number, stop: number, step: number): Generator<unknown, void> {
  if (step >= 0) for (let value = start; value < stop; value += step) yield value;
  else for (let value = start; value > stop || stop === Number.POSITIVE_INFINITY; value += step) yield value;
}

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

function ordered({ budget, operate }: Call, collection: Many, order: Ordered["orders"][number]): Ordered {
  const sorted = new Ordered(each(collection, budget), (left, right) => {
    budget.spend();
    return operate("#operator_<", left, right) === true;
  });
  sorted.orders.push(order);
  return sorted;
}

/** The shortest ends it, unless the others are to be padded. */
function* zipped(collections: readonly Many[], padded?: { readonly pad: unknown }): Generator<unknown, void> {
  const sources = collections.map((collection) => collection[Symbol.iterator]());
  if (sources.length === 0) return;
  for (;;) {
    const row = sources.map((source) => source.next());
    const over = row.filter((next) => next.done === true).length;
    if (over === row.length || (over > 0 && padded === undefined)) return;
    yield row.map((next) => (next.done === true ? padded?.pad : next.value));
  }
}

/** A group is made of its values; before YAQL 1.1.1 it was of key and values together, and what fits that only is done that way. */
function* aggregated(groups: Dict, aggregator: Lambda | undefined): Generator<unknown, void> {
  let failure: Fault | undefined;
  let fallback = true;
  for (const [key, values] of groups.entries()) {
    if (aggregator === undefined) {
      yield [key, values];
      continue;
    }
    if (failure === undefined) {
      try {
        const result = aggregator(values);
        const [first] = values as List;
        const asPair = isSequence(result) && result.length === 2 && (values as List).length === 2 && equals(result[0], first);
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
