import { isFloat, isInt } from "../number.ts";
import { DateTime, isMapping, PythonSet, TimeDelta } from "../value/kinds.ts";
import type { Node } from "./parse.ts";
import { isIterable, isSetLike, Lazy, Ordered, Pattern, Rule } from "./values.ts";

/** What a parameter takes. */
export interface Type {
  readonly nullable: boolean;
  /** Of values other than null. */
  readonly holds: (value: unknown) => boolean;
  /** Is handed on without being evaluated. */
  readonly lazy?: "lambda" | "rule";
  /** Types that take more than this one: of two functions that both fit, the one with the narrower types is meant. */
  readonly within: readonly string[];
}

const any = (): boolean => true;
/** An int as Python's `isinstance` sees it, which finds booleans too. */
const isInteger = (value: unknown): boolean => isInt(value) || typeof value === "boolean";

const base: Readonly<Record<string, Omit<Type, "nullable">>> = {
  any: { holds: any, within: [] },
  text: { holds: (value) => typeof value === "string", within: ["any"] },
  int: { holds: isInteger, within: ["any"] },
  integer: { holds: isInt, within: ["any", "int"] },
  number: { holds: (value) => isInt(value) || isFloat(value), within: ["any"] },
  bool: { holds: (value) => typeof value === "boolean", within: ["any", "int"] },
  iterable: { holds: isIterable, within: ["any"] },
  unordered: { holds: (value) => isIterable(value) && !isSetLike(value), within: ["any"] },
  iterator: { holds: (value) => value instanceof Lazy, within: ["any", "iterable"] },
  sequence: { holds: Array.isArray, within: ["any", "iterable", "unordered"] },
  ordered: { holds: (value) => value instanceof Ordered, within: ["any", "iterable"] },
  set: { holds: isSetLike, within: ["any", "iterable"] },
  frozen: { holds: (value) => value instanceof PythonSet, within: ["any", "iterable", "set"] },
  mapping: { holds: isMapping, within: ["any"] },
  datetime: { holds: (value) => value instanceof DateTime, within: ["any"] },
  timespan: { holds: (value) => value instanceof TimeDelta, within: ["any"] },
  regex: { holds: (value) => value instanceof Pattern, within: ["any"] },
  rule: { holds: (value) => value instanceof Rule, within: ["any"] },
  lambda: { holds: any, lazy: "lambda", within: [] },
  rules: { holds: any, lazy: "rule", within: [] },
};

const types = new Map<string, Type>();
for (const [name, type] of Object.entries(base)) {
  types.set(name, { ...type, nullable: name === "lambda" });
  types.set(`${name}?`, { ...type, nullable: true });
}

export function typeOf(name: string): Type {
  const type = types.get(name);
  if (type === undefined) throw new Error(`no such type: ${name}`);
  return type;
}

export function takes(type: Type, value: unknown): boolean {
  return value === null || value === undefined ? type.nullable : type.holds(value);
}

/** What can be said before anything is evaluated. */
export function mayTake(type: Type, node: Node): boolean {
  if (type.lazy === "lambda") return true;
  if (type.lazy === "rule") return node.kind === "mapping";
  return node.kind === "constant" ? takes(type, node.value) : true;
}

/** -1 where the first is narrower, 1 where the second is, 0 where neither is. */
export function narrower(left: Type, right: Type): number {
  const nameOf = (type: Type) => Object.keys(base).find((name) => base[name]?.holds === type.holds && base[name].lazy === type.lazy) ?? "";
  if (left.within.includes(nameOf(right))) return -1;
  return right.within.includes(nameOf(left)) ? 1 : 0;
}
