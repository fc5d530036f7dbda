import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import type { TestRegistry } from "@bellhop/testkit/registry";
import { root } from "../house/workspace.ts";

/** What a package.json says, as far as publishing goes. */
export interface Manifest {
  name: string;
  version: string;
  private?: boolean;
  description?: string;
  license?: string;
  keywords?: string[];
  files?: string[];
  scripts?: Record<string, string>;
  exports?: Record<string, unknown>;
  publishConfig?: { access?: string; exports?: Record<string, unknown> };
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

export interface WorkspacePackage {
  /** `packages/sdk` */
  folder: string;
  manifest: Manifest;
}

export function workspacePackages(): WorkspacePackage[] {
  const folders = ["apps", "packages", "packs"].flatMap((area) => readdirSync(join(root, area)).map((name) => `${area}/${name}`));
  return folders
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .map((folder) => ({ folder, manifest: readManifest(join(root, folder)) }));
}

export const published = workspacePackages().filter(({ manifest }) => manifest.private !== true);

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** The environment of npm and pnpm for a test: this registry, and nobody's settings or caches. */
export async function packageManagerEnv(home: string, registry: TestRegistry): Promise<NodeJS.ProcessEnv> {
  await mkdir(home, { recursive: true });
  await writeFile(join(home, ".npmrc"), `${registry.npmrc}audit=false\nfund=false\nupdate-notifier=false\n`);
  return { PATH: [join(root, "node_modules/.bin"), process.env.PATH].join(delimiter), HOME: home, CI: "1" };
}

const execute = promisify(execFile);

/** Runs a program to its end; fails with what it said. */
export async function run(command: string, args: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<string> {
  try {
    const { stdout, stderr } = await execute(command, [...args], { ...options, maxBuffer: 32 * 1024 * 1024 });
    return `${stdout}${stderr}`;
  } catch (error) {
    const { stdout = "", stderr = "", message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(" ")}\n${stdout}${stderr}\n${message}`, { cause: error });
  }
}

/** Puts what this package needs of others on the shelf, as it is installed here: an installation from the registry then needs no network. */
export async function shelveDependencies(registry: TestRegistry, folder: string): Promise<void> {
  const seen = shelved.get(registry) ?? new Set<string>();
  shelved.set(registry, seen);
  const { dependencies = {}, optionalDependencies = {} } = readManifest(folder);
  for (const name of [...Object.keys(dependencies), ...Object.keys(optionalDependencies)]) {
    const found = installed(name, folder);
    if (found === undefined && dependencies[name] !== undefined) throw new Error(`${name}, which ${folder} needs, is not installed`);
    if (found === undefined || seen.has(found)) continue;
    seen.add(found);
    if (!readManifest(found).name.startsWith("@bellhop/")) await registry.addFolder(found);
    await shelveDependencies(registry, found);
  }
}

const shelved = new WeakMap<TestRegistry, Set<string>>();

/** Where Node would find it. */
function installed(name: string, from: string): string | undefined {
  for (let at = from; at !== dirname(at); at = dirname(at)) {
    const folder = join(basename(at) === "node_modules" ? at : join(at, "node_modules"), name);
    if (existsSync(join(folder, "package.json"))) return realpathSync(folder);
  }
  return undefined;
}

/** Writes files below a folder. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}
