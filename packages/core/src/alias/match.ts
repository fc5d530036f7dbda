import type { Catalog, CompiledAlias } from "../catalog.ts";
import { nearest } from "../near.ts";
import { extract, plainText, type AliasParameters, type CompiledFormat } from "./format.ts";

export interface Candidate {
  readonly alias: CompiledAlias;
  readonly format: CompiledFormat;
}

export type Match =
  | { kind: "matched"; alias: CompiledAlias; format: CompiledFormat; params: AliasParameters }
  | { kind: "ambiguous"; candidates: Candidate[] }
  /** `nearest` is the display of the format that the command looks most like. */
  | { kind: "none"; nearest?: string };

/** Finds the alias that a command calls. `strict` is StackStorm's rule: case counts, and two matches are ambiguous. In `chat` case and
 *  typographic quotes don't count, the format with the most literal characters wins, then the one with the fewest optional parameters; a tie
 *  is ambiguous, never a guess. */
export function matchAlias(catalog: Catalog, text: string, mode: "strict" | "chat"): Match {
  const command = mode === "chat" ? plainText(text).trim() : text;
  const found: Found[] = [];
  for (const alias of catalog.aliases) {
    for (const format of alias.formats) {
      const params = extract(format, command, mode);
      if (params !== undefined) found.push({ alias, format, params });
    }
  }
  const best = mode === "chat" ? mostSpecific(found) : found;
  const [first, ...others] = best;
  if (first === undefined) return none(catalog, command);
  if (others.length === 0) return { kind: "matched", ...first };
  return { kind: "ambiguous", candidates: best.map(({ alias, format }) => ({ alias, format })) };
}

type Found = Candidate & { params: AliasParameters };

function mostSpecific(found: readonly Found[]): Found[] {
  const literals = Math.max(...found.map((one) => one.format.facts.literals));
  const byLiterals = found.filter((one) => one.format.facts.literals === literals);
  const optional = Math.min(...byLiterals.map((one) => one.format.facts.optional));
  const best = byLiterals.filter((one) => one.format.facts.optional === optional);
  // Two formats of one alias that understand the command alike mean the same.
  return best.filter((one, index) => !best.slice(0, index).some((other) => other.alias === one.alias && sameParameters(other, one)));
}

function sameParameters(a: Found, b: Found): boolean {
  return JSON.stringify(a.params) === JSON.stringify(b.params);
}

function none(catalog: Catalog, command: string): Match {
  const displays = new Map<string, string>();
  for (const { formats } of catalog.aliases) {
    for (const { display } of formats) {
      if (display === undefined) continue;
      const words = display.split(/\s*(?:\{\{|[<([])/)[0]?.trim() ?? "";
      if (words !== "" && !displays.has(words)) displays.set(words, display);
    }
  }
  // As many words of the command as the display has literal ones: parameters say nothing about what was meant.
  const words = command.split(/\s+/);
  for (let count = Math.min(words.length, 4); count > 0; count--) {
    const near = nearest(words.slice(0, count).join(" "), displays.keys());
    const display = near === undefined ? undefined : displays.get(near);
    if (display !== undefined) return { kind: "none", nearest: display };
  }
  return { kind: "none" };
}
