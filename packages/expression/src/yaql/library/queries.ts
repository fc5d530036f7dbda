import { Fault } from "../../error.ts";
import { add, type Numeric } from "../../value/arithmetic.ts";
import { equals, truth } from "../../value/equal.ts";
import { Dict, isSequence, List, PythonSet } from "../../value/kinds.ts";
import type { Call, Lambda, Table } from "../signature.ts";
import { each, filtered, isIterable, Lazy, mapped } from "../values.ts";
import { listed } from "./collections.ts";

type Many = Iterable<unknown>;

const where = ({ budget }: Call, collection: Many, predicate: Lambda) =>
  filtered(each(collection, budget), (item) => truth(predicate(item)));
const select = ({ budget }: Call, collection: Many, selector: Lambda) => mapped(each(collection, budget), (item) => selector(item));
const limit = ({ budget }: Call, collection: Many, count: number) => {
  const most = Number(count);
  if (most < 0) throw new Fault("ValueError", "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.");
  return new Lazy(firsts(each(collection, budget), most));
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
  "both concat(*collections:iterable)": ({ budget }: Call, ...collections: readonly Many[]) => new Lazy(chain(collections, budget)),
  "method memorize(collection:iterable)": ({ budget }: Call, collection: Many) =>
    collection instanceof Lazy ? Array.from(each(collection, budget)) : collection,
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
  "method reverse(collection:iterable)": ({ budget }: Call, collection: Many) =>
    new Lazy(listed(collection, budget).toReversed()[Symbol.iterator]()),
  "method defaultIfEmpty(collection:iterable, default:iterable)": ({ budget }: Call, collection: Many, fallback: Many) => {
    if (isSequence(collection)) return collection.length === 0 ? fallback : collection;
    if (collection instanceof PythonSet) return collection.size === 0 ? fallback : collection;
    const items = Array.from(each(collection, budget));
    return items.length === 0 ? fallback : items;
  },
};

/** The first of them; what comes after is left to whoever goes on. */
export function* firsts(items: Many, most: number): Generator<unknown, void> {
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

export function* chain(collections: readonly Many[], budget: Call["budget"]): Generator<unknown, void> {
  for (const collection of collections) yield* each(collection, budget);
}

export function* distinct(items: Many, key?: Lambda): Generator<unknown, void> {
  const past = new Dict();
  for (const item of items) {
    const name = key === undefined ? item : key(item);
    if (past.has(name)) continue;
    past.set(name, true);
    yield item;
  }
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
