import { Fault } from "../error.ts";
import { isFloat, isInt } from "../number.ts";
import { modulo, plain } from "../value/arithmetic.ts";
import { isMapping, isSequence, Lookup } from "../value/kinds.ts";
import type { Comparison } from "./nodes.ts";
import { alone, type Arguments, Callable, classOf, type Evaluation, Range, Thing, Undefined } from "./objects.ts";
import { compared, isIterable, numberOf, textOf } from "./operations.ts";

/** Asks something of a value: `value is name(…)`. */
export type Test = (value: unknown, given: Arguments, evaluation: Evaluation) => boolean;

const comparison =
  (operator: Comparison): Test =>
  (value, given, evaluation) =>
    compared(operator, value, given.bind("test", "other!")[0], evaluation);

/** Those of Jinja 3.1.6. */
export const builtInTests: ReadonlyMap<string, Test> = new Map<string, Test>([
  alone("defined", (value) => !isMissing(value)),
  alone("undefined", (value) => isMissing(value)),
  alone("none", (value) => value === null),
  alone("boolean", (value) => typeof value === "boolean"),
  alone("true", (value) => value === true),
  alone("false", (value) => value === false),
  alone("number", (value) => numberOf(value) !== undefined),
  alone("integer", (value) => isInt(value)),
  alone("float", (value) => isFloat(value)),
  alone("string", (value) => typeof value === "string"),
  alone("mapping", (value) => isPlainMapping(value)),
  alone("sequence", (value) => typeof value === "string" || isSequence(value) || value instanceof Range || isPlainMapping(value)),
  alone("iterable", (value) => {
    if (value instanceof Undefined) value.touch();
    return isIterable(value);
  }),
  alone("callable", (value) => value instanceof Callable || (value instanceof Thing && value.call !== undefined)),
  ["escaped", () => false],
  alone("odd", (value) => plain(modulo(numeric(value), 2)) === 1),
  alone("even", (value) => plain(modulo(numeric(value), 2)) === 0),
  ["divisibleby", (value, given) => Number(modulo(numeric(value), numeric(given.bind("divisibleby", "num!")[0])).valueOf()) === 0],
  alone("lower", (value, evaluation) => isCase(textOf(value, evaluation), "lower")),
  alone("upper", (value, evaluation) => isCase(textOf(value, evaluation), "upper")),
  ["sameas", (value, given) => Object.is(value, given.bind("sameas", "other!")[0])],
  alone("test", (value) => builtInTests.has(String(value)) || value === "filter"),
  ["in", comparison("in")],
  ...(
    [
      ["==", ["==", "eq", "equalto"]],
      ["!=", ["!=", "ne"]],
      ["<", ["<", "lt", "lessthan"]],
      ["<=", ["<=", "le"]],
      [">", [">", "gt", "greaterthan"]],
      [">=", [">=", "ge"]],
    ] as const
  ).flatMap(([operator, names]) => names.map((name): [string, Test] => [name, comparison(operator)])),
]);

function isMissing(value: unknown): boolean {
  return value instanceof Undefined || (value instanceof Lookup && value.missing);
}

function isPlainMapping(value: unknown): boolean {
  return isMapping(value) && !(value instanceof Undefined);
}

function numeric(value: unknown) {
  if (value instanceof Undefined) return value.fail();
  const number = numberOf(value);
  if (number === undefined) throw new Fault("TypeError", `unsupported operand type(s) for %: '${classOf(value)}' and 'int'`);
  return number;
}

function isCase(text: string, which: "lower" | "upper"): boolean {
  return text.toUpperCase() !== text.toLowerCase() && text === (which === "lower" ? text.toLowerCase() : text.toUpperCase());
}
