import type { Catalog, CompiledAlias } from "../catalog.ts";
import { nearest } from "../near.ts";
import type { AliasParameters } from "./expression.ts";
import { chatCommand, extract, plainText, type CompiledFormat } from "./format.ts";
import { aliasIndex, bySpecificity, type AliasIndex, type Candidate } from "./index.ts";

export type Match =
  | { kind: "matched"; alias: CompiledAlias; format: CompiledFormat; params: AliasParameters }
  | { kind: "ambiguous"; candidates: Candidate[] }
  | { kind: "none" };

/** Finds the alias that a command calls in a chat. Case and typographic quotes don't count, the format with the most literal characters wins,
 *  then the one with the fewest optional parameters; a tie is ambiguous, never a guess. */
export function matchAlias(catalog: Pick<Catalog, "aliases">, text: string): Match {
  const command = chatCommand(text);
  const found: Found[] = [];
  for (const candidate of indexOf(catalog.aliases).candidates(command.lower)) {
    const [best] = found;
    if (best !== undefined && bySpecificity(best, candidate) < 0) break;
    const params = extract(candidate.format, command);
    // Two formats of one alias that understand the command alike mean the same.
    if (params !== undefined && !found.some((other) => other.alias === candidate.alias && sameParameters(other.params, params))) {
      found.push({ ...candidate, params });
    }
  }
  const [first] = found;
  if (first === undefined) return { kind: "none" };
  if (found.length === 1) return { kind: "matched", ...first };
  return { kind: "ambiguous", candidates: found.map(({ alias, format }) => ({ alias, format })) };
}

/** The display of the format that a command looks most like, of those that may be told. */
export function nearestFormat(
  catalog: Pick<Catalog, "aliases">,
  text: string,
  isTold: (alias: CompiledAlias) => boolean,
): string | undefined {
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
    if (display !== undefined) return display;
  }
  return undefined;
}

type Found = Candidate & { params: AliasParameters };

/** Made when a catalog is first asked: packs that come in one after another make one index, not one each. */
const indexes = new WeakMap<readonly CompiledAlias[], AliasIndex>();

function indexOf(aliases: readonly CompiledAlias[]): AliasIndex {
  const known = indexes.get(aliases);
  if (known !== undefined) return known;
  const made = aliasIndex(aliases);
  indexes.set(aliases, made);
  return made;
}

function sameParameters(a: AliasParameters, b: AliasParameters): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
