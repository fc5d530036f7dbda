import { Fault } from "../error.ts";
import { getKey, isMapping, Tuple } from "../value/kinds.ts";
import { braceFormat } from "./format.ts";
import { alone, type Arguments, classOf, type Evaluation, type Method, noArguments, Undefined } from "./objects.ts";
import { countOf, isTrue, iterate, lengthOf } from "./operations.ts";
import { bounds } from "./slice.ts";

/** What a text can do. */
export const textMethods: ReadonlyMap<string, Method<string>> = new Map<string, Method<string>>([
  alone("upper", (self) => self.toUpperCase()),
  alone("lower", (self) => self.toLowerCase()),
  alone("casefold", (self) => self.toLowerCase().replaceAll("ß", "ss")),
  alone("capitalize", (self) => capitalized(self)),
  alone("title", (self) => titled(self)),
  alone("swapcase", (self) =>
    Array.from(self, (letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase())).join(""),
  ),
  ["strip", (self, given) => stripped(self, { given, name: "strip", sides: "both" })],
  ["lstrip", (self, given) => stripped(self, { given, name: "lstrip", sides: "left" })],
  ["rstrip", (self, given) => stripped(self, { given, name: "rstrip", sides: "right" })],
  ["split", (self, given, evaluation) => split(self, given, { evaluation, fromRight: false })],
  ["rsplit", (self, given, evaluation) => split(self, given, { evaluation, fromRight: true })],
  [
    "splitlines",
    (self, given) => {
      const [keep = false] = given.bind("splitlines", "keepends");
      return linesOf(self, isTrue(keep));
    },
  ],
  ["join", (self, given, evaluation) => joined(self, given.bind("join", "iterable!")[0], evaluation)],
  [
    "replace",
    (self, given, evaluation) => {
      const [old, next, count = -1] = given.bind("replace", "old!", "new!", "count");
      return replaced(self, { old: textArgument(old, "replace"), by: textArgument(next, "replace"), count: countOf(count) }, evaluation);
    },
  ],
  ["startswith", (self, given) => affixed(self, { given, name: "startswith" })],
  ["endswith", (self, given) => affixed(self, { given, name: "endswith" })],
  [
    "removeprefix",
    (self, given) => {
      const prefix = textArgument(given.bind("removeprefix", "prefix!")[0], "removeprefix");
      return self.startsWith(prefix) ? self.slice(prefix.length) : self;
    },
  ],
  [
    "removesuffix",
    (self, given) => {
      const suffix = textArgument(given.bind("removesuffix", "suffix!")[0], "removesuffix");
      return suffix !== "" && self.endsWith(suffix) ? self.slice(0, -suffix.length) : self;
    },
  ],
  ["find", (self, given) => found(self, given, "find")],
  ["rfind", (self, given) => found(self, given, "rfind")],
  ["index", (self, given) => orMissing(found(self, given, "index"))],
  ["rindex", (self, given) => orMissing(found(self, given, "rindex"))],
  [
    "count",
    (self, given) => {
      const [sub, start, end] = given.bind("count", "sub!", "start", "end");
      const within = windowOf(self, start, end).text;
      const text = textArgument(sub, "count");
      return text === "" ? lengthOf(within) + 1 : within.split(text).length - 1;
    },
  ],
  ["partition", (self, given) => partitioned(self, textArgument(given.bind("partition", "sep!")[0], "partition"), self.indexOf.bind(self))],
  [
    "rpartition",
    (self, given) => {
      const separator = textArgument(given.bind("rpartition", "sep!")[0], "rpartition");
      return self.includes(separator) ? partitioned(self, separator, self.lastIndexOf.bind(self)) : Tuple.of("", "", self);
    },
  ],
  [
    "format",
    (self, given, evaluation) =>
      braceFormat(self, given, {
        evaluation,
        read: (value, { name, attribute }) => {
          const key = /^\d+$/.test(name) ? Number(name) : name;
          const part = attribute ? evaluation.attribute(value, name) : evaluation.item(value, key);
          if (part instanceof Undefined) part.fail();
          return part;
        },
      }),
  ],
  [
    "format_map",
    (self, given, evaluation) => {
      const mapping = given.bind("format_map", "mapping!")[0];
      return self.replace(/\{(\w+)\}/g, (_, name: string) => {
        const value = isMapping(mapping) ? getKey(mapping, name) : undefined;
        if (value === undefined) throw new Fault("KeyError", `'${name}'`);
        return String(evaluation.filter("string", value, noArguments));
      });
    },
  ],
  ["center", (self, given, evaluation) => widened(self, { given, name: "center", side: "both" }, evaluation)],
  ["ljust", (self, given, evaluation) => widened(self, { given, name: "ljust", side: "right" }, evaluation)],
  ["rjust", (self, given, evaluation) => widened(self, { given, name: "rjust", side: "left" }, evaluation)],
  [
    "zfill",
    (self, given, evaluation) => {
      const width = countOf(given.bind("zfill", "width!")[0]);
      evaluation.budget.size(width);
      const sign = /^[-+]/.exec(self)?.[0] ?? "";
      return sign + "0".repeat(Math.max(0, width - lengthOf(self))) + self.slice(sign.length);
    },
  ],
  [
    "expandtabs",
    (self, given, evaluation) => {
      const [size = 8] = given.bind("expandtabs", "tabsize");
      const width = countOf(size);
      evaluation.budget.size(self.length * Math.max(1, width));
      let column = 0;
      return self.replace(/[^]/g, (character) => {
        if (character === "\n" || character === "\r") column = 0;
        else if (character !== "\t") column += 1;
        else {
          const blanks = width <= 0 ? 0 : width - (column % width);
          column += blanks;
          return " ".repeat(blanks);
        }
        return character;
      });
    },
  ],
  alone("isalpha", (self) => /^\p{L}+$/u.test(self)),
  alone("isalnum", (self) => /^[\p{L}\p{N}]+$/u.test(self)),
  alone("isdigit", (self) => /^[\p{Nd}²³¹⁰-⁹₀-₉]+$/u.test(self)),
  alone("isdecimal", (self) => /^\p{Nd}+$/u.test(self)),
  alone("isnumeric", (self) => /^\p{N}+$/u.test(self)),
  alone("isspace", (self) => /^\s+$/.test(self)),
  alone("isidentifier", (self) => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(self)),
  alone("isascii", (self) => !/[\u0080-\uffff]/.test(self)),
  alone("isprintable", (self) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(self)),
  alone("islower", (self) => self !== self.toUpperCase() && self === self.toLowerCase()),
  alone("isupper", (self) => self !== self.toLowerCase() && self === self.toUpperCase()),
  alone("istitle", (self) => /\p{L}/u.test(self) && self === titled(self)),
  [
    "translate",
    (self, given) => {
      const table = given.bind("translate", "table!")[0];
      if (!isMapping(table)) throw new Fault("TypeError", `'${classOf(table)}' object is not subscriptable`);
      return Array.from(self, (character) => {
        const by = getKey(table, character.codePointAt(0));
        if (by === undefined) return character;
        return typeof by === "number" ? String.fromCodePoint(by) : typeof by === "string" ? by : "";
      }).join("");
    },
  ],
]);

