import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { codeOf } from "@bellhop/contracts";
import { manifestFile, thisPlatform, type InstalledModules, type PackProblem } from "@bellhop/pack-loader";
import { z } from "zod";
import { failureOf, type Cause, type Failure } from "./failure.ts";
import { readNeeds, type Needs } from "./needs.ts";
import { runNpm } from "./npm.ts";
import { packModules } from "./tar.ts";

export interface InstallOptions {
  /** The pack's folder. */
  readonly folder: string;
  /** What it is called in what is told. Default: the folder's name. */
  readonly name?: string;
  /** What was installed is kept here, a folder for each set of dependencies: `.bellhop/cache/modules`. */
  readonly modulesFolder: string;
  /** The folder whose .npmrc counts. */
  readonly cwd: string;
  readonly env: Env;
  /** Packages whose install scripts may run. Default: none. */
  readonly scripts?: readonly string[];
  /** Hears what takes long. */
  readonly tell?: (text: string) => void;
  /** Ends npm. */
  readonly signal?: AbortSignal;
  /** For npm, in milliseconds. Default: five minutes. */
  readonly timeLimitMs?: number;
}

type Env = Readonly<Record<string, string | undefined>>;

export type Installation =
  | { kind: "none" }
  | ({
      kind: "installed";
      /** Scripts that did not run. */
      warnings: readonly PackProblem[];
      /** The tar, gzipped. */
      read(): Promise<Uint8Array>;
    } & InstalledModules)
  | ({ kind: "failed" } & Failure);

/** Installs what a pack depends on, with npm, once for each set of dependencies: whoever has them already needs neither npm nor a registry. The
 *  folder of a set stands there whole or not at all. */
export async function installDependencies(options: InstallOptions): Promise<Installation> {
  const { folder, modulesFolder, scripts = [] } = options;
  const read = await readNeeds(folder, { scripts });
  if (read.kind === "none") return read;
  if (read.kind === "faulty") return { kind: "failed", problems: read.problems, temporary: false };
  const { needs } = read;
  const place = join(modulesFolder, needs.key);
  if ((await readNotes(place)) === undefined) {
    // One npm at a time: each takes as much of the machine as there is.
    const made = queue.then(async () => ((await readNotes(place)) === undefined ? await make(needs, place, options) : undefined));
    queue = made.catch(() => undefined);
    const failure = await made;
    if (failure !== undefined) return { kind: "failed", ...failure };
  }
  const notes = await readNotes(place);
  if (notes === undefined) throw new Error(`${place} was taken away while it was used`);
  // What was used lately is kept longest.
  const now = new Date();
  await utimes(place, now, now);
  const { hash, platform, unbuilt } = notes;
  return {
    kind: "installed",
    hash,
    ...(platform === undefined ? {} : { platform }),
    folder: place,
    warnings: unbuilt.map((name) => scriptWarning(name, needs)),
    read: async () => await readFile(join(place, tarFile)),
  };
}

let queue: Promise<unknown> = Promise.resolve();

const tarFile = "modules.tar.gz";
const notesFile = "modules.json";

const Notes = z.object({
  v: z.literal(1),
  hash: z.string(),
  platform: z.string().optional(),
  /** Packages whose install scripts were not run. */
  unbuilt: z.array(z.string()),
});

/** Undefined: nothing is there, or what a power cut left of it. */
async function readNotes(place: string): Promise<z.infer<typeof Notes> | undefined> {
  try {
    return Notes.parse(JSON.parse(await readFile(join(place, notesFile), "utf8")));
  } catch {
    return undefined;
  }
}

const installMs = 5 * 60_000;

async function make(needs: Needs, place: string, options: InstallOptions): Promise<Failure | undefined> {
  await mkdir(options.modulesFolder, { recursive: true });
  await sweep(options.modulesFolder);
  const draft = `${place}.${process.pid}.${randomBytes(4).toString("hex")}.draft`;
  try {
    await lay(needs, { draft, cwd: options.cwd });
    const cause = await fill(needs, draft, options);
    if (cause !== undefined) return failureOf(cause, needs.manifest);
    // Unless another process was quicker with the same.
    if ((await readNotes(place)) !== undefined) return undefined;
    await rm(place, { recursive: true, force: true });
    await rename(draft, place);
    return undefined;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function fill({ manifest }: Needs, draft: string, options: InstallOptions): Promise<Cause | undefined> {
  const { folder, name: pack = basename(folder), scripts = [], tell, timeLimitMs = installMs, signal, env } = options;
  const count = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }).length;
  tell?.(`${pack}: installing ${count} ${count === 1 ? "dependency" : "dependencies"} with npm`);
  const npm = (args: readonly string[], given: Env) =>
    runNpm({ args, env: given, folder: draft, timeLimitMs, ...(signal === undefined ? {} : { signal }) });
  const installed = await npm(install, ownEnvironment(env));
  if (installed.kind !== "done") return installed;

  const packages = await packagesIn(draft);
  const scripted = packages.filter((one) => one.hasInstallScript);
  const allowed = scripted.filter(({ name }) => scripts.includes(name));
  for (const { name, version, integrity } of allowed) {
    // The name alone proves nothing: a range or a lock file may give it to anything.
    const found = await npm(["view", `${name}@${version}`, "dist.integrity"], ownEnvironment(env));
    if (found.kind !== "done") return found;
    if (integrity === undefined || found.told.trim() !== JSON.stringify(integrity)) return { kind: "impostor", name, version };
  }
  // Scripts shall not find in there with which words npm logs in.
  await rm(join(draft, ".npmrc"), { force: true });
  const names = [...new Set(allowed.map(({ name }) => name))];
  if (names.length > 0) {
    tell?.(`${pack}: running the install ${names.length === 1 ? "script" : "scripts"} of ${names.join(", ")}`);
    const built = await npm(["rebuild", ...names, "--ignore-scripts=false"], scriptEnvironment(env));
    if (built.kind !== "done") return built;
  }

  const packed = await packModules(draft, join(draft, tarFile));
  if (packed.kind === "large") return packed;
  const native = packed.native || packages.some(({ platformed }) => platformed);
  const notes: z.input<typeof Notes> = {
    v: 1,
    hash: packed.hash,
    ...(native ? { platform: thisPlatform() } : {}),
    unbuilt: [...new Set(scripted.map(({ name }) => name))].filter((name) => !names.includes(name)),
  };
  await writeFile(join(draft, notesFile), JSON.stringify(notes));
  return undefined;
}

