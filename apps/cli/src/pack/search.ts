import type { Bus } from "@bellhop/bus";
import { toProblem } from "@bellhop/contracts";
import { activeVersions, fetchVersion } from "@bellhop/pack-loader";
import { searchIndex, searchPackages } from "@bellhop/pack-source";
import { commonConfig, type Env } from "@bellhop/service";
import { step } from "../progress.ts";
import { note, type ExitCode } from "../report.ts";
import { printTable } from "../table.ts";
import { runningIn } from "../up-lock.ts";
import { withBus } from "../with-bus.ts";
import { openSources, type Sources } from "./sources.ts";

interface Hit {
  name: string;
  version: string;
  description: string;
  where: "here" | "exchange" | "npm";
  /** What `pack install` takes; absent where it answers here already. */
  spec?: string;
}

/** `bellhop pack search WORDS`: packs here, in the Exchange's index and in the npm registry. One of them that can't be asked is said, and the others answer. */
export async function packSearch(words: readonly string[], { json }: { json: boolean }, env: Env): Promise<ExitCode> {
  const sources = openSources(env);
  const places = [
    { name: "what runs here", hits: hereHits(words, env) },
    ...(sources.settings.index.length > 0 ? [{ name: "the Exchange", hits: exchangeHits(words, sources) }] : []),
    { name: "the npm registry", hits: npmHits(words, sources) },
  ];
  const failed: { where: string; why: string }[] = [];
  const found = await Promise.all(
    places.map(({ name, hits }) =>
      hits.catch((error: unknown) => {
        failed.push({ where: name, why: toProblem(error).message });
        return [];
      }),
    ),
  );
  const hits = found.flat();
  if (json) process.stdout.write(`${JSON.stringify({ packs: hits, failed })}\n`);
  else {
    if (hits.length > 0)
      printTable(
        ["PACK", "VERSION", "WHERE", "DESCRIPTION"],
        hits.map(({ name, spec, version, where, description }) => [spec ?? name, version, where, description]),
      );
    else note("No pack fits.");
    for (const { where, why } of failed) note(`${where} could not be searched: ${why}`);
    if (hits.some(({ spec }) => spec !== undefined))
      note("`bellhop pack show PACK` says what one has, `bellhop pack install PACK` installs it.");
  }
  return failed.length === places.length ? 1 : 0;
}

async function hereHits(words: readonly string[], env: Env): Promise<Hit[]> {
  const { folder } = commonConfig(env, "cli");
  if (env.NATS_URL === undefined && (await runningIn(folder)) === undefined) return [];
  const versions = await withBus(env, "bellhop pack search", activeDefinitions);
  return versions
    .filter(({ name, description, keywords = [], actions }) => {
      const text = [name, description, ...keywords, ...actions.map((one) => `${one.name} ${one.description}`)].join(" ").toLowerCase();
      return words.every((word) => text.includes(word.toLowerCase()));
    })
    .map(({ name, version, description }) => ({ name, version, description, where: "here" as const }));
}

async function activeDefinitions(bus: Bus) {
  return await Promise.all((await activeVersions(bus)).map(({ digest }) => fetchVersion(bus, digest)));
}

async function exchangeHits(words: readonly string[], { options }: Sources): Promise<Hit[]> {
  const found = searchIndex(await options.index(), words);
  return found.map(({ name, version, description }) => ({
    name,
    version,
    description,
    where: "exchange" as const,
    spec: `exchange:${name}`,
  }));
}

async function npmHits(words: readonly string[], { options }: Sources): Promise<Hit[]> {
  const found = await step("asking the npm registry", searchPackages(words, await options.npm()));
  return found.map((one) => ({ ...one, where: "npm" as const, spec: one.name.startsWith("@") ? one.name : `npm:${one.name}` }));
}
