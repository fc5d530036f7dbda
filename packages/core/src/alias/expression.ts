import { compileRegex, RegexBudgetError } from "@bellhop/expression";
import { RE2JS } from "re2js";
import { longTextFinder } from "./long-text.ts";
import { patternPieces, placeholder, placeholderIndex, type PatternFacts } from "./pattern.ts";

/** Parameters as a command gave them: text, or null where an optional part of a pattern took nothing. */
export type AliasParameters = Record<string, string | null>;

export interface FormatParameter {
  readonly name: string;
  readonly default?: string;
}

export interface CompiledPattern {
  /** What it finds in a text, one after the other. */
  readonly finds: (text: string) => Iterable<ValueOf>;
  /** The same for short texts, which JavaScript's engine reads ten times as fast; only where there is nothing but words and parameters. */
  readonly quick?: () => RegExp;
  /** The same for long texts, where no parameter may be left out: the values in the order of `groups`, or undefined where `finds` has to look. */
  readonly long?: () => (text: string) => readonly string[] | undefined;
  /** It looks around or back, which takes no linear time: long texts are not held against it. */
  readonly looks?: true;
  /** The group names that a parameter's value can be in. */
  readonly groups: readonly { readonly name: string; readonly groups: readonly string[]; readonly default?: string }[];
}

/** The text that a group took. */
type ValueOf = (group: string) => string | null;

/** A pattern whose parameters are placeholders, as a linear-time expression: StackStorm's, or with `chat` one that forgives. */
export function compiledPattern(at: {
  pattern: string;
  parameters: readonly FormatParameter[];
  facts: PatternFacts;
  chat: boolean;
}): { kind: "ok"; pattern: CompiledPattern } | { kind: "fault"; why: string } {
  const names = [...at.parameters.map(({ name }) => name), ...patternPieces(at.pattern).flatMap((piece) => groupName(piece) ?? [])];
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) return { kind: "fault", why: `${twice} stands in it twice` };
  if (/[\ue000-\uf8ff]/.test(at.pattern.replaceAll(ownPlaceholders(at.parameters.length), ""))) {
    return { kind: "fault", why: "it has a character of Unicode's private use area" };
  }
  try {
    return { kind: "ok", pattern: compilePattern(at) };
  } catch (thrown) {
    return { kind: "fault", why: whyNot(thrown) };
  }
}

/** So many steps at most may JavaScript's backtracking take: some milliseconds. Each parameter, and the white space at the end, may try each place. */
const quickSteps = 1_000_000;

function ownPlaceholders(count: number): RegExp {
  return count === 0 ? /(?!)/g : new RegExp(`[${placeholder(0)}-${placeholder(count - 1)}]`, "g");
}

export function search(pattern: CompiledPattern, text: string): AliasParameters | undefined {
  if (pattern.quick !== undefined && text.length ** (pattern.groups.length + 1) <= quickSteps) {
    const found = pattern.quick().exec(text);
    return found === null ? undefined : parametersOf(pattern, (group) => found.groups?.[group] ?? null);
  }
  const values = pattern.long?.()(text);
  if (values !== undefined) return Object.fromEntries(pattern.groups.map(({ name }, index) => [name, values[index] ?? null]));
  for (const valueOf of pattern.finds(text)) return parametersOf(pattern, valueOf);
  return undefined;
}

export function searchEach(pattern: CompiledPattern, text: string): AliasParameters[] {
  return Array.from(pattern.finds(text), (valueOf) => parametersOf(pattern, valueOf));
}

function parametersOf({ groups }: CompiledPattern, valueOf: ValueOf): AliasParameters {
  return Object.fromEntries(
    groups.map((parameter) => {
      let value: string | null = null;
      for (const group of parameter.groups) value ??= valueOf(group);
      return [parameter.name, value === null || value === "" ? (parameter.default ?? value) : value];
    }),
  );
}

