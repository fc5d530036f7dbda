import { existsSync, readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { styleText } from "node:util";
import type { Bus } from "@bellhop/bus";
import { toProblem } from "@bellhop/contracts";
import { loadConfig, type Log } from "@bellhop/service";
import {
  activatePack,
  deactivatePack,
  describeProblem,
  watchPacks,
  type FaultyPack,
  type LoadedPack,
  type PackProblem,
} from "@bellhop/pack-loader";
import { z } from "zod";

/** The repository this program lies in: its `packs/` come along, and its `.bellhop/bin` may hold a nats-server. */
export const repository = fileURLToPath(new URL("../../..", import.meta.url));

const lookMs = 2_000;

const PacksFile = z.object({ packs: z.array(z.string()).default([]) });

/** Folders whose packs `up` keeps active: `packs/` of the repository and of the working folder, and what bellhop.yaml names, each of them either a pack or
 *  a folder of packs. */
export function packRoots(file: Record<string, unknown>): string[] {
  const { packs } = loadConfig({ schema: PacksFile, values: file, where: "bellhop.yaml" });
  const own = [join(repository, "packs"), resolve("packs")].filter((folder) => existsSync(folder));
  return [...new Set([...own, ...packs.map((folder) => resolve(folder))])];
}

/** A folder that is a pack stands for itself, another one for the packs in it. */
export function packFolders(root: string): string[] {
  if (isPack(root) || !existsSync(root)) return [root];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && isPack(join(root, entry.name)))
    .map((entry) => join(root, entry.name))
    .toSorted();
}

function isPack(folder: string): boolean {
  return ["pack.yaml", "actions", "aliases"].some((name) => existsSync(join(folder, name)));
}

export interface PackKeeper {
  /** Packs that answer now, by name. */
  readonly active: ReadonlyMap<string, LoadedPack["version"]>;
  stop(): Promise<void>;
}

/** Reads the packs, makes them active and keeps doing so as they change: faults and reloads are told above the prompt. Resolves when each pack that is
 *  there was read once. */
export async function keepPacks(at: {
  bus: Bus;
  roots: readonly string[];
  cacheFolder: string;
  log: Log;
  tell: (text: string) => void;
  colour: boolean;
}): Promise<PackKeeper> {
  const { bus, roots, cacheFolder, log, tell, colour } = at;
  const active = new Map<string, LoadedPack["version"]>();
  const faulty = new Set<string>();
  const watched = new Map<string, { stop(): Promise<void> }>();
  let started = false;

  async function onLoaded(folder: string, { version, files, warnings }: LoadedPack): Promise<void> {
    const change = await activatePack(bus, { version, files });
    active.set(version.name, version);
    log.info({ pack: version.name, digest: version.digest, change }, "pack loaded");
    if (warnings.length > 0) tell(problemList(folder, warnings, "yellow"));
    if (started || faulty.delete(folder)) tell(`${version.name} ${version.version} reloaded: ${contents(version)}`);
  }

  function onFaulty(folder: string, { problems }: FaultyPack): void {
    faulty.add(folder);
    log.warn({ folder, problems }, "pack is faulty");
    tell(`${problemList(folder, problems, "red")}\n${shortPath(folder)} is not loaded${started ? "; what was loaded before stays" : ""}`);
  }

  async function onRemoved(folder: string, name: string): Promise<void> {
    await deactivatePack(bus, name);
    active.delete(name);
    log.info({ folder, pack: name }, "pack removed");
    tell(`${name} is gone`);
  }

  function onError(folder: string, error: unknown): void {
    const { message } = toProblem(error);
    log.error({ folder, why: message, stack: error instanceof Error ? error.stack : undefined }, "a pack can't be made active");
    tell(`${shortPath(folder)} can't be made active: ${message}`);
  }

  function problemList(folder: string, problems: readonly PackProblem[], format: "red" | "yellow"): string {
    const text = problems.map((problem) => describeProblem(shortPath(folder), problem)).join("\n");
    return colour ? styleText(format, text, { validateStream: false }) : text;
  }

  async function follow(folders: readonly string[]): Promise<void> {
    const fresh = folders.filter((folder) => !watched.has(folder));
    if (fresh.length === 0) return;
    const stop = Promise.withResolvers<{ stop(): Promise<void> }>();
    for (const folder of fresh) watched.set(folder, { stop: async () => (await stop.promise).stop() });
    stop.resolve(await watchPacks({ folders: fresh, cacheFolder, onLoaded, onFaulty, onRemoved, onError }));
  }

  await follow(roots.flatMap(packFolders));
  started = true;
  // A new folder is empty at first, so it is looked at until it is a pack; a watch on every folder beside the packs would cost more than this.
  const looking = setInterval(() => {
    follow(roots.flatMap(packFolders)).catch((error: unknown) => log.error({ why: String(error) }, "new packs can't be followed"));
  }, lookMs);
  return {
    active,
    async stop() {
      clearInterval(looking);
      await Promise.all([...watched.values()].map(async (one) => await one.stop()));
    },
  };
}

function contents({ actions, aliases }: LoadedPack["version"]): string {
  return `${count(actions.length, "action")}, ${count(aliases.length, "alias", "aliases")}`;
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** A folder as the person at the terminal would name it. */
export function shortPath(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path.startsWith("..") ? folder : path === "" ? "." : path;
}
