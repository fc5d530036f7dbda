import { Fault } from "../error.ts";
import { isInt } from "../number.ts";
import { hashOf, isMapping } from "../value/kinds.ts";
import type { Filter } from "./filters.ts";
import { alone, Arguments, classOf, type Evaluation, Generator, Group, noArguments, Undefined } from "./objects.ts";
import { countOf, isEqual, isTrue, iterate, lengthOf, listOf, ordered, sorted, textOf, tuple } from "./operations.ts";
import { binary } from "./operators.ts";
import { folded } from "./value-filters.ts";

/** Filters about several items. */
export const listFilters: readonly (readonly [string, Filter])[] = [
  alone("list", (value, evaluation) => listOf(value, evaluation)),
  alone("length", (value) => lengthOf(value)),
  alone("count", (value) => lengthOf(value)),
  alone("first", (value, evaluation) => {
    for (const item of iterate(value, evaluation)) return item;
    return evaluation.undefined("No first item, sequence was empty.");
  }),
  alone("last", (value, evaluation) => {
    if (value instanceof Generator) throw new Fault("TypeError", "'generator' object is not reversible");
    return listOf(value, evaluation).at(-1) ?? evaluation.undefined("No last item, sequence was empty.");
  }),
  alone("reverse", (value, evaluation) => {
    if (typeof value === "string") return Array.from(value).toReversed().join("");
    const items = listOf(value, evaluation).toReversed();
    return value instanceof Generator ? items : new Generator("reversed", items.values());
  }),
  [
    "join",
    (value, given, evaluation) => {
      const [separator = "", attribute = null] = given.bind("join", "d", "attribute");
      const read = attribute === null ? undefined : reader(attribute, evaluation);
      const parts: string[] = [];
      const between = textOf(separator, evaluation);
      let size = 0;
      for (const item of iterate(value, evaluation)) {
        const part = textOf(read === undefined ? item : read(item), evaluation);
        size += part.length + between.length;
        evaluation.budget.grow(size, part.length);
        parts.push(part);
      }
      return parts.join(between);
    },
  ],
  [
    "sum",
    (value, given, evaluation) => {
      const [attribute = null, start = 0] = given.bind("sum", "attribute", "start");
      const read = attribute === null ? undefined : reader(attribute, evaluation);
      let total: unknown = start;
      for (const item of iterate(value, evaluation)) {
        total = binary({ operator: "+", left: total, right: read === undefined ? item : read(item) }, evaluation);
      }
      return total;
    },
  ],
  ["min", (value, given, evaluation) => extreme("min", { value, given }, evaluation)],
  ["max", (value, given, evaluation) => extreme("max", { value, given }, evaluation)],
  [
    "sort",
    (value, given, evaluation) => {
      const [reverse = false, caseSensitive = false, attribute = null] = given.bind("sort", "reverse", "case_sensitive", "attribute");
      const reads = attribute === null ? undefined : attributesOf(attribute).map((one) => reader(one, evaluation));
      const fold = (one: unknown): unknown => folded(one, isTrue(caseSensitive));
      const key = reads === undefined ? fold : (item: unknown): unknown => reads.map((read) => fold(read(item)));
      return sorted(listOf(value, evaluation), { key, reverse: isTrue(reverse), evaluation });
    },
  ],
  [
    "unique",
    (value, given, evaluation) => {
      const [caseSensitive = false, attribute = null] = given.bind("unique", "case_sensitive", "attribute");
      const read = attribute === null ? (item: unknown): unknown => item : reader(attribute, evaluation);
      return new Generator("do_unique", unique());
      function* unique() {
        const seen = new Set<unknown>();
        for (const item of iterate(value, evaluation)) {
          const key = hashOf(folded(read(item), isTrue(caseSensitive)));
          if (seen.has(key)) continue;
          seen.add(key);
          yield item;
        }
      }
    },
  ],
  [
    "groupby",
    (value, given, evaluation) => {
      const [attribute, otherwise, caseSensitive = false] = given.bind("groupby", "attribute!", "default", "case_sensitive");
      const read = reader(attribute, evaluation, otherwise);
      const key = (item: unknown): unknown => folded(read(item), isTrue(caseSensitive));
      const groups: { key: unknown; group: Group; items: unknown[] }[] = [];
      for (const item of sorted(listOf(value, evaluation), { key, reverse: false, evaluation })) {
        const own = key(item);
        const last = groups.at(-1);
        if (last !== undefined && isEqual(last.key, own, evaluation)) last.items.push(item);
        else {
          const items = [item];
          const group = new Group();
          group.push(read(item), items);
          groups.push({ key: own, group, items });
        }
      }
      return groups.map(({ group }) => group);
    },
  ],
  [
    "batch",
    (value, given, evaluation) => {
      const [size, fill = null] = given.bind("batch", "linecount!", "fill_with");
      const count = countOf(size);
      return new Generator("do_batch", batches());
      function* batches() {
        let batch: unknown[] = [];
        for (const item of iterate(value, evaluation)) {
          if (batch.length === count) {
            yield batch;
            batch = [];
          }
          batch.push(item);
        }
        if (batch.length === 0) return;
        evaluation.budget.size(count);
        while (fill !== null && batch.length < count) batch.push(fill);
        yield batch;
      }
    },
  ],
  [
    "slice",
    (value, given, evaluation) => {
      const [slices, fill = null] = given.bind("slice", "slices!", "fill_with");
      const count = countOf(slices);
      const items = listOf(value, evaluation);
      if (count === 0) throw new Fault("ZeroDivisionError", "integer division or modulo by zero");
      evaluation.budget.size(count);
      const per = Math.floor(items.length / count);
      const more = items.length % count;
      const made = Array.from({ length: Math.max(0, count) }, (_, index) => {
        const from = index * per + Math.min(index, more);
        const slice = items.slice(from, from + per + (index < more ? 1 : 0));
        if (fill !== null && index >= more) slice.push(fill);
        return slice;
      });
      return new Generator("sync_do_slice", made.values());
    },
  ],
  ["map", (value, given, evaluation) => new Generator("do_map", mapped(value, given, evaluation))],
  ["select", (value, given, evaluation) => chosen("select", { value, given }, evaluation)],
  ["reject", (value, given, evaluation) => chosen("reject", { value, given }, evaluation)],
  ["selectattr", (value, given, evaluation) => chosen("selectattr", { value, given }, evaluation)],
  ["rejectattr", (value, given, evaluation) => chosen("rejectattr", { value, given }, evaluation)],
];

