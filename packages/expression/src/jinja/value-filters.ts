import { Fault } from "../error.ts";
import { float, int, isInt } from "../number.ts";
import { compare, divide, multiply, negate, plain, power, round } from "../value/arithmetic.ts";
import { Dict, entriesOf, isMapping, isSequence, Lookup } from "../value/kinds.ts";
import { jsonDump } from "../functions/json.ts";
import { View } from "../value/view.ts";
import { percentFormat } from "./format.ts";
import type { Filter } from "./filters.ts";
import { alone, classOf, type Evaluation, Generator, Undefined } from "./objects.ts";
import { outgoing } from "./outgoing.ts";
import { countOf, isTrue, isTuple, iterate, numberOf, represent, sorted, textOf, tuple } from "./operations.ts";

/** Filters about one value: numbers, defaults, JSON. */
export const valueFilters: readonly (readonly [string, Filter])[] = [
  alone("abs", (value) => {
    const number = numberOf(value);
    if (number === undefined) throw new Fault("TypeError", `bad operand type for abs(): '${classOf(value)}'`);
    return compare(number, 0) < 0 ? negate(number) : number;
  }),
  ["default", withDefault],
  ["d", withDefault],
  [
    "int",
    (value, given) => {
      const [otherwise = 0, base = 10] = given.bind("int", "default", "base");
      if (value instanceof Undefined) value.fail();
      const whole = typeof value === "string" ? wholeOfText(value, countOf(base)) : undefined;
      return whole ?? truncated(value) ?? otherwise;
    },
  ],
  [
    "float",
    (value, given) => {
      const [otherwise = float(0)] = given.bind("float", "default");
      if (value instanceof Undefined) value.fail();
      const number = floatOf(value);
      return number === undefined ? otherwise : float(number);
    },
  ],
  [
    "round",
    (value, given) => {
      const [precision = 0, method = "common"] = given.bind("round", "precision", "method");
      if (method !== "common" && method !== "ceil" && method !== "floor")
        throw new Fault("FilterArgumentError", "method must be common, ceil or floor");
      if (value instanceof Undefined) value.fail();
      const number = numberOf(value);
      if (number === undefined) throw new Fault("TypeError", `type ${classOf(value)} doesn't define __round__ method`);
      if (method === "common") return round(number, countOf(precision));
      const scale = power(10, numberOf(precision) ?? 0);
      const scaled = plain(multiply(number, scale));
      return divide(int(method === "ceil" ? Math.ceil(scaled) : Math.floor(scaled)), scale);
    },
  ],
  alone("string", (value, evaluation) => textOf(value, evaluation)),
  [
    "format",
    (value, given, evaluation) => {
      if (given.list.length > 0 && given.named.size > 0) {
        throw new Fault("FilterArgumentError", "can't handle positional and keyword arguments at the same time");
      }
      return percentFormat(textOf(value, evaluation), given.named.size > 0 ? new Dict(given.named) : tuple(given.list), evaluation);
    },
  ],
  [
    "attr",
    (value, given, evaluation) => {
      const name = textOf(given.bind("attr", "name!")[0], evaluation);
      const found = isMapping(value) ? evaluation.attribute(new Dict(), name) : evaluation.attribute(value, name);
      if (found instanceof Undefined) return evaluation.undefined(`'${classOf(value)} object' has no attribute '${name}'`);
      return isMapping(value) ? evaluation.attribute(value, name) : found;
    },
  ],
  alone("items", (value, evaluation) => {
    if (value instanceof Undefined) return new Generator("do_items", [].values());
    if (!isMapping(value)) throw new Fault("TypeError", "Can only get item pairs from a mapping.");
    return new Generator("do_items", iterate(new View("items", value), evaluation));
  }),
  [
    "dictsort",
    (value, given, evaluation) => {
      const [caseSensitive = false, by = "key", reverse = false] = given.bind("dictsort", "case_sensitive", "by", "reverse");
      if (by !== "key" && by !== "value") throw new Fault("FilterArgumentError", 'You can only sort by either "key" or "value"');
      if (!isMapping(value)) throw new Fault(value instanceof Undefined ? value.type : "AttributeError", `${classOf(value)} has no items`);
      const pairs = Array.from(entriesOf(value), (pair) => tuple(pair));
      evaluation.budget.spend(pairs.length);
      const key = (pair: unknown) => folded(isSequence(pair) ? pair[by === "key" ? 0 : 1] : pair, isTrue(caseSensitive));
      return sorted(pairs, { key, reverse: isTrue(reverse), evaluation });
    },
  ],
  [
    "filesizeformat",
    (value, given) => {
      const binary = isTrue(given.bind("filesizeformat", "binary")[0] ?? false);
      if (value instanceof Undefined) value.fail();
      const bytes = floatOf(value);
      if (bytes === undefined) throw new Fault("ValueError", `could not convert to float: ${classOf(value)}`);
      const base = binary ? 1024 : 1000;
      if (bytes === 1) return "1 Byte";
      if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
      const units = binary ? ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"] : ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
      const at = units.findIndex((_, index) => bytes < base ** (index + 2));
      const unit = at === -1 ? units.length - 1 : at;
      return `${plain(round(float((base * bytes) / base ** (unit + 2)), 1)).toFixed(1)} ${units[unit] ?? ""}`;
    },
  ],
  [
    "tojson",
    (value, given, evaluation) => {
      const [indent = null] = given.bind("tojson", "indent");
      const text = jsonDump(
        outgoing(value, evaluation),
        { sortKeys: true, indent: indent === null || typeof indent === "string" ? indent : countOf(indent) },
        evaluation.budget,
      );
      return text.replaceAll("<", "\\u003c").replaceAll(">", "\\u003e").replaceAll("&", "\\u0026").replaceAll("'", "\\u0027");
    },
  ],
  alone("pprint", (value, evaluation) => pretty(value, { indent: 0, after: 0 }, evaluation)),
  [
    "random",
    () => {
      throw new Fault("TemplateRuntimeError", "random is not available: the same template gives the same text each time it is run");
    },
  ],
];

