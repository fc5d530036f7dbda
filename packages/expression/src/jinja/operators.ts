import { Fault } from "../error.ts";
import { isInt } from "../number.ts";
import { add, divide, floorDivide, modulo, multiply, negate, type Numeric, power, subtract } from "../value/arithmetic.ts";
import { DateTime, isSequence, PythonSet, TimeDelta, Tuple } from "../value/kinds.ts";
import { percentFormat } from "./format.ts";
import type { Operator } from "./nodes.ts";
import { classOf, type Evaluation, Undefined } from "./objects.ts";
import { isTuple, numberOf } from "./operations.ts";

/** What an operator between two values gives. @throws {Fault} TypeError where Python has none */
export function binary({ operator, left, right }: { operator: Operator; left: unknown; right: unknown }, evaluation: Evaluation): unknown {
  if (left instanceof Undefined) return left.fail();
  if (right instanceof Undefined) return right.fail();
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) {
    if (operator === "*") checkSize(a, b);
    return arithmetic(operator, a, b);
  }
  switch (operator) {
    case "+":
      if (typeof left === "string" && typeof right === "string") {
        evaluation.budget.size(left.length + right.length);
        return left + right;
      }
      if (isSequence(left) && isSequence(right) && isTuple(left) === isTuple(right)) {
        evaluation.budget.size(left.length + right.length);
        const joined = isTuple(left) ? new Tuple() : [];
        for (const item of left) joined.push(item);
        for (const item of right) joined.push(item);
        return joined;
      }
      if (typeof left === "string" || isSequence(left)) {
        const name = classOf(left);
        throw new Fault("TypeError", `can only concatenate ${name} (not "${classOf(right)}") to ${name}`);
      }
      if (left instanceof TimeDelta && right instanceof TimeDelta) return new TimeDelta(left.micros + right.micros);
      if (left instanceof DateTime && right instanceof TimeDelta) return new DateTime(left.micros + right.micros, left.offset);
      break;
    case "-":
      if (left instanceof PythonSet && right instanceof PythonSet)
        return new PythonSet(Array.from(left).filter((item) => !right.has(item)));
      if (left instanceof DateTime && right instanceof DateTime) return new TimeDelta(left.instant - right.instant);
      if (left instanceof DateTime && right instanceof TimeDelta) return new DateTime(left.micros - right.micros, left.offset);
      if (left instanceof TimeDelta && right instanceof TimeDelta) return new TimeDelta(left.micros - right.micros);
      break;
    case "*":
      if (a !== undefined && isInt(a)) return repeated(right, Number(a), evaluation) ?? refuse(operator, left, right);
      if (b !== undefined && isInt(b)) return repeated(left, Number(b), evaluation) ?? refuse(operator, left, right);
      for (const [sequence, other] of [
        [left, right],
        [right, left],
      ]) {
        if (typeof sequence !== "string" && !isSequence(sequence)) continue;
        throw new Fault("TypeError", `can't multiply sequence by non-int of type '${classOf(other)}'`);
      }
      break;
    case "%":
      if (typeof left === "string") return percentFormat(left, right, evaluation);
      break;
    case "/":
    case "//":
    case "**":
      break;
  }
  return refuse(operator, left, right);
}

function refuse(operator: Operator, left: unknown, right: unknown): never {
  const name = operator === "**" ? "** or pow()" : operator;
  throw new Fault("TypeError", `unsupported operand type(s) for ${name}: '${classOf(left)}' and '${classOf(right)}'`);
}

function arithmetic(operator: Operator, left: Numeric, right: Numeric): Numeric {
  switch (operator) {
    case "+":
      return add(left, right);
    case "-":
      return subtract(left, right);
    case "*":
      return multiply(left, right);
    case "/":
      return divide(left, right);
    case "//":
      return floorDivide(left, right);
    case "%":
      return modulo(left, right);
    case "**":
      return power(left, right);
  }
}

/** Of the ints that may be multiplied; `**` has a bound of its own. */
const mostBits = 100_000;

function checkSize(left: Numeric, right: Numeric): void {
  if (typeof left !== "bigint" && typeof right !== "bigint") return;
  if (!isInt(left) || !isInt(right)) return;
  if ((BigInt(left).toString(16).length + BigInt(right).toString(16).length) * 4 > mostBits + 8) {
    throw new Fault("OverflowError", "the number is too large");
  }
}

function repeated(value: unknown, times: number, { budget }: Evaluation): unknown {
  // Nothing, however often, is nothing: a loop that long would never end.
  const count = (typeof value === "string" || isSequence(value)) && value.length === 0 ? 0 : Math.max(0, times);
  if (typeof value === "string") {
    budget.size(value.length * count);
    return value.repeat(count);
  }
  if (!isSequence(value)) return undefined;
  budget.size(value.length * count);
  const made = isTuple(value) ? new Tuple() : [];
  for (let index = 0; index < count; index += 1) for (const item of value) made.push(item);
  return made;
}

export function signed(sign: "negative" | "positive", value: unknown): unknown {
  if (value instanceof Undefined) return value.fail();
  const number = numberOf(value);
  if (number !== undefined) return sign === "negative" ? negate(number) : number;
  if (value instanceof TimeDelta) return sign === "negative" ? new TimeDelta(-value.micros) : value;
  throw new Fault("TypeError", `bad operand type for unary ${sign === "negative" ? "-" : "+"}: '${classOf(value)}'`);
}
