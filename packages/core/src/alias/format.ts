import type { AliasFormat } from "@bellhop/contracts";
import { compiledPattern, search, searchEach, type AliasParameters, type CompiledPattern, type FormatParameter } from "./expression.ts";
import { chatPairs, type Pairs } from "./pairs.ts";
import { patternFacts, placeholder, type PatternFacts } from "./pattern.ts";

/** One representation of an alias as chat reads it, compiled to a linear-time expression. */
export interface CompiledFormat {
  /** What the pack wrote. */
  readonly text: string;
  /** What help shows; absent: listed nowhere. */
  readonly display?: string;
  /** It may be found several times in one command. */
  readonly multiple: boolean;
  readonly facts: PatternFacts;
  readonly pattern: CompiledPattern;
}

type CompileResult = { kind: "ok"; format: CompiledFormat } | { kind: "fault"; why: string };

/** Compiles a representation. Literals, `{{ name }}`, `{{ name = default }}`; everything else is a regular expression as RE2 knows it. */
export function compileFormat(text: string, { display, matchMultiple = false }: Partial<AliasFormat> = {}): CompileResult {
  const read = readParameters(text);
  if (read.kind === "fault") return read;
  const { parameters } = read;
  const pattern = plainText(read.pattern);
  const facts = patternFacts(pattern, (index) => parameters[index]?.default !== undefined);
  const compiled = compiledPattern({ pattern, parameters, facts, chat: true });
  if (compiled.kind === "fault") return compiled;
  return {
    kind: "ok",
    format: { text, ...(display === undefined ? {} : { display }), multiple: matchMultiple, facts, pattern: compiled.pattern },
  };
}

/** What is asked of each format that a command might fit, read off the command once. */
export interface ChatCommand {
  /** Without the pairs at its end, and without white space around it. */
  readonly text: string;
  readonly lower: string;
  readonly pairs: Pairs["pairs"];
}

/** A command as formats are held against it: made once for all of them. */
export function chatCommand(command: string): ChatCommand {
  const { rest, pairs } = chatPairs(plainText(command).trim());
  const text = rest.trim();
  // The two characters beyond ASCII that an expression without case takes for a letter of ASCII.
  return { text, lower: text.toLowerCase().replaceAll("\u017f", "s").replaceAll("\u212a", "k"), pairs };
}

/** Whether the texts of a format stand in the command in order: cheap, and most formats that don't fit end here. */
export function mayFit({ facts }: CompiledFormat, { lower }: ChatCommand): boolean {
  let at = 0;
  if (!lower.startsWith(facts.prefix)) return false;
  for (const { text } of facts.runs) {
    const found = lower.indexOf(text, at);
    if (found < 0) return false;
    at = found + text.length;
  }
  return true;
}

/** The parameters a command gives in this format, as often as it is found there: once at most, unless it is a `multiple` one. */
export function extract({ facts, pattern, multiple }: CompiledFormat, { text, pairs }: ChatCommand): AliasParameters[] {
  const padded = `${facts.anchoredStart ? "" : " "}${text}${facts.anchoredEnd ? "" : " "}`;
  const once = multiple ? undefined : search(pattern, padded);
  const found = multiple ? searchEach(pattern, padded) : once === undefined ? [] : [once];
  return pairs.length === 0 ? found : found.map((params) => ({ ...params, ...Object.fromEntries(pairs) }));
}

/** A command as `chat` reads it: typographic quotes and spaces as a keyboard writes them. */
export function plainText(text: string): string {
  if (!/[\u00a0\u2007\u2018-\u201f\u202f]/.test(text)) return text;
  return text
    .replace(/[\u201c\u201d\u201e\u201f]/g, '"')
    .replace(/[\u2018\u2019\u201a\u201b]/g, "'")
    .replace(/[\u00a0\u2007\u202f]/g, " ");
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
    pattern += text.slice(at, open) + placeholder(parameters.length);
    parameters.push({ name, ...(value === undefined ? {} : { default: quotesOff(value) }) });
    at = open + whole.length;
  }
  return { kind: "ok", pattern: pattern + text.slice(at), parameters };
}

function quotesOff(value: string): string {
  return /^(["'])[\s\S]*\1$/.test(value) && value.length >= 2 ? value.slice(1, -1) : value;
}
