import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** The repository's root. */
export const root = join(import.meta.dirname, "..", "..");

export interface Room {
  /** `packages/bus` */
  folder: string;
  name: string;
  /** Rooms of ours that it imports at run time. */
  uses: string[];
  /** All packages it declares, of others too. */
  declares: string[];
}

/** Every workspace package, as its package.json says. */
export function rooms(): Room[] {
  const folders = ["apps", "packages", "packs"].flatMap((area) => readdirSync(join(root, area)).map((name) => `${area}/${name}`));
  // A pack may be a folder of YAML alone.
  return folders.filter((folder) => existsSync(join(root, folder, "package.json"))).map(readRoom);
}

function readRoom(folder: string): Room {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as {
    name: string;
    dependencies?: Record<string, string>;
  };
  const declares = Object.keys(manifest.dependencies ?? {});
  return { folder, name: manifest.name, declares, uses: declares.filter((name) => name.startsWith("@bellhop/")) };
}

/** Files below a folder of the repository with this ending, as paths from the root; not what was installed or built. */
export function files(folder: string, ending: string): string[] {
  const found: string[] = [];
  const visit = (path: string) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const { name } = entry;
      if (["node_modules", "dist", ".turbo", ".bellhop", ".git"].includes(name)) continue;
      const inner = join(path, name);
      if (entry.isDirectory()) visit(inner);
      else if (name.endsWith(ending)) found.push(relative(root, inner));
    }
  };
  visit(join(root, folder));
  return found.sort();
}
