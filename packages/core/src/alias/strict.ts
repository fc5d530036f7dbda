import { RE2JS } from "re2js";
import { compiledPattern, search, searchEach, type AliasParameters, type CompiledPattern, type FormatParameter } from "./expression.ts";
import { strictPairs } from "./pairs.ts";
import { patternFacts, patternPieces, placeholder, placeholderIndex } from "./pattern.ts";

/** A representation as StackStorm's server reads it. */
interface StrictFormat {
  readonly text: string;
  readonly pattern: CompiledPattern;
}

type StrictResult = { kind: "ok"; format: StrictFormat } | { kind: "fault"; why: string };

/** Compiles a representation by StackStorm's own two passes: first what has a default, then what has none. What neither takes is a regular
 *  expression of Python's, braces and all. */
export function strictFormat(text: string): StrictResult {
  const parameters: FormatParameter[] = [];
  const taken = replaced(text, optional, ([, space = "", name = "", ...value]) => {
    parameters.push({ name, default: value.join("") });
    return space + placeholder(parameters.length - 1);
  });
  const pattern = replaced(taken, required, ([, space = "", name = ""]) => {
    parameters.push({ name });
    return space + placeholder(parameters.length - 1);
  }).replace(/([\ue000-\uf8ff])\?/g, (both, one: string) => (parameters[placeholderIndex(one) ?? 0]?.default === undefined ? one : both));
  const bad = parameters.find(({ name }) => !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name));
  if (bad !== undefined) return { kind: "fault", why: `"${bad.name}" can't be the name of a parameter` };
  const why = unlikePython(pattern);
  if (why !== undefined) return { kind: "fault", why };
  const facts = patternFacts(pattern, (index) => parameters[index]?.default !== undefined);
  const compiled = compiledPattern({ pattern, parameters, facts, chat: false });
  return compiled.kind === "ok" ? { kind: "ok", format: { text, pattern: compiled.pattern } } : compiled;
}

/** The parameters a command gives in this format, or undefined where it doesn't fit. */
export function extractStrict(format: StrictFormat, command: string): AliasParameters | undefined {
  const { rest, pairs } = strictPairs(command);
  const params = search(format.pattern, ` ${rest} `);
  return params === undefined ? undefined : complete({ format, rest, params, pairs });
}

/** Each time the format is found in a command, the parameters it gives there: what `match_multiple` is for. */
export function extractEach(format: StrictFormat, command: string): AliasParameters[] {
  const { rest, pairs } = strictPairs(command);
  return searchEach(format.pattern, ` ${rest} `).flatMap((found) => {
    const params = complete({ format, rest, params: found, pairs });
    return params === undefined ? [] : [params];
  });
}

/** What StackStorm's matching needs of an alias. */
interface StrictAlias {
  readonly enabled: boolean;
  readonly formats: readonly {
    readonly display?: string | undefined;
    readonly representation: readonly string[];
    readonly matchMultiple: boolean;
  }[];
}

export interface StrictPattern<A extends StrictAlias> {
  readonly alias: A;
  readonly format: A["formats"][number];
  /** Absent: the format is only shown. */
  readonly representation?: string;
}

type StrictMatch<A extends StrictAlias> =
  | { kind: "matched"; pattern: StrictPattern<A>; params: AliasParameters[] }
  /** The command fits a format that is only shown: nothing can be run for it. */
  | { kind: "shown"; pattern: StrictPattern<A> }
  | { kind: "ambiguous"; patterns: StrictPattern<A>[] }
  | { kind: "none" };

/** StackStorm's choice: case counts and two matches are ambiguous. Aliases that have nothing but `match_multiple` formats are asked last.
 *  A format with a fault is passed over. */
