import { Fault } from "../error.ts";
import { float, Float, int, isInt } from "../number.ts";

/** A number of Python's, an int or a float. */
export type Numeric = number | bigint | Float;

export function add(left: Numeric, right: Numeric): Numeric {
  if (isInt(left) && isInt(right)) return sum(left, right);
  return float(plain(left) + plain(right));
}

export function subtract(left: Numeric, right: Numeric): Numeric {
  if (isInt(left) && isInt(right)) return sum(left, -right);
  return float(plain(left) - plain(right));
}

export function multiply(left: Numeric, right: Numeric): Numeric {
  if (isInt(left) && isInt(right)) return int(BigInt(left) * BigInt(right));
  return float(plain(left) * plain(right));
}

/** Python's `/`. */
export function divide(left: Numeric, right: Numeric): Numeric {
  if (plain(right) === 0) throw new Fault("ZeroDivisionError", ints(left, right) ? "division by zero" : "float division by zero");
  return float(plain(left) / plain(right));
}

/** Python's `//`: down, not towards zero. */
export function floorDivide(left: Numeric, right: Numeric): Numeric {
  if (plain(right) === 0) {
    throw new Fault("ZeroDivisionError", ints(left, right) ? "integer division or modulo by zero" : "float floor division by zero");
  }
  if (!isInt(left) || !isInt(right)) return float(Math.floor(plain(left) / plain(right)));
  const [a, b] = [BigInt(left), BigInt(right)];
  const quotient = a / b;
  return int(a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient);
}

/** Python's `%`: the sign is the divisor's. */
export function modulo(left: Numeric, right: Numeric): Numeric {
  if (plain(right) === 0) throw new Fault("ZeroDivisionError", ints(left, right) ? "integer modulo by zero" : "float modulo");
  if (isInt(left) && isInt(right)) {
    const [a, b] = [BigInt(left), BigInt(right)];
    const rest = a % b;
    return int(rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest);
  }
  const divisor = plain(right);
  const rest = plain(left) % divisor;
  return float(rest !== 0 && rest < 0 !== divisor < 0 ? rest + divisor : rest);
}

/** @throws {Fault} OverflowError for an int of more than `bits` bits */
export function power(base: Numeric, exponent: Numeric, bits = 100_000): Numeric {
  if (isInt(base) && isInt(exponent) && exponent >= 0) {
    const size = BigInt(base).toString(2).length * Number(exponent);
    if (size > bits && plain(base) !== 0 && Math.abs(plain(base)) !== 1) throw new Fault("OverflowError", "the number is too large");
    if (Number(exponent) > bits) return Math.abs(plain(base)) === 1 ? (Number(exponent) % 2 === 0 ? 1 : int(BigInt(base))) : 0;
    return int(BigInt(base) ** BigInt(exponent));
  }
  if (plain(base) === 0 && plain(exponent) < 0) throw new Fault("ZeroDivisionError", "0.0 cannot be raised to a negative power");
  const result = plain(base) ** plain(exponent);
  if (Number.isNaN(result) && !Number.isNaN(plain(base)) && !Number.isNaN(plain(exponent))) {
    throw new Fault("TypeError", "a complex number is no value here");
  }
  if (!Number.isFinite(result) && Number.isFinite(plain(base)) && Number.isFinite(plain(exponent)))
    throw new Fault("OverflowError", "Result too large");
  return float(result);
}

export function negate(value: Numeric): Numeric {
  return isInt(value) ? int(-BigInt(value)) : float(-plain(value));
}

/** Python's `round`: half to even, an int without `digits`. */
export function round(value: Numeric, digits?: number): Numeric {
  if (isInt(value)) {
    if (digits === undefined || digits >= 0) return value;
    const unit = 10n ** BigInt(Math.min(-digits, 1000));
    const rest = (((BigInt(value) % unit) + unit) % unit) * 2n;
    const down = BigInt(value) - rest / 2n;
    return int(rest > unit || (rest === unit && (down / unit) % 2n !== 0n) ? down + unit : down);
  }
  const plainValue = plain(value);
  if (digits === undefined) {
    if (!Number.isFinite(plainValue)) {
      throw Number.isNaN(plainValue)
        ? new Fault("ValueError", "cannot convert float NaN to integer")
        : new Fault("OverflowError", "cannot convert float infinity to integer");
    }
    return int(BigInt(halfEven(plainValue, 0)));
  }
  return float(Number.isFinite(plainValue) ? halfEven(plainValue, digits) : plainValue);
}

/** -1, 0 or 1; NaN where neither is more. */
export function compare(left: Numeric, right: Numeric): number {
  const a = left instanceof Float ? left.value : left;
  const b = right instanceof Float ? right.value : right;
  if (a < b) return -1;
  if (a > b) return 1;
  // oxlint-disable-next-line eqeqeq -- a number and a bigint are equal by value only so
  return a == b ? 0 : Number.NaN;
}

/** What JavaScript calculates with; an int beyond 2^53 loses digits. */
export function plain(value: Numeric): number {
  return value instanceof Float ? value.value : Number(value);
}

function sum(left: number | bigint, right: number | bigint): number | bigint {
  if (typeof left === "number" && typeof right === "number") {
    const total = left + right;
    if (Number.isSafeInteger(total)) return total;
  }
  return int(BigInt(left) + BigInt(right));
}

function ints(left: Numeric, right: Numeric): boolean {
  return isInt(left) && isInt(right);
}

/** By the decimal digits of the exact binary value, so that 2.675 to two places is 2.67 as it is in Python. */
function halfEven(value: number, digits: number): number {
  if (digits > 22 || value === 0) return value;
  if (digits < 0) {
    const unit = 10 ** -digits;
    return evenly(value / unit) * unit;
  }
  if (digits === 0) return evenly(value);
  const exact = exactly(Math.abs(value));
  const [whole = "0", fraction = ""] = exact.split(".");
  if (fraction.length <= digits) return value;
  const kept = BigInt(whole + fraction.slice(0, digits));
  const rest = fraction.slice(digits);
  const up = /^5(0*)$/.test(rest) ? kept % 2n === 1n : (rest[0] ?? "0") >= "5";
  const text = String(up ? kept + 1n : kept).padStart(digits + 1, "0");
  const rounded = Number(`${text.slice(0, -digits)}.${text.slice(-digits)}`);
  return value < 0 ? -rounded : rounded;
}

function evenly(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}

/** All decimal digits of a float: a float is a whole number of some power of two. */
function exactly(value: number): string {
  let places = 0;
  let scaled = value;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    places += 1;
  }
  const digits = String(BigInt(scaled) * 5n ** BigInt(places)).padStart(places + 1, "0");
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