function textArgument(value: unknown, method: string): string {
  if (value instanceof Undefined) value.fail();
  if (typeof value !== "string") throw new Fault("TypeError", `${method}() argument must be str, not ${classOf(value)}`);
  return value;
}

export function capitalized(text: string): string {
  const [first = "", ...rest] = Array.from(text);
  return first.toUpperCase() + rest.join("").toLowerCase();
}

/** Python's own: a letter after anything that is no letter begins a word. */
function titled(text: string): string {
  return text.replace(/\p{L}+/gu, (word) => capitalized(word));
}

export function joined(separator: string, items: unknown, evaluation: Evaluation): string {
  const parts: string[] = [];
  let size = 0;
  for (const item of iterate(items, evaluation)) {
    if (item instanceof Undefined) item.fail();
    if (typeof item !== "string")
      throw new Fault("TypeError", `sequence item ${parts.length}: expected str instance, ${classOf(item)} found`);
    size += item.length + separator.length;
    evaluation.budget.grow(size, item.length);
    parts.push(item);
  }
  return parts.join(separator);
}

export function replaced(text: string, { old, by, count }: { old: string; by: string; count: number }, { budget }: Evaluation): string {
  const pieces = old === "" ? ["", ...Array.from(text), ""] : text.split(old);
  const times = count < 0 ? pieces.length - 1 : Math.min(count, pieces.length - 1);
  budget.size(text.length + times * by.length);
  if (times === 0) return text;
  return pieces.slice(0, times + 1).join(by) + (times + 1 < pieces.length ? old + pieces.slice(times + 1).join(old) : "");
}

/** The characters at the ends that go: those named, or white space. */
function stripped(text: string, { given, name, sides }: { given: Arguments; name: string; sides: "both" | "left" | "right" }): string {
  const [characters = null] = given.bind(name, "chars");
  return strip(text, characters === null ? undefined : textArgument(characters, name), sides);
}

// oxlint-disable-next-line no-control-regex -- to Python the separators of ASCII are white space
const blank = /\s|[\x1c-\x1f\x85]/;

export function strip(text: string, characters: string | undefined, sides: "both" | "left" | "right"): string {
  const goes = characters === undefined ? (letter: string) => blank.test(letter) : (letter: string) => characters.includes(letter);
  const all = Array.from(text);
  let from = 0;
  let to = all.length;
  if (sides !== "right") while (from < to && goes(all[from] ?? "")) from += 1;
  if (sides !== "left") while (to > from && goes(all[to - 1] ?? "")) to -= 1;
  return all.slice(from, to).join("");
}

