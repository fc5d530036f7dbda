import type { Budget } from "../budget.ts";
import { Fault } from "../error.ts";
import { isFloat, isInt } from "../number.ts";
import { add, compare, divide, floorDivide, modulo, multiply, negate, type Numeric, plain, subtract } from "../value/arithmetic.ts";
import { equals } from "../value/equal.ts";
import {
  DateTime,
  Dict,
  entriesOf,
  getKey,
  hasKey,
  isMapping,
  isSequence,
  List,
  type Mapping,
  PythonSet,
  TimeDelta,
} from "../value/kinds.ts";
import { repr } from "../value/text.ts";
import { regexOf, test } from "../regex/use.ts";
import { View } from "../value/view.ts";
import { each, isIterable, isSetLike, Lazy, noMatch, Pattern } from "./values.ts";

/** What an operator makes of two values, by what they are. */
export function operate(operator: string, left: unknown, right: unknown, budget: Budget): unknown {
  switch (operator) {
    case "*equal":
      return same(left, right, budget);
    case "*not_equal":
      return !same(left, right, budget);
    case "#operator_+":
      return plus(left, right, budget);
    case "#operator_-":
      return minus(left, right);
    case "#operator_*":
      return times(left, right, budget);
    case "#operator_/":
      return over(left, right);
    case "#operator_mod":
      if (isNumber(left) && isNumber(right)) return modulo(left, right);
      break;
    case "#operator_<":
    case "#operator_>":
    case "#operator_<=":
    case "#operator_>=":
      return ordered(operator, left, right);
    case "#operator_in":
      return contains(right, left, budget);
    case "#operator_=~":
      return matches(operator, left, right, budget);
    case "#operator_!~":
      return !matches(operator, left, right, budget);
  }
  throw noMatch(operator);
}

export function unary(operator: string, value: unknown): unknown {
  if (isNumber(value)) return operator === "#unary_operator_-" ? negate(value) : value;
  if (value instanceof TimeDelta) return operator === "#unary_operator_-" ? new TimeDelta(-value.micros) : value;
  throw noMatch(operator);
}

export function isNumber(value: unknown): value is Numeric {
  return isInt(value) || isFloat(value);
}

function same(left: unknown, right: unknown, budget: Budget): boolean {
  if (left instanceof View || right instanceof View) {
    const asSet = (value: unknown) => (value instanceof View && value.of !== "values" ? new PythonSet(value) : value);
    return left === right || equals(asSet(left), asSet(right), budget);
  }
  return equals(left, right, budget);
}

/** What of two things comes first; null comes before all else. */
function ordered(operator: string, left: unknown, right: unknown): boolean {
  const order = orderOf(operator, left, right);
  switch (operator) {
    case "#operator_<":
      return order < 0;
    case "#operator_>":
      return order > 0;
    case "#operator_<=":
      return order <= 0;
    default:
      return order >= 0;
  }
}

function orderOf(operator: string, left: unknown, right: unknown): number {
  if (isNumber(left) && isNumber(right)) return compare(left, right);
  if (typeof left === "string" && typeof right === "string") return compareText(left, right);
  if (left === null || right === null) return (left === null ? 0 : 1) - (right === null ? 0 : 1);
  if (left instanceof DateTime && right instanceof DateTime) return Number(left.instant - right.instant);
  if (left instanceof TimeDelta && right instanceof TimeDelta) return Number(left.micros - right.micros);
  if (isSetLike(left) && isSetLike(right)) return subsetOrder(new PythonSet(left), new PythonSet(right));
  throw noMatch(operator);
}

