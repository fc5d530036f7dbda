import { mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@bellhop/service";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createWorkers, type WorkerEnd, type Workers } from "./workers.ts";

let root: string;
let module: string;
let trace: string;
let workers: Workers;

beforeEach(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "workers-")));
  trace = join(root, "trace");
  module = join(root, "digest", "note.mjs");
  mkdirSync(join(root, "digest"));
  writeFileSync(trace, "");
  writeFileSync(
    module,
    `import { appendFileSync, existsSync } from "node:fs";
     import { defineAction, z } from "@bellhop/sdk";
     export default defineAction({ description: "Leaves a trace", input: { word: z.string(), ms: z.number().default(0), until: z.string().default(""), exit: z.boolean().default(false), size: z.number().default(0) },
       run: async ({ input }) => {
         appendFileSync(${JSON.stringify(trace)}, input.word + "\\n");
         if (input.exit) process.exit(3);
         if (input.ms > 0) await new Promise((go) => setTimeout(go, input.ms));
         while (input.until !== "" && !existsSync(input.until)) await new Promise((go) => setTimeout(go, 10));
         return input.size > 0 ? "x".repeat(input.size) : process.pid;
       } });`,
  );
  workers = createWorkers({ mark: () => `test.${process.pid}`, root, memoryMb: 128, killGraceMs: 200, log: silentLog });
  // Only an action that is known to be over soon lets others wait behind it.
  for (let i = 0; i < 40; i++) await run("warm");
});

afterEach(async () => await workers.stop());

test("short actions that come together are each done once", async () => {
  const words = Array.from({ length: 50 }, (_, index) => `w${index}`);
  const ends = await Promise.all(words.map((word) => run(word)));
  expect(ends.map(({ kind }) => kind)).toEqual(words.map(() => "done"));
  expect(traces().toSorted()).toEqual(words.toSorted());
});

test("behind one that takes longer than it used to, nobody waits: the others are done elsewhere, once", async () => {
  const allowed = join(root, "allowed");
  const long = run("long", { until: allowed });
  const others = await Promise.all(["a", "b", "c"].map((word) => run(word)));
  writeFileSync(allowed, "");
  expect(others.map(({ kind }) => kind)).toEqual(["done", "done", "done"]);
  expect(others.map(outputOf)).not.toContain(outputOf(await long));
  expect(traces().toSorted()).toEqual(["a", "b", "c", "long"]);
});

test("what waits behind an action that ends the process is done elsewhere, once", async () => {
  const [ended, ...others] = await Promise.all([run("end", { exit: true }), ...["a", "b", "c"].map((word) => run(word))]);
  expect(ended).toMatchObject({ kind: "died", how: "exit code 3" });
  expect(others.map(({ kind }) => kind)).toEqual(["done", "done", "done"]);
  expect(traces().toSorted()).toEqual(["a", "b", "c", "end"]);
});

test("what waits behind a large result begins once that has left, and whatever ends the process then loses neither", async () => {
  const [large, ended] = await Promise.all([run("large", { size: 4_000_000 }), run("end", { exit: true })]);
  expect(large.kind).toBe("done");
  expect(ended).toMatchObject({ kind: "died", how: "exit code 3" });
  expect(traces()).toEqual(["large", "end"]);
});

test("what waits and is canceled never begins, and the one before it goes on", async () => {
  const cancel = new AbortController();
  const long = run("long", { ms: 300 });
  const waiting = run("never", {}, cancel.signal);
  cancel.abort();
  expect(await waiting).toEqual({ kind: "died", how: "it was ended before it began" });
  expect((await long).kind).toBe("done");
  expect(traces()).toEqual(["long"]);
});

function run(
  word: string,
  more: { ms?: number; until?: string; exit?: boolean; size?: number } = {},
  signal = new AbortController().signal,
): Promise<WorkerEnd> {
  const given = { input: { word, ...more }, config: {}, files: [], attachTo: join(root, "attach") };
  return workers.run({ action: "test.note", module, ...given, signal, onOutput: () => {}, kv: async () => ({ kind: "none" }) });
}

function outputOf(end: WorkerEnd): unknown {
  return end.kind === "done" && end.executed.kind === "succeeded" ? end.executed.output : end;
}

function traces(): string[] {
  return readFileSync(trace, "utf8")
    .split("\n")
    .filter((word) => word !== "" && word !== "warm");
}
