import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  checkTypes,
  describeProblem,
  loadPack,
  manifestFile,
  readManifest,
  type FaultyPack,
  type LoadedPack,
  type PackProblem,
} from "@bellhop/pack-loader";
import { buildPack, type BuiltPack } from "@bellhop/pack-source/build";
import { commonConfig, type Env } from "@bellhop/service";
import { note, type ExitCode } from "../report.ts";
import { step } from "../progress.ts";
import { packFolders, shortPath } from "./folders.ts";
import { buildOptions } from "./settings.ts";

interface Found extends PackProblem {
  /** As the person at the terminal would name it. */
  folder: string;
  level: "error" | "warning";
}

/** `bellhop pack check DIR`: every problem of the pack, or of each pack in the folder. 1 if there is one; where it is `strict`, warnings count. */
export async function packCheck(folder: string, options: { json: boolean; types: boolean; strict: boolean }, env: Env): Promise<ExitCode> {
  const found: Found[] = [];
  const good: string[] = [];
  for (const pack of packFolders(resolve(folder))) {
    const [loaded, types] = await look(pack, { types: options.types, env });
    const problems = loaded.kind === "faulty" ? loaded.problems : [];
    const at = (level: Found["level"]) => (problem: PackProblem) => ({ folder: shortPath(pack), level, ...problem });
    // Where both have something to say of a line, the loader says it better; but what it only warns of may be an error to TypeScript.
    const more = types.filter((one) => !problems.some((other) => isSameLine(one, other)));
    const said = [...loaded.warnings, ...nowhereLinked(loaded, env)];
    const warnings = said.filter((one) => !more.some((other) => isSameLine(one, other)));
    found.push(...[...[...problems, ...more].map(at("error")), ...warnings.map(at("warning"))].toSorted(byPlace));
    if (loaded.kind === "loaded" && more.length === 0) good.push(`${loaded.version.name} ${loaded.version.version}`);
  }
  const ok = options.strict ? found.length === 0 : found.every(({ level }) => level === "warning");
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

/** Aliases that wish for the address of a run's page, where this installation names none. */
function nowhereLinked(loaded: LoadedPack | BuiltPack | FaultyPack, env: Env): PackProblem[] {
  const version = loaded.kind === "faulty" ? loaded.rest?.version : loaded.version;
  const wishing = (version?.aliases ?? []).filter(({ ack }) => ack?.appendUrl === true);
  if (wishing.length === 0 || commonConfig(env, "cli").file["runPage"] !== undefined) return [];
  const hint = "Name it in bellhop.yaml: runPage: https://ops.example.com/runs/{run}";
  return wishing.map(({ source }) => ({ ...source, message: "ack.append_url adds nothing: no page of a run is known here.", hint }));
}

/** The pack as it is read, and what its types are wrong about. What it depends on is taken from its own `node_modules`, where its author has
 *  installed it, and else from where `up` would have it. */
async function look(
  pack: string,
  { types, env }: { types: boolean; env: Env },
): Promise<[LoadedPack | BuiltPack | FaultyPack, readonly PackProblem[]]> {
  const typesIn = (modules?: string) => (types ? typesOf(pack, { env, ...(modules === undefined ? {} : { modules }) }) : []);
  if (existsSync(join(pack, "node_modules")) || !dependsOnOthers(pack)) {
    return await Promise.all([loadPack(pack, { modules: "own" }), typesIn()]);
  }
  const { folder, file } = commonConfig(env, "cli");
  const built = await buildPack(pack, { ...buildOptions({ folder, file, env }), tell: note });
  return [built, "modules" in built && built.modules !== undefined ? await typesIn(built.modules.folder) : []];
}

function dependsOnOthers(pack: string): boolean {
  const file = join(pack, manifestFile);
  if (!existsSync(file)) return false;
  const { dependencies, optionalDependencies } = readManifest(readFileSync(file, "utf8")).manifest;
  return Object.keys({ ...dependencies, ...optionalDependencies }).length > 0;
}

/** What was found good is remembered where something is installed already; a check leaves nothing behind elsewhere. */
async function typesOf(pack: string, { env, modules }: { env: Env; modules?: string }): Promise<PackProblem[]> {
  if (!existsSync(pack)) return [];
  const { folder } = commonConfig(env, "cli");
  const cache = existsSync(folder) ? { cacheFolder: join(folder, "cache", "types") } : {};
  const from = modules === undefined ? {} : { modules };
  return await step(`checking the types of ${shortPath(pack)}`, checkTypes(pack, { ...cache, ...from }));
}

function isSameLine(one: PackProblem, other: PackProblem): boolean {
  return one.file === other.file && one.line === other.line;
}

function byPlace(a: Found, b: Found): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