function withDefault(value: unknown, given: Parameters<Filter>[1]): unknown {
  const [otherwise = "", boolean = false] = given.bind("default", "default_value", "boolean");
  if (value instanceof Undefined || (value instanceof Lookup && value.missing)) return otherwise;
  return isTrue(boolean) && !isTrue(value) ? otherwise : value;
}

/** Text without case, where case is not to count. */
export function folded(value: unknown, caseSensitive: boolean): unknown {
  return typeof value === "string" && !caseSensitive ? value.toLowerCase() : value;
}

/** Python's `int(text, base)`; undefined where it is none. */
function wholeOfText(text: string, base: number): number | bigint | undefined {
  const [, sign = "", body = ""] = /^([-+]?)([0-9a-z]+(?:_[0-9a-z]+)*)$/i.exec(text.trim()) ?? [];
  const plainBody = body.replaceAll("_", "").toLowerCase();
  const prefix = { 2: "0b", 8: "0o", 16: "0x" }[base] ?? "";
  const digits = prefix !== "" && plainBody.startsWith(prefix) ? plainBody.slice(2) : plainBody;
  if (digits === "" || base < 2 || base > 36) return undefined;
  let value = 0n;
  for (const digit of digits) {
    const worth = Number.parseInt(digit, 36);
    if (worth >= base) return undefined;
    value = value * BigInt(base) + BigInt(worth);
  }
  return int(sign === "-" ? -value : value);
}

function truncated(value: unknown): number | bigint | undefined {
  const number = numberOf(value);
  if (number !== undefined && isInt(number)) return number;
  const fraction = floatOf(value);
  return fraction === undefined || !Number.isFinite(fraction) ? undefined : int(BigInt(Math.trunc(fraction)));
}

/** Python's `float(value)`; undefined where it is none. */
function floatOf(value: unknown): number | undefined {
  const number = numberOf(value);
  if (number !== undefined) return plain(number);
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  const special = /^([-+]?)(inf|infinity|nan)$/i.exec(text);
  if (special !== null) return special[2]?.toLowerCase() === "nan" ? Number.NaN : special[1] === "-" ? -Infinity : Infinity;
  if (!/^[-+]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[-+]?\d+(?:_\d+)*)?$/i.test(text)) return undefined;
  return Number(text.replaceAll("_", ""));
}

/** Python's `pprint`: keys sorted, one item on a line where one line of 80 is too short. */
function pretty(value: unknown, { indent, after }: { indent: number; after: number }, evaluation: Evaluation): string {
  evaluation.budget.enter();
  const own = withSortedKeys(value);
  const line = represent(own, evaluation);
  let text = line;
  if (line.length > 80 - indent - after) {
    const break_ = `,\n${" ".repeat(indent + 1)}`;
    if (own instanceof Dict) {
      const pairs = Array.from(own.entries());
      const parts = pairs.map(([key, inner], index) => {
        const name = represent(key, evaluation);
        return `${name}: ${pretty(inner, { indent: indent + name.length + 3, after: index === pairs.length - 1 ? after + 1 : 1 }, evaluation)}`;
      });
      text = `{${parts.join(break_)}}`;
    } else if (isSequence(own)) {
      const [open, close] = line.startsWith("(") ? ["(", ")"] : ["[", "]"];
      const parts = own.map((inner, index) =>
        pretty(inner, { indent: indent + 1, after: index === own.length - 1 ? after + 1 : 1 }, evaluation),
      );
      text = `${open}${parts.join(break_)}${close}`;
    }
  }
  evaluation.budget.leave();
  return text;
}

function withSortedKeys(value: unknown): unknown {
  if (isSequence(value)) {
    const items = value.map(withSortedKeys);
    return isTuple(value) ? tuple(items) : items;
  }
  if (!isMapping(value)) return value;
  const pairs = Array.from(entriesOf(value), ([key, inner]) => [key, withSortedKeys(inner)] as const);
  if (pairs.some(([key]) => typeof key !== "string")) return new Dict(pairs);
  return new Dict(pairs.toSorted(([one], [other]) => (String(one) < String(other) ? -1 : 1)));
}
