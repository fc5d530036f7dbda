import type { Budget } from "../budget.ts";
import { Fault } from "../error.ts";
import type { Regex } from "../regex/regex.ts";
import { PythonSet } from "../value/kinds.ts";
import { View } from "../value/view.ts";
import type { Scope } from "./scope.ts";

/* What lives only while a YAQL expression is evaluated. None of it gets out: see output.ts. */

/** Something to go through once, made as it is asked for: Python's iterator. */
export class Lazy {
  readonly #source: Iterator<unknown>;

  constructor(source: Iterator<unknown>) {
    this.#source = source;
  }

  next(): IteratorResult<unknown> {
    return this.#source.next();
  }

  /** Whoever stops early leaves the rest to the next one. */
  [Symbol.iterator](): this {
    return this;
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

/** Goes through it at one step an item. It is done for every item of every list: the iterator hands on what its source gives, and makes nothing. */
export function each(items: Iterable<unknown>, budget: Budget): Iterator<unknown> & Iterable<unknown> {
  // Begun by whoever asks first: to begin with what is ordered is to order it, which may fail.
  let source: Iterator<unknown> | undefined;
  return {
    next() {
      source ??= items[Symbol.iterator]();
      const step = source.next();
      if (step.done !== true) budget.spend();
      return step;
    },
    [Symbol.iterator]() {
      return this;
    },
  };
}

/** The items that pass. */
export function filtered(items: Iterator<unknown>, passes: (item: unknown) => boolean): Lazy {
  return new Lazy({
    next() {
      for (;;) {
        const step = items.next();
        if (step.done === true || passes(step.value)) return step;
      }
    },
  });
}

/** What each item becomes. */
export function mapped(items: Iterator<unknown>, by: (item: unknown) => unknown): Lazy {
  return new Lazy({
    next() {
      const step = items.next();
      return step.done === true ? step : { done: false, value: by(step.value) };
    },
  });
}

export function noMatch(name: string): Fault {
  return new Fault("NoMatchingFunctionException", `No function "${name}" matches supplied arguments`);
}
