import { Fault } from "../error.ts";
import { isMapping } from "../value/kinds.ts";
import type { Filter } from "./filters.ts";
import { linked } from "./links.ts";
import { pairsForQuery } from "./list-filters.ts";
import { capitalized, lineEnd, replaced, strip, textMethods } from "./text-methods.ts";
import { alone, Arguments, classOf, type Evaluation, Undefined } from "./objects.ts";
import { countOf, isIterable, isTrue, lengthOf, listOf, textOf } from "./operations.ts";
import { wordWrap } from "./word-wrap.ts";

/** Filters about text. What is no text is written as text first. */
export const textFilters: readonly (readonly [string, Filter])[] = [
  alone("upper", (value, evaluation) => textOf(value, evaluation).toUpperCase()),
  alone("lower", (value, evaluation) => textOf(value, evaluation).toLowerCase()),
  alone("capitalize", (value, evaluation) => capitalized(textOf(value, evaluation))),
  alone("title", (value, evaluation) =>
    textOf(value, evaluation)
      .split(/([-\s({[<]+)/)
      .map(capitalized)
      .join(""),
  ),
  [
    "trim",
    (value, given, evaluation) => {
      const [characters = null] = given.bind("trim", "chars");
      return strip(textOf(value, evaluation), characters === null ? undefined : textOnly(characters, "strip"), "both");
    },
  ],
  [
    "replace",
    (value, given, evaluation) => {
      const [old, next, count = null] = given.bind("replace", "old!", "new!", "count");
      const change = { old: textOf(old, evaluation), by: textOf(next, evaluation), count: count === null ? -1 : countOf(count) };
      return replaced(textOf(value, evaluation), change, evaluation);
    },
  ],
  [
    "center",
    (value, given, evaluation) => {
      const [width = 80] = given.bind("center", "width");
      return textMethods.get("center")?.(textOf(value, evaluation), new Arguments([width]), evaluation);
    },
  ],
  [
    "indent",
    (value, given, evaluation) => {
      const [width = 4, first = false, blank = false] = given.bind("indent", "width", "first", "blank");
      const text = textOnly(value, "indent");
      const margin = typeof width === "string" ? width : blanks(countOf(width), evaluation);
      const lines = text.split(lineEnd).filter((_, index) => index % 2 === 0);
      evaluation.budget.size(lines.length * margin.length);
      const [start = "", ...rest] = lines;
      const body = [start, ...rest.map((line) => (line === "" && !isTrue(blank) ? line : margin + line))].join("\n");
      return isTrue(first) ? margin + body : body;
    },
  ],
  [
    "truncate",
    (value, given, evaluation) => {
      const [length = 255, killwords = false, end = "...", leeway = null] = given.bind("truncate", "length", "killwords", "end", "leeway");
      const more = leeway === null ? 5 : countOf(leeway);
      const close = textOf(end, evaluation);
      const size = countOf(length);
      const room = size - Array.from(close).length;
      if (room < 0) throw new Fault("AssertionError", `expected length >= ${size - room}, got ${size}`);
      if (more < 0) throw new Fault("AssertionError", `expected leeway >= 0, got ${more}`);
      if (lengthOf(value) <= size + more) return value;
      const characters = Array.from(textOnly(value, "truncate"));
      const kept = characters.slice(0, room).join("");
      return (isTrue(killwords) || !kept.includes(" ") ? kept : kept.slice(0, kept.lastIndexOf(" "))) + close;
    },
  ],
  [
    "wordwrap",
    (value, given, evaluation) => {
      const [width = 79, breakLong = true, wrapstring = null, breakHyphens = true] = given.bind(
        "wordwrap",
        "width",
        "break_long_words",
        "wrapstring",
        "break_on_hyphens",
      );
      const between = wrapstring === null ? "\n" : textOf(wrapstring, evaluation);
      const how = { width: countOf(width), breakLong: isTrue(breakLong), breakHyphens: isTrue(breakHyphens) };
      const text = textOnly(value, "wordwrap");
      evaluation.budget.spend(text.length);
      return text
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => wordWrap(line, how).join(between))
        .join(between);
    },
  ],
  alone("wordcount", (value, evaluation) => textOf(value, evaluation).match(/[\p{L}\p{N}_\p{Mn}\p{Mc}]+/gu)?.length ?? 0),
  alone("escape", (value, evaluation) => escaped(textOf(value, evaluation))),
  alone("e", (value, evaluation) => escaped(textOf(value, evaluation))),
  alone("forceescape", (value, evaluation) => escaped(textOf(value, evaluation))),
  alone("safe", (value, evaluation) => textOf(value, evaluation)),
  alone("striptags", (value, evaluation) => withoutTags(textOf(value, evaluation))),
  alone("urlencode", (value, evaluation) => {
    if (typeof value === "string" || !(isMapping(value) || isIterable(value))) return quoted(textOf(value, evaluation), "/");
    const part = (one: unknown): string => quoted(textOf(one, evaluation), "").replaceAll("%20", "+");
    return pairsForQuery(value, evaluation)
      .map(([key, inner]) => `${part(key)}=${part(inner)}`)
      .join("&");
  }),
  [
    "xmlattr",
    (value, given, evaluation) => {
      const [autospace = true] = given.bind("xmlattr", "autospace");
      if (!isMapping(value)) throw new Fault("TypeError", `'${classOf(value)}' has no items`);
      const parts = pairsForQuery(value, evaluation)
        .filter(([, inner]) => inner !== null && !(inner instanceof Undefined))
        .map(([key, inner]) => {
          const name = textOf(key, evaluation);
          if (/[\s/>=]/.test(name)) throw new Fault("ValueError", `Invalid character in attribute name: '${name}'`);
          return `${escaped(name)}="${escaped(textOf(inner, evaluation))}"`;
        });
      return (isTrue(autospace) && parts.length > 0 ? " " : "") + parts.join(" ");
    },
  ],
  [
    "urlize",
    (value, given, evaluation) => {
      const [limit = null, nofollow = false, target = null, rel = null, schemes = null] = given.bind(
        "urlize",
        "trim_url_limit",
        "nofollow",
        "target",
        "rel",
        "extra_schemes",
      );
      const rels = new Set([
        ...(rel === null ? [] : textOf(rel, evaluation).split(/\s+/)),
        ...(isTrue(nofollow) ? ["nofollow"] : []),
        "noopener",
      ]);
      return linked(escaped(textOf(value, evaluation)), {
        attributes: ` rel="${escaped([...rels].toSorted().join(" "))}"${target === null ? "" : ` target="${escaped(textOf(target, evaluation))}"`}`,
        most: limit === null ? Infinity : countOf(limit),
        schemes: schemes === null ? [] : listOf(schemes, evaluation).map((scheme) => textOf(scheme, evaluation)),
      });
    },
  ],
];

/** Most filters write what is no text as text; a few ask for a text. */
function textOnly(value: unknown, name: string): string {
  if (value instanceof Undefined) {
    value.touch();
    return "";
  }
  if (typeof value !== "string") throw new Fault("TypeError", `${name} takes a text, not '${classOf(value)}'`);
  return value;
}

function blanks(width: number, { budget }: Evaluation): string {
  budget.size(width);
  return " ".repeat(Math.max(0, width));
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", '"': "&#34;" };

function escaped(text: string): string {
  return text.replace(/[&<>'"]/g, (character) => entities[character] ?? character);
}

function withoutTags(text: string): string {
  const plain = without(without(text, ["<!--", "-->"]), ["<", ">"]);
  const read = plain.replace(/&(?:amp|lt|gt|quot|apos|nbsp|#\d+|#x[0-9a-f]+);/gi, (entity) => {
    const code = /^&#(x?)([0-9a-f]+);$/i.exec(entity);
    if (code !== null) return String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(code[2] ?? "0", code[1] === "" ? 10 : 16)));
    return { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&nbsp;": "\u00a0" }[entity.toLowerCase()] ?? entity;
  });
  return read
    .split(/[ \t\n\r\v\f]+/)
    .filter(Boolean)
    .join(" ");
}

/** What is between two marks goes, with them. An expression would look for the end again from each beginning. */
function without(text: string, [open, close]: readonly [string, string]): string {
  let kept = "";
  let at = 0;
  for (;;) {
    const from = text.indexOf(open, at);
    const to = from === -1 ? -1 : text.indexOf(close, from + open.length);
    if (to === -1) return kept + text.slice(at);
    kept += text.slice(at, from);
    at = to + close.length;
  }
}

/** Per cent signs for all but letters, digits, `_.-~` and what is `safe`. */
function quoted(text: string, safe: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9_.~-]/.test(character) || (safe !== "" && safe.includes(character))) return character;
    return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}