function compilePattern(at: {
  pattern: string;
  parameters: readonly FormatParameter[];
  facts: PatternFacts;
  chat: boolean;
}): CompiledPattern {
  const groups: { name: string; groups: string[]; default?: string }[] = [];
  const looks = looksAround(at.pattern);
  let source = "";
  let space = "";
  /** Where parameters stand in the source. */
  const places: { readonly from: number; readonly to: number }[] = [];
  const pieces = patternPieces(at.pattern);
  const flush = () => {
    source += at.chat && space !== "" ? "\\s+" : space;
    space = "";
  };
  const value = (index: number) => {
    const parameter = at.parameters[index] ?? { name: "" };
    const names = [0, 1, 2].map((way) => `v${index}w${way}`);
    groups.push({ ...parameter, groups: names });
    const inner = valuePattern(names, at.chat);
    if (parameter.default === undefined) {
      flush();
      places.push({ from: source.length, to: source.length + inner.length });
      source += inner;
    } else {
      source += `(?:${at.chat && space !== "" ? "\\s+" : space}${inner})?`;
      space = "";
    }
  };
  for (const [position, piece] of pieces.entries()) {
    const index = placeholderIndex(piece);
    if (index !== undefined) value(index);
    else if (/^[ \t\n]$/.test(piece) && !/^[*+?{]$/.test(pieces[position + 1] ?? "")) space += piece;
    else {
      flush();
      const name = groupName(piece);
      if (name !== undefined) groups.push({ name, groups: [name] });
      if (!piece.startsWith("[") || !Array.from(piece).some((character) => placeholderIndex(character) !== undefined)) {
        source += looks ? piece.replace(/^\(\?<(?=\w)/, "(?P<") : translated(piece);
        continue;
      }
      // A parameter in brackets: the brackets are meant as such, since no class can hold a parameter.
      for (const character of piece) {
        const inside = placeholderIndex(character);
        if (inside !== undefined) value(inside);
        else source += RE2JS.quote(character);
      }
    }
  }
  flush();
  const whole = `${at.facts.anchoredStart ? "" : "^\\s*"}${source}${at.facts.anchoredEnd ? "" : "\\s*$"}`;
  if (looks) return { finds: lookingAround(whole, at.chat), looks, groups };
  let compiled: RE2JS | undefined;
  const expression = () => (compiled ??= RE2JS.compile(whole, RE2JS.DOTALL | (at.chat ? RE2JS.CASE_INSENSITIVE : 0)));
  const finds = (text: string) => linearFinds(expression(), text);
  if (pieces.some((piece) => /[\\^$|*+?.()[\]{}]/.test(piece))) {
    expression();
    return { finds, groups };
  }
  // Nothing can be wrong with plain words and parameters: ten thousand of them would take seconds to compile at once.
  let short: RegExp | undefined;
  const quick = () => (short ??= new RegExp(ofAscii(whole).replaceAll("(?P<", "(?<"), at.chat ? "isu" : "su"));
  let finder: ReturnType<typeof longTextFinder> | undefined;
  const long = () => (finder ??= longTextFinder(between(source, places).map(ofAscii)));
  return { finds, quick, groups, ...(at.chat && places.length === groups.length && places.length > 0 ? { long } : {}) };
}

/** White space as RE2 means it. */
function ofAscii(source: string): string {
  return source.replaceAll("\\s", "[\\t\\n\\f\\r ]");
}

/** What of a source stands before, between and after its parameters. */
function between(source: string, places: readonly { readonly from: number; readonly to: number }[]): string[] {
  return [0, ...places.map(({ to }) => to)].map((from, index) => source.slice(from, places[index]?.from));
}

function groupName(piece: string): string | undefined {
  return /^\(\?P?<(\w+)>$/.exec(piece)?.[1];
}

/** A value in single quotes, in double quotes, or any text; quotes that don't pair are let go. */
function valuePattern([single, double, plain]: readonly string[], chat: boolean): string {
  const inner = chat ? ".*?" : ".+?";
  return `(?:'(?P<${single}>${inner})'|"(?P<${double}>${inner})"|["']?(?P<${plain}>\\{.+?\\}|.+?)["']?)`;
}

/** Python's spelling in RE2's: its classes know all of Unicode. */
function translated(piece: string): string {
  if (piece.startsWith("[") && piece.length > 1) {
    // RE2 takes a bracket within brackets for the name of a class.
    return `[${piece.slice(1).replace(/\\[wds]|\\[\s\S]|\[/g, (part) => insideClass[part] ?? (part === "[" ? "\\[" : part))}`;
  }
  if (piece === "\\Z") return "\\z";
  const positive = insideClass[piece];
  if (positive !== undefined) return `[${positive}]`;
  const negative = insideClass[piece.toLowerCase()];
  return negative !== undefined ? `[^${negative}]` : piece;
}

const insideClass: Readonly<Record<string, string>> = {
  "\\w": "\\p{L}\\p{N}_",
  "\\d": "\\p{Nd}",
  "\\s": "\\s\\v\\p{Z}",
};

function* linearFinds(expression: RE2JS, text: string): Generator<ValueOf> {
  const match = expression.matcher(text);
  while (match.find()) yield (group) => match.group(group);
}

/** Look-around, back-references, what gives nothing back, and conditions: RE2 has none of these. */
function looksAround(pattern: string): boolean {
  return patternPieces(pattern).some((piece, index, pieces) => {
    if (/^\(\?(?:<?[=!]|>|P=|\()|^\\[1-9]/.test(piece)) return true;
    return piece === "+" && /^[*+?}]$/.test(pieces[index - 1] ?? "");
  });
}

/** Longer commands are not held against what looks around: it may take the square of their length, and more. */
const lookedAtMost = 2_000;

function lookingAround(whole: string, chat: boolean): CompiledPattern["finds"] {
  const regex = compileRegex(whole, { dotAll: true, ignoreCase: chat });
  return function* finds(text) {
    if (text.length > lookedAtMost) return;
    for (let from = 0; from <= text.length;) {
      const found = withinBudget(() => regex.find(text, { from }));
      if (found === undefined) return;
      yield (group) => found.groups[regex.names.get(group) ?? -1] ?? null;
      from = found.end > found.start ? found.end : found.end + 1;
    }
  };
}

/** What takes too long to find is not there. */
function withinBudget<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (thrown) {
    if (thrown instanceof RegexBudgetError) return undefined;
    throw thrown;
  }
}

function whyNot(thrown: unknown): string {
  const words = thrown instanceof Error ? thrown.message : String(thrown);
  // What the engine quotes is the expression made of the format, which nobody wrote.
  return `it is no valid regular expression (${words.replace(/^error parsing regexp: /, "").replace(/: `[\s\S]*`$/, "")})`;
}
