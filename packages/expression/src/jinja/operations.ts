import { Fault } from "../error.ts";
import { isFloat, isInt } from "../number.ts";
import { compare as compareNumbers, type Numeric } from "../value/arithmetic.ts";
import { equals, truth } from "../value/equal.ts";
import { DateTime, entriesOf, hasKey, isMapping, isSequence, keysOf, PythonSet, Shown, sizeOf, TimeDelta, Tuple } from "../value/kinds.ts";
import { repr, str } from "../value/text.ts";
import { View } from "../value/view.ts";
import type { Comparison } from "./nodes.ts";
import { Callable, classOf, type Evaluation, Generator, Group, Range, Thing, Undefined } from "./objects.ts";

/** A number as Python's arithmetic takes it: a boolean is one, too. */
export function numberOf(value: unknown): Numeric | undefined {
  if (typeof value === "boolean") return value ? 1 : 0;
  return isInt(value) || isFloat(value) ? value : undefined;
}

/** An int small enough to count with. */
export function countOf(value: unknown, what = "an integer"): number {
  const number = numberOf(value);
  if (number === undefined || !isInt(number)) throw new Fault("TypeError", `'${classOf(value)}' object cannot be interpreted as ${what}`);
  return Number(number);
}

/** Python's `str()`. */
export function textOf(value: unknown, evaluation: Evaluation): string {
  if (typeof value === "string") return value;
  if (value instanceof Undefined) {
    value.touch();
    return "";
  }
  if (value instanceof DateTime || value instanceof TimeDelta || value instanceof Shown) return str(value);
  return represent(value, evaluation);
}

/** Python's `repr()`. */
export function represent(value: unknown, evaluation: Evaluation): string {
  if (value === null || (typeof value !== "object" && value !== undefined)) return repr(value);
  const { budget } = evaluation;
  budget.enter();
  const text = shown(value, evaluation);
  budget.leave();
  return text;
}

function shown(value: unknown, evaluation: Evaluation): string {
  const all = (items: Iterable<unknown>): string => {
    const parts: string[] = [];
    let size = 0;
    for (const item of items) {
      const part = represent(item, evaluation);
      size += part.length + 2;
      evaluation.budget.grow(size, part.length);
      parts.push(part);
    }
    return parts.join(", ");
  };
  if (value instanceof Undefined) return "Undefined";
  if (value instanceof Callable) return value.shown;
  if (value instanceof Thing) return value.shown();
  if (value instanceof Generator) return `<generator object ${value.name}>`;
  if (value instanceof Range) return `range(${value.start}, ${value.stop}${value.step === 1 ? "" : `, ${value.step}`})`;
  if (value instanceof View) return `dict_${value.of}([${all(iterate(value, evaluation))}])`;
  if (isSequence(value)) {
    if (!isTuple(value)) return `[${all(value)}]`;
    return `(${all(value)}${value.length === 1 ? "," : ""})`;
  }
  if (isMapping(value)) {
    const pairs = Array.from(entriesOf(value), ([key, inner]) => `${represent(key, evaluation)}: ${represent(inner, evaluation)}`);
    const text = `{${pairs.join(", ")}}`;
    evaluation.budget.size(text.length);
    return text;
  }
  if (value instanceof PythonSet) return value.size === 0 ? "set()" : `{${all(value)}}`;
  return repr(value);
}

export function isTuple(value: unknown): value is Tuple | Group {
  return value instanceof Tuple || value instanceof Group;
}

export function tuple(items: Iterable<unknown>): Tuple {
  const made = new Tuple();
  for (const item of items) made.push(item);
  return made;
}

/** Python's truth. */
export function isTrue(value: unknown): boolean {
  if (value instanceof Undefined) {
    value.touch();
    return false;
  }
  if (value instanceof View) return value.size > 0;
  if (value instanceof Range) return value.length > 0;
  if (value instanceof Callable || value instanceof Thing || value instanceof Generator) return true;
  return truth(value);
}

export function lengthOf(value: unknown): number {
  if (typeof value === "string") return lengthOfText(value);
  if (value instanceof Undefined) {
    value.touch();
    return 0;
  }
  if (isSequence(value)) return value.length;
  if (value instanceof View) return value.size;
  if (value instanceof Range) return value.length;
  if (value instanceof PythonSet) return value.size;
  if (value instanceof Thing && value.type === "LoopContext") return countOf(value.attribute("length"));
  if (isMapping(value) && !isObjectOfOurs(value)) return sizeOf(value);
  throw new Fault("TypeError", `object of type '${classOf(value)}' has no len()`);
}

const pairs = /[\ud800-\udbff][\udc00-\udfff]/g;

/** In characters, as Python counts them. */
function lengthOfText(text: string): number {
  return text.length - (text.match(pairs)?.length ?? 0);
}

export function hasPairs(text: string): boolean {
  return text.search(pairs) !== -1;
}

/** The items in order, each a step. @throws {Fault} TypeError for what has none */
export function* iterate(value: unknown, { budget }: Evaluation): Generator_ {
  const items = itemsOf(value);
  for (const item of items) {
    budget.spend();
    yield item;
  }
}

type Generator_ = globalThis.Generator<unknown, void, undefined>;

/** All of them at once. */
export function listOf(value: unknown, evaluation: Evaluation): unknown[] {
  if (isSequence(value)) {
    evaluation.budget.size(value.length);
    return Array.from(value);
  }
  const list: unknown[] = [];
  for (const item of iterate(value, evaluation)) list.push(item);
  evaluation.budget.size(list.length);
  return list;
}

