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

/** All files that belong to a pack, sorted by path. Left out: what starts with a dot, tests, `node_modules` and what tools leave behind. */
export async function readFolder(folder: string): Promise<{ files: SourceFile[]; problems: PackProblem[] }> {
  const files: SourceFile[] = [];
  const problems: PackProblem[] = [];
  const home = await realpath(folder);
  let total = 0;

  async function visit(at: string): Promise<void> {
    for (const entry of await readdir(join(home, at), { withFileTypes: true })) {
      const path = at === "" ? entry.name : `${at}/${entry.name}`;
      if (entry.name.startsWith(".")) continue;
      const real = await realpath(join(home, path)).catch(() => undefined);
      if (real === undefined) continue;
      if (real !== home && !real.startsWith(home + sep)) {
        problems.push(
          atStart(path, `${path} leads out of the pack.`, "Copy the file into the pack: only what lies in its folder travels."),
        );
        continue;
      }
      const facts = await stat(real).catch(() => undefined);
      if (facts?.isDirectory()) {
        // A link to a folder of the same pack could lead round in a circle.
        if (!leftOutFolders.has(entry.name) && !entry.isSymbolicLink()) await visit(path);
      } else if (facts?.isFile() && !leftOutFiles.test(entry.name)) {
        total += facts.size;
        if (total > largest) continue;
        const bytes = await readFile(real).catch(() => undefined);
        if (bytes) files.push({ path, executable: (facts.mode & 0o111) !== 0, bytes });
      }
    }
  }

  await visit("");
  if (total > largest) {
    const size = Math.round(total / 1024 / 1024);
    problems.push(
      atStart("pack.yaml", `The files of this pack have ${size} MB; 64 MB are allowed.`, "Move what it needs at run time only elsewhere."),
    );
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, problems };
}

/** The path within the pack, or undefined where it leads out of it. */
export function within(base: string, path: string): string | undefined {
  const full = relative("/", join("/", base, path));
  const depth = join(base, path);
  return depth.startsWith("..") || path.startsWith("/") ? undefined : full.split(sep).join("/");
}

function atStart(file: string, message: string, hint: string): PackProblem {
  return { file, line: 1, column: 1, message, hint };
}
