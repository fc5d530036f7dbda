import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from "yaml";
import type { Budget } from "../budget.ts";
import { Fault } from "../error.ts";
import { float, int } from "../number.ts";
import { parseYaml } from "./yaml-quotes.ts";
import { DateTime, Dict, hasKey, entriesOf, isMapping, isSequence, Shown } from "../value/kinds.ts";

/** A value from YAML as PyYAML's safe loader makes it (YAML 1.1: `yes` is true, `010` is 8, `1:30` is 90); a key that is there twice is refused.
 *  @throws {Fault} */
export function yamlLoad(text: string, budget: Budget): unknown {
  budget.size(text.length);
  const { document, original } = parseYaml(text, { schema: "failsafe", version: "1.1", uniqueKeys: false, prettyErrors: false }, budget);
  const [fault] = document.errors;
  if (fault !== undefined)
    throw new YamlFault("ParserError", `${fault.message} (${placeIn(text, original(fault.pos[0]))})`, original(fault.pos[0]));
  try {
    return document.contents === null ? null : new Loader(budget).value(document.contents);
  } catch (error) {
    if (!(error instanceof YamlFault)) throw error;
    throw new YamlFault(error.type, error.message, original(error.position));
  }
}

function placeIn(text: string, offset: number): string {
  const before = text.slice(0, offset).split("\n");
  return `line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`;
}

/** A text that is no YAML, or that the safe loader refuses. */
export class YamlFault extends Fault {
  /** Where in the text, from 0. */
  readonly position: number;

  constructor(type: string, message: string, position: number) {
    super(type, message);
    this.position = position;
  }
}

class Loader {
  readonly #budget: Budget;
  readonly #anchors = new Map<string, unknown>();

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  value(node: Node | null): unknown {
    this.#budget.spend();
    if (node === null) return null;
    if (isAlias(node)) return this.#alias(node);
    this.#budget.enter();
    const value = this.#made(node);
    this.#budget.leave();
    if ("anchor" in node && node.anchor !== undefined && !isMapping(value) && !isSequence(value)) this.#anchors.set(node.anchor, value);
    return value;
  }

  #alias(node: Alias): unknown {
    const value = this.#anchors.get(node.source);
    if (value === undefined) throw new YamlFault("ComposerError", `found undefined alias '${node.source}'`, startOf(node));
    return value;
  }

  #made(node: Node): unknown {
    if (isScalar(node)) return scalarOf(node);
    if (isSeq<Node>(node)) {
      checkTag(node, "seq");
      const items: unknown[] = [];
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, items);
      for (const item of node.items) items.push(this.value(item));
      return items;
    }
    if (!isMap<Node, Node | null>(node)) throw new YamlFault("ConstructorError", "what is here is no value", startOf(node));
    checkTag(node, "map");
    return this.#mapping(node);
  }

  /** What is merged in comes first, and gives way to the mapping's own. */
  #mapping(node: YAMLMap<Node, Node | null>): Dict {
    const dict = new Dict();
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, dict);
    const merged: unknown[] = [];
    const pairs: [unknown, unknown][] = [];
    const own = new Dict();
    for (const { key, value } of node.items) {
      if (isScalar(key) && key.type === "PLAIN" && key.value === "<<") {
        const from = this.value(value);
        merged.push(...(isSequence(from) ? from : [from]));
        continue;
      }
      const name = this.value(key);
      if (isSequence(name) || isMapping(name)) throw new YamlFault("ConstructorError", "found unhashable key", startOf(key));
      if (hasKey(own, name)) throw new YamlFault("ConstructorError", `found duplicate key "${String(name)}"`, startOf(key));
      own.set(name, null);
      pairs.push([name, this.value(value)]);
    }
    for (const from of merged.toReversed()) {
      if (!isMapping(from)) {
        throw new YamlFault("ConstructorError", "expected a mapping or list of mappings for merging", startOf(node));
      }
      for (const [key, value] of entriesOf(from)) dict.set(key, value);
    }
    for (const [key, value] of pairs) dict.set(key, value);
    this.#budget.size(dict.size);
    return dict;
  }
}

