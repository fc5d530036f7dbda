import type { Catalog, CompiledAlias } from "../catalog.ts";
import { nearest } from "../near.ts";
import type { AliasParameters } from "./expression.ts";
import { chatCommand, extract, mayFit, plainText, type CompiledFormat } from "./format.ts";
import { aliasIndex, bySpecificity, type AliasIndex, type Candidate } from "./index.ts";

export type Match =
  | { kind: "matched"; alias: CompiledAlias; format: CompiledFormat; params: AliasParameters }
  /** A format of `match_multiple` is found so many times in one command, with different parameters. */
  | { kind: "several"; alias: CompiledAlias; format: CompiledFormat; times: number }
  | { kind: "ambiguous"; candidates: Candidate[] }
  | { kind: "none" };

/** Finds the alias that a command calls in a chat. Case and typographic quotes don't count, the format with the most literal characters wins,
 *  then the one with the fewest optional parameters; a tie is ambiguous, never a guess. */
export function matchAlias(catalog: Pick<Catalog, "aliases">, text: string): Match {
  const command = chatCommand(text);
  const found: Found[] = [];
  let tried = 0;
  for (const candidate of indexOf(catalog.aliases).candidates(command.lower)) {
    const [best] = found;
    if (best !== undefined && (bySpecificity(best, candidate) < 0 || found.length >= namedAtMost)) break;
    if (!mayFit(candidate.format, command)) continue;
    if (tried > charactersAtMost) break;
    tried += command.text.length;
    const all = distinct(extract(candidate.format, command));
    const [params] = all;
    // Two formats of one alias that understand the command alike mean the same.
    if (params !== undefined && !found.some((other) => other.alias === candidate.alias && sameParameters(other.params, params))) {
      found.push({ ...candidate, params, times: all.length });
    }
  }
  const [first] = found;
  if (first === undefined) return { kind: "none" };
  if (found.length > 1) return { kind: "ambiguous", candidates: found.map(({ alias, format }) => ({ alias, format })) };
  const { times, ...one } = first;
  return times === 1 ? { kind: "matched", ...one } : { kind: "several", alias: one.alias, format: one.format, times };
}

/** Nobody reads a longer list of what a command might mean. */
const namedAtMost = 10;

/** All characters that one command's expressions go through: tens of milliseconds. The most specific formats were tried by then. */
const charactersAtMost = 200_000;

export interface Near {
  readonly display: string;
  /** The command has all its words, and nothing else: what it lacks is parameters. */
  readonly isBegun: boolean;
}

/** The format that a command looks most like, of those that may be told. */
export function nearestFormat(
  catalog: Pick<Catalog, "aliases">,
  text: string,
  isTold: (alias: CompiledAlias) => boolean,
): Near | undefined {
  const displays = new Map<string, string>();
  for (const alias of catalog.aliases) {
    if (!isTold(alias)) continue;
    for (const { display } of alias.formats) {
      if (display === undefined) continue;
      const words = display.split(/\s*(?:\{\{|[<([])/)[0]?.trim() ?? "";
      if (words !== "" && !displays.has(words)) displays.set(words, display);
    }
  }
  // As many words of the command as the display has literal ones: parameters say nothing about what was meant.
  const words = plainText(text.slice(0, 400)).trim().split(/\s+/);
  for (let count = Math.min(words.length, 4); count > 0; count--) {
    const near = nearest(words.slice(0, count).join(" "), displays.keys());
    const display = near === undefined ? undefined : displays.get(near);
    if (display !== undefined) return { display, isBegun: near?.toLowerCase() === words.join(" ").toLowerCase() };
  }
  return undefined;
}

type Found = Candidate & { params: AliasParameters; times: number };

/** Made when a catalog is first asked: packs that come in one after another make one index, not one each. */
const indexes = new WeakMap<readonly CompiledAlias[], AliasIndex>();

function indexOf(aliases: readonly CompiledAlias[]): AliasIndex {
  const known = indexes.get(aliases);
  if (known !== undefined) return known;
  const made = aliasIndex(aliases);
  indexes.set(aliases, made);
  return made;
}

function distinct(all: readonly AliasParameters[]): AliasParameters[] {
  if (all.length < 2) return [...all];
  return Array.from(new Map(all.map((params) => [JSON.stringify(params), params])).values());
}

function sameParameters(a: AliasParameters, b: AliasParameters): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
