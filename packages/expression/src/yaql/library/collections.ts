import type { Budget } from "../../budget.ts";
import { Fault } from "../../error.ts";
import { Dict, entriesOf, getKey, hasKey, isMapping, List, type Mapping, PythonSet, sizeOf } from "../../value/kinds.ts";
import { contains } from "../operators.ts";
import type { Call, Lambda, Table } from "../signature.ts";
import { each, isIterable, isSetLike, Lazy, Rule } from "../values.ts";
import { View } from "../../value/view.ts";

export const collections: Table = {
  "list(*args:any?)": ({ budget }: Call, ...args: readonly unknown[]) => Array.from(spread(args, budget)),
  "method flatten(collection:iterable)": ({ budget }: Call, collection: Iterable<unknown>) => new Lazy(flat(collection, budget)),
  "method toList(collection:iterable)": ({ budget }: Call, collection: Iterable<unknown>) => listed(collection, budget),
  "plain dict(*args:rule)": ({ budget }: Call, ...rules: readonly Rule[]) => {
    budget.spend(rules.length);
    return new Dict(rules.map(({ source, destination }) => [source, destination]));
  },
  "plain dict(items:iterable)": ({ budget }: Call, items: Iterable<unknown>) => {
    const made = new Dict();
    for (const item of each(items, budget)) {
      const [key, value] = pairOf(item, budget);
      made.set(key, value);
    }
    return made;
  },
  "method toDict(collection:iterable, keySelector:lambda, valueSelector:lambda=)": (
    { budget }: Call,
    collection: Iterable<unknown>,
    key: Lambda,
    value: Lambda | undefined,
  ) => {
    const made = new Dict();
    for (const item of each(collection, budget)) made.set(key(item), value === undefined ? item : value(item));
    return made;
  },
  "method get(dict:mapping, key:any?, default:any?=null)": (_call: Call, dict: Mapping, key: unknown, fallback: unknown) =>
    getKey(dict, key) ?? nothing(dict, key, fallback),
  "plain method set(dict:mapping, key:any?, value:any?)": (call: Call, dict: Mapping, key: unknown, value: unknown) =>
    merged(call, dict, [[key, value]]),
  "plain method set(dict:mapping, replacements:mapping)": (call: Call, dict: Mapping, replacements: Mapping) =>
    merged(call, dict, entriesOf(replacements)),
  "plain method set(dict:mapping, *args:rule)": (call: Call, dict: Mapping, ...rules: readonly Rule[]) =>
    merged(
      call,
      dict,
      rules.map(({ source, destination }) => [source, destination]),
    ),
  "method keys(dict:mapping)": (_call: Call, dict: Mapping) => new View("keys", dict),
  "method values(dict:mapping)": (_call: Call, dict: Mapping) => new View("values", dict),
  "method items(dict:mapping)": (_call: Call, dict: Mapping) => new View("items", dict),
  "method contains(collection:iterable, value:any?)": ({ budget }: Call, collection: Iterable<unknown>, value: unknown) =>
    contains(collection, value, budget),
  "method containsKey(dict:mapping, value:any?)": (_call: Call, dict: Mapping, value: unknown) => hasKey(dict, value),
  "method containsValue(dict:mapping, value:any?)": ({ budget }: Call, dict: Mapping, value: unknown) =>
    contains(new View("values", dict), value, budget),
  "isList(arg:any?)": (_call: Call, arg: unknown) => Array.isArray(arg),
  "isDict(arg:any?)": (_call: Call, arg: unknown) => isMapping(arg),
  "isSet(arg:any?)": (_call: Call, arg: unknown) => isSetLike(arg),
  "both len(dict:mapping)": (_call: Call, dict: Mapping) => sizeOf(dict),
  "both len(sequence:sequence)": (_call: Call, sequence: readonly unknown[]) => sequence.length,
  "both len(set:set)": (_call: Call, set: PythonSet | View) => set.size,
  "method delete(collection:iterable, position:int, count:int=1)": (
    { budget }: Call,
    collection: Iterable<unknown>,
    position: number,
    count: number,
  ) =>
    new Lazy(
      (function* () {
        let place = 0;
        for (const item of each(collection, budget)) {
          if (!taken(place, { position: Number(position), count: Number(count) })) yield item;
          place += 1;
        }
      })(),
    ),
  "method delete(dict:mapping, *keys:any?)": (_call: Call, dict: Mapping, ...keys: readonly unknown[]) => without(dict, keys),
  "method deleteAll(dict:mapping, keys:iterable)": ({ budget }: Call, dict: Mapping, keys: Iterable<unknown>) =>
    without(dict, each(keys, budget)),
  "method replace(collection:iterable, position:int, value:any?, count:int=1)": (
    { budget }: Call,
    collection: Iterable<unknown>,
    position: number,
    value: unknown,
    count: number,
  ) => new Lazy(replacing(collection, { position: Number(position), count: Number(count), values: [value], budget })),
  "method replaceMany(collection:iterable, position:int, values:iterable, count:int=1)": (
    { budget }: Call,
    collection: Iterable<unknown>,
    position: number,
    values: Iterable<unknown>,
    count: number,
  ) => new Lazy(replacing(collection, { position: Number(position), count: Number(count), values, budget })),
  "method insert(collection:unordered, position:int, value:any?)": (
    { budget }: Call,
    collection: Iterable<unknown>,
    position: number,
    value: unknown,
  ) => new Lazy(inserting(collection, { position: Number(position), values: [value], budget, early: false })),
  "method insert(collection:sequence, position:int, value:any?)": (
    { budget }: Call,
    collection: readonly unknown[],
    position: number,
    value: unknown,
  ) => {
    budget.spend(collection.length);
    const copy = List.from(collection);
    copy.splice(Number(position), 0, value);
    return copy;
  },
  "method insertMany(collection:iterable, position:int, values:iterable)": (
    { budget }: Call,
    collection: Iterable<unknown>,
    position: number,
    values: Iterable<unknown>,
  ) => new Lazy(inserting(collection, { position: Number(position), values, budget, early: true })),
  "set(*args:any?)": ({ budget }: Call, ...args: readonly unknown[]) => new PythonSet(spread(args, budget)),
  "method toSet(collection:iterable)": ({ budget }: Call, collection: Iterable<unknown>) => new PythonSet(each(collection, budget)),
  "method union(left:frozen, right:set)": (_call: Call, left: PythonSet, right: Iterable<unknown>) => new PythonSet([...left, ...right]),
  "method intersect(left:frozen, right:set)": (_call: Call, left: PythonSet, right: Iterable<unknown>) => {
    const other = new PythonSet(right);
    return new PythonSet(Array.from(left).filter((item) => other.has(item)));
  },
  "method difference(left:frozen, right:set)": (_call: Call, left: PythonSet, right: Iterable<unknown>) => minus(left, right),
  "method symmetricDifference(left:frozen, right:set)": (_call: Call, left: PythonSet, right: Iterable<unknown>) => {
    const other = new PythonSet(right);
    return new PythonSet([...minus(left, other), ...minus(other, left)]);
  },
  "method add(set:frozen, *values:any?)": (_call: Call, set: PythonSet, ...values: readonly unknown[]) =>
    new PythonSet([...set, ...values]),
  "method remove(set:frozen, *values:any?)": (_call: Call, set: PythonSet, ...values: readonly unknown[]) => minus(set, values),
  "isIterable(value:any?)": (_call: Call, value: unknown) => isIterable(value),
};