function itemsOf(value: unknown): Iterable<unknown> {
  if (typeof value === "string" || isSequence(value) || value instanceof PythonSet) return value;
  if (value instanceof Undefined) {
    value.touch();
    return [];
  }
  if (value instanceof View)
    return value.of === "items" ? Array.from(entriesOf(value.mapping), ([key, inner]) => Tuple.of(key, inner)) : [...value];
  if (value instanceof Range) return numbers(value);
  if (value instanceof Generator) return rest(value);
  if (isMapping(value) && !isObjectOfOurs(value)) return keysOf(value);
  throw new Fault("TypeError", `'${classOf(value)}' object is not iterable`);
}

/** Unlike `for … of` over an iterator it leaves it open: a generator goes on where it stopped. */
function* rest({ items }: Generator): Generator_ {
  for (let next = items.next(); next.done !== true; next = items.next()) yield next.value;
}

function* numbers({ start, step, length }: Range): Generator_ {
  for (let index = 0; index < length; index += 1) yield start + index * step;
}

export function isIterable(value: unknown): boolean {
  try {
    itemsOf(value);
    return true;
  } catch {
    return false;
  }
}

function isObjectOfOurs(value: unknown): boolean {
  return value instanceof Callable || value instanceof Thing || value instanceof Generator || value instanceof Undefined;
}

export function compared(comparison: Comparison, left: unknown, right: unknown, evaluation: Evaluation): boolean {
  switch (comparison) {
    case "==":
      return isEqual(left, right, evaluation);
    case "!=":
      return !isEqual(left, right, evaluation);
    case "in":
      return contains(right, left, evaluation);
    case "not in":
      return !contains(right, left, evaluation);
    case "<":
    case "<=":
    case ">":
    case ">=":
      return ordered(comparison, left, right, evaluation);
  }
}

export function isEqual(left: unknown, right: unknown, { budget }: Evaluation): boolean {
  if (left instanceof Undefined || right instanceof Undefined) {
    if (left instanceof Undefined) left.touch();
    if (right instanceof Undefined) right.touch();
    return left instanceof Undefined && right instanceof Undefined;
  }
  if (left instanceof Range && right instanceof Range)
    return left.start === right.start && left.length === right.length && left.step === right.step;
  if (left instanceof Group || right instanceof Group)
    return equals(left instanceof Group ? tuple(left) : left, right instanceof Group ? tuple(right) : right, budget);
  return equals(left, right, budget);
}

export function contains(container: unknown, value: unknown, evaluation: Evaluation): boolean {
  if (typeof container === "string") {
    if (value instanceof Undefined) return value.fail();
    if (typeof value !== "string") throw new Fault("TypeError", `'in <string>' requires string as left operand, not ${classOf(value)}`);
    return container.includes(value);
  }
  if (container instanceof Undefined) {
    container.touch();
    return false;
  }
  if (container instanceof PythonSet) return container.has(value);
  if (isMapping(container) && !isObjectOfOurs(container)) return hasKey(container, value);
  if (!isIterable(container)) throw new Fault("TypeError", `argument of type '${classOf(container)}' is not iterable`);
  for (const item of iterate(container, evaluation)) if (isEqual(item, value, evaluation)) return true;
  return false;
}

export function ordered(comparison: "<" | "<=" | ">" | ">=", left: unknown, right: unknown, evaluation: Evaluation): boolean {
  const order = orderOf(left, right, evaluation);
  if (order === undefined) {
    throw new Fault("TypeError", `'${comparison}' not supported between instances of '${classOf(left)}' and '${classOf(right)}'`);
  }
  switch (comparison) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

/** Negative, 0 or positive; NaN where neither is more; undefined where Python does not compare. */
function orderOf(left: unknown, right: unknown, evaluation: Evaluation): number | undefined {
  if (left instanceof Undefined) return left.fail();
  if (right instanceof Undefined) return right.fail();
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) return compareNumbers(a, b);
  if (typeof left === "string" && typeof right === "string") return orderOfText(left, right);
  if (isSequence(left) && isSequence(right) && isTuple(left) === isTuple(right)) {
    const length = Math.min(left.length, right.length);
    for (let index = 0; index < length; index += 1) {
      evaluation.budget.spend();
      if (!isEqual(left[index], right[index], evaluation)) return orderOf(left[index], right[index], evaluation);
    }
    return left.length - right.length;
  }
  if (left instanceof DateTime && right instanceof DateTime && (left.offset === undefined) === (right.offset === undefined)) {
    return Number(left.instant - right.instant);
  }
  if (left instanceof TimeDelta && right instanceof TimeDelta) return Number(left.micros - right.micros);
  return undefined;
}

/** By characters; JavaScript's own order is by halves of them. */
function orderOfText(left: string, right: string): number {
  if (left === right) return 0;
  if (!hasPairs(left) && !hasPairs(right)) return left < right ? -1 : 1;
  const [a, b] = [Array.from(left), Array.from(right)];
  for (const [index, character] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const difference = (character.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return -1;
}

/** Sorted as Python sorts, by what `key` gives. */
export function sorted(
  items: readonly unknown[],
  { key, reverse, evaluation }: { key: (item: unknown) => unknown; reverse: boolean; evaluation: Evaluation },
): unknown[] {
  const keyed = items.map((item) => ({ item, key: key(item) }));
  // From the back, so that equal ones keep their order also when reversed.
  if (reverse) keyed.reverse();
  const inOrder = keyed.toSorted((one, other) =>
    ordered("<", one.key, other.key, evaluation) ? -1 : ordered("<", other.key, one.key, evaluation) ? 1 : 0,
  );
  if (reverse) inOrder.reverse();
  return inOrder.map(({ item }) => item);
}