/** By code points, as Python does: UTF-16 puts some of them elsewhere. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const [a, b] = [left.charCodeAt(at), right.charCodeAt(at)];
    if (a === b) continue;
    const surrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdfff;
    return surrogate(a) !== surrogate(b) ? (surrogate(a) ? 1 : -1) : a - b;
  }
  return left.length - right.length;
}

function subsetOrder(left: PythonSet, right: PythonSet): number {
  const inside = Array.from(left).every((item) => right.has(item));
  const outside = Array.from(right).every((item) => left.has(item));
  if (inside) return outside ? 0 : -1;
  return outside ? 1 : Number.NaN;
}

function plus(left: unknown, right: unknown, budget: Budget): unknown {
  if (isNumber(left) && isNumber(right)) return add(left, right);
  if (typeof left === "string" && typeof right === "string") {
    budget.size(left.length + right.length);
    return left + right;
  }
  if (isMapping(left) && isMapping(right)) {
    budget.spend(sizes(left) + sizes(right));
    return new Dict([...entriesOf(left), ...entriesOf(right)]);
  }
  if (isIterable(left) && isIterable(right)) return joined(left, right, budget);
  if (left instanceof DateTime && right instanceof TimeDelta) return later(left, right.micros);
  if (left instanceof TimeDelta && right instanceof DateTime) return later(right, left.micros);
  if (left instanceof TimeDelta && right instanceof TimeDelta) return new TimeDelta(left.micros + right.micros);
  throw noMatch("#operator_+");
}

function sizes(mapping: Parameters<typeof entriesOf>[0]): number {
  return mapping instanceof Dict ? mapping.size : Object.keys(mapping).length;
}

function joined(left: Iterable<unknown>, right: Iterable<unknown>, budget: Budget): unknown {
  if (isSequence(left) && isSequence(right) && !(left instanceof List) && !(right instanceof List)) {
    budget.size(left.length + right.length);
    budget.spend(left.length + right.length);
    return [...left, ...right];
  }
  if (left instanceof PythonSet && right instanceof PythonSet) return new PythonSet([...left, ...right]);
  return new Lazy(
    (function* () {
      yield* each(left, budget);
      yield* each(right, budget);
    })(),
  );
}

/** @throws {Fault} OverflowError outside the years 1 to 9999 */
export function later(at: DateTime, micros: bigint): DateTime {
  const sum = at.micros + micros;
  if (sum < -62_135_596_800_000_000n || sum > 253_402_300_799_999_999n) throw new Fault("OverflowError", "date value out of range");
  return new DateTime(sum, at.offset);
}

function minus(left: unknown, right: unknown): unknown {
  if (isNumber(left) && isNumber(right)) return subtract(left, right);
  if (left instanceof DateTime && right instanceof TimeDelta) return later(left, -right.micros);
  if (left instanceof DateTime && right instanceof DateTime) return new TimeDelta(left.instant - right.instant);
  if (left instanceof TimeDelta && right instanceof TimeDelta) return new TimeDelta(left.micros - right.micros);
  if (left instanceof PythonSet && isSetLike(right))
    return new PythonSet(Array.from(left).filter((item) => !new PythonSet(right).has(item)));
  throw noMatch("#operator_-");
}

function times(left: unknown, right: unknown, budget: Budget): unknown {
  if (isNumber(left) && isNumber(right)) return multiply(left, right);
  if (left instanceof TimeDelta && isNumber(right)) return span(left, right);
  if (isNumber(left) && right instanceof TimeDelta) return span(right, left);
  const whole = (value: unknown): value is number | bigint | boolean => isInt(value) || typeof value === "boolean";
  if (whole(right)) return repeated(left, right, budget);
  if (whole(left)) return repeated(right, left, budget);
  throw noMatch("#operator_*");
}

function repeated(value: unknown, count: number | bigint | boolean, budget: Budget): unknown {
  const often = Math.max(0, Number(count));
  if (typeof value === "string") {
    budget.size(value.length * often);
    return value.repeat(value === "" ? 0 : often);
  }
  if (!isSequence(value)) throw noMatch("#operator_*");
  budget.size(value.length * often);
  budget.spend(value.length * often);
  const items = value.length === 0 ? [] : Array.from({ length: often }, () => value).flat();
  return value instanceof List ? List.from(items) : items;
}

