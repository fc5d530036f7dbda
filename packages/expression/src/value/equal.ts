import type { Budget } from "../budget.ts";
import { Float, isFloat, isInt } from "../number.ts";
import { DateTime, Dict, entriesOf, getKey, isMapping, isSequence, List, Lookup, PythonSet, sizeOf, TimeDelta, Tuple } from "./kinds.ts";

/** Python's `==`: numbers and booleans by value, a list is never a tuple. Going through what is in them costs a step each. */
export function equals(left: unknown, right: unknown, budget?: Budget): boolean {
  if (left === right) return true;
  if (left === null || right === null || left === undefined || right === undefined) return (left ?? null) === (right ?? null);
  const first = numeric(left);
  if (first !== undefined) {
    const second = numeric(right);
    // oxlint-disable-next-line eqeqeq -- a number and a bigint are equal by value only so
    return second !== undefined && first == second;
  }
  if (isSequence(left)) {
    budget?.spend(left.length);
    return (
      isSequence(right) &&
      left instanceof List === right instanceof List &&
      left instanceof Tuple === right instanceof Tuple &&
      left.length === right.length &&
      left.every((item, index) => equals(item, right[index], budget))
    );
  }
  if (left instanceof PythonSet)
    return right instanceof PythonSet && left.size === right.size && Array.from(left).every((item) => right.has(item));
  if (left instanceof DateTime) {
    return right instanceof DateTime && (left.offset === undefined) === (right.offset === undefined) && left.instant === right.instant;
  }
  if (left instanceof TimeDelta) return right instanceof TimeDelta && left.micros === right.micros;
  if (isMapping(left)) {
    if (!isMapping(right) || sizeOf(left) !== sizeOf(right)) return false;
    for (const [key, value] of entriesOf(left)) {
      budget?.spend();
      const other = getKey(right, key);
      if (other === undefined || !equals(value, other, budget)) return false;
    }
    return true;
  }
  return false;
}

/** The value of a number or boolean; undefined for all else. */
export function numeric(value: unknown): number | bigint | undefined {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return value instanceof Float ? value.value : undefined;
}

/** Python's truth: nothing, zero and what is empty are false. */
export function truth(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === "" || value === 0 || value === 0n) return false;
  if (value instanceof Float) return value.value !== 0;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Dict || value instanceof PythonSet) return value.size > 0;
  if (value instanceof TimeDelta) return value.micros !== 0n;
  if (value instanceof Lookup) return !value.missing;
  return !isMapping(value) || sizeOf(value) > 0;
}

/** As Python calls it. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return "NoneType";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "str";
  if (isInt(value)) return "int";
  if (isFloat(value)) return "float";
  if (value instanceof Tuple) return "tuple";
  if (isSequence(value)) return "list";
  if (isMapping(value)) return "dict";
  if (value instanceof PythonSet) return "set";
  if (value instanceof DateTime) return "datetime";
  return value instanceof TimeDelta ? "timedelta" : "object";
}
