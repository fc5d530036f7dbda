import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { PackFiles, PackVersion } from "@bellhop/contracts";
import { cacheKey, compilerFolder, readCache, writeCache } from "./cache.ts";
import { ownCompileCache } from "./compile-cache.ts";
import { readFolder, readOverrides, type SourceFile } from "./folder.ts";
import { manifestFile, readManifest } from "./manifest.ts";
import type { PackProblem } from "./problem.ts";

export interface LoadedPack {
  readonly kind: "loaded";
  readonly version: PackVersion;
  readonly files: PackFiles;
  /** What is not understood yet or looks odd; the pack works. */
  readonly warnings: readonly PackProblem[];
  /** What it depends on, as it travels: of a pack that was built with it. */
  readonly modules?: InstalledModules & { /** The tar, gzipped. */ read(): Promise<Uint8Array> };
}
export interface FaultyPack {
  readonly kind: "faulty";
  /** In the order of files and lines. */
  readonly problems: readonly PackProblem[];
  readonly warnings: readonly PackProblem[];
  /** What is good of it, where only definitions are faulty: the pack without their files. */
  readonly rest?: LoadedPack;
  /** Whether the same sources may be fine later: something outside of the pack is away. */
  readonly temporary?: boolean;
}

/** A pack's dependencies as they were installed. */
export interface InstalledModules {
  /** SHA-256 of the tar that they travel as. */
  readonly hash: string;
  /** `linux-x64`, where they are for one platform only. */
  readonly platform?: string;
  /** Holds `node_modules`. */
  readonly folder: string;
}

/** Why there are none. */
interface MissingModules {
  readonly problems: readonly PackProblem[];
}

export interface LoadOptions {
  /** What was installed for the dependencies in its package.json. `own`: what lies in the pack's own `node_modules`, for tests where its author
   *  works; such a version can't travel. Absent, or missing: a pack that has dependencies is faulty. */
  readonly modules?: InstalledModules | MissingModules | "own";
  /** The folder in which the installation says what it wants otherwise: `_global.yaml`, `<pack>.yaml`. Absent, or not there: nothing. */
  readonly overrides?: string;
  /** Kinds of action that runners here carry out. Default: {@link defaultKinds}. */
  readonly kinds?: readonly string[];
  /** Where loaded versions are kept by the hash of their sources, so that an unchanged pack needs no child process; absent: nowhere. */
  readonly cacheFolder?: string;
  /** How long a pack's TypeScript may take to define what it defines, in milliseconds. Default 10 000. */
  readonly timeLimitMs?: number;
  /** Memory of the child process, in MB. Default 256. */
  readonly memoryMb?: number;
}

/** The kinds that the runners of this release have, and the engine's own. */
const defaultKinds: readonly string[] = [
  "typescript",
  "local-shell-cmd",
  "local-shell-script",
  "announcement",
  "post",
  "post-result",
  "format-result",
  "orquesta",
  "action-chain",
  "inquirer",
  "fire",
];

/** Reads a pack folder, whichever spelling it uses, and checks all of it: every problem is reported, not the first one only. Never throws for
 *  what is wrong with a pack. TypeScript definitions are read in a child process. */
export async function loadPack(folder: string, options: LoadOptions = {}): Promise<LoadedPack | FaultyPack> {
  const kinds = options.kinds ?? defaultKinds;
  const home = await realpath(folder).catch(() => undefined);
  if (home === undefined) return noPack("There is no such folder.", "");
  // Of some other folder nothing is read: it may be anybody's, and as large as can be.
  if (!whatPacksHave.some((name) => existsSync(join(home, name))))
    return noPack("This is no pack: it has neither pack.yaml nor actions nor aliases.", "Name the folder in which pack.yaml lies.");
  const { files, problems } = await readFolder(home);
  const { modules } = options;
  const hash = typeof modules === "object" && "hash" in modules ? modules.hash : undefined;
  const overrides = options.overrides === undefined ? [] : await readOverrides(options.overrides, home);
  const key = cacheKey(files, { kinds, modules: hash, ...(overrides.length === 0 ? {} : { overrides }) });
  // What lies in a pack's own folder may change without it.
  const cacheFolder = modules === "own" && hasDependencies(files) ? undefined : options.cacheFolder;
  const cached = cacheFolder === undefined || problems.length > 0 ? undefined : await readCache(cacheFolder, key);
  if (cached !== undefined) return { kind: "loaded", ...cached };

  // Parsers cost memory that a runner, or a start with nothing changed, has no use for.
  const { readPack } = await import("./read-pack.ts");
  const limits = {
    timeLimitMs: options.timeLimitMs ?? 10_000,
    memoryMb: options.memoryMb ?? 256,
    // Beside what this process compiles, the compiler is there for the first start of every installation.
    compilerFolder: ownCompileCache() ?? (options.cacheFolder === undefined ? undefined : join(options.cacheFolder, compilerFolder)),
  };
  const pack = await readPack({ home, files, problems, kinds, limits, overrides, ...(modules === undefined ? {} : { modules }) });
  if (pack.kind === "loaded" && cacheFolder !== undefined) {
    await writeCache(cacheFolder, key, { version: pack.version, files: pack.files, warnings: [...pack.warnings] });
  }
  return pack;
}

const whatPacksHave = ["pack.yaml", "pack.yml", "actions", "aliases"];

function noPack(message: string, hint: string): FaultyPack {
  return { kind: "faulty", problems: [{ file: "", line: 1, column: 1, message, hint }], warnings: [] };
}

function hasDependencies(files: readonly SourceFile[]): boolean {
  const text = files.find(({ path }) => path === manifestFile)?.bytes.toString("utf8");
  const { dependencies, optionalDependencies } = readManifest(text).manifest;
  return Object.keys({ ...dependencies, ...optionalDependencies }).length > 0;
}