function split(text: string, given: Arguments, { evaluation, fromRight }: { evaluation: Evaluation; fromRight: boolean }): string[] {
  const [separator = null, most = -1] = given.bind("split", "sep", "maxsplit");
  const limit = countOf(most);
  let parts: string[];
  if (separator === null) {
    parts = pieces(text.trim(), limit, fromRight);
  } else {
    const by = textArgument(separator, "split");
    if (by === "") throw new Fault("ValueError", "empty separator");
    const all = text.split(by);
    parts = limit < 0 || all.length <= limit + 1 ? all : rejoined(all, { by, limit, fromRight });
  }
  evaluation.budget.size(parts.length);
  return parts;
}

function rejoined(all: string[], { by, limit, fromRight }: { by: string; limit: number; fromRight: boolean }): string[] {
  if (!fromRight) return [...all.slice(0, limit), all.slice(limit).join(by)];
  return [all.slice(0, all.length - limit).join(by), ...all.slice(all.length - limit)];
}

/** Split at white space; what is left after `limit` splits stays as it is. */
function pieces(text: string, limit: number, fromRight: boolean): string[] {
  if (text === "") return [];
  const words = Array.from(text.matchAll(/\S+/g));
  if (limit < 0 || words.length <= limit + 1) return words.map(([word]) => word);
  if (fromRight) {
    const last = words[words.length - limit - 1];
    return [text.slice(0, (last?.index ?? 0) + (last?.[0].length ?? 0)), ...words.slice(words.length - limit).map(([word]) => word)];
  }
  return [...words.slice(0, limit).map(([word]) => word), text.slice(words[limit]?.index ?? 0)];
}

/** What Python takes for the end of a line. */
// oxlint-disable-next-line no-control-regex -- the separators of ASCII are among them
export const lineEnd = /(\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])/;

function linesOf(text: string, keep: boolean): string[] {
  const parts = text.split(lineEnd);
  const lines = parts.filter((_, index) => index % 2 === 0).map((line, index) => (keep ? line + (parts[index * 2 + 1] ?? "") : line));
  return parts.at(-1) === "" ? lines.slice(0, -1) : lines;
}

function affixed(text: string, { given, name }: { given: Arguments; name: "startswith" | "endswith" }): boolean {
  const [affix, start, end] = given.bind(name, "prefix!", "start", "end");
  const within = windowOf(text, start, end).text;
  const one = (each: unknown): boolean => {
    const expected = textArgument(each, name);
    return name === "startswith" ? within.startsWith(expected) : within.endsWith(expected);
  };
  return affix instanceof Tuple ? affix.some(one) : one(affix);
}

function windowOf(text: string, start: unknown, end: unknown): { text: string; from: number } {
  if (start === undefined && end === undefined) return { text, from: 0 };
  const characters = Array.from(text);
  const [from, to] = bounds(characters.length, start, end);
  return { text: characters.slice(from, to).join(""), from };
}

function found(text: string, given: Arguments, name: "find" | "rfind" | "index" | "rindex"): number {
  const [sub, start, end] = given.bind(name, "sub!", "start", "end");
  const within = windowOf(text, start, end);
  const at = name.startsWith("r") ? within.text.lastIndexOf(textArgument(sub, name)) : within.text.indexOf(textArgument(sub, name));
  return at === -1 ? -1 : within.from + lengthOf(within.text.slice(0, at));
}

function orMissing(at: number): number {
  if (at === -1) throw new Fault("ValueError", "substring not found");
  return at;
}

function partitioned(text: string, separator: string, find: (separator: string) => number): Tuple {
  if (separator === "") throw new Fault("ValueError", "empty separator");
  const at = find(separator);
  return at === -1 ? Tuple.of(text, "", "") : Tuple.of(text.slice(0, at), separator, text.slice(at + separator.length));
}

function widened(
  text: string,
  { given, name, side }: { given: Arguments; name: string; side: "both" | "left" | "right" },
  evaluation: Evaluation,
): string {
  const [width, fill = " "] = given.bind(name, "width!", "fillchar");
  const size = countOf(width);
  evaluation.budget.size(size);
  const missing = Math.max(0, size - lengthOf(text));
  const with_ = textArgument(fill, name);
  if (lengthOf(with_) !== 1) throw new Fault("TypeError", "The fill character must be exactly one character long");
  // As CPython does it: the odd blank goes left where the width is odd.
  const left = side === "left" ? missing : side === "right" ? 0 : Math.floor(missing / 2) + (missing & size & 1);
  return with_.repeat(left) + text + with_.repeat(missing - left);
}
