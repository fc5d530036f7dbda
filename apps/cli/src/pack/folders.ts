import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { manifestFile } from "@bellhop/pack-loader";
import type { Env } from "@bellhop/service";
import { z } from "zod";
import { packSettings } from "./settings.ts";

/** The repository this program lies in: its `packs/` come along, and its `.bellhop/bin` may hold a nats-server. */
export const repository = fileURLToPath(new URL("../../../..", import.meta.url));

/** Folders whose packs `up` keeps active: `packs/` of the repository and of the working folder, and what bellhop.yaml names, each of them either a pack or
 *  a folder of packs. Those that are not there yet may come. */
export function packRoots(file: Record<string, unknown>, env: Env): string[] {
  const own = [join(repository, "packs"), resolve("packs")];
  return [...new Set([...own, ...packSettings(file, env).folders])];
}

/** All packs there are in these folders now, apart from those that wait to be installed. A pack that is named itself is meant. */
export function packsIn(roots: readonly string[]): string[] {
  return packsOf(roots).watched;
}

/** Packs in these folders that nobody watches: `"bellhop": { "watch": false }` in their package.json, as shipped packs have it that depend on packages of
 *  the registry, or remove files. */
export function packsToInstall(roots: readonly string[]): string[] {
  const { watched, others } = packsOf(roots);
  return others.filter((folder) => !watched.includes(folder));
}

function packsOf(roots: readonly string[]): { watched: string[]; others: string[] } {
  const there = roots.filter((root) => existsSync(root));
  const inside = there.filter((root) => !isPack(root)).flatMap(packFolders);
  const waits = new Set(inside.filter(waitsToBeInstalled));
  return { watched: [...new Set([...there.filter(isPack), ...inside.filter((folder) => !waits.has(folder))])], others: [...waits] };
}

const PackageJson = z.object({ bellhop: z.object({ watch: z.literal(false) }) });

function waitsToBeInstalled(folder: string): boolean {
  try {
    return PackageJson.safeParse(JSON.parse(readFileSync(join(folder, manifestFile), "utf8"))).success;
  } catch {
    return false;
  }
}

/** A folder that is a pack stands for itself, another one for the packs in it. */
export function packFolders(root: string): string[] {
  if (isPack(root) || !existsSync(root)) return [root];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !notPacks.test(entry.name) && isPack(join(root, entry.name)))
    .map((entry) => join(root, entry.name))
    .toSorted();
}

/** What is hidden, and versions by digest, which runners of earlier releases unpacked into a folder of this name. */
const notPacks = /^\.|^[0-9a-f]{64}$/;

/** Whether a folder has what packs have. */
export function isPack(folder: string): boolean {
  return ["pack.yaml", "actions", "aliases"].some((name) => existsSync(join(folder, name)));
}

/** A folder as the person at the terminal would name it. */
export function shortPath(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path.startsWith("..") ? folder : path === "" ? "." : path;
}
