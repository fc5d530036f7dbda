import type { Catalog, CompiledAlias } from "../catalog.ts";
import type { AliasParameters } from "./expression.ts";
import { chatCommand, compileFormat, extract, plainText, type ChatCommand } from "./format.ts";

/** A command that fits the beginning of a format. */
export interface Begun {
  readonly alias: CompiledAlias;
  readonly display: string;
  readonly params: AliasParameters;
  /** The parameters without a default that come after it, in order: one at least. */
  readonly lacks: readonly string[];
}

/** The alias whose format a command begins and doesn't end, of those that are theirs: the one of which it says most. Undefined where none is begun, or two are
 *  begun alike. Formats of nothing but words and parameters can be begun: what else lacks of a regular expression nobody can tell.
 *  @param at.isTheirs whether it may be spoken of */
export function begunAlias(at: {
  catalog: Pick<Catalog, "aliases">;
  text: string;
  isTheirs: (alias: CompiledAlias) => boolean;
}): Begun | undefined {
  const command = chatCommand(at.text);
  const [word = ""] = command.lower.split(/\s+/);
  const opened = openingsOf(at.catalog.aliases)
    .get(word)
    ?.filter(({ opening }) => startsWithWords(command.lower, opening))
    .toSorted((a, b) => b.opening.length - a.opening.length)
    .slice(0, triedAtMost);
  let best: (Begun & { said: number }) | undefined;
  let isTie = false;
  for (const { alias, display, cuts } of opened ?? []) {
    const found = longestCut(cuts, command);
    if (found === undefined || found.said < (best?.said ?? 0) || !at.isTheirs(alias)) continue;
    isTie = best !== undefined && best.alias !== alias && found.said === best.said;
    if (best === undefined || found.said > best.said) best = { alias, display, ...found };
  }
  if (best === undefined || isTie) return undefined;
  const { said: _, ...begun } = best;
  return begun;
}

/** More formats than these begin with one word only where somebody means them to. */
const triedAtMost = 50;

/** A format up to one of its places. */
interface Cut {
  readonly text: string;
  /** Its own characters, parameters aside. */
  readonly said: number;
  readonly lacks: readonly string[];
}

interface Opening {
  readonly alias: CompiledAlias;
  readonly display: string;
  /** The words before the first parameter. */
  readonly opening: string;
  readonly cuts: readonly Cut[];
}

function longestCut(
  cuts: readonly Cut[],
  command: ChatCommand,
): { params: AliasParameters; lacks: readonly string[]; said: number } | undefined {
  for (const { text, said, lacks } of cuts) {
    const compiled = compileFormat(text);
    const [params] = compiled.kind === "ok" ? extract(compiled.format, command) : [];
    // What was given by name is not lacking.
    const left = params === undefined ? [] : lacks.filter((name) => !Object.hasOwn(params, name));
    if (params !== undefined && left.length > 0) return { params, said, lacks: left };
  }
  return undefined;
}

function startsWithWords(text: string, words: string): boolean {
  return text.startsWith(words) && /^(?:\s|$)/.test(text.slice(words.length));
}

const known = new WeakMap<readonly CompiledAlias[], ReadonlyMap<string, readonly Opening[]>>();

/** By first word. */
function openingsOf(aliases: readonly CompiledAlias[]): ReadonlyMap<string, readonly Opening[]> {
  const before = known.get(aliases);
  if (before !== undefined) return before;
  const openings = new Map<string, Opening[]>();
  for (const alias of aliases) {
    for (const { text, display = text, multiple } of alias.formats) {
      const opened = multiple ? undefined : cut(text);
      const [word = ""] = opened?.opening.split(/\s+/) ?? [];
      if (opened === undefined || word === "") continue;
      const there = openings.get(word);
      const entry = { alias, display, ...opened };
      if (there === undefined) openings.set(word, [entry]);
      else there.push(entry);
    }
  }
  known.set(aliases, openings);
  return openings;
}

/** Where a format can be left off: after its words and after each parameter, the longest first. */
function cut(format: string): { opening: string; cuts: Cut[] } | undefined {
  const pieces = format.split(/(\{\{[\s\S]*?\}\})/);
  const isParameter = (piece: string) => piece.startsWith("{{");
  if (pieces.some((piece) => !isParameter(piece) && /[\\^$|*+?.()[\]{}]/.test(piece))) return undefined;
  const names = pieces.map((piece) => /^\{\{\s*([\p{L}_][\p{L}\p{N}_]*)\s*\}\}$/u.exec(piece)?.[1]);
  const cuts: Cut[] = [];
  let text = "";
  for (const [index, piece] of pieces.entries()) {
    text += piece;
    const lacks = names.slice(index + 1).filter((name) => name !== undefined);
    if (lacks.length === 0) break;
    if (piece.trim() !== "") cuts.unshift({ text: text.trimEnd(), said: text.replace(/\{\{[\s\S]*?\}\}|\s/g, "").length, lacks });
  }
  const opening = plainText(pieces[0] ?? "")
    .trim()
    .toLowerCase();
  return opening === "" || cuts.length === 0 ? undefined : { opening, cuts };
}
