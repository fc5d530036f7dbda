import type { Budget } from "../budget.ts";
import { Fault } from "../error.ts";
import { isFloat, isInt } from "../number.ts";
import { plain } from "../value/arithmetic.ts";
import { entriesOf, isMapping, isSequence, PythonSet, Shown } from "../value/kinds.ts";
import { floatText } from "../value/text.ts";
import { Callable, classOf, Generator, Range, Thing, Undefined, View } from "./objects.ts";

export interface DumpOptions {
  readonly indent?: number | string | undefined;
  readonly sortKeys?: boolean;
  readonly separators?: readonly [string, string] | undefined;
}

/** Python's `json.dumps`: ASCII only, `", "` and `": "` between. @throws {Fault} TypeError for what is no JSON */
export function dumpJson(value: unknown, { indent, sortKeys = false, separators }: DumpOptions, budget: Budget): string {
  const [comma, colon] = separators ?? [indent === undefined ? ", " : ",", ": "];
  const step = typeof indent === "number" ? " ".repeat(Math.max(0, indent)) : indent;
  let size = 0;
  const text = (piece: string): string => {
    size += piece.length;
    budget.grow(size, piece.length);
    return piece;
  };
  const around = (parts: readonly string[], [open, close]: readonly [string, string], margin: string): string => {
    if (parts.length === 0) return open + close;
    if (step === undefined) return `${open}${parts.join(comma)}${close}`;
    const line = `\n${margin}${step}`;
    return `${open}${line}${parts.join(`${comma}${line}`)}\n${margin}${close}`;
  };
  const dump = (one: unknown, margin: string): string => {
    if (one === null) return text("null");
    if (typeof one === "string") return text(quoteJson(one));
    if (typeof one === "boolean") return text(String(one));
    if (isInt(one)) return text(String(one));
    if (isFloat(one)) return text(jsonFloat(plain(one)));
    budget.enter();
    const inner = step === undefined ? "" : margin + step;
    let made: string;
    if (isSequence(one))
      made = around(
        one.map((item) => dump(item, inner)),
        ["[", "]"],
        margin,
      );
    else if (isMapping(one) && !isOurs(one)) {
      const pairs = Array.from(entriesOf(one), ([key, item]) => [keyText(key), item] as const);
      if (sortKeys) pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      made = around(
        pairs.map(([key, item]) => `${text(quoteJson(key))}${colon}${dump(item, inner)}`),
        ["{", "}"],
        margin,
      );
    } else throw new Fault("TypeError", `Object of type ${classOf(one)} is not JSON serializable`);
    budget.leave();
    return made;
  };
  return dump(value, "");
}

/** In quotes, as ASCII. */
export function quoteJson(text: string): string {
  return JSON.stringify(text).replace(/[\x7f-\uffff]/g, (unit) =>
    unit === "\x7f" ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function jsonFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  return floatText(value);
}

function keyText(key: unknown): string {
  if (typeof key === "string") return key;
  if (key === null) return "null";
  if (typeof key === "boolean" || isInt(key)) return String(key);
  if (isFloat(key)) return jsonFloat(plain(key));
  throw new Fault("TypeError", `keys must be str, int, float, bool or None, not ${classOf(key)}`);
}

function isOurs(value: unknown): boolean {
  return [Undefined, Callable, Thing, Generator, View, Range, PythonSet, Shown].some((kind) => value instanceof kind);
}
