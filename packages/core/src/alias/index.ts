import type { CompiledAlias } from "../catalog.ts";
import type { CompiledFormat } from "./format.ts";

export interface Candidate {
  readonly alias: CompiledAlias;
  readonly format: CompiledFormat;
}

/** Aliases by texts that their commands must have. */
export interface AliasIndex {
  /** Those that the command may fit, the most specific first. */
  readonly candidates: (lower: string) => readonly Candidate[];
  /** How many formats have no text that every command must have: each command is tried on them. */
  readonly unindexed: number;
}

/** Each format stands under its rarest text: a word where it has one, else a few characters. So a command meets few formats, whatever their number. */
export function aliasIndex(aliases: readonly CompiledAlias[]): AliasIndex {
  const steps = indexSteps(aliases);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same, with places where others may work. */
export function* indexSteps(aliases: readonly CompiledAlias[]): Generator<void, AliasIndex, void> {
  const entries = aliases.flatMap((alias) => alias.formats.map((format): Candidate => ({ alias, format }))).toSorted(bySpecificity);
  yield;
  const keys: ReturnType<typeof keysOf>[] = [];
  const counts = new Map<string, number>();
  for (const { format } of entries) {
    const { words, grams } = keysOf(format);
    keys.push({ words, grams });
    for (const key of [...words, ...grams.flat()]) counts.set(key, (counts.get(key) ?? 0) + 1);
    yield;
  }
  const rarity = (key: string) => counts.get(key) ?? 0;
  const byWord = new Map<string, number[]>();
  const byGram = new Map<string, number[]>();
  const always: number[] = [];
  for (const [entry, { words, grams }] of keys.entries()) {
    const word = rarest(words, rarity);
    const gram = rarest(grams, (set) => set.reduce((sum, one) => sum + rarity(one), 0));
    if (word !== undefined) add(byWord, word, entry);
    else if (gram !== undefined) for (const one of new Set(gram)) add(byGram, one, entry);
    else always.push(entry);
    yield;
  }
  const lengths = [...new Set(Array.from(byGram.keys(), (gram) => gram.length))];
  return {
    unindexed: always.length,
    candidates: (lower) => {
      const found = new Set(always);
      const words = new Set(lower.split(/[\t\n\f\r ]+/));
      for (const word of words) for (const entry of byWord.get(word) ?? []) found.add(entry);
      for (const length of lengths) {
        for (let at = 0; at + length <= lower.length; at++) {
          const there = byGram.get(lower.slice(at, at + length));
          if (there !== undefined) for (const entry of there) found.add(entry);
        }
      }
      const candidates: Candidate[] = [];
      for (const entry of Array.from(found).toSorted((a, b) => a - b)) {
        const candidate = entries[entry];
        if (candidate?.format.facts.runs.every(({ text, word }) => !word || words.has(text))) candidates.push(candidate);
      }
      return candidates;
    },
  };
}

/** What is found once before what may be found often, as StackStorm asks; more literal characters first, then fewer optional parameters: 0 where two are equally specific. */
export function bySpecificity(a: Candidate, b: Candidate): number {
  return (
    Number(a.format.multiple) - Number(b.format.multiple) ||
    b.format.facts.literals - a.format.facts.literals ||
    a.format.facts.optional - b.format.facts.optional
  );
}

/** So few characters are looked up at each place of a command. */
const gramLength = 3;

/** Each word alone would do as a key; so would each set of grams, all of it. */
function keysOf({ facts }: CompiledFormat): { words: string[]; grams: string[][] } {
  const words = facts.runs.filter((run) => run.word).map((run) => run.text);
  if (words.length > 0) return { words, grams: [] };
  return {
    words,
    grams: [
      ...facts.runs.flatMap(({ text }) => gramsOf(text).map((gram) => [gram])),
      ...facts.choices.map((texts) => texts.map((text) => text.slice(0, gramLength))),
    ],
  };
}

function gramsOf(text: string): string[] {
  if (text.length <= gramLength) return [text];
  return Array.from({ length: text.length - gramLength + 1 }, (_, at) => text.slice(at, at + gramLength));
}

function rarest<T>(all: readonly T[], rarity: (one: T) => number): T | undefined {
  let best: T | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const one of all) {
    const here = rarity(one);
    if (here >= least) continue;
    best = one;
    least = here;
  }
  return best;
}

function add(map: Map<string, number[]>, key: string, entry: number): void {
  const there = map.get(key);
  if (there === undefined) map.set(key, [entry]);
  else there.push(entry);
}