const core = "tag:yaml.org,2002:";

function checkTag(node: Node, own: "seq" | "map"): void {
  if (node.tag !== undefined && node.tag !== core + own && node.tag !== "!") throw unknownTag(node, node.tag);
}

function unknownTag(node: Node, tag: string): YamlFault {
  return new YamlFault("ConstructorError", `could not determine a constructor for the tag '${tag}'`, startOf(node));
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function scalarOf(node: Scalar): unknown {
  const text = typeof node.value === "string" ? node.value : "";
  const { tag } = node;
  // Read as text, a plain scalar has the tag of a text by itself: only one that was written counts.
  const written = tag === undefined || tag === `${core}str` ? undefined : tag;
  if (written === undefined) return node.type === "PLAIN" && tag === undefined ? plainScalar(text) : text;
  const value = plainScalar(text);
  switch (written) {
    case `${core}int`:
    case `${core}bool`:
    case `${core}null`:
    case `${core}timestamp`:
      if (typeof value === "string") throw new YamlFault("ValueError", `no ${written.slice(core.length)}: ${text}`, startOf(node));
      return value;
    case `${core}float`:
      return typeof value === "number" ? float(value) : value;
    case "!":
      return text;
    default:
      throw unknownTag(node, written);
  }
}

const words: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ...["yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((word): [string, boolean] => [word, true]),
  ...["no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((word): [string, boolean] => [word, false]),
  ...["", "~", "null", "Null", "NULL"].map((word): [string, null] => [word, null]),
]);
const fraction =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)$/;
const whole = /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const date = /^(\d{4})-(\d\d)-(\d\d)$/;
const moment = /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(Z|([-+])(\d\d?)(?::(\d\d))?))?$/;

/** What a scalar without quotes is to YAML 1.1. */
export function plainScalar(text: string): unknown {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (whole.test(text)) return int(wholeOf(text.replaceAll("_", "")));
  if (fraction.test(text)) return float(fractionOf(text.replaceAll("_", "")));
  const special = /^([-+]?)\.(?:(inf|Inf|INF)|nan|NaN|NAN)$/.exec(text);
  if (special !== null && (special[2] !== undefined || special[1] === "")) {
    return special[2] === undefined ? Number.NaN : special[1] === "-" ? -Infinity : Infinity;
  }
  if (date.test(text)) return dateOf(text);
  const at = moment.exec(text);
  return at === null ? text : momentOf(at);
}

function wholeOf(text: string): bigint {
  const sign = text.startsWith("-") ? -1n : 1n;
  const digits = text.replace(/^[-+]/, "");
  if (digits.includes(":")) return sign * digits.split(":").reduce((sum, part) => sum * 60n + BigInt(part), 0n);
  if (/^0[0-7]+$/.test(digits)) return sign * BigInt(`0o${digits.slice(1)}`);
  return sign * BigInt(digits);
}

function fractionOf(text: string): number {
  const sign = text.startsWith("-") ? -1 : 1;
  const digits = text.replace(/^[-+]/, "");
  return sign * (digits.includes(":") ? digits.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) : Number(digits));
}

function dateOf(text: string): Shown {
  const at = new Date(`${text}T00:00:00Z`);
  if (Number.isNaN(at.getTime()) || !at.toISOString().startsWith(text)) throw new Fault("ValueError", "day is out of range for month");
  return new Shown("date", text);
}

function momentOf(parts: RegExpExecArray): DateTime {
  const [, year, month, day, hour, minute, second, rest = "", zone, sign, zoneHour, zoneMinute = "0"] = parts;
  const millis = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  if (Number(month) > 12 || new Date(millis).getUTCDate() !== Number(day)) throw new Fault("ValueError", "day is out of range for month");
  const offset =
    zone === undefined
      ? undefined
      : zoneHour === undefined
        ? 0
        : (sign === "-" ? -1 : 1) * (Number(zoneHour) * 3600 + Number(zoneMinute) * 60);
  return new DateTime(BigInt(millis) * 1000n + BigInt(rest.slice(0, 6).padEnd(6, "0")), offset);
}
