import { existsSync, readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Env } from "@bellhop/service";
import { packSettings } from "./settings.ts";

/** The repository this program lies in: its `packs/` come along, and its `.bellhop/bin` may hold a nats-server. */
export const repository = fileURLToPath(new URL("../../../..", import.meta.url));

/** Folders whose packs `up` keeps active: `packs/` of the repository and of the working folder, and what bellhop.yaml names, each of them either a pack or
 *  a folder of packs. Those that are not there yet may come. */
export function packRoots(file: Record<string, unknown>, env: Env): string[] {
  const own = [join(repository, "packs"), resolve("packs")];
  return [...new Set([...own, ...packSettings(file, env).folders])];
}

/** All packs there are in these folders now. */
export function packsIn(roots: readonly string[]): string[] {
  return roots.filter((root) => existsSync(root)).flatMap(packFolders);
}

/** A folder that is a pack stands for itself, another one for the packs in it. */
export function packFolders(root: string): string[] {
  if (isPack(root) || !existsSync(root)) return [root];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith(".") && isPack(join(root, entry.name)))
    .map((entry) => join(root, entry.name))
    .toSorted();
}

/** Whether a folder has what packs have. */
export function isPack(folder: string): boolean {
  return ["pack.yaml", "actions", "aliases"].some((name) => existsSync(join(folder, name)));
}

/** A folder as the person at the terminal would name it. */
export function shortPath(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path.startsWith("..") ? folder : path === "" ? "." : path;
}
