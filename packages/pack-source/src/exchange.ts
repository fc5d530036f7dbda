import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { problem } from "@bellhop/contracts";
import { nearest } from "@bellhop/core";
import { z } from "zod";
import { fetchText, type NpmSettings } from "./npm.ts";
import { shownUrl, type Source } from "./spec.ts";

/** One pack in the index of StackStorm's Exchange. */
const Entry = z.object({
  name: z.string(),
  version: z.string(),
  versions: z.array(z.string()).default([]),
  repo_url: z.string(),
  description: z.string().default(""),
  keywords: z.array(z.string()).default([]),
});
const Index = z.object({ packs: z.record(z.string(), z.unknown()) });

interface ExchangePack {
  readonly name: string;
  readonly version: string;
  readonly versions: readonly string[];
  readonly repository: string;
  readonly description: string;
  readonly keywords: readonly string[];
}

/** By name. */
export type ExchangeIndex = ReadonlyMap<string, ExchangePack>;

/** Reads index files, by path or by URL. Of packs that several have, the first one's counts; an entry that is no pack's is passed over.
 *  @throws Problem pack_unreachable, pack_not_found */
export async function readIndex(places: readonly string[], settings: () => Promise<NpmSettings>): Promise<ExchangeIndex> {
  const found = new Map<string, ExchangePack>();
  for (const place of places) {
    const isUrl = /^https?:/.test(place);
    const text = isUrl
      ? await fetchText(place, await settings())
      : await readFile(place, "utf8").catch((error: unknown) => unreadable(place, error));
    for (const [name, value] of Object.entries(parsed(place, text))) {
      const { data } = Entry.safeParse(value);
      if (data === undefined || found.has(name)) continue;
      const { version, versions, description, keywords, repo_url: repository } = data;
      found.set(name, { name, version, versions, description, keywords, repository: isUrl ? repository : besideIndex(place, repository) });
    }
  }
  return found;
}

/** A pack of the index, or a Problem `pack_not_found` with what it may have been meant to be. */
export function packInIndex(index: ExchangeIndex, { spec, name, version }: { spec: string; name: string; version?: string }): ExchangePack {
  const pack = index.get(name);
  if (pack === undefined) {
    const near = nearest(name, [...index.keys()]);
    const suggestion =
      index.size === 0
        ? "Name the address of an index file in bellhop.yaml (packs: { index: … }) or in BELLHOP_PACK_INDEX."
        : near === undefined
          ? "`bellhop pack search WORDS` looks through it."
          : `Did you mean exchange:${near}?`;
    throw problem("pack_not_found", { spec, why: `${name} is in no index of the Exchange`, suggestion });
  }
  const known = [pack.version, ...pack.versions];
  if (version !== undefined && !known.includes(version)) {
    throw problem("pack_not_found", {
      spec,
      why: `the index has no version ${version} of it`,
      suggestion: `There are: ${[...new Set(known)].join(", ")}.`,
    });
  }
  return pack;
}

/** A bare name that the index has is the Exchange's; `npm:` in front makes it npm's. @throws Problem pack_spec_unclear */
export function inExchange(source: Source, index: ExchangeIndex): Source {
  if (source.kind !== "npm" || !source.bare || !index.has(source.name)) return source;
  const { spec, name, wanted } = source;
  if (wanted === "*") return { kind: "exchange", spec, name };
  if (/^\d/.test(wanted)) return { kind: "exchange", spec, name, version: wanted };
  throw problem("pack_spec_unclear", { spec, why: `the Exchange has ${name}, and knows exact versions only; npm's is npm:${spec}` });
}

/** Packs in whose name, description or keywords each of the words stands. */
export function searchIndex(index: ExchangeIndex, words: readonly string[]): ExchangePack[] {
  const wanted = words.map((word) => word.toLowerCase());
  return [...index.values()].filter(({ name, description, keywords }) => {
    const text = [name, description, ...keywords].join(" ").toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

function besideIndex(place: string, repository: string): string {
  if (!isAbsolute(repository) && !/^\.\.?\//.test(repository)) return repository;
  return pathToFileURL(resolve(dirname(place), repository)).href;
}

function parsed(place: string, text: string): Record<string, unknown> {
  try {
    return Index.parse(JSON.parse(text)).packs;
  } catch (error) {
    const suggestion = "An index is a JSON file { packs: { NAME: { name, version, repo_url, … } } }.";
    throw problem("pack_unreachable", { spec: shownUrl(place), why: "it is no index of packs", suggestion }, { cause: error });
  }
}

function unreadable(place: string, error: unknown): never {
  const suggestion = "packs.index in bellhop.yaml, or BELLHOP_PACK_INDEX, names it.";
  throw problem("pack_unreachable", { spec: place, why: error instanceof Error ? error.message : String(error), suggestion });
}
