import type { Budget } from "../budget.ts";
import { Fault } from "../error.ts";
import type { Regex } from "../regex/regex.ts";
import { entriesOf, keysOf, type Mapping, PythonSet, sizeOf } from "../value/kinds.ts";
import type { Scope } from "./scope.ts";

/* What lives only while a YAQL expression is evaluated. None of it gets out: see output.ts. */

/** Something to go through once, made as it is asked for: Python's iterator. */
export class Lazy {
  readonly #source: Iterator<unknown>;

  constructor(source: Iterator<unknown>) {
    this.#source = source;
  }

  /** Whoever stops early leaves the rest to the next one. */
  [Symbol.iterator](): Iterator<unknown> {
    return { next: () => this.#source.next() };
  }
}

/** The keys, values or items of a mapping. Keys and items are sets of their own kind. */
export class View {
  readonly of: "keys" | "values" | "items";
  readonly mapping: Mapping;

  constructor(of: "keys" | "values" | "items", mapping: Mapping) {
    this.of = of;
    this.mapping = mapping;
  }

  get size(): number {
    return sizeOf(this.mapping);
  }

  *[Symbol.iterator](): Iterator<unknown> {
    if (this.of === "keys") yield* keysOf(this.mapping);
    else for (const [key, value] of entriesOf(this.mapping)) yield this.of === "values" ? value : [key, value];
  }
}

export interface Order {
  readonly key: (item: unknown) => unknown;
  readonly ascending: boolean;
}

/** Sorted when somebody goes through it, by as many keys as were named until then. */
export class Ordered {
  readonly source: Iterable<unknown>;
  readonly orders: Order[] = [];
  readonly #less: (left: unknown, right: unknown) => boolean;
  #sorted: unknown[] | undefined;

  constructor(source: Iterable<unknown>, less: (left: unknown, right: unknown) => boolean) {
    this.source = source;
    this.#less = less;
  }

  [Symbol.iterator](): Iterator<unknown> {
    this.#sorted ??= Array.from(this.source, (item): Keyed => ({ item, keys: [] }))
      .toSorted((left, right) => this.#compare(left, right))
      .map(({ item }) => item);
    return this.#sorted[Symbol.iterator]();
  }

  #compare(left: Keyed, right: Keyed): number {
    for (const [place, { key, ascending }] of this.orders.entries()) {
      const a = (left.keys[place] ??= key(left.item));
      const b = (right.keys[place] ??= key(right.item));
      if (this.#less(a, b)) return ascending ? -1 : 1;
      if (this.#less(b, a)) return ascending ? 1 : -1;
    }
    return 0;
  }
}

/** An item and what it is sorted by, as far as that was asked for. */
interface Keyed {
  readonly item: unknown;
  readonly keys: unknown[];
}

/** `source => destination`, evaluated. */
export class Rule {
  readonly source: unknown;
  readonly destination: unknown;

  constructor(source: unknown, destination: unknown) {
    this.source = source;
    this.destination = destination;
  }
}

/** What `regex()` gives. */
export class Pattern {
  readonly regex: Regex;

  constructor(regex: Regex) {
    this.regex = regex;
  }
}

/** What `let`, `with`, `def` and `unpack` give: names for what follows `->`. */
export class Names {
  readonly scope: Scope;

  constructor(scope: Scope) {
    this.scope = scope;
  }
}

/** All that can be gone through, but no text and no mapping. */
export function isIterable(value: unknown): value is Iterable<unknown> {
  return Array.isArray(value) || value instanceof Lazy || value instanceof View || value instanceof Ordered || value instanceof PythonSet;
}

export function isSetLike(value: unknown): value is PythonSet | View {
  return value instanceof PythonSet || (value instanceof View && value.of !== "values");
}

/** Goes through it at one step an item. */
export function* each(items: Iterable<unknown>, budget: Budget): Generator<unknown, void> {
  for (const item of items) {
    budget.spend();
    yield item;
  }
}

export function noMatch(name: string): Fault {
  return new Fault("NoMatchingFunctionException", `No function "${name}" matches supplied arguments`);
}
