import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import type { Env } from "@bellhop/service";
import { note, UsageError, type ExitCode } from "../report.ts";
import { isPack, shortPath } from "./folders.ts";

/** `bellhop pack test DIR`: the pack's tests, by the runner that they are written for. 1 if one of them fails. */
export async function packTest(folder: string, options: { watch: boolean; update: boolean }, env: Env): Promise<ExitCode> {
  const pack = resolve(folder);
  if (!isPack(pack)) throw new UsageError(`${shortPath(pack)} is no pack: it has neither pack.yaml nor actions/ nor aliases/.`);
  const tests = testsIn(pack);
  const rehearsals = rehearsalsIn(pack);
  if (tests.length === 0 && rehearsals.length === 0) {
    note(`${shortPath(pack)} has no tests. Write ${shortPath(join(pack, "pack.test.ts"))}:\n\n${example}`);
    return 1;
  }
  const vitest = tests.filter(({ text }) => /\bfrom\s*["']vitest["']/.test(text)).map(({ path }) => path);
  const node = tests.map(({ path }) => path).filter((path) => !vitest.includes(path));
  const environment = { ...env, ...(options.update ? { BELLHOP_TRANSCRIPTS: "write" } : {}) };
  const runs = [
    ...(vitest.length === 0 ? [] : [vitestArguments(pack, vitest, options)]),
    ...(node.length === 0 ? [] : [nodeArguments(node, options)]),
  ];
  const { workflowRehearse } = await import("../workflow/rehearse.ts");
  const rehearsed: ExitCode[] = [];
  for (const path of rehearsals) rehearsed.push(await workflowRehearse(path, { json: false, brief: true }));
  // Watching ends with Ctrl-C: two runners watch side by side, and otherwise they take turns, so that what they print stays readable.
  if (options.watch) return worst(await Promise.all(runs.map(async (args) => await run(args, pack, environment))));
  const codes = [...rehearsed];
  for (const args of runs) codes.push(await run(args, pack, environment));
  return worst(codes);
}

const example = `  import assert from "node:assert/strict";
  import { test } from "node:test";
  import { openChat } from "@bellhop/sdk/testing";

  test("deploy says where", async () => {
    const chat = await openChat({ pack: import.meta.dirname });
    assert.equal((await chat.say("deploy api")).text, "Deployed: https://api.example.com");
  });
`;

interface TestFile {
  readonly path: string;
  readonly text: string;
}

/** Rehearsals of its workflows. */
function rehearsalsIn(folder: string): readonly string[] {
  return filesIn(folder).filter((path) => /\.rehearsal\.ya?ml$/.test(path));
}

function testsIn(folder: string): TestFile[] {
  return filesIn(folder)
    .filter((path) => /\.test\.[cm]?[jt]s$/.test(path))
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" || entry.name.startsWith(".") ? [] : filesIn(path);
    return [path];
  });
}

function vitestArguments(pack: string, files: readonly string[], { watch }: { watch: boolean }): string[] {
  const manifest = resolved(pack, "vitest/package.json");
  if (manifest === undefined) {
    const hint = "install what its package.json names (`npm install`), or write it for node:test";
    throw new UsageError(`${shortPath(files[0] ?? pack)} is written for vitest, which is not installed: ${hint}.`);
  }
  // The first chat of a file reads the pack with a compiler, which on a busy machine takes longer than the five seconds that vitest allows.
  const configured = readdirSync(pack).some((name) => /^vite(st)?\.config\./.test(name));
  const patience = configured ? [] : ["--testTimeout=30000", "--hookTimeout=30000"];
  return [join(dirname(manifest), "vitest.mjs"), watch ? "watch" : "run", ...patience, ...files.map((file) => relative(pack, file))];
}

function nodeArguments(files: readonly string[], { watch }: { watch: boolean }): string[] {
  // A pack that has nothing installed is tested with what comes along here.
  const hosted = import.meta.resolve("@bellhop/pack-loader/hosted");
  return ["--test", ...(watch ? ["--watch"] : []), `--import=${hosted}`, ...files];
}

function resolved(pack: string, specifier: string): string | undefined {
  try {
    return createRequire(join(pack, "package.json")).resolve(specifier);
  } catch {
    return undefined;
  }
}

async function run(args: readonly string[], cwd: string, env: Env): Promise<ExitCode> {
  const child = spawn(process.execPath, args, { cwd, env, stdio: "inherit" });
  // Ctrl-C at a terminal reaches both of us, and the tests have the last word; any other way, it is for us to pass on.
  const interrupt = () => void (process.stdin.isTTY || child.kill("SIGINT"));
  const stop = () => void child.kill("SIGTERM");
  process.on("SIGINT", interrupt).on("SIGTERM", stop);
  try {
    return await new Promise<ExitCode>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve(code === 0 ? 0 : 1));
    });
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", stop);
  }
}

function worst(codes: readonly ExitCode[]): ExitCode {
  return codes.some((code) => code !== 0) ? 1 : 0;
}
