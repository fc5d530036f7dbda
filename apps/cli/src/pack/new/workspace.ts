import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { step } from "../../progress.ts";

/** The workspace that a folder would be a package of, where that workspace has the SDK itself: its packs take that one. */
export function workspaceAround(folder: string): string | undefined {
  for (let at = dirname(folder); at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, "pnpm-workspace.yaml"))) return hasSdk(at) && isMember(at, folder) ? at : undefined;
  }
  return undefined;
}

function hasSdk(root: string): boolean {
  const file = join(root, "packages", "sdk", "package.json");
  return existsSync(file) && readFileSync(file, "utf8").includes('"@bellhop/sdk"');
}

function isMember(root: string, folder: string): boolean {
  return dirname(folder) === join(root, "packs");
}

/** Tells pnpm of a new package, so that its imports resolve and the lock file stays true. Gives what is left to do where that fails.
 *  Never throws: the pack is there either way. */
export async function installInto(root: string): Promise<string | undefined> {
  const pnpm = join(root, "node_modules", ".bin", "pnpm");
  const nextStep = "Run `pnpm install` before its tests: it has to be known to the workspace.";
  if (!existsSync(pnpm)) return nextStep;
  try {
    const args = ["install", "--prefer-offline", "--no-frozen-lockfile", "--reporter=silent"];
    await step("making it a package of the workspace", promisify(execFile)(pnpm, args, { cwd: root, timeout: 300_000 }));
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? (error.message.trim().split("\n").at(-1) ?? "") : String(error);
    return `${nextStep} It failed here: ${why}`;
  }
}
