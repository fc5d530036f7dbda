import { Fault } from "../error.ts";
import { Dict, entriesOf, getKey, hasKey, isMapping, keysOf, type Mapping, Tuple } from "../value/kinds.ts";
import { View } from "../value/view.ts";
import { alone, type Evaluation, type Method, noArguments } from "./objects.ts";
import { countOf, isEqual, isTrue, listOf, sorted } from "./operations.ts";
import { bounds } from "./slice.ts";

/** What a tuple can do; a list can this and more. */
export const tupleMethods: ReadonlyMap<string, Method<unknown[]>> = new Map<string, Method<unknown[]>>([
  ["count", (self, given, evaluation) => self.filter((item) => isEqual(item, given.bind("count", "value!")[0], evaluation)).length],
  [
    "index",
    (self, given, evaluation) => {
      const [value, start, stop] = given.bind("index", "value!", "start", "stop");
      const [from, to] = bounds(self.length, start, stop);
      const at = self.findIndex((item, index) => index >= from && index < to && isEqual(item, value, evaluation));
      if (at === -1) throw new Fault("ValueError", "the value is not in the list");
      return at;
    },
  ],
]);

export const listMethods: ReadonlyMap<string, Method<unknown[]>> = new Map<string, Method<unknown[]>>([
  ...tupleMethods,
  [
    "append",
    (self, given, evaluation) => {
      const [value] = given.bind("append", "object!");
      evaluation.change();
      evaluation.budget.grow(self.length + 1, 1);
      self.push(value);
      return null;
    },
  ],
  [
    "extend",
    (self, given, evaluation) => {
      const more = listOf(given.bind("extend", "iterable!")[0], evaluation);
      evaluation.change();
      evaluation.budget.size(self.length + more.length);
      for (const item of more) self.push(item);
      return null;
    },
  ],
  [
    "insert",
    (self, given, evaluation) => {
      const [index, value] = given.bind("insert", "index!", "object!");
      evaluation.change();
      evaluation.budget.grow(self.length + 1, self.length);
      self.splice(countOf(index), 0, value);
      return null;
    },
  ],
  [
    "pop",
    (self, given, evaluation) => {
      const [index = -1] = given.bind("pop", "index");
      const at = countOf(index) < 0 ? self.length + countOf(index) : countOf(index);
      if (at < 0 || at >= self.length) throw new Fault("IndexError", self.length === 0 ? "pop from empty list" : "pop index out of range");
      evaluation.change();
      return self.splice(at, 1)[0];
    },
  ],
  [
    "remove",
    (self, given, evaluation) => {
      const [value] = given.bind("remove", "value!");
      const at = self.findIndex((item) => isEqual(item, value, evaluation));
      if (at === -1) throw new Fault("ValueError", "list.remove(x): x not in list");
      evaluation.change();
      self.splice(at, 1);
      return null;
    },
  ],
  alone("clear", (self, evaluation) => {
    evaluation.change();
    self.length = 0;
    return null;
  }),
  alone("copy", (self) => Array.from(self)),
  alone("reverse", (self, evaluation) => {
    evaluation.change();
    self.reverse();
    return null;
  }),
  [
    "sort",
    (self, given, evaluation) => {
      const [key, reverse = false] = given.bind("sort", "key", "reverse");
      if (key !== undefined && key !== null) throw new Fault("TypeError", "sort() takes no key here; use the filter sort(attribute=…)");
      evaluation.change();
      self.splice(0, self.length, ...sorted(self, { key: (item) => item, reverse: isTrue(reverse), evaluation }));
      return null;
    },
  ],
]);

export const dictMethods: ReadonlyMap<string, Method<Mapping>> = new Map<string, Method<Mapping>>([
  alone("keys", (self) => new View("keys", self)),
  alone("values", (self) => new View("values", self)),
  alone("items", (self) => new View("items", self)),
  [
    "get",
    (self, given) => {
      const [key, otherwise = null] = given.bind("get", "key!", "default");
      return getKey(self, key) ?? otherwise;
    },
  ],
  alone("copy", (self) => new Dict(entriesOf(self))),
  [
    "pop",
    (self, given, evaluation) => {
      const [key, otherwise] = given.bind("pop", "key!", "default");
      if (!hasKey(self, key)) {
        if (otherwise === undefined) throw new Fault("KeyError", String(evaluation.filter("string", key, noArguments)));
        return otherwise;
      }
      const own = changeable(self, evaluation);
      const value = own.get(key);
      own.delete(key);
      return value;
    },
  ],
  alone("popitem", (self, evaluation) => {
    const key = keysOf(self).at(-1);
    if (key === undefined) throw new Fault("KeyError", "'popitem(): dictionary is empty'");
    const own = changeable(self, evaluation);
    const value = own.get(key);
    own.delete(key);
    return Tuple.of(key, value);
  }),
  [
    "setdefault",
    (self, given, evaluation) => {
      const [key, otherwise = null] = given.bind("setdefault", "key!", "default");
      const value = getKey(self, key);
      if (value !== undefined) return value;
      changeable(self, evaluation).set(key, otherwise);
      return otherwise;
    },
  ],
  [
    "update",
    (self, given, evaluation) => {
      const own = changeable(self, evaluation);
      for (const more of given.list) for (const [key, value] of pairsOf(more, evaluation)) own.set(key, value);
      for (const [name, value] of given.named) own.set(name, value);
      evaluation.budget.size(own.size);
      return null;
    },
  ],
  alone("clear", (self, evaluation) => {
    const own = changeable(self, evaluation);
    for (const key of keysOf(own)) own.delete(key);
    return null;
  }),
  [
    "fromkeys",
    (_self, given, evaluation) => {
      const [keys, value = null] = given.bind("fromkeys", "iterable!", "value");
      return new Dict(listOf(keys, evaluation).map((key) => [key, value] as const));
    },
  ],
]);

/** Pairs of what `dict(…)` and `update(…)` take: a dict, or items of two. */
export function pairsOf(value: unknown, evaluation: Evaluation): Iterable<readonly [unknown, unknown]> {
  if (isMapping(value)) return entriesOf(value);
  return listOf(value, evaluation).map((item, index) => {
    const pair = listOf(item, evaluation);
    if (pair.length !== 2) {
      throw new Fault("ValueError", `dictionary update sequence element #${index} has length ${pair.length}; 2 is required`);
    }
    return [pair[0], pair[1]] as const;
  });
}

function changeable(self: Mapping, evaluation: Evaluation): Dict {
  evaluation.change();
  if (self instanceof Dict) return self;
  throw new Error("what is changed was copied before");
}
