import { RE2JS, type Matcher } from "re2js";
import type { AliasFormat } from "@bellhop/contracts";
import { chatPairs, strictPairs } from "./pairs.ts";
import { patternFacts, patternPieces, placeholder, placeholderIndex, type PatternFacts } from "./pattern.ts";

/** One representation of an alias, compiled to linear-time expressions. */
export interface CompiledFormat {
  /** What the pack wrote. */
  readonly text: string;
  /** What help shows; absent: listed nowhere. */
  readonly display?: string;
  readonly facts: PatternFacts;
  readonly strict: CompiledPattern;
  readonly chat: CompiledPattern;
}

/** Parameters as a command gave them: text, or null where an optional part of a pattern took nothing. */
export type AliasParameters = Record<string, string | null>;

export type CompileResult = { kind: "ok"; format: CompiledFormat } | { kind: "fault"; why: string };

/** Compiles a representation. Literals, `{{ name }}`, `{{ name = default }}`; everything else is a regular expression as RE2 knows it. */
export function compileFormat(text: string, display?: AliasFormat["display"]): CompileResult {
  const read = readParameters(text);
  if (read.kind === "fault") return read;
  const { pattern, parameters } = read;
  const facts = patternFacts(pattern, (index) => parameters[index]?.default !== undefined);
  try {
    const strict = compilePattern({ pattern, parameters, facts, chat: false });
    const chat = compilePattern({ pattern: plainText(pattern), parameters, facts, chat: true });
    return { kind: "ok", format: { text, ...(display === undefined ? {} : { display }), facts, strict, chat } };
  } catch (thrown) {
    return { kind: "fault", why: whyNot(pattern, thrown) };
  }
}

/** The parameters a command gives in this format, or undefined where it doesn't fit. */
export function extract(format: CompiledFormat, command: string, mode: "strict" | "chat"): AliasParameters | undefined {
  return mode === "strict" ? extractStrict(format, command) : extractChat(format, command);
}

/** Each time a format with `match_multiple` is found in a command, the parameters it gives there: StackStorm's `strict` reading. Empty where it is found nowhere. */
export function extractEach(format: CompiledFormat, command: string): AliasParameters[] {
  const { rest, pairs } = strictPairs(command);
  return searchEach(format.strict, ` ${rest} `).map((params) => ({ ...params, ...Object.fromEntries(pairs) }));
}

/** A command as `chat` reads it: typographic quotes and spaces as a keyboard writes them. */
export function plainText(text: string): string {
  return text
    .replace(/[\u201c\u201d\u201e\u201f]/g, '"')
    .replace(/[\u2018\u2019\u201a\u201b]/g, "'")
    .replace(/[\u00a0\u2007\u202f]/g, " ");
}

interface FormatParameter {
  name: string;
  default?: string;
}

interface CompiledPattern {
  readonly expression: RE2JS;
  /** The group names that a parameter's value can be in. */
  readonly groups: readonly { readonly name: string; readonly groups: readonly string[]; readonly default?: string }[];
}

function extractStrict(format: CompiledFormat, command: string): AliasParameters | undefined {
  const { rest, pairs } = strictPairs(command);
  const params = search(format.strict, ` ${rest} `);
  if (params === undefined) return undefined;
  for (const [key, value] of pairs) params[key] = value;
  const nothing = Object.values(params).every((value) => value === null || value === "");
  return format.text !== "" && command.trim() === "" && nothing && Object.keys(params).length > 0 ? undefined : params;
}

function extractChat(format: CompiledFormat, command: string): AliasParameters | undefined {
  const { rest, pairs } = chatPairs(command);
  const text = rest.trim();
  if (!text.toLowerCase().startsWith(format.facts.prefix)) return undefined;
  const { anchoredStart, anchoredEnd } = format.facts;
  const params = search(format.chat, `${anchoredStart ? "" : " "}${text}${anchoredEnd ? "" : " "}`);
  if (params === undefined) return undefined;
  for (const [key, value] of pairs) params[key] = value;
  return params;
}

