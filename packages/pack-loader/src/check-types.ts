import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, realpath, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hash } from "@bellhop/contracts";
import { z } from "zod";
import type { TypesAnswer, TypesRequest } from "./child/types.ts";
import { ownCompileCache } from "./compile-cache.ts";
import { byPlace, type PackProblem } from "./problem.ts";

interface TypesOptions {
  /** Holds the `node_modules` of what the pack depends on; absent: they lie in the pack's own. */
  readonly modules?: string;
  /** Where it is kept that a pack was found good: nothing is checked again before a file changes that was read for it. Absent: nowhere. */
  readonly cacheFolder?: string;
  /** In milliseconds. Default 120 000. */
  readonly timeLimitMs?: number;
  /** Memory of the child process, in MB. Default 2048. */
  readonly memoryMb?: number;
}

/** What TypeScript says of a pack's types: by its own `tsconfig.json`, or strictly where it has none. Tests are looked at where the pack's settings name
 *  them. Runs no code of the pack. */
export async function checkTypes(folder: string, options: TypesOptions = {}): Promise<PackProblem[]> {
  const home = await realpath(folder);
  const own = await sourcesIn(home);
  if (!own.some((path) => typescript.test(path))) return [];
  const { cacheFolder, modules } = options;
  const request: TypesRequest = { folder: home, ...(modules === undefined ? {} : { modules }) };
  const note = cacheFolder === undefined ? undefined : join(cacheFolder, `${hash(JSON.stringify([format, request]))}.json`);
  if (note !== undefined && (await stillGood(note, own))) return [];
  const answer = await ask(request, options);
  if (note !== undefined && answer.problems.length === 0) await keep(note, [...new Set([...own, ...answer.read])]);
  return answer.problems.toSorted(byPlace);
}

const typescript = /\.[cm]?tsx?$/;

/** Changed when the same files would give something else than before. */
const format = 1;

/** What a check may depend on in the pack's own folder. */
async function sourcesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === "node_modules" || entry.name.startsWith(".") ? [] : await sourcesIn(path);
      return typescript.test(entry.name) || entry.name.endsWith(".json") ? [path] : [];
    }),
  );
  return found.flat();
}

async function ask(request: TypesRequest, options: TypesOptions): Promise<TypesAnswer> {
  const { timeLimitMs = 120_000, memoryMb = 2048 } = options;
  const child = fork(entry, [], {
    env: { NODE_COMPILE_CACHE: ownCompileCache() },
    execArgv: [`--max-old-space-size=${memoryMb}`, "--no-warnings"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-4_000)));
  return await new Promise((resolve) => {
    const failed = (why: string) => {
      const [line = ""] = said.trim().split("\n").slice(-1);
      const message = `The types can't be checked: ${why}.`;
      resolve({ problems: [{ file: "pack.yaml", line: 1, column: 1, message, hint: line }], read: [] });
      child.kill("SIGKILL");
    };
    const timer = setTimeout(() => failed(`it takes longer than ${timeLimitMs / 1000} s`), timeLimitMs);
    child.on("message", (answer: TypesAnswer) => resolve(answer));
    child.on("error", (error) => failed(error.message));
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      failed(
        /heap out of memory|heap limit/i.test(said) ? `it needs more than ${memoryMb} MB` : `the checker ended with ${signal ?? code}`,
      );
    });
    child.send(request);
  });
}

const entry = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "./child/types-main.ts" : "./child/types-main.js", import.meta.url));

const Note = z.record(z.string(), z.string());

/** Whether nothing has changed since a pack was found good. What has come since counts as a change, where it is one of the pack's own files. */
async function stillGood(note: string, own: readonly string[]): Promise<boolean> {
  try {
    const stamps = Note.parse(JSON.parse(await readFile(note, "utf8")));
    if (own.some((path) => stamps[path] === undefined)) return false;
    const now = await Promise.all(Object.keys(stamps).map(async (path) => (await stampOf(path)) === stamps[path]));
    return now.every(Boolean);
  } catch {
    return false;
  }
}

/** Best effort: what can't be written is checked again. */
async function keep(note: string, files: readonly string[]): Promise<void> {
  try {
    const stamps = await Promise.all(files.map(async (path) => [path, await stampOf(path)] as const));
    await mkdir(join(note, ".."), { recursive: true });
    const draft = `${note}.${randomUUID()}.draft`;
    await writeFile(draft, JSON.stringify(Object.fromEntries(stamps)));
    await rename(draft, note);
  } catch {
    return;
  }
}

async function stampOf(path: string): Promise<string> {
  const { mtimeMs, size } = await stat(path);
  return `${mtimeMs}/${size}`;
}
