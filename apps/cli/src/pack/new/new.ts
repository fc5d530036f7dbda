import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { commonConfig, type Env } from "@bellhop/service";
import { note, UsageError, type ExitCode } from "../../report.ts";
import { packRoots, packsIn, packsToInstall, shortPath } from "../folders.ts";
import { refusedName } from "./name.ts";
import { askFor } from "./questions.ts";
import { packTemplate, type PackPlan } from "./templates.ts";
import { installInto, workspaceAround } from "./workspace.ts";

export interface NewOptions {
  readonly typescript: boolean;
  readonly yaml: boolean;
  readonly description?: string;
  /** The folder that packs are in. */
  readonly dir: string;
  readonly json: boolean;
}

/** `bellhop pack new NAME`: a pack that answers at once, with a test that passes. */
export async function packNew(name: string | undefined, options: NewOptions, env: Env): Promise<ExitCode> {
  if (options.typescript && options.yaml) throw new UsageError("A pack begins in TypeScript or in YAML: leave one of the two out.");
  const taken = takenNames(env);
  const asked = await askFor({
    ...(name === undefined ? {} : { name }),
    ...(options.description === undefined ? {} : { description: options.description }),
    ...(options.yaml || options.typescript ? { spelling: options.yaml ? "yaml" : "typescript" } : {}),
    refused: (given) => refusedName(given, taken),
    mayAsk: !options.json,
  });
  if (asked === undefined) return 1;
  const why = refusedName(asked.name, taken);
  if (why !== undefined) throw new UsageError(why);
  const folder = join(resolve(options.dir), asked.name);
  const workspace = workspaceAround(folder);
  const plan: PackPlan = { ...asked, ...(workspace === undefined ? {} : { workspace: { root: workspace, folder } }) };
  const files = packTemplate(plan);
  await writeAll(folder, files);
  const installed = workspace === undefined ? undefined : await installInto(workspace);
  if (options.json) process.stdout.write(`${JSON.stringify({ name: asked.name, folder, files: Object.keys(files) })}\n`);
  else process.stdout.write(`${nextSteps({ plan, folder, files: Object.keys(files), installed })}\n`);
  return 0;
}

/** Names of the packs that `up` reads, or that wait to be installed, and where they are. */
function takenNames(env: Env): ReadonlyMap<string, string> {
  const { file } = commonConfig(env, "cli");
  const roots = packRoots(file, env);
  const folders = [...packsIn(roots), ...packsToInstall(roots)];
  return new Map(folders.flatMap((folder) => [basename(folder), ...namesIn(folder)].map((name) => [name, folder] as const)));
}

function namesIn(folder: string): string[] {
  const file = ["pack.yaml", "pack.yml"].map((name) => join(folder, name)).find(existsSync);
  if (file === undefined) return [];
  return [...readFileSync(file, "utf8").matchAll(/^(?:name|ref):\s*["']?(\w+)/gm)].map(([, name = ""]) => name);
}

/** All of it at once, so that nobody reads half a pack: it is written beside its place, and moved there. */
async function writeAll(folder: string, files: Readonly<Record<string, { text: string; executable?: boolean }>>): Promise<void> {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new UsageError(`${shortPath(folder)} is there already, and is not empty.`);
  const draft = join(dirname(folder), `.${basename(folder)}.${randomBytes(4).toString("hex")}.draft`);
  try {
    for (const [path, { text, executable = false }] of Object.entries(files)) {
      const file = join(draft, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text, { mode: executable ? 0o755 : 0o644 });
    }
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw taken(error) ? new UsageError(`${shortPath(folder)} is there already, and is not empty.`) : error;
  }
}

function taken(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOTEMPTY" || error.code === "EEXIST" || error.code === "ENOTDIR");
}

function nextSteps(at: { plan: PackPlan; folder: string; files: readonly string[]; installed: string | undefined }): string {
  const { plan, files, installed } = at;
  const folder = shortPath(at.folder);
  const edit = files.find((file) => file.startsWith("actions/")) ?? "";
  const steps: [string, string][] = [
    ["say it", `${plan.name} hello ana          where \`npm start\` runs; it answers already`],
    ["change it", `${join(folder, edit)}   saved is live`],
    ["check it", `bellhop pack check ${folder}`],
    ["test it", `bellhop pack test ${folder}`],
  ];
  if (installed !== undefined) note(installed);
  return [`${folder}: ${files.join(", ")}`, ...steps.map(([what, how]) => `  ${what.padEnd(10)} ${how}`)].join("\n");
}
