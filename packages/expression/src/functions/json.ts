import type { Budget } from "../budget.ts";
import { Fault } from "../error.ts";
import { Float, isFloat, isInt } from "../number.ts";
import { readJson } from "../json.ts";
import { typeName } from "../value/equal.ts";
import { entriesOf, isMapping, isSequence } from "../value/kinds.ts";
import { floatText } from "../value/text.ts";

interface JsonStyle {
  /** Blanks a level, or what stands for them; all in one line without. */
  readonly indent?: number | string | null;
  readonly sortKeys?: boolean;
  /** Between items, and between key and value. */
  readonly separators?: readonly [item: string, key: string];
}

/** Python's `json.dumps`: only ASCII, floats as Python writes them. @throws {Fault} TypeError for what JSON has not */
export function jsonDump(value: unknown, style: JsonStyle, budget: Budget): string {
  const indent = typeof style.indent === "number" ? " ".repeat(Math.max(0, Math.min(style.indent, 100))) : (style.indent ?? undefined);
  const [between, after] = style.separators ?? [indent === undefined ? ", " : ",", ": "];
  const write = (inner: unknown, pad: string): string => {
    budget.spend();
    if (!isSequence(inner) && !isMapping(inner)) return scalar(inner);
    budget.enter();
    const deeper = indent === undefined ? "" : `${pad}${indent}`;
    const parts = isMapping(inner)
      ? pairs(inner, style.sortKeys === true).map(([key, item]) => `${quoted(key)}${after}${write(item, deeper)}`)
      : inner.map((item) => write(item, deeper));
    budget.leave();
    const [open, close] = isMapping(inner) ? ["{", "}"] : ["[", "]"];
    if (parts.length === 0) return `${open}${close}`;
    if (indent === undefined) return `${open}${parts.join(between)}${close}`;
    return `${open}\n${deeper}${parts.join(`${between}\n${deeper}`)}\n${pad}${close}`;
  };
  const text = write(value, "");
  budget.size(text.length);
  return text;
}

/** Python's `json.loads`. @throws {Fault} JSONDecodeError */
export function jsonParse(text: string): unknown {
  try {
    return readJson(text);
  } catch (error) {
    throw new Fault("JSONDecodeError", error instanceof Error ? error.message : String(error));
  }
}

/** As text inside a JSON string. Like StackStorm's it takes quotes off both ends, also such as belong to the text. */
export function jsonEscape(value: unknown, budget: Budget): string {
  return jsonDump(value, {}, budget).replace(/^"+|"+$/g, "");
}

function scalar(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "string") return quoted(value);
  if (isInt(value)) return String(BigInt(value));
  if (isFloat(value)) {
    const number = value instanceof Float ? value.value : value;
    if (Number.isNaN(number)) return "NaN";
    return Number.isFinite(number) ? floatText(number) : number > 0 ? "Infinity" : "-Infinity";
  }
  throw new Fault("TypeError", `Object of type ${typeName(value)} is not JSON serializable`);
}

function pairs(mapping: Parameters<typeof entriesOf>[0], sorted: boolean): (readonly [string, unknown])[] {
  const entries = Array.from(entriesOf(mapping), ([key, value]): readonly [string, unknown] => [keyText(key), value]);
  return sorted ? entries.toSorted(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)) : entries;
}

function keyText(key: unknown): string {
  if (typeof key === "string") return key;
  if (key === null || typeof key === "boolean" || isInt(key) || isFloat(key)) return scalar(key);
  throw new Fault("TypeError", `keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(/[\x7f-\uffff]/g, (char) =>
    char === "\x7f" ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