export function matchStrict<A extends StrictAlias>(aliases: readonly A[], command: string): StrictMatch<A> {
  const enabled = aliases.filter((alias) => alias.enabled);
  for (const multiple of [false, true]) {
    const asked = enabled.filter((alias) => alias.formats.some((format) => format.matchMultiple === multiple));
    const found = asked.flatMap(strictPatterns).flatMap((pattern) => {
      const read = strictFormat(pattern.representation ?? "");
      const params = read.kind === "ok" ? extractStrict(read.format, command) : undefined;
      return read.kind === "ok" && params !== undefined ? [{ pattern, params, compiled: read.format }] : [];
    });
    const [only] = found;
    if (only === undefined) continue;
    if (found.length > 1) return { kind: "ambiguous", patterns: found.map(({ pattern }) => pattern) };
    const { pattern, params, compiled } = only;
    if (pattern.representation === undefined) return { kind: "shown", pattern };
    return { kind: "matched", pattern, params: pattern.format.matchMultiple ? extractEach(compiled, command) : [params] };
  }
  return { kind: "none" };
}

/** All that an alias can be called by, in order. */
export function strictPatterns<A extends StrictAlias>(alias: A): StrictPattern<A>[] {
  return alias.formats.flatMap((format: A["formats"][number]): StrictPattern<A>[] => {
    if (format.representation.length > 0) return format.representation.map((representation) => ({ alias, format, representation }));
    return format.display === undefined || format.display === "" ? [] : [{ alias, format }];
  });
}

/** A key may be anything without spaces, and a value anything up to the braces: what can't be a parameter after all is found out later. */
const key = "[\\s\\v\\p{Z}]*([^\\s\\v\\p{Z}]+?)[\\s\\v\\p{Z}]*";
const value = `(?:""|''|"(.+?)"|'(.+?)'|(\\{.+?\\})|(.+?))`;
const optional = RE2JS.compile(`([\\s\\v\\p{Z}]*)\\{\\{${key}=[\\s\\v\\p{Z}]*${value}[\\s\\v\\p{Z}]*\\}\\}`);
const required = RE2JS.compile(`([\\s\\v\\p{Z}]*)\\{\\{${key}\\}\\}`);

function replaced(text: string, expression: RE2JS, by: (groups: (string | undefined)[]) => string): string {
  const match = expression.matcher(text);
  let result = "";
  let at = 0;
  while (match.find()) {
    const groups = Array.from({ length: match.groupCount() + 1 }, (_, index) => match.group(index));
    result += text.slice(at, match.start()) + by(groups.map((group) => group ?? undefined));
    at = match.end();
  }
  return result + text.slice(at);
}

function complete(at: {
  format: StrictFormat;
  rest: string;
  params: AliasParameters;
  pairs: readonly (readonly [string, string])[];
}): AliasParameters | undefined {
  const params = { ...at.params, ...Object.fromEntries(at.pairs) };
  const nothing = Object.values(params).every((one) => one === null || one === "");
  return at.format.text !== "" && at.rest.trim() === "" && nothing ? undefined : params;
}

/** Where Python refuses what RE2 takes. */
function unlikePython(pattern: string): string | undefined {
  const pieces = patternPieces(pattern);
  const { anchoredStart } = patternFacts(pattern, () => false);
  for (const [index, piece] of pieces.entries()) {
    if (/^\(\?<\w+>$/.test(piece)) return "Python names a group by (?P<name>…)";
    const before = pieces[index - 1];
    const repeat = /^(?:[*+?]|\{(?:\d+,?\d*|,\d+)\})/.exec(pieces.slice(index, index + 12).join(""))?.[0];
    if (repeat !== undefined && (before === undefined || /^(?:[\^$|(]|\\[AZbB]|\(\?.*[:=!>])$/.test(before)))
      return `there is nothing that "${repeat}" could repeat`;
    // A parameter ends with an optional quote: another repeat of it is one too many, save what makes it lazy.
    if (repeat !== undefined && !/^[+?]/.test(repeat) && placeholderIndex(before ?? "") !== undefined)
      return "a parameter can't be repeated";
    if (/^\\[a-zA-Z]/.test(piece) && !/^\\[abfnrtvxuNUAZBdDsSwW]/.test(piece)) return `Python knows no ${piece.slice(0, 2)}`;
    if (/^\(\?[a-zA-Z]+\)$/.test(piece) && (index > 0 || !anchoredStart)) return "flags in the middle of an expression";
  }
  return undefined;
}