export function listed(collection: Iterable<unknown>, budget: Budget): readonly unknown[] {
  return Array.isArray(collection) && !(collection instanceof List) ? collection : Array.from(each(collection, budget));
}

/** What is lazy among the arguments is gone through. */
function* spread(args: Iterable<unknown>, budget: Budget): Generator<unknown, void> {
  for (const arg of each(args, budget)) {
    if (arg instanceof Lazy) yield* spread(arg, budget);
    else yield arg;
  }
}

function* flat(collection: Iterable<unknown>, budget: Budget): Generator<unknown, void> {
  for (const item of each(collection, budget)) {
    if (isIterable(item)) yield* flat(item, budget);
    else yield item;
  }
}

function pairOf(item: unknown, budget: Budget): [unknown, unknown] {
  const parts = typeof item === "string" ? Array.from(item) : isMapping(item) ? new View("keys", item) : item;
  if (!isIterable(parts)) throw new Fault("TypeError", "cannot convert dictionary update sequence element to a sequence");
  const [key, value] = Array.from(each(parts, budget));
  if (key === undefined || value === undefined) throw new Fault("StopIteration", "a pair has a key and a value");
  return [key, value];
}

/** A key with nothing in it is there. */
function nothing(dict: Mapping, key: unknown, fallback: unknown): unknown {
  return hasKey(dict, key) ? null : fallback;
}

function merged({ budget }: Call, dict: Mapping, entries: Iterable<readonly [unknown, unknown]>): Dict {
  budget.spend(sizeOf(dict));
  const made = new Dict(entriesOf(dict));
  for (const [key, value] of entries) made.set(key, value);
  return made;
}

function without(dict: Mapping, keys: Iterable<unknown>): Dict {
  const made = new Dict(entriesOf(dict));
  for (const key of keys) made.delete(key);
  return made;
}

function minus(left: PythonSet, right: Iterable<unknown>): PythonSet {
  const other = new PythonSet(right);
  return new PythonSet(Array.from(left).filter((item) => !other.has(item)));
}

/** Whether a place is among `count` ones from `position` on; with a negative count all from there on are. */
function taken(place: number, { position, count }: { position: number; count: number }): boolean {
  return count < 0 ? place >= position : place >= position && place < position + count;
}

interface Replacing {
  readonly position: number;
  readonly count: number;
  readonly values: Iterable<unknown>;
  readonly budget: Budget;
}

function* replacing(collection: Iterable<unknown>, { position, count, values, budget }: Replacing): Generator<unknown, void> {
  let place = 0;
  let done = false;
  for (const item of each(collection, budget)) {
    if (!taken(place, { position, count })) yield item;
    else if (!done) {
      done = true;
      yield* each(values, budget);
    }
    place += 1;
  }
}

interface Inserting {
  readonly position: number;
  readonly values: Iterable<unknown>;
  readonly budget: Budget;
  /** A place before the first one means the beginning, not nowhere. */
  readonly early: boolean;
}

function* inserting(collection: Iterable<unknown>, { position, values, budget, early }: Inserting): Generator<unknown, void> {
  if (early && position < 0) yield* each(values, budget);
  let place = 0;
  for (const item of each(collection, budget)) {
    if (place === position) yield* each(values, budget);
    yield item;
    place += 1;
  }
  if (position > place - 1) yield* each(values, budget);
}