function search(pattern: CompiledPattern, text: string): AliasParameters | undefined {
  const match = pattern.expression.matcher(text);
  return match.find() ? parametersOf(pattern, match) : undefined;
}

function searchEach(pattern: CompiledPattern, text: string): AliasParameters[] {
  const match = pattern.expression.matcher(text);
  const found: AliasParameters[] = [];
  while (match.find()) found.push(parametersOf(pattern, match));
  return found;
}

function parametersOf({ groups }: CompiledPattern, match: Matcher): AliasParameters {
  const params: AliasParameters = Object.create(null) as AliasParameters;
  for (const parameter of groups) {
    let value: string | null = null;
    for (const group of parameter.groups) value ??= match.group(group);
    params[parameter.name] = value === null || value === "" ? (parameter.default ?? value) : value;
  }
  return { ...params };
}

function readParameters(text: string): { kind: "ok"; pattern: string; parameters: FormatParameter[] } | { kind: "fault"; why: string } {
  const parameters: FormatParameter[] = [];
  let pattern = "";
  let at = 0;
  for (let open = text.indexOf("{{"); open >= 0; open = text.indexOf("{{", at)) {
    const found = /^\{\{\s*([^={}]*?)\s*(?:=\s*("[^"]*"|'[^']*'|\{[\s\S]*?\}|[\s\S]*?)\s*)?\}\}(?!\})/.exec(text.slice(open));
    if (!found) return { kind: "fault", why: `the parameter at character ${open + 1} is not closed by }}` };
    const [whole, name = "", value] = found;
    if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) return { kind: "fault", why: `"${name}" can't be the name of a parameter` };
    if (value === "") return { kind: "fault", why: `the default of ${name} is missing; an empty one is written {{ ${name} = "" }}` };
    if (parameters.some((other) => other.name === name)) return { kind: "fault", why: `${name} stands in it twice` };
    pattern += text.slice(at, open) + placeholder(parameters.length);
    parameters.push({ name, ...(value === undefined ? {} : { default: quotesOff(value) }) });
    at = open + whole.length;
  }
  return { kind: "ok", pattern: pattern + text.slice(at), parameters };
}

function compilePattern(at: {
  pattern: string;
  parameters: readonly FormatParameter[];
  facts: PatternFacts;
  chat: boolean;
}): CompiledPattern {
  const groups: { name: string; groups: string[]; default?: string }[] = [];
  let source = "";
  let space = "";
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
      const [, name] = /^\(\?P?<(\w+)>$/.exec(piece) ?? [];
      if (name !== undefined) groups.push({ name, groups: [name] });
      if (!piece.startsWith("[") || !Array.from(piece).some((character) => placeholderIndex(character) !== undefined)) {
        source += translated(piece);
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
  return { expression: RE2JS.compile(whole, RE2JS.DOTALL | (at.chat ? RE2JS.CASE_INSENSITIVE : 0)), groups };
}

/** A value in single quotes, in double quotes, or any text; quotes that don't pair are let go. */
function valuePattern([single, double, plain]: readonly string[], chat: boolean): string {
  const inner = chat ? ".*?" : ".+?";
  return `(?:'(?P<${single}>${inner})'|"(?P<${double}>${inner})"|["']?(?P<${plain}>\\{.+?\\}|.+?)["']?)`;
}

/** Python's spelling in RE2's: its classes know all of Unicode. */
function translated(piece: string): string {
  if (piece.startsWith("[") && piece.length > 1) return piece.replace(/\\[wds]/g, (escape) => insideClass[escape] ?? escape);
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

function quotesOff(value: string): string {
  return /^(["'])[\s\S]*\1$/.test(value) && value.length >= 2 ? value.slice(1, -1) : value;
}

function whyNot(pattern: string, thrown: unknown): string {
  if (/\(\?<?[=!]/.test(pattern)) return "look-around can't be used: it has no linear-time matcher";
  if (/\\[1-9]|\(\?P=/.test(pattern)) return "back-references can't be used: they have no linear-time matcher";
  return `it is no valid regular expression (${thrown instanceof Error ? thrown.message : String(thrown)})`;
}
