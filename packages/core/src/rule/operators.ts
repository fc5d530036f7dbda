import { compileRegex, DateTime, equals, Fault, Float, isMapping, parseDate, str, typeName, type Regex } from "@bellhop/expression";

/** Compares what was found with a pattern. Two steps, so that a pattern is prepared once and used often; both throw what Python would, as a Fault. */
export type Operator = (pattern: unknown) => (value: unknown, now: DateTime) => boolean;

/** StackStorm's operators by all their names. A pattern of nothing fits nothing, but for those that say otherwise. */
export const operators: ReadonlyMap<string, Operator> = new Map(
  Object.entries({
    equals: something((pattern) => (value) => equals(value, pattern)),
    nequals: (pattern) => (value) => !equals(value, pattern),
    iequals: something((pattern) => (value) => lower(value) === lower(pattern)),
    contains: something((pattern) => (value) => isIn(pattern, value)),
    ncontains: something((pattern) => (value) => !isIn(pattern, value)),
    icontains: something((pattern) => (value) => containsLower(value, pattern)),
    incontains: something((pattern) => (value) => !containsLower(value, pattern)),
    startswith: something((pattern) => (value) => edge(value, "startswith").startsWith(edgeOf(pattern, "startswith"))),
    istartswith: something((pattern) => (value) => lower(value).startsWith(lower(pattern))),
    endswith: something((pattern) => (value) => edge(value, "endswith").endsWith(edgeOf(pattern, "endswith"))),
    iendswith: something((pattern) => (value) => lower(value).endsWith(lower(pattern))),
    lessthan: something((pattern) => (value) => compare(value, pattern, "<") < 0),
    greaterthan: something((pattern) => (value) => compare(value, pattern, ">") > 0),
    matchwildcard: something(wildcard),
    matchregex: something((pattern) => matching({ pattern, flags: { dotAll: true }, anchored: true })),
    regex: something((pattern) => matching({ pattern, flags: {}, anchored: false })),
    iregex: something((pattern) => matching({ pattern, flags: { ignoreCase: true }, anchored: false })),
    timediff_lt: something((pattern) => (value, now) => secondsSince(value, now) < seconds(pattern)),
    timediff_gt: something((pattern) => (value, now) => secondsSince(value, now) > seconds(pattern)),
    exists: () => (value) => value !== null && value !== undefined,
    nexists: () => (value) => value === null || value === undefined,
    inside: something((pattern) => (value) => isIn(value, pattern)),
    ninside: something((pattern) => (value) => !isIn(value, pattern)),
  } satisfies Record<string, Operator>).flatMap(([name, operator]) => [name, ...shortNames(name)].map((one) => [one, operator] as const)),
);

function shortNames(name: string): readonly string[] {
  const short: Readonly<Record<string, string>> = {
    equals: "eq",
    nequals: "neq",
    iequals: "ieq",
    lessthan: "lt",
    greaterthan: "gt",
    timediff_lt: "td_lt",
    timediff_gt: "td_gt",
    inside: "in",
    ninside: "nin",
  };
  return short[name] === undefined ? [] : [short[name]];
}

function something(operator: Operator): Operator {
  return (pattern) => (pattern === null || pattern === undefined ? () => false : operator(pattern));
}

function lower(value: unknown): string {
  if (typeof value !== "string") throw new Fault("AttributeError", `'${typeName(value)}' object has no attribute 'lower'`);
  return value.toLowerCase();
}

function containsLower(value: unknown, pattern: unknown): boolean {
  const part = lower(pattern);
  return lower(value).includes(part);
}

function edge(value: unknown, method: "startswith" | "endswith"): string {
  if (typeof value !== "string") throw new Fault("AttributeError", `'${typeName(value)}' object has no attribute '${method}'`);
  return value;
}

function edgeOf(pattern: unknown, method: "startswith" | "endswith"): string {
  if (typeof pattern === "string") return pattern;
  throw new Fault("TypeError", `${method} first arg must be str or a tuple of str, not ${typeName(pattern)}`);
}

/** Python's `part in whole`. */
function isIn(part: unknown, whole: unknown): boolean {
  if (typeof whole === "string") {
    if (typeof part === "string") return whole.includes(part);
    throw new Fault("TypeError", `'in <string>' requires string as left operand, not ${typeName(part)}`);
  }
  if (Array.isArray(whole)) return whole.some((item) => equals(item, part));
  if (!isMapping(whole)) throw new Fault("TypeError", `argument of type '${typeName(whole)}' is not iterable`);
  if (Array.isArray(part) || isMapping(part)) throw new Fault("TypeError", `unhashable type: '${typeName(part)}'`);
  return typeof part === "string" && Object.hasOwn(whole, part);
}

