import type { Budget } from "../budget.ts";
import { Fault } from "../error.ts";
import { isFloat, isInt } from "../number.ts";
import { expand, findAll, regexOf, substitute, test } from "../regex/use.ts";
import { plain } from "../value/arithmetic.ts";
import { str } from "../value/text.ts";

/* StackStorm's functions on texts, in YAQL and Jinja alike. */

interface RegexCall {
  readonly pattern: string;
  readonly ignoreCase: boolean;
}

/** At the beginning. Nothing matches null. */
export function regexMatch(value: unknown, { pattern, ignoreCase }: RegexCall, budget: Budget): boolean {
  return value !== null && test(regexOf(pattern, { ignoreCase }), str(value), { anchored: true, budget });
}

export function regexSearch(value: unknown, { pattern, ignoreCase }: RegexCall, budget: Budget): boolean {
  return value !== null && test(regexOf(pattern, { ignoreCase }), str(value), { budget });
}

export function regexReplace(value: unknown, { pattern, ignoreCase, by }: RegexCall & { readonly by: string }, budget: Budget): string {
  return substitute(regexOf(pattern, { ignoreCase }), str(value), { by: (found) => expand(by, found), most: 0, budget });
}

/** The match at this place among all; its groups where it has some. @throws {Fault} IndexError */
export function regexSubstring(
  value: unknown,
  { pattern, ignoreCase, place }: RegexCall & { readonly place: number },
  budget: Budget,
): unknown {
  const all = Array.from(findAll(regexOf(pattern, { ignoreCase }), str(value), budget), ({ groups }) => {
    const [whole = "", ...inner] = groups.map((group) => group ?? "");
    return inner.length === 0 ? whole : inner.length === 1 ? inner[0] : inner;
  });
  const found = all.at(place);
  if (found === undefined) throw new Fault("IndexError", "list index out of range");
  return found;
}

/** `3d5h6s`; below a second in microseconds. */
export function humanTime(value: unknown): string {
  if (!isInt(value) && !isFloat(value)) throw new Fault("AssertionError", "it takes a number of seconds");
  const seconds = plain(value);
  if (seconds === 0) return "0s";
  if (seconds < 1) return `${Math.trunc(seconds * 1_000_000)}\u03bcs`;
  let rest = Math.trunc(seconds);
  const units: readonly (readonly [number, string])[] = [
    [365 * 86_400, "y"],
    [86_400, "d"],
    [3600, "h"],
    [60, "m"],
    [1, "s"],
  ];
  let text = "";
  for (const [size, name] of units) {
    const many = Math.floor(rest / size);
    rest -= many * size;
    if (many > 0 || text !== "") text += `${many}${name}`;
  }
  return text;
}

export function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function dirname(path: string): string {
  const head = path.slice(0, path.lastIndexOf("/") + 1);
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, "");
}

/** What stands for null where a text is wanted; StackStorm turns it back. */
export const noneText = "%*****__%NONE%__*****%";

export function useNone(value: unknown): unknown {
  return value ?? noneText;
}
