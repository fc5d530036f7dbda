import { mkdtempSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failureText } from "./report.ts";
import { parsePairs } from "./run.ts";
import { callBellhop, runBellhop } from "./testing.ts";

const folder = mkdtempSync(join(tmpdir(), "bellhop-cli-"));

const env = { BELLHOP_FOLDER: join(folder, ".bellhop") };
const bellhop = async (...args: string[]) => await callBellhop(args, { folder, env });

test("help comes on standard output with 0, a wrong call on standard error with 2", async () => {
  const help = await runBellhop(["--help"], { folder, env });
  expect([help.code, help.err]).toEqual([0, ""]);
  expect(help.out).toContain("bellhop");
  for (const args of [
    ["nonsense"],
    ["run"],
    ["run", "core.echo", "text"],
    ["run", "noaction"],
    ["run", "core.echo", "--timeout", "soon"],
  ]) {
    const { code, out, err } = await bellhop(...args);
    expect([args, code, out]).toEqual([args, 2, ""]);
    expect(err).not.toBe("");
  }
});

test.each([
  [["nonsense"], "Unknown command 'nonsense'.", "`bellhop --help`"],
  [["rulz"], "Unknown command 'rulz' (Did you mean rule?)", "`bellhop --help`"],
  [["rule"], "A command is missing.", "`bellhop rule --help`"],
  [["rule", "lost"], "Unknown command 'lost' (Did you mean list?)", "`bellhop rule --help`"],
  [["runs", "list", "--limits"], "Unknown option '--limits' (Did you mean --limit?)", "`bellhop runs list --help`"],
  [["run"], "Missing required argument 'PACK.ACTION'.", "`bellhop run --help`"],
  [["runs", "cancel", "A", "--timeout", "x"], "Expected a number of seconds.", "`bellhop runs cancel --help`"],
])("what fits no command is told as every problem is, with the help that has it: %j", async (args, message, help) => {
  const people = await bellhop(...args);
  expect(people).toMatchObject({ code: 2, out: "" });
  expect(people.err).toContain(message);
  expect(people.err).toContain(`\n  ${help}`);
  const program = await bellhop(...args, "--json");
  expect(program).toMatchObject({ code: 2, err: "" });
  expect(JSON.parse(program.out)).toMatchObject({ error: { code: "usage" } });
});

test("where nothing runs, run and chat say so and what to do", async () => {
  const people = await bellhop("run", "core.echo", "text=a");
  expect(people).toMatchObject({ code: 1, out: "" });
  expect(people.err).toMatch(/Nothing is running here[^]*npm start/);
  const program = await bellhop("run", "core.echo", "text=a", "--json");
  expect(program).toMatchObject({ code: 1, err: "" });
  expect(JSON.parse(program.out)).toEqual({ error: { code: "not_running", message: expect.any(String), hint: expect.any(String) } });
  expect((await bellhop("chat")).code).toBe(1);
});

test("a faulty bellhop.yaml is reported with 2", async () => {
  const place = mkdtempSync(join(folder, "faulty-"));
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "bellhop.yaml"), "durations: {lease: soon}\n");
  const { code, err } = await runBellhop(["run", "core.echo"], { folder: place });
  expect(code).toBe(2);
  expect(err).toContain("durations.lease");
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
