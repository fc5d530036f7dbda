import type { Catalog, CompiledAlias } from "../catalog.ts";
import type { CompiledFormat } from "./format.ts";

/** Parameters as the command gave them: text, or null where an optional part of a pattern took nothing. */
export type AliasParameters = Record<string, string | null>;

export interface Candidate {
  readonly alias: CompiledAlias;
  readonly format: CompiledFormat;
}

export type Match =
  | { kind: "matched"; alias: CompiledAlias; format: CompiledFormat; params: AliasParameters }
  | { kind: "ambiguous"; candidates: Candidate[] }
  | { kind: "none"; nearest?: string };

/** Finds the alias that a command calls. `strict` is StackStorm's rule: case counts, and two matches are ambiguous. In `chat` case and
 *  typographic quotes don't count, the match with the most literal characters wins, then the one with the fewest optional parameters. */
export function matchAlias(_catalog: Catalog, _text: string, _mode: "strict" | "chat"): Match {
  throw new Error("to come");
}