/** Reads what `attribute="a.b.0"` names. */
function reader(attribute: unknown, evaluation: Evaluation, otherwise?: unknown): (item: unknown) => unknown {
  const parts = isInt(attribute)
    ? [attribute]
    : textOf(attribute, evaluation)
        .split(".")
        .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return (item) => {
    let value = item;
    for (const part of parts) {
      value = evaluation.item(value, part);
      if (value instanceof Undefined && otherwise !== undefined) return otherwise;
    }
    return value;
  };
}

function attributesOf(attribute: unknown): unknown[] {
  return typeof attribute === "string" ? attribute.split(",") : [attribute];
}

function extreme(which: "min" | "max", { value, given }: { value: unknown; given: Arguments }, evaluation: Evaluation): unknown {
  const [caseSensitive = false, attribute = null] = given.bind(which, "case_sensitive", "attribute");
  const read = attribute === null ? (item: unknown): unknown => item : reader(attribute, evaluation);
  let best: { item: unknown; key: unknown } | undefined;
  for (const item of iterate(value, evaluation)) {
    const key = folded(read(item), isTrue(caseSensitive));
    if (best === undefined || ordered(which === "min" ? "<" : ">", key, best.key, evaluation)) best = { item, key };
  }
  return best === undefined ? evaluation.undefined("No aggregated item, sequence was empty.") : best.item;
}

function* mapped(value: unknown, given: Arguments, evaluation: Evaluation) {
  if (!isTrue(value)) return;
  const [name, ...rest] = given.list;
  let make: (item: unknown) => unknown;
  if (given.list.length === 0 && given.named.has("attribute")) {
    const { attribute, default: otherwise, ...more } = Object.fromEntries(given.named);
    const [unknown] = Object.keys(more);
    if (unknown !== undefined) throw new Fault("FilterArgumentError", `Unexpected keyword argument '${unknown}'`);
    make = reader(attribute, evaluation, otherwise);
  } else {
    if (name === undefined) throw new Fault("FilterArgumentError", "map requires a filter argument");
    const own = new Arguments(rest, given.named);
    make = (item) => evaluation.filter(textOf(name, evaluation), item, own);
  }
  for (const item of iterate(value, evaluation)) yield make(item);
}

function chosen(
  kind: "select" | "reject" | "selectattr" | "rejectattr",
  { value, given }: { value: unknown; given: Arguments },
  evaluation: Evaluation,
): Generator {
  const [first, ...others] = given.list;
  const byAttribute = kind.endsWith("attr");
  const wanted = kind.startsWith("select");
  return new Generator("select_or_reject", choose());
  function* choose() {
    if (!isTrue(value)) return;
    if (byAttribute && first === undefined) throw new Fault("FilterArgumentError", "Missing parameter for attribute name");
    const read = byAttribute ? reader(first, evaluation) : (item: unknown): unknown => item;
    const [name, ...args] = byAttribute ? others : given.list;
    const own = args.length === 0 && given.named.size === 0 ? noArguments : new Arguments(args, given.named);
    for (const item of iterate(value, evaluation)) {
      const part = read(item);
      const holds = name === undefined ? isTrue(part) : evaluation.test(textOf(name, evaluation), part, own);
      if (holds === wanted) yield item;
    }
  }
}

/** Names of what can't be an item of several, for errors. */
export function pairsForQuery(value: unknown, evaluation: Evaluation): unknown[][] {
  const pairs = isMapping(value) ? evaluation.filter("items", value, noArguments) : value;
  return listOf(pairs, evaluation).map((pair) => {
    const items = listOf(pair, evaluation);
    if (items.length !== 2) throw new Fault("ValueError", `expected pairs, got ${classOf(pair)}`);
    return tuple(items);
  });
}
