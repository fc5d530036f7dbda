import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkTypes, describeProblem, loadPack, type PackProblem } from "@bellhop/pack-loader";
import { commonConfig, type Env } from "@bellhop/service";
import { note, type ExitCode } from "../report.ts";
import { step } from "../progress.ts";
import { packFolders, shortPath } from "./folders.ts";

interface Found extends PackProblem {
  /** As the person at the terminal would name it. */
  folder: string;
  level: "error" | "warning";
}

/** `bellhop pack check DIR`: every problem of the pack, or of each pack in the folder. 1 if there is one. */
export async function packCheck(folder: string, options: { json: boolean; types: boolean }, env: Env): Promise<ExitCode> {
  const found: Found[] = [];
  const good: string[] = [];
  for (const pack of packFolders(resolve(folder))) {
    const [loaded, types] = await Promise.all([loadPack(pack, { modules: "own" }), options.types ? typesOf(pack, env) : []]);
    const at = (level: Found["level"]) => (problem: PackProblem) => ({ folder: shortPath(pack), level, ...problem });
    const said = [...(loaded.kind === "faulty" ? loaded.problems : []), ...loaded.warnings];
    const more = types.filter((one) => !said.some(({ file, line }) => file === one.file && line === one.line));
    const errors = [...(loaded.kind === "faulty" ? loaded.problems : []), ...more].map(at("error"));
    found.push(...[...errors, ...loaded.warnings.map(at("warning"))].toSorted(byPlace));
    if (loaded.kind === "loaded" && more.length === 0) good.push(`${loaded.version.name} ${loaded.version.version}`);
  }
  const ok = found.every(({ level }) => level === "warning");
  if (options.json) {
    const problems = found.map(({ folder: pack, ...one }) => ({ ...one, file: join(pack, one.file) }));
    process.stdout.write(`${JSON.stringify({ ok, packs: good, problems })}\n`);
    return ok ? 0 : 1;
  }
  // The problems are the result here, so they go where results go.
  for (const { level, ...problem } of found) {
    process.stdout.write(`${level === "warning" ? "warning: " : ""}${describeProblem(problem.folder, problem)}\n`);
  }
  for (const pack of good) note(`${pack}: ${found.length === 0 ? "nothing to complain about" : "can be loaded"}`);
  return ok ? 0 : 1;
}

/** What was found good is remembered where something is installed already; a check leaves nothing behind elsewhere. */
async function typesOf(pack: string, env: Env): Promise<PackProblem[]> {
  if (!existsSync(pack)) return [];
  const { folder } = commonConfig(env, "cli");
  const cache = existsSync(folder) ? { cacheFolder: join(folder, "cache", "types") } : {};
  return await step(`checking the types of ${shortPath(pack)}`, checkTypes(pack, cache));
}

function byPlace(a: Found, b: Found): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
