import { createHash } from "node:crypto";
import { readdir, readFile, realpath } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { manifestFile, readManifest, thisPlatform, type Manifest, type PackProblem } from "@bellhop/pack-loader";
import npa from "npm-package-arg";

/** What is to be installed for a pack. */
export interface Needs {
  readonly manifest: Manifest;
  /** The package.json that npm is given: without what the host provides, and what only the pack's author works with. */
  readonly packageJson: string;
  /** What lies beside it: the lock file, and packages that the pack brings along. */
  readonly files: readonly { path: string; bytes: Buffer }[];
  /** Names all of it, and what else the outcome depends on. */
  readonly key: string;
}

type ReadNeeds = { kind: "none" } | { kind: "needs"; needs: Needs } | { kind: "faulty"; problems: PackProblem[] };

/** Changed when the same needs would give something else than before. */
const format = 1;

/** As npm looks for them. */
const lockFiles = ["npm-shrinkwrap.json", "package-lock.json"];

/** Reads what a pack's folder says of its dependencies. One whose package.json can't be understood has none: whoever loads the pack complains. */
export async function readNeeds(folder: string, { scripts }: { scripts: readonly string[] }): Promise<ReadNeeds> {
  const home = await realpath(folder).catch(() => undefined);
  const text = home === undefined ? undefined : await readFile(join(home, manifestFile), "utf8").catch(() => undefined);
  const { manifest } = readManifest(text);
  const { dependencies, optionalDependencies, overrides } = manifest;
  const ranges = Object.entries({ ...dependencies, ...optionalDependencies }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (home === undefined || ranges.length === 0) return { kind: "none" };

  const problems: PackProblem[] = [];
  const files: { path: string; bytes: Buffer }[] = [];
  for (const [name, range] of ranges) {
    const complain = (message: string, hint: string) => problems.push({ file: manifestFile, ...manifest.placeOf(name), message, hint });
    const local = localPath({ name, range, home });
    if (local.kind === "unknown")
      complain(`npm can't install ${name} as ${range}.`, "Write the version itself: what only pnpm or yarn understands does not travel.");
    else if (local.kind === "inside") {
      const found = await filesAt(home, local.path);
      if (found.length === 0) complain(`${name}: there is no ${local.path} in this pack.`, "");
      files.push(...found);
    } else if (local.kind === "outside")
      complain(`${name}: ${range} leads out of the pack.`, "Only what lies in the pack's folder travels with it.");
  }
  if (problems.length > 0) return { kind: "faulty", problems };

  const lock = await firstOf(home, lockFiles);
  if (lock !== undefined) files.push(lock);
  const packageJson = JSON.stringify({ name: "pack", version: "0.0.0", private: true, dependencies, optionalDependencies, overrides });
  const machine = { platform: thisPlatform(), abi: process.versions.modules };
  const whole = createHash("sha256").update(JSON.stringify({ format, machine, ranges, overrides, scripts: scripts.toSorted() }));
  for (const { path, bytes } of files) whole.update(`\0${path}\0${bytes.length}\0`).update(bytes);
  return { kind: "needs", needs: { manifest, packageJson, files, key: whole.digest("hex") } };
}

type Local = { kind: "elsewhere" } | { kind: "unknown" } | { kind: "outside" } | { kind: "inside"; path: string };

function localPath({ name, range, home }: { name: string; range: string; home: string }): Local {
  let found: ReturnType<typeof npa.resolve>;
  try {
    found = npa.resolve(name, range, home);
  } catch {
    return { kind: "unknown" };
  }
  if (found.type !== "file" && found.type !== "directory") return { kind: "elsewhere" };
  const path = relative(home, found.fetchSpec ?? "");
  return path === "" || path === ".." || path.startsWith(`..${sep}`) ? { kind: "outside" } : { kind: "inside", path };
}

/** A file, or all of a folder, but for what is installed there and links, which could lead anywhere. What starts with a dot does not travel in any
 *  pack; here it could be settings of npm. */
async function filesAt(home: string, path: string): Promise<{ path: string; bytes: Buffer }[]> {
  if (path.split(sep).some((part) => part.startsWith(".") || part === "node_modules")) return [];
  // The real path: a link on the way would lead out of the pack.
  if ((await realpath(join(home, path)).catch(() => undefined)) !== join(home, path)) return [];
  const bytes = await readFile(join(home, path)).catch(() => undefined);
  if (bytes !== undefined) return [{ path, bytes }];
  const found: { path: string; bytes: Buffer }[] = [];
  for (const entry of await readdir(join(home, path), { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) found.push(...(await filesAt(home, inner)));
    else if (entry.isFile() && !entry.name.startsWith(".")) found.push({ path: inner, bytes: await readFile(join(home, inner)) });
  }
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function firstOf(home: string, names: readonly string[]): Promise<{ path: string; bytes: Buffer } | undefined> {
  for (const path of names) {
    const bytes = await readFile(join(home, path)).catch(() => undefined);
    if (bytes !== undefined) return { path, bytes };
  }
  return undefined;
}