function span(value: TimeDelta, by: Numeric): TimeDelta {
  if (isInt(by)) return within(value.micros * BigInt(by));
  return within(microsOf(Number(value.micros) * plain(by)));
}

function over(left: unknown, right: unknown): unknown {
  if (isNumber(left) && isNumber(right)) return isInt(left) && isInt(right) ? floorDivide(left, right) : divide(left, right);
  if (left instanceof TimeDelta && right instanceof TimeDelta) return ratio(left, right);
  if (left instanceof TimeDelta && isNumber(right)) {
    if (plain(right) === 0) throw new Fault("ZeroDivisionError", "division by zero");
    return within(microsOf(Number(left.micros) / plain(right)));
  }
  throw noMatch("#operator_/");
}

function ratio(left: TimeDelta, right: TimeDelta): Numeric {
  if (right.micros === 0n) throw new Fault("ZeroDivisionError", "float division by zero");
  return divide(Number(left.micros), Number(right.micros));
}

function microsOf(value: number): bigint {
  if (!Number.isFinite(value)) throw new Fault("OverflowError", "cannot convert float infinity to integer");
  const down = Math.floor(value);
  const rest = value - down;
  return BigInt(rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down);
}

/** @throws {Fault} OverflowError beyond 999,999,999 days */
export function within(micros: bigint): TimeDelta {
  const days = micros / 86_400_000_000n;
  if (days > 999_999_999n || days < -999_999_999n) throw new Fault("OverflowError", `days=${days}; must have magnitude <= 999999999`);
  return new TimeDelta(micros);
}

export function contains(collection: unknown, value: unknown, budget: Budget): boolean {
  if (typeof collection === "string" && typeof value === "string") return collection.includes(value);
  if (collection instanceof PythonSet) return collection.has(value);
  if (collection instanceof View && collection.of === "keys") return hasKey(collection.mapping, value);
  if (collection instanceof View && collection.of === "items") return hasItem(collection.mapping, value, budget);
  if (!isIterable(collection)) throw noMatch("#operator_in");
  for (const item of each(collection, budget)) if (same(item, value, budget)) return true;
  return false;
}

function hasItem(mapping: Mapping, item: unknown, budget: Budget): boolean {
  const pair = typeof item === "string" ? Array.from(item) : item;
  if (!isSequence(pair)) throw new Fault("TypeError", "cannot unpack non-iterable object");
  if (pair.length !== 2) throw new Fault("ValueError", `cannot unpack ${pair.length} values into 2`);
  return hasKey(mapping, pair[0]) && same(getKey(mapping, pair[0]), pair[1], budget);
}

function matches(operator: string, text: unknown, pattern: unknown, budget: Budget): boolean {
  if (typeof text !== "string") throw noMatch(operator);
  if (typeof pattern === "string") return test(regexOf(pattern), text, { budget });
  if (pattern instanceof Pattern) return test(pattern.regex, text, { budget });
  throw noMatch(operator);
}

/** `collection[…]`. */
export function index(collection: unknown, keys: readonly unknown[]): unknown {
  const [key, fallback] = keys;
  if (isMapping(collection) && (keys.length === 1 || keys.length === 2)) {
    const value = getKey(collection, key);
    if (value !== undefined) return value;
    if (keys.length === 2) return fallback;
    throw new Fault("KeyError", typeof key === "string" ? key : repr(key, "tuple"));
  }
  if (isSequence(collection) && keys.length === 1 && (isInt(key) || typeof key === "boolean")) {
    const value = collection.at(Math.max(Math.min(Number(key), 2 ** 52), -(2 ** 52)));
    if (value === undefined) throw new Fault("IndexError", `${collection instanceof List ? "list" : "tuple"} index out of range`);
    return value;
  }
  throw noMatch("#indexer");
}
