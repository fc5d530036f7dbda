import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { z } from "zod";

/** How a call of npm ended. `told`, `code` and `why` are npm's own words. */
export type NpmEnd =
  | { kind: "done"; told: string }
  | { kind: "missing" }
  | { kind: "late"; seconds: number }
  | { kind: "stopped" }
  | { kind: "failed"; code: string; why: string };

interface NpmCall {
  readonly args: readonly string[];
  /** The project's folder: where its package.json lies. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeLimitMs: number;
  /** Ends it before. */
  readonly signal?: AbortSignal;
}

/** Calls npm for a folder. What it started ends with it, at the latest when its time is over. */
export async function runNpm({ args, folder, env, timeLimitMs, signal }: NpmCall): Promise<NpmEnd> {
  const npm = findNpm({ node: process.execPath, path: env.PATH ?? "" });
  if (npm === undefined) return { kind: "missing" };
  if (signal?.aborted === true) return { kind: "stopped" };
  const [program, ...before] = npm;
  // A prefix that is named is where npm works, whatever its parent process, or a workspace around the folder, says.
  const child = spawn(program, [...before, ...args, "--prefix", folder, ...always], {
    cwd: folder,
    env: { ...env, PATH: `${dirname(process.execPath)}${delimiter}${env.PATH ?? ""}` },
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
  });
  stepBack(child.pid);
  let told = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (told = (told + text).slice(-64 * 1024)));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-4 * 1024)));
  let ended: NpmEnd | undefined;
  const end = (how: NpmEnd) => {
    ended ??= how;
    killAll(child.pid);
  };
  const stop = () => end({ kind: "stopped" });
  const timer = setTimeout(() => end({ kind: "late", seconds: timeLimitMs / 1000 }), timeLimitMs);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await new Promise((resolve) => {
      child.once("error", (error: NodeJS.ErrnoException) => resolve({ kind: "failed", code: error.code ?? "", why: error.message }));
      child.once("close", (code) => resolve(ended ?? (code === 0 ? { kind: "done", told } : { kind: "failed", ...whyOf(told, said) })));
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** Few words, all of them in one object, and no questions to anybody but the registry. */
const always = ["--json", "--loglevel=error", "--no-audit", "--no-fund", "--no-update-notifier", "--no-progress"];

/** How to call the npm that came with a Node, or else the first one on a path. */
export function findNpm({ node, path }: { node: string; path: string }): readonly [string, ...string[]] | undefined {
  const home = dirname(node);
  const beside = [join(home, "../lib/node_modules/npm/bin/npm-cli.js"), join(home, "node_modules/npm/bin/npm-cli.js")];
  const named = path.split(delimiter).flatMap((folder) => (folder === "" ? [] : [join(folder, "npm")]));
  const found = [...beside, ...named].find((file) => existsSync(file));
  if (found === undefined) return undefined;
  const real = realpathSync(found);
  // Its own first line would take whichever Node is first.
  return real.endsWith(".js") ? [node, real] : [found];
}

const Told = z.object({ error: z.object({ code: z.string().nullish(), summary: z.string().nullish(), detail: z.string().nullish() }) });

/** The code and the first words of a failure, from what npm wrote to its output and to its error output. */
export function whyOf(told: string, said: string): { code: string; why: string } {
  const found = Told.safeParse(jsonIn(told)).data?.error;
  const why = found?.summary || said.replaceAll(/^npm error ?/gm, "");
  const lines = why.split("\n").map((line) => line.trim());
  return { code: found?.code ?? "", why: lines.find((line) => line !== "") ?? "it did not say why" };
}

/** Scripts of packages may have printed before it. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text.slice(text.search(/^\{/m)));
  } catch {
    return undefined;
  }
}

/** People whose commands wait for the same processors come first. */
function stepBack(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It is over already, or may not be told.
  }
}

function killAll(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It is over already.
  }
}
