import { Fault } from "../../error.ts";
import { isInt } from "../../number.ts";
import { charsOf, count, find, lengthOf, replace, slice, split, splitRight, strip } from "../../value/points.ts";
import { entriesOf, List, type Mapping } from "../../value/kinds.ts";
import { repr, str } from "../../value/text.ts";
import type { Call, Table } from "../signature.ts";
import { each, Lazy, Ordered, Pattern } from "../values.ts";

export const strings: Table = {
  "both len(string:text)": (_call: Call, string: string) => lengthOf(string),
  "method toUpper(string:text)": (_call: Call, string: string) => string.toUpperCase(),
  "method toLower(string:text)": (_call: Call, string: string) => string.toLowerCase(),
  "concat(*args:text)": ({ budget }: Call, ...texts: readonly string[]) => {
    budget.size(texts.reduce((sum, text) => sum + text.length, 0));
    return texts.join("");
  },
  "method split(string:text, separator:text?=null, maxSplits:int=-1)": (
    _call: Call,
    string: string,
    separator: string | null,
    most: number,
  ) => List.from(split(string, separated(separator), Number(most))),
  "method rightSplit(string:text, separator:text?=null, maxSplits:int=-1)": (
    _call: Call,
    string: string,
    separator: string | null,
    most: number,
  ) => List.from(splitRight(string, separated(separator), Number(most))),
  "method join(sequence:iterable, separator:text)": (call: Call, sequence: Iterable<unknown>, separator: string) =>
    join(call, sequence, separator),
  "method join(separator:text, sequence:iterable)": (call: Call, separator: string, sequence: Iterable<unknown>) =>
    join(call, sequence, separator),
  "str(value:any?)": (_call: Call, value: unknown) => textOf(value),
  "method trim(string:text, chars:text?=null)": (_call: Call, string: string, chars: string | null) => strip(string, chars),
  "method trimLeft(string:text, chars:text?=null)": (_call: Call, string: string, chars: string | null) => strip(string, chars, "start"),
  "method trimRight(string:text, chars:text?=null)": (_call: Call, string: string, chars: string | null) => strip(string, chars, "end"),
  "both norm(string:text?, chars:text?=null)": (_call: Call, string: string | null, chars: string | null) =>
    string === null ? null : strip(string, chars) || null,
  "both isEmpty(string:text?, trim:bool=true, chars:text?=null)": (
    _call: Call,
    string: string | null,
    trim: boolean,
    chars: string | null,
  ) => string === null || (trim ? strip(string, chars) : string) === "",
  "method replace(string:text, old:text, new:text, count:int=-1)": (call: Call, string: string, old: string, by: string, most: number) =>
    replaced(call, string, { old, by, most: Number(most) }),
  "method replace(string:text, replacements:mapping, count:int=-1)": (call: Call, string: string, replacements: Mapping, most: number) => {
    let text = string;
    for (const [key, value] of entriesOf(replacements))
      text = replaced(call, text, { old: textOf(key), by: textOf(value), most: Number(most) });
    return text;
  },
  "method substring(string:text, start:int, length:int=-1)": (_call: Call, string: string, start: number, length: number) => {
    const size = lengthOf(string);
    const from = Number(start) < 0 ? Number(start) + size : Number(start);
    return slice(string, from, from + (Number(length) < 0 ? size : Number(length)));
  },
  "method indexOf(string:text, sub:text, start:int=0)": (_call: Call, string: string, sub: string, start: number) =>
    find(string, sub, { start: Number(start) }),
  "method indexOf(string:text, sub:text, start:int, length:int)": (
    _call: Call,
    string: string,
    sub: string,
    start: number,
    length: number,
  ) => find(string, sub, part(string, Number(start), Number(length))),
  "method lastIndexOf(string:text, sub:text, start:int=0)": (_call: Call, string: string, sub: string, start: number) =>
    find(string, sub, { start: Number(start), last: true }),
  "method lastIndexOf(string:text, sub:text, start:int, length:int)": (
    _call: Call,
    string: string,
    sub: string,
    start: number,
    length: number,
  ) => find(string, sub, { ...part(string, Number(start), Number(length)), last: true }),
  "method toCharArray(string:text)": (_call: Call, string: string) => charsOf(string),
  "characters(digits:bool?=false, hexdigits:bool?=false, asciiLowercase:bool?=false, asciiUppercase:bool?=false, asciiLetters:bool?=false, letters:bool?=false, octdigits:bool?=false, punctuation:bool?=false, printable:bool?=false, lowercase:bool?=false, uppercase:bool?=false, whitespace:bool?=false)":
    (_call: Call, ...chosen: readonly (boolean | null)[]) =>
      Array.from(new Set(chosen.flatMap((yes, place) => (yes === true ? charsOf(sets[place] ?? unavailable()) : [])))),
  "isString(arg:any?)": (_call: Call, arg: unknown) => typeof arg === "string",
  "method startsWith(string:text, *prefixes:text)": (_call: Call, string: string, ...prefixes: readonly string[]) =>
    prefixes.some((prefix) => string.startsWith(prefix)),
  "method endsWith(string:text, *suffixes:text)": (_call: Call, string: string, ...suffixes: readonly string[]) =>
    suffixes.some((suffix) => string.endsWith(suffix)),
  "hex(num:number?)": (_call: Call, num: unknown) => {
    if (!isInt(num)) throw new Fault("TypeError", "'float' object cannot be interpreted as an integer");
    const big = BigInt(num);
    return big < 0n ? `-0x${(-big).toString(16)}` : `0x${big.toString(16)}`;
  },
};

/** YAQL's own names for null, true and false; Python's text for the rest. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "boolean") return String(value);
  if (value instanceof Lazy || value instanceof Ordered) return "<generator>";
  if (value instanceof Pattern) return `re.compile(${repr(value.regex.source)})`;
  return typeof value === "string" ? value : typeof value === "object" ? str(value, "tuple") : repr(value);
}

function join({ budget }: Call, sequence: Iterable<unknown>, separator: string): string {
  const parts: string[] = [];
  let length = 0;
  for (const item of each(sequence, budget)) {
    const text = textOf(item);
    length += text.length + separator.length;
    budget.size(length);
    parts.push(text);
  }
  return parts.join(separator);
}

function replaced({ budget }: Call, text: string, how: { old: string; by: string; most: number }): string {
  budget.size(text.length + (how.by.length > how.old.length ? count(text, how.old) * (how.by.length - how.old.length) : 0));
  return replace(text, how);
}

function separated(separator: string | null): string | null {
  if (separator === "") throw new Fault("ValueError", "empty separator");
  return separator;
}

function part(text: string, start: number, length: number): { start: number; end: number } {
  const size = lengthOf(text);
  const from = start < 0 ? start + size : start;
  return { start: from, end: length < 0 ? size : from + length };
}

const lower = "abcdefghijklmnopqrstuvwxyz";
const upper = lower.toUpperCase();
const digits = "0123456789";
const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const blanks = " \t\n\r\v\f";
/** In the order of the parameters of `characters`. Python 3 has no `letters`, `lowercase` and `uppercase` any more. */
const sets: readonly (string | undefined)[] = [
  digits,
  `${digits}abcdefABCDEF`,
  lower,
  upper,
  lower + upper,
  undefined,
  "01234567",
  punctuation,
  digits + lower + upper + punctuation + blanks,
  undefined,
  undefined,
  blanks,
];

function unavailable(): never {
  throw new Fault("AttributeError", "module 'string' has no attribute 'letters'");
}
