import { existsSync, readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { loadConfig } from "@bellhop/service";
import { z } from "zod";

/** The repository this program lies in: its `packs/` come along, and its `.bellhop/bin` may hold a nats-server. */
export const repository = fileURLToPath(new URL("../../../..", import.meta.url));

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

/** A folder as the person at the terminal would name it. */
export function shortPath(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path.startsWith("..") ? folder : path === "" ? "." : path;
}
