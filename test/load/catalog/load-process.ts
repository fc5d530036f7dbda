// Reads packs once, in a process that has done nothing before: the loader, or a bare program that does the least which has to be done.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { tell } from "../child.ts";

const Work = z.object({
  how: z.enum(["loader", "parser", "node"]),
  folders: z.array(z.string()),
  files: z.array(z.string()),
  cacheFolder: z.string().optional(),
});

const { how, folders, files, cacheFolder } = Work.parse(JSON.parse(process.env["BENCH_WORK"] ?? "{}"));
const from = performance.now();
const found = how === "loader" ? await byLoader() : how === "parser" ? await byParser() : await byNode();
tell({ ms: performance.now() - from, found });

/** All of them at once, as `bellhop up` does. */
async function byLoader(): Promise<number> {
  const { loadPack } = await import("@bellhop/pack-loader");
  const counts = folders.map(async (folder) => {
    const pack = await loadPack(folder, { cacheFolder });
    if (pack.kind === "faulty") throw new Error(JSON.stringify(pack.problems));
    return pack.version.actions.length;
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

/** The library that reads YAML, and nothing else. */
async function byParser(): Promise<number> {
  const { parse } = await import("yaml");
  const values: unknown[] = [];
  for (const file of files) values.push(parse(await readFile(file, "utf8"), { version: "1.1" }));
  return values.length;
}

/** Node itself takes the types away and runs what is left. */
async function byNode(): Promise<number> {
  let definitions = 0;
  for (const file of files) if ("default" in ((await import(pathToFileURL(file).href)) as object)) definitions++;
  return definitions;
}
