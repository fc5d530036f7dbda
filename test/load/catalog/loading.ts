import { readdir, rm } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { figure, median, type Figure } from "../figures.ts";
import { progress } from "../line.ts";
import { nextWord, startOwn } from "../own.ts";
import { temporaryFolder } from "../processes.ts";
import { actionFiles, makePacks, type Spelling } from "./make.ts";

const rounds = 5;
const Told = z.object({ ms: z.number(), found: z.number() });

/** A thousand action files in twenty packs, read and checked by a process that starts for it. */
export async function measureLoading(): Promise<Figure[]> {
  return [...(await measureSpelling("yaml")), ...(await measureSpelling("typescript"))];
}

async function measureSpelling(spelling: Spelling): Promise<Figure[]> {
  const made = { packs: 20, actions: 1_000, spelling, aliasEvery: 5 };
  const folder = temporaryFolder(`load-${spelling}`);
  const folders = await makePacks(folder, made);
  const files = actionFiles(folders, made);
  const read = async (how: "loader" | "parser" | "node", cache?: string): Promise<number> => {
    const cacheFolder = cache === undefined ? undefined : join(folder, cache);
    const work = { BENCH_WORK: JSON.stringify({ how, folders, files, cacheFolder }) };
    // As `npm start` has it.
    const compiled: Record<string, string> = cacheFolder === undefined ? {} : { NODE_COMPILE_CACHE: join(cacheFolder, "compiler") };
    const reader = startOwn({ file: "catalog/load-process.ts", env: { ...work, ...compiled } });
    const { ms, found } = await nextWord(reader, Told);
    reader.child.disconnect();
    await reader.gone;
    if (found !== made.actions) throw new Error(`${how} found ${found} of ${made.actions} actions`);
    return ms;
  };
  const floorHow = spelling === "yaml" ? "parser" : "node";
  const samples = { floor: [] as number[], cold: [] as number[], fresh: [] as number[], warm: [] as number[] };
  for (let round = 1; round <= rounds; round++) {
    progress(`loading ${spelling}, round ${round} of ${rounds}`);
    samples.floor.push(await read(floorHow));
    const cache = `cache-${round}`;
    samples.cold.push(await read("loader", cache));
    for (const name of await readdir(join(folder, cache))) if (name.endsWith(".json")) await rm(join(folder, cache, name));
    samples.fresh.push(await read("loader", cache));
    samples.warm.push(await read("loader", cache));
  }
  const name = spelling === "yaml" ? "YAML" : "TypeScript";
  const floor = spelling === "yaml" ? "the yaml library alone, reading the action files" : "Node alone, importing the action files";
  const against = { name: floor, value: median(samples.floor) };
  // Two children and the loader want two cores: beside other work they wait for them.
  const why = `load average ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores; see the floor for what that costs`;
  const said = (of: string, ms: number[]) => {
    const what = `1,000 action files (${name}) loaded and checked, ${of}`;
    return figure({ name: what, value: median(ms), unit: "ms", against, asRatio: false, aim: { atMost: 1_000 }, why });
  };
  return [said("all of them new", samples.fresh), said("none of them new", samples.warm), said("at the first start of all", samples.cold)];
}