/** Links would lead out of the folder, so npm copies what `file:` names. A registry that is away is asked again by whoever asked us. */
const install = ["install", "--omit=dev", "--ignore-scripts", "--install-links", "--fetch-retry-mintimeout=1000", "--fetch-retry-factor=2"];

/** What npm finds: the pack's wishes, and the settings of the folder that we run in, as if it were called there. */
async function lay({ packageJson, files }: Needs, { draft, cwd }: { draft: string; cwd: string }): Promise<void> {
  for (const { path, bytes } of [...files, { path: manifestFile, bytes: Buffer.from(packageJson) }]) {
    await mkdir(dirname(join(draft, path)), { recursive: true });
    await writeFile(join(draft, path), bytes);
  }
  const settings = join(cwd, ".npmrc");
  if (existsSync(settings)) await symlink(settings, join(draft, ".npmrc"));
}

/** npm may need what stands in a shell (a proxy, the token that an .npmrc names), but nothing of ours. */
function ownEnvironment(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(BELLHOP|SLACK|DISCORD|MATRIX|NATS|OTEL)_/.test(name)));
}

/** Others' scripts get what compilers and downloads need, and no secrets. */
function scriptEnvironment(env: Env): Env {
  const named =
    /^(PATH|HOME|LANG|TZ|TMPDIR|CC|CXX|CFLAGS|CXXFLAGS|LDFLAGS|PYTHON|MAKEFLAGS|NODE_EXTRA_CA_CERTS|(https?|no)_proxy|npm_config_nodedir)$/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => named.test(name)));
}

const Hidden = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().default(""),
      integrity: z.string().optional(),
      hasInstallScript: z.boolean().optional(),
      os: z.array(z.string()).optional(),
      cpu: z.array(z.string()).optional(),
      libc: z.array(z.string()).optional(),
    }),
  ),
});

/** What npm says it has installed, in notes that it keeps beside it. */
async function packagesIn(draft: string): Promise<InstalledPackage[]> {
  const notes = await readFile(join(draft, "node_modules", ".package-lock.json"), "utf8");
  return Object.entries(Hidden.parse(JSON.parse(notes)).packages).map(
    ([path, { version, integrity, hasInstallScript = false, ...only }]) => ({
      name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
      version,
      integrity,
      hasInstallScript,
      platformed: only.os !== undefined || only.cpu !== undefined || only.libc !== undefined,
    }),
  );
}

interface InstalledPackage {
  /** As it is imported. */
  readonly name: string;
  readonly version: string;
  readonly integrity: string | undefined;
  readonly hasInstallScript: boolean;
  /** Whether it says for which machines it is. */
  readonly platformed: boolean;
}

function scriptWarning(name: string, { manifest }: Needs): PackProblem {
  return {
    file: manifestFile,
    ...manifest.placeOf(name),
    message: `${name} has a script for its installation, which did not run.`,
    hint: `Where it does not work without it: packs: { scripts: [${name}] } in bellhop.yaml.`,
  };
}

/** As many sets as are kept: each edit of a package.json makes one. */
const mostSets = 30;

/** Takes away drafts of processes that are gone, and the sets that were not used for the longest time. */
async function sweep(modulesFolder: string): Promise<void> {
  const names = await readdir(modulesFolder);
  const drafts = names.filter((name) => {
    const pid = /\.(\d+)\.[0-9a-f]{8}\.draft$/.exec(name)?.[1];
    return pid !== undefined && !runs(Number(pid));
  });
  const whole = names.filter((name) => /^[0-9a-f]{64}$/.test(name));
  const used = await Promise.all(whole.map(async (name) => ({ name, at: (await stat(join(modulesFolder, name))).mtimeMs })));
  const old = used.toSorted((a, b) => b.at - a.at).slice(mostSets);
  for (const name of [...drafts, ...old.map((one) => one.name)]) await rm(join(modulesFolder, name), { recursive: true, force: true });
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
