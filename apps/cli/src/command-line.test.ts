import { spawnSync } from "node:child_process";
import { mkdtempSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { failureText } from "./report.ts";
import { parsePairs } from "./run.ts";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "bellhop-cli-"));

function bellhop(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, BELLHOP_FOLDER: join(folder, ".bellhop") },
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

test("help comes on standard output with 0, a wrong call on standard error with 2", () => {
  const help = bellhop("--help");
  expect([help.code, help.err]).toEqual([0, ""]);
  expect(help.out).toContain("bellhop");
  for (const args of [
    ["nonsense"],
    ["run"],
    ["run", "core.echo", "text"],
    ["run", "noaction"],
    ["run", "core.echo", "--timeout", "soon"],
  ]) {
    const { code, out, err } = bellhop(...args);
    expect([args, code, out]).toEqual([args, 2, ""]);
    expect(err).not.toBe("");
  }
});

test("where nothing runs, run and chat say so and what to do", () => {
  const people = bellhop("run", "core.echo", "text=a");
  expect(people).toMatchObject({ code: 1, out: "" });
  expect(people.err).toMatch(/Nothing is running here[^]*npm start/);
  const program = bellhop("run", "core.echo", "text=a", "--json");
  expect(program).toMatchObject({ code: 1, err: "" });
  expect(JSON.parse(program.out)).toEqual({ error: { code: "not_running", message: expect.any(String), hint: expect.any(String) } });
  expect(bellhop("chat").code).toBe(1);
});

test("a faulty bellhop.yaml is reported with 2", () => {
  const place = mkdtempSync(join(folder, "faulty-"));
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "bellhop.yaml"), "durations: {lease: soon}\n");
  const { status, stderr } = spawnSync(process.execPath, [main, "run", "core.echo"], { cwd: place, encoding: "utf8" });
  expect(status).toBe(2);
  expect(stderr).toContain("durations.lease");
});

test("parameters are texts, and may hold anything after the first equals sign", () => {
  expect(parsePairs(["text=a=b c", "empty=", "lines=a\nb"])).toEqual({ text: "a=b c", empty: "", lines: "a\nb" });
  expect(() => parsePairs(["text"])).toThrow(/NAME=VALUE/);
  expect(() => parsePairs(["a=1", "a=2"])).toThrow(/twice/);
});

test("a problem reads as what happened, then what to do, with colours only where they are wanted", () => {
  const data = { code: "x", message: "It broke.", hint: "Mend it.\nThen again.", retry: false };
  expect(failureText(data, false)).toBe("It broke.\n  Mend it.\n  Then again.");
  expect(failureText(data, true)).toContain("\u001b[31mIt broke.");
});
