import type { AliasFormat } from "@bellhop/contracts";
import { compiledPattern, search, type AliasParameters, type CompiledPattern, type FormatParameter } from "./expression.ts";
import { chatPairs, type Pairs } from "./pairs.ts";
import { patternFacts, placeholder, type PatternFacts } from "./pattern.ts";

/** One representation of an alias as chat reads it, compiled to a linear-time expression. */
export interface CompiledFormat {
  /** What the pack wrote. */
  readonly text: string;
  /** What help shows; absent: listed nowhere. */
  readonly display?: string;
  readonly facts: PatternFacts;
  readonly pattern: CompiledPattern;
}

export type CompileResult = { kind: "ok"; format: CompiledFormat } | { kind: "fault"; why: string };

/** Compiles a representation. Literals, `{{ name }}`, `{{ name = default }}`; everything else is a regular expression as RE2 knows it. */
export function compileFormat(text: string, display?: AliasFormat["display"]): CompileResult {
  const read = readParameters(text);
  if (read.kind === "fault") return read;
  const { parameters } = read;
  const pattern = plainText(read.pattern);
  const facts = patternFacts(pattern, (index) => parameters[index]?.default !== undefined);
  const compiled = compiledPattern({ pattern, parameters, facts, chat: true });
  if (compiled.kind === "fault") return compiled;
  return { kind: "ok", format: { text, ...(display === undefined ? {} : { display }), facts, pattern: compiled.pattern } };
}

/** What is asked of each format that a command might fit, read off the command once. */
export interface ChatCommand {
  /** Without the pairs at its end, and without white space around it. */
  readonly text: string;
  readonly lower: string;
  readonly pairs: Pairs["pairs"];
}

export function chatCommand(command: string): ChatCommand {
  const { rest, pairs } = chatPairs(plainText(command).trim());
  const text = rest.trim();
  // The two characters beyond ASCII that an expression without case takes for a letter of ASCII.
  return { text, lower: text.toLowerCase().replaceAll("\u017f", "s").replaceAll("\u212a", "k"), pairs };
}

/** The parameters a command gives in this format, or undefined where it doesn't fit. */
export function extract({ facts, pattern }: CompiledFormat, { text, lower, pairs }: ChatCommand): AliasParameters | undefined {
  if (!lower.startsWith(facts.prefix) || !inOrder(facts.runs, lower)) return undefined;
  const params = search(pattern, `${facts.anchoredStart ? "" : " "}${text}${facts.anchoredEnd ? "" : " "}`);
  return params === undefined ? undefined : { ...params, ...Object.fromEntries(pairs) };
}

/** A command as `chat` reads it: typographic quotes and spaces as a keyboard writes them. */
export function plainText(text: string): string {
  return text
    .replace(/[\u201c\u201d\u201e\u201f]/g, '"')
    .replace(/[\u2018\u2019\u201a\u201b]/g, "'")
    .replace(/[\u00a0\u2007\u202f]/g, " ");
}

function inOrder(runs: PatternFacts["runs"], text: string): boolean {
  let at = 0;
  for (const { text: run } of runs) {
    const found = text.indexOf(run, at);
    if (found < 0) return false;
    at = found + run.length;
  }
  return true;
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
