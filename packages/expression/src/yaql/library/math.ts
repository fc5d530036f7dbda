import { Fault } from "../../error.ts";
import { float, Float, int, isFloat, isInt } from "../../number.ts";
import { modulo, multiply, negate, type Numeric, plain, power, round } from "../../value/arithmetic.ts";
import { truth, typeName } from "../../value/equal.ts";
import { repr } from "../../value/text.ts";
import { isNumber } from "../operators.ts";
import type { Call, Table } from "../signature.ts";

export const math: Table = {
  "abs(op:number)": (_call: Call, op: Numeric) => (plain(op) < 0 ? negate(op) : op),
  "int(value:any?)": (_call: Call, value: unknown) => toInt(value),
  "float(value:any?)": (_call: Call, value: unknown) => toFloat(value),
  "bool(value:any?)": (_call: Call, value: unknown) => truth(value),
  "isBoolean(value:any?)": (_call: Call, value: unknown) => typeof value === "boolean",
  "random()": ({ host }: Call) => float(host.random()),
  "random(from:any?, to:any?)": ({ host }: Call, from: unknown, to: unknown) => {
    if (!isInt(from) || !isInt(to)) throw new Fault("TypeError", "random() takes integers");
    if (from > to) throw new Fault("ValueError", `empty range for randrange() (${from}, ${to}, ${BigInt(to) - BigInt(from)})`);
    return int(BigInt(from) + BigInt(Math.floor(host.random() * Number(BigInt(to) - BigInt(from) + 1n))));
  },
  "bitwiseAnd(left:int, right:int)": (_call: Call, left: Whole, right: Whole) => bits(left, right, BigInt(left) & BigInt(right)),
  "bitwiseOr(left:int, right:int)": (_call: Call, left: Whole, right: Whole) => bits(left, right, BigInt(left) | BigInt(right)),
  "bitwiseXor(left:int, right:int)": (_call: Call, left: Whole, right: Whole) => bits(left, right, BigInt(left) ^ BigInt(right)),
  "bitwiseNot(arg:int)": (_call: Call, arg: Whole) => int(~BigInt(arg)),
  "shiftBitsRight(value:int, bitsNumber:int)": (_call: Call, value: Whole, bits: Whole) => {
    if (Number(bits) < 0) throw new Fault("ValueError", "negative shift count");
    return int(BigInt(value) >> BigInt(Math.min(Number(bits), 1_000_000)));
  },
  "shiftBitsLeft(value:int, bitsNumber:int)": ({ budget }: Call, value: Whole, bits: Whole) => {
    if (Number(bits) < 0) throw new Fault("ValueError", "negative shift count");
    if (BigInt(value) === 0n) return 0;
    budget.size(Number(bits) * 100);
    return int(BigInt(value) << BigInt(bits));
  },
  "max(a:any?, b:any?)": ({ operate }: Call, a: unknown, b: unknown) => (operate("#operator_>", b, a) === true ? b : a),
  "min(a:any?, b:any?)": ({ operate }: Call, a: unknown, b: unknown) => (operate("#operator_>", b, a) === true ? a : b),
  "pow(a:number, b:number, c:number?=null)": (_call: Call, a: Numeric, b: Numeric, c: Numeric | null) => {
    if (c === null) return power(a, b);
    if (!isInt(a) || !isInt(b) || !isInt(c))
      throw new Fault("TypeError", "pow() 3rd argument not allowed unless all arguments are integers");
    return powerModulo(BigInt(a), BigInt(b), BigInt(c));
  },
  "sign(num:number)": (_call: Call, num: Numeric) => (plain(num) > 0 ? 1 : plain(num) < 0 ? -1 : 0),
  "round(number:number, ndigits:int=0)": (_call: Call, number: Numeric, digits: Whole) => round(number, Number(digits)),
  "isInteger(value:any?)": (_call: Call, value: unknown) => isInt(value),
  "isNumber(value:any?)": (_call: Call, value: unknown) => isNumber(value),
};

type Whole = number | bigint | boolean;

/** Of two booleans it is one. */
function bits(left: Whole, right: Whole, result: bigint): number | bigint | boolean {
  return typeof left === "boolean" && typeof right === "boolean" ? result !== 0n : int(result);
}

/** Python's `int()`; null is 0. */
function toInt(value: unknown): number | bigint {
  if (value === null || value === undefined) return 0;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (isInt(value)) return value;
  if (isFloat(value)) {
    const number = plain(value);
    if (Number.isNaN(number)) throw new Fault("ValueError", "cannot convert float NaN to integer");
    if (!Number.isFinite(number)) throw new Fault("OverflowError", "cannot convert float infinity to integer");
    return int(BigInt(Math.trunc(number)));
  }
  if (typeof value !== "string") {
    throw new Fault("TypeError", `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`);
  }
  const text = value.trim();
  if (!/^[+-]?\d+(_\d+)*$/.test(text) || text.length > 4300)
    throw new Fault("ValueError", `invalid literal for int() with base 10: ${repr(value)}`);
  return int(BigInt(text.replaceAll("_", "").replace("+", "")));
}

/** Python's `float()`; null is 0.0. */
function toFloat(value: unknown): number | Float {
  if (value === null || value === undefined) return float(0);
  if (typeof value === "boolean") return float(value ? 1 : 0);
  if (isInt(value) || isFloat(value)) return float(plain(value));
  if (typeof value !== "string")
    throw new Fault("TypeError", `float() argument must be a string or a real number, not '${typeName(value)}'`);
  const text = value.trim().toLowerCase();
  const special = /^([+-]?)(?:(inf(?:inity)?)|nan)$/.exec(text);
  if (special !== null) return float(special[2] === undefined ? Number.NaN : special[1] === "-" ? -Infinity : Infinity);
  if (!/^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+)?$/.test(text))
    throw new Fault("ValueError", `could not convert string to float: ${repr(value)}`);
  return float(Number(text.replaceAll("_", "")));
}

function powerModulo(base: bigint, exponent: bigint, by: bigint): Numeric {
  if (by === 0n) throw new Fault("ValueError", "pow() 3rd argument cannot be 0");
  if (exponent < 0n) throw new Fault("ValueError", "base is not invertible for the given modulus");
  let result: Numeric = modulo(1, int(by));
  let square: Numeric = modulo(int(base), int(by));
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = modulo(multiply(result, square), int(by));
    square = modulo(multiply(square, square), int(by));
  }
  return result;
}
