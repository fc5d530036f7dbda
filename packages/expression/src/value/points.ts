/* Python counts characters, JavaScript UTF-16 units: they differ where a text has characters beyond U+FFFF. */

export function lengthOf(text: string): number {
  if (!wide.test(text)) return text.length;
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

/** `text[start:end]` of Python's; places below zero count from the end. */
export function slice(text: string, start?: number, end?: number): string {
  return wide.test(text) ? Array.from(text).slice(start, end).join("") : text.slice(start, end);
}

export function charsOf(text: string): string[] {
  return wide.test(text) ? Array.from(text) : text.split("");
}

/** The place in characters of a place in UTF-16 units. */
export function placeOf(text: string, unit: number): number {
  return unit <= 0 ? unit : lengthOf(text.slice(0, unit));
}

const wide = /[\ud800-\udbff]/;

/** Python's `find` within `text[start:end]`; -1 where it is not. */
export function find(
  text: string,
  sub: string,
  { start = 0, end, last = false }: { start?: number; end?: number | undefined; last?: boolean } = {},
): number {
  const chars = charsOf(text);
  const place = (at: number) => Math.max(0, Math.min(chars.length, at < 0 ? at + chars.length : at));
  const from = place(start);
  const to = end === undefined ? chars.length : place(end);
  if (start > chars.length || from > to) return -1;
  const part = chars.slice(from, to).join("");
  const at = last ? part.lastIndexOf(sub) : part.indexOf(sub);
  return at === -1 ? -1 : from + placeOf(part, at);
}

const blank = "[\\s\\x1c-\\x1f\\x85]";
const space = new RegExp(`${blank}+`, "u");
const leading = new RegExp(`^${blank}+`, "u");

/** Python's `split()`: without a separator at any blanks, with none at the ends; at most `most` times where that is not negative. */
export function split(text: string, separator: string | null, most = -1): string[] {
  if (separator !== null) {
    const parts = text.split(separator);
    return most < 0 || parts.length <= most + 1 ? parts : [...parts.slice(0, most), parts.slice(most).join(separator)];
  }
  const parts: string[] = [];
  let rest = text.replace(leading, "");
  while (rest !== "" && (most < 0 || parts.length < most)) {
    const gap = space.exec(rest);
    if (gap === null) break;
    parts.push(rest.slice(0, gap.index));
    rest = rest.slice(gap.index + gap[0].length);
  }
  return rest === "" ? parts : [...parts, rest];
}

export function splitRight(text: string, separator: string | null, most = -1): string[] {
  if (separator !== null) {
    const parts = text.split(separator);
    return most < 0 || parts.length <= most + 1
      ? parts
      : [parts.slice(0, -most || undefined).join(separator), ...(most === 0 ? [] : parts.slice(-most))];
  }
  const parts: string[] = [];
  let rest = strip(text, null, "end");
  while (rest !== "" && (most < 0 || parts.length < most)) {
    let at = rest.length;
    while (at > 0 && !space.test(rest[at - 1] ?? "")) at -= 1;
    if (at === 0) break;
    parts.unshift(rest.slice(at));
    rest = strip(rest.slice(0, at), null, "end");
  }
  return rest === "" ? parts : [rest, ...parts];
}

/** Python's `strip`: blanks, or any of `chars`. */
export function strip(text: string, chars: string | null, end: "both" | "start" | "end" = "both"): string {
  const all = chars === null ? undefined : new Set(chars);
  const goes = (char: string) => (all === undefined ? space.test(char) : all.has(char));
  const points = charsOf(text);
  let from = 0;
  let to = points.length;
  if (end !== "end") while (from < to && goes(points[from] ?? "")) from += 1;
  if (end !== "start") while (to > from && goes(points[to - 1] ?? "")) to -= 1;
  return points.slice(from, to).join("");
}

/** Python's `replace`: the first `most` times where that is not negative. */
export function replace(text: string, { old, by, most = -1 }: { old: string; by: string; most?: number }): string {
  if (most < 0) return old === "" ? ["", ...charsOf(text), ""].join(by) : text.replaceAll(old, () => by);
  const parts = old === "" ? ["", ...charsOf(text), ""] : text.split(old);
  if (parts.length <= most + 1) return parts.join(by);
  return parts.slice(0, most + 1).join(by) + (old === "" ? "" : old) + parts.slice(most + 1).join(old);
}

/** How often Python's `count` finds it. */
export function count(text: string, sub: string): number {
  return sub === "" ? lengthOf(text) + 1 : text.split(sub).length - 1;
}
