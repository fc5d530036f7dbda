import { RE2JS } from "re2js";
import { Fault } from "../error.ts";

export interface RegexFlags {
  readonly ignoreCase?: boolean;
  readonly multiLine?: boolean;
  readonly dotAll?: boolean;
}

export interface Found {
  readonly start: number;
  readonly end: number;
  /** Group 0 is the whole; undefined where a group took no part. */
  readonly groups: readonly ({ readonly start: number; readonly end: number; readonly text: string } | undefined)[];
  readonly names: Readonly<Record<string, number>>;
}

/** A pattern in Python's syntax, searched for in linear time. Places are UTF-16 ones. */
export interface Regex {
  readonly pattern: string;
  readonly flags: RegexFlags;
  /** The first match from `at` on; with `anchored` only one that begins there. */
  readonly search: (text: string, at?: number, anchored?: boolean) => Found | undefined;
}

const kept = new Map<string, Regex>();

/** @throws {Fault} `error`, as Python's `re` has it, for what is no pattern */
export function compileRegex(pattern: string, flags: RegexFlags = {}): Regex {
  const key = `${flags.ignoreCase === true ? "i" : ""}${flags.multiLine === true ? "m" : ""}${flags.dotAll === true ? "s" : ""}/${pattern}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const regex = compiled(pattern, flags);
  if (kept.size >= 500) kept.clear();
  kept.set(key, regex);
  return regex;
}

function compiled(pattern: string, flags: RegexFlags): Regex {
  let bits = 0;
  if (flags.ignoreCase === true) bits |= RE2JS.CASE_INSENSITIVE;
  if (flags.multiLine === true) bits |= RE2JS.MULTILINE;
  if (flags.dotAll === true) bits |= RE2JS.DOTALL;
  let program: RE2JS;
  try {
    program = RE2JS.compile(translated(pattern, flags.multiLine === true), bits);
  } catch (error) {
    throw new Fault("error", error instanceof Error ? error.message : String(error));
  }
  const names = program.namedGroups();
  return {
    pattern,
    flags,
    search: (text, at = 0, anchored = false) => {
      if (at > text.length) return undefined;
      const matcher = program.matcher(text);
      if (!matcher.find(at)) return undefined;
      const start = matcher.start();
      if (anchored && start !== at) return anchoredAt(pattern, flags, text, at);
      const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => {
        const from = matcher.start(index);
        return from < 0 ? undefined : { start: from, end: matcher.end(index), text: text.slice(from, matcher.end(index)) };
      });
      return { start, end: matcher.end(), groups, names };
    },
  };
}

/** The leftmost match began later: only a pattern tied to the place says whether there is one here. */
function anchoredAt(pattern: string, flags: RegexFlags, text: string, at: number): Found | undefined {
  if (at !== 0 || pattern.startsWith("\\A")) return undefined;
  return compileRegex(`\\A(?:${pattern})`, flags).search(text, at);
}

/** Python's classes know all letters and digits, RE2's the ASCII ones; the end of the text has another name. */
function translated(pattern: string, multiLine: boolean): string {
  let out = "";
  let inClass = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at] ?? "";
    if (char === "\\") {
      at += 1;
      const next = pattern[at];
      out += next === undefined ? "\\" : escapeOf(next, inClass);
      continue;
    }
    if (char === "[" && !inClass) {
      inClass = true;
      out += char;
      if (pattern[at + 1] === "^") {
        out += "^";
        at += 1;
      }
      if (pattern[at + 1] === "]") {
        out += "\\]";
        at += 1;
      }
      continue;
    }
    if (char === "[") out += "\\[";
    else if (char === "$" && !inClass && !multiLine) out += "(?:\\n?\\z)";
    else out += char;
    if (char === "]") inClass = false;
  }
  return out;
}

function escapeOf(char: string, inClass: boolean): string {
  if (char === "d") return "\\p{Nd}";
  if (char === "D") return "\\P{Nd}";
  if (char === "w") return inClass ? "\\p{L}\\p{N}_" : "[\\p{L}\\p{N}_]";
  if (char === "W" && !inClass) return "[^\\p{L}\\p{N}_]";
  if (char === "s") return inClass ? "\\s\\x{0b}\\x{85}\\p{Z}" : "[\\s\\x{0b}\\x{85}\\p{Z}]";
  if (char === "S" && !inClass) return "[^\\s\\x{0b}\\x{85}\\p{Z}]";
  return char === "Z" ? "\\z" : `\\${char}`;
}