/** Less than 0, 0 or more, as Python orders: numbers by value, text by code points, lists by the first items that differ. */
function compare(left: unknown, right: unknown, sign: "<" | ">"): number {
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) return a < b ? -1 : a > b ? 1 : 0;
  if (typeof left === "string" && typeof right === "string") return compareText(left, right);
  if (Array.isArray(left) && Array.isArray(right)) {
    const at = left.findIndex((item, index) => index >= right.length || !equals(item, right[index]));
    if (at === -1) return left.length - right.length;
    return at >= right.length ? 1 : compare(left[at], right[at], sign);
  }
  throw new Fault("TypeError", `'${sign}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`);
}

function compareText(left: string, right: string): number {
  for (let at = 0; at < left.length && at < right.length; at++) {
    if (left[at] !== right[at]) return (left.codePointAt(at) ?? 0) - (right.codePointAt(at) ?? 0);
  }
  return left.length - right.length;
}

function numberOf(value: unknown): number | bigint | undefined {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number" || typeof value === "bigint") return value;
  return value instanceof Float ? value.value : undefined;
}

function matching({ pattern, flags, anchored }: { pattern: unknown; flags: Parameters<typeof compileRegex>[1]; anchored: boolean }) {
  if (Array.isArray(pattern) || isMapping(pattern)) throw new Fault("TypeError", `unhashable type: '${typeName(pattern)}'`);
  if (typeof pattern !== "string") throw new Fault("TypeError", "first argument must be string or compiled pattern");
  const regex = compiled(pattern, flags);
  return (value: unknown): boolean => {
    if (typeof value === "string") return regex.test(value, { anchored });
    throw new Fault("TypeError", `expected string or bytes-like object, got '${typeName(value)}'`);
  };
}

/** What is wrong with a regular expression as Python's `re` says it: where it stands is part of the words. */
function compiled(pattern: string, flags: Parameters<typeof compileRegex>[1]): Regex {
  try {
    return compileRegex(pattern, flags);
  } catch (error) {
    throw new Fault("error", error instanceof Error ? error.message : String(error));
  }
}

/** A shell's `*`, `?`, `[abc]` and `[!abc]`, over the whole text. */
function wildcard(pattern: unknown): (value: unknown) => boolean {
  return (value) => {
    const text = pathOf(value);
    return wildcardRegex(pathOf(pattern)).find(text, { anchored: true, full: true }) !== undefined;
  };
}

function pathOf(value: unknown): string {
  if (typeof value === "string") return value;
  throw new Fault("TypeError", `expected str, bytes or os.PathLike object, not ${typeName(value)}`);
}

function wildcardRegex(pattern: string): Regex {
  const pieces = pattern.match(/\[!?\]?[^\]]*\]|[\s\S]/gu) ?? [];
  const source = pieces.map((piece) => {
    if (piece === "*") return ".*";
    if (piece === "?") return ".";
    if (piece.length > 1 && piece.startsWith("[")) return wildcardSet(piece.slice(1, -1));
    return quoted(piece);
  });
  return compiled(source.join(""), { dotAll: true });
}

/** A range the wrong way round holds nothing, and is no error. */
function wildcardSet(inner: string): string {
  const negated = inner.startsWith("!");
  const body = (negated ? inner.slice(1) : inner).replace(/([\s\S])-([\s\S])/gu, (range, from: string, to: string) =>
    (from.codePointAt(0) ?? 0) > (to.codePointAt(0) ?? 0) ? "" : range,
  );
  if (body === "") return negated ? "." : "(?!)";
  return `[${negated ? "^" : ""}${body.replaceAll(/[\\[\]^&~|]/g, "\\$&")}]`;
}

function quoted(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** From the date in `value`, in UTC unless it says where, until now. */
function secondsSince(value: unknown, now: DateTime): number {
  return Number(now.instant - parseDate(str(value), now).instant) / 1_000_000;
}

function seconds(pattern: unknown): number {
  const number = numberOf(pattern);
  if (number !== undefined) return Number(number);
  if (typeof pattern !== "string") {
    throw new Fault("TypeError", `float() argument must be a string or a real number, not '${typeName(pattern)}'`);
  }
  const text = pattern.trim();
  if (/^[+-]?(?:inf|infinity)$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  if (/^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+)?$/i.test(text)) return Number(text.replaceAll("_", ""));
  throw new Fault("ValueError", `could not convert string to float: '${pattern}'`);
}
