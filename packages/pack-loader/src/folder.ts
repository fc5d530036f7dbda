import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { PackProblem } from "./problem.ts";

/** A file of a pack's folder. `path` is relative to it, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly executable: boolean;
  readonly bytes: Buffer;
}

/** The most that the files of a pack may have together, in bytes. */
const largest = 64 * 1024 * 1024;

const leftOutFolders = new Set(["node_modules", "tests", "test", "__pycache__", "dist", "coverage"]);
const leftOutFiles = /^\.|\.test\.[cm]?[jt]sx?$|^tsconfig.*\.json$|^vitest\.config\.|\.tsbuildinfo$|~$|\.swp$/;

/** What `npm pack` leaves beside the pack is the pack once more. */
const leftOutAtTop = /\.tgz$/;

/** Files that are read at the same time: more need descriptors, and are no faster. */
const together = 32;

/** All files that belong to a pack, sorted by path. Left out: what starts with a dot, tests, `node_modules` and what tools leave behind. */
export async function readFolder(folder: string): Promise<{ files: SourceFile[]; problems: PackProblem[] }> {
  const files: SourceFile[] = [];
  const problems: PackProblem[] = [];
  const home = await realpath(folder);
  const found: string[] = [];
  let total = 0;

  async function visit(at: string): Promise<void> {
    for (const entry of await readdir(join(home, at), { withFileTypes: true })) {
      const path = at === "" ? entry.name : `${at}/${entry.name}`;
      if (entry.name.startsWith(".")) continue;
      if (entry.isSymbolicLink() && !(await leadsInside(path))) continue;
      // A link to a folder of the same pack could lead round in a circle.
      if (entry.isDirectory() && !leftOutFolders.has(entry.name)) await visit(path);
      else if ((entry.isFile() || entry.isSymbolicLink()) && !isLeftOut(path)) found.push(path);
    }
  }

  async function leadsInside(path: string): Promise<boolean> {
    const real = await realpath(join(home, path)).catch(() => undefined);
    if (real === undefined) return false;
    if (real === home || real.startsWith(home + sep)) return true;
    problems.push(atStart(path, `${path} leads out of the pack.`, "Copy the file into the pack: only what lies in its folder travels."));
    return false;
  }

  async function take(path: string): Promise<void> {
    const facts = await stat(join(home, path)).catch(() => undefined);
    if (!facts?.isFile()) return;
    total += facts.size;
    if (total > largest) return;
    const bytes = await readFile(join(home, path)).catch(() => undefined);
    if (bytes) files.push({ path, executable: (facts.mode & 0o111) !== 0, bytes });
  }

  await visit("");
  for (let next = 0; next < found.length; next += together) await Promise.all(found.slice(next, next + together).map(take));
  if (total > largest) {
    const size = Math.round(total / 1024 / 1024);
    problems.push(
      atStart("pack.yaml", `The files of this pack have ${size} MB; 64 MB are allowed.`, "Move what it needs at run time only elsewhere."),
    );
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, problems };
}

/** A file of an installation's overrides. */
export interface OverrideFile {
  /** `_global`, or the name of a pack. */
  readonly name: string;
  /** From the pack's folder. */
  readonly path: string;
  readonly text: string;
}

/** The files that say what an installation wants otherwise than its packs, of whatever pack: they are few. A folder that is not there has none. */
export async function readOverrides(folder: string, home: string): Promise<OverrideFile[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => /\.ya?ml$/.test(name)).toSorted();
  return await Promise.all(
    files.map(async (name) => {
      const path = join(folder, name);
      return { name: name.replace(/\.ya?ml$/, ""), path: relative(home, path), text: await readFile(path, "utf8") };
    }),
  );
}

/** The path within the pack, or undefined where it leads out of it. */
export function within(base: string, path: string): string | undefined {
  const full = relative("/", join("/", base, path));
  const depth = join(base, path);
  return depth.startsWith("..") || path.startsWith("/") ? undefined : full.split(sep).join("/");
}

function isLeftOut(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return leftOutFiles.test(name) || (name === path && leftOutAtTop.test(path));
}

function atStart(file: string, message: string, hint: string): PackProblem {
  return { file, line: 1, column: 1, message, hint };
}
