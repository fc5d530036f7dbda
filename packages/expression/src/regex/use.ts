import type { Budget } from "../budget.ts";
import { BoundReached, Fault } from "../error.ts";
import { RegexBudgetError } from "./machine.ts";
import type { Flags } from "./parse.ts";
import { compileRegex, type Regex, type RegexMatch, type Where } from "./regex.ts";

export interface Found extends RegexMatch {
  readonly names: ReadonlyMap<string, number>;
}

const kept = new Map<string, Regex>();

/** Compiled once, as long as few enough are. @throws {Fault} `error`, as Python's `re` has it, for what is no pattern */
export function regexOf(pattern: string, flags: Flags = {}): Regex {
  const key = `${JSON.stringify(flags)} ${pattern}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const regex = faulty(() => compileRegex(pattern, flags));
  if (kept.size >= 500) kept.clear();
  kept.set(key, regex);
  return regex;
}

/** The first match. @throws {BoundReached} where it takes too long */
export function search(regex: Regex, text: string, { budget, ...where }: Omit<Where, "spend"> & { budget: Budget }): Found | undefined {
  const found = faulty(() => regex.find(text, { ...where, spend: (steps) => budget.spend(steps) }));
  return found === undefined ? undefined : { ...found, names: regex.names };
}

export function test(regex: Regex, text: string, { anchored = false, budget }: { anchored?: boolean; budget: Budget }): boolean {
  return faulty(() => regex.test(text, { anchored, spend: (steps) => budget.spend(steps) }));
}

function faulty<Value>(run: () => Value): Value {
  try {
    return run();
  } catch (error) {
    if (error instanceof RegexBudgetError) throw new BoundReached("regex", 1_000_000);
    if (error instanceof BoundReached) throw error;
    throw new Fault("error", error instanceof Error ? error.message : String(error));
  }
}

/** As Python's `finditer`: one after the other, an empty one too where none ended. */
export function* findAll(regex: Regex, text: string, budget: Budget): Generator<Found, void> {
  let at = 0;
  while (at <= text.length) {
    budget.spend();
    const found = search(regex, text, { from: at, budget });
    if (found === undefined) return;
    yield found;
    at = found.end;
    if (found.end === found.start) at += (text.codePointAt(found.end) ?? 0) > 0xffff ? 2 : 1;
  }
}

/** Python's `re.split`, groups and all. */
export function splitBy(regex: Regex, text: string, { most, budget }: { most: number; budget: Budget }): (string | null)[] {
  const parts: (string | null)[] = [];
  let at = 0;
  let done = 0;
  for (const found of most < 0 ? [] : findAll(regex, text, budget)) {
    parts.push(text.slice(at, found.start), ...found.groups.slice(1).map((group) => group ?? null));
    at = found.end;
    done += 1;
    if (most > 0 && done >= most) break;
  }
  parts.push(text.slice(at));
  return parts;
}

/** Python's `re.sub`; `most` of 0 is all. */
export function substitute(
  regex: Regex,
  text: string,
  { by, most, budget }: { by: (found: Found) => string; most: number; budget: Budget },
): string {
  const parts: string[] = [];
  let length = 0;
  let at = 0;
  let done = 0;
  for (const found of most < 0 ? [] : findAll(regex, text, budget)) {
    const replacement = by(found);
    length += replacement.length + found.start - at;
    budget.size(length);
    parts.push(text.slice(at, found.start), replacement);
    at = found.end;
    done += 1;
    if (most > 0 && done >= most) break;
  }
  parts.push(text.slice(at));
  return parts.join("");
}

/** `\1`, `\g<name>` and Python's escapes in what a match is replaced by. @throws {Fault} for a group that is not there */
export function expand(template: string, found: Found): string {
  return template.replaceAll(
    /\\(?:g<([^>]*)>|(0[0-7]{0,2}|[1-3][0-7]{2})|([1-9]\d?)|([\s\S]))/g,
    (all, name?: string, octal?: string, digits?: string, char?: string) => {
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      if (char !== undefined) {
        const known = escapes[char];
        if (known !== undefined) return known;
        if (/[a-zA-Z]/.test(char)) throw new Fault("error", `bad escape ${all} at position ${template.indexOf(all)}`);
        return all;
      }
      const place = name === undefined || /^\d+$/.test(name) ? Number(name ?? digits) : found.names.get(name);
      if (place === undefined) throw new Fault("IndexError", `unknown group name '${name ?? ""}'`);
      if (place >= found.groups.length) throw new Fault("error", `invalid group reference ${place} at position 1`);
      return found.groups[place] ?? "";
    },
  );
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", a: "\x07", b: "\b", f: "\f", v: "\v", "\\": "\\" };
