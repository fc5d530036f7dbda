import type { Catalog, CompiledAlias } from "../catalog.ts";
import { nearest } from "../near.ts";
import type { AliasParameters } from "./expression.ts";
import { chatCommand, extract, mayFit, plainText, type CompiledFormat } from "./format.ts";
import { aliasIndex, bySpecificity, indexSteps, type AliasIndex, type Candidate } from "./index.ts";

export type Match =
  | { kind: "matched"; alias: CompiledAlias; format: CompiledFormat; params: AliasParameters }
  /** A format of `match_multiple` is found several times in one command, with different parameters, in their order. */
  | { kind: "several"; alias: CompiledAlias; format: CompiledFormat; all: readonly AliasParameters[] }
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
    // What looks around takes as long as many that don't.
    tried += command.text.length * (candidate.format.pattern.looks === true ? 20 : 1);
    const all = distinct(extract(candidate.format, command));
    const [params] = all;
    // Two formats of one alias that understand the command alike mean the same.
    if (params !== undefined && !found.some((other) => other.alias === candidate.alias && sameParameters(other.params, params))) {
      found.push({ ...candidate, params, all });
    }
  }
  const [first] = found;
  if (first === undefined) return { kind: "none" };
  if (found.length > 1) return { kind: "ambiguous", candidates: found.map(({ alias, format }) => ({ alias, format })) };
  const { alias, format, params, all } = first;
  return all.length === 1 ? { kind: "matched", alias, format, params } : { kind: "several", alias, format, all };
}

/** Nobody reads a longer list of what a command might mean. */
const namedAtMost = 10;

/** All characters that one command's expressions go through: tens of milliseconds. The most specific formats were tried by then. */
const charactersAtMost = 200_000;

interface Near {
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
  // As many words of the command as the display has literal ones: parameters say nothing about what was meant.
  const words = plainText(text.slice(0, 400)).trim().split(/\s+/);
  const shown = shownOf(catalog.aliases);
  const untold = new Set<string>();
  for (let count = Math.min(words.length, 4); count > 0; count--) {
    const said = words.slice(0, count).join(" ");
    // A few names that may not be told are passed over; to ask of all whether they may would cost more than the answer.
    for (let more = 0; more < 5; more++) {
      const near = nearest(
        said,
        Array.from(shown.keys()).filter((literal) => !untold.has(literal)),
      );
      if (near === undefined) break;
      const told = shown.get(near)?.find(({ alias }) => isTold(alias));
      if (told !== undefined) return { display: told.display, isBegun: near.toLowerCase() === words.join(" ").toLowerCase() };
      untold.add(near);
    }
  }
  return undefined;
}

type Shown = ReadonlyMap<string, { alias: CompiledAlias; display: string }[]>;

const shownBefore = new WeakMap<readonly CompiledAlias[], Shown>();

/** What help shows of each alias, by the words it begins with. */
function shownOf(aliases: readonly CompiledAlias[]): Shown {
  const known = shownBefore.get(aliases);
  if (known !== undefined) return known;
  const shown = new Map<string, { alias: CompiledAlias; display: string }[]>();
  for (const alias of aliases) {
    for (const { display } of alias.formats) {
      const words = display?.split(/\s*(?:\{\{|[<([])/)[0]?.trim() ?? "";
      if (display === undefined || words === "") continue;
      const there = shown.get(words);
      if (there === undefined) shown.set(words, [{ alias, display }]);
      else there.push({ alias, display });
    }
  }
  shownBefore.set(aliases, shown);
  return shown;
}

type Found = Candidate & { params: AliasParameters; all: readonly AliasParameters[] };

/** Made when a catalog is first asked: packs that come in one after another make one index, not one each. */
const indexes = new WeakMap<readonly CompiledAlias[], AliasIndex>();

/** Makes the index of a catalog before it is asked, with places where others may work. */
export function* prepareMatching({ aliases }: Pick<Catalog, "aliases">): Generator<void, void, void> {
  indexes.set(aliases, yield* indexSteps(aliases));
}

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
