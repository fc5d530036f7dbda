import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, onTestFinished, test, vi } from "vitest";
import { bellhopMain, callBellhop, runBellhop } from "../testing.ts";
import { packTemplate } from "./new/templates.ts";

const home = mkdtempSync(join(tmpdir(), "bellhop-authoring-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const minutes = 120_000;

const call = (folder: string) => ({ folder, env: { BELLHOP_FOLDER: join(folder, ".bellhop") } });
const bellhop = async (folder: string, ...args: string[]) => await callBellhop(args, call(folder));
/** What runners of tests print is theirs, not the command's. */
const packTest = async (folder: string, ...args: string[]) => await runBellhop(["pack", "test", ...args], call(folder));

function place(name: string, files: Record<string, string> = {}): string {
  const folder = join(home, name);
  mkdirSync(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

test.each([
  ["typescript", "actions/hello.ts"],
  ["yaml", "actions/hello.yaml"],
])(
  "a new pack in %s has nothing to complain about, and its test passes, with nothing installed",
  { timeout: minutes },
  async (spelling, action) => {
    const folder = place(spelling);
    const made = await bellhop(folder, "pack", "new", "deploy", `--${spelling}`, "--description", "Deploys: it's quick");
    expect(made).toMatchObject({ code: 0, err: "", out: expect.stringContaining("bellhop pack test packs/deploy") });
    expect(made.out).toContain(action);
    expect(readdirSync(join(folder, "packs"))).toEqual(["deploy"]);
    expect(readFileSync(join(folder, "packs/deploy/README.md"), "utf8")).toContain("you> deploy hello");
    const checked = await bellhop(folder, "pack", "check", "packs/deploy", "--json");
    expect({ ...checked, out: JSON.parse(checked.out) as unknown }).toMatchObject({
      code: 0,
      out: { ok: true, packs: ["deploy 0.1.0"], problems: [] },
    });
    const tested = await packTest(folder, "packs/deploy");
    expect(tested, tested.err).toMatchObject({ code: 0, out: expect.stringMatching(/pass [12]\n/) });
    expect(existsSync(join(folder, "packs/deploy/node_modules"))).toBe(false);
  },
);

test("no pack is written over another, beside one of its name, or out of its folder", { timeout: minutes }, async () => {
  const folder = place("names", { "packs/tools/pack.yaml": "name: deploy\n", "packs/full/notes.txt": "mine", "packs/empty/.gitkeep": "" });
  rmSync(join(folder, "packs/empty/.gitkeep"));
  const refused: [string[], string][] = [
    [["deploy"], "There is a pack deploy already, in packs/tools."],
    [["github"], "There is a pack github already, in "],
    [["full"], "packs/full is there already, and is not empty."],
    [["../deploy"], `"../deploy" can't be the name of a pack`],
    [["fine", "--yaml", "--typescript"], "leave one of the two out"],
  ];
  for (const [args, words] of refused) {
    const answer = await bellhop(folder, "pack", "new", ...args);
    expect(answer, args.join(" ")).toMatchObject({ code: 2, out: "", err: expect.stringContaining(words) });
  }
  expect(readdirSync(join(folder, "packs")).toSorted()).toEqual(["empty", "full", "tools"]);
  expect(await bellhop(folder, "pack", "new", "empty", "--json")).toMatchObject({ code: 0 });
});

test("in a workspace that has the SDK, a new pack is a package of it, and pnpm is told", { timeout: minutes }, async () => {
  const folder = place("workspace", {
    "pnpm-workspace.yaml": "packages: [packs/*]\n",
    "packages/sdk/package.json": `{ "name": "@bellhop/sdk" }`,
    "node_modules/.bin/pnpm": `#!/bin/sh\npwd > told; echo "$@" >> told\n`,
  });
  chmodSync(join(folder, "node_modules/.bin/pnpm"), 0o755);
  expect(await bellhop(folder, "pack", "new", "deploy")).toMatchObject({ code: 0 });
  const manifest = JSON.parse(readFileSync(join(folder, "packs/deploy/package.json"), "utf8")) as Record<string, unknown>;
  expect(manifest).toMatchObject({
    name: "@bellhop/pack-deploy",
    dependencies: { "@bellhop/sdk": "workspace:^" },
    devDependencies: { "@bellhop/pack-loader": "workspace:*", vitest: "catalog:" },
  });
  expect(readFileSync(join(folder, "packs/deploy/tsconfig.json"), "utf8")).toContain('"../../tsconfig.base.json"');
  expect(readFileSync(join(folder, "packs/deploy/pack.test.ts"), "utf8")).toContain('from "vitest"');
  expect(readFileSync(join(folder, "told"), "utf8")).toMatch(/workspace\ninstall /);
  rmSync(join(folder, "node_modules"), { recursive: true });
  expect(await bellhop(folder, "pack", "new", "ops", "--yaml")).toMatchObject({
    code: 0,
    err: expect.stringContaining("Run `pnpm install`"),
  });
});

test("scripts of a new pack can be run, and its texts are texts whatever is in them", () => {
  const files = packTemplate({ name: "deploy", description: `a: "b" #c`, spelling: "yaml" });
  expect(files["actions/hello.sh"]?.executable).toBe(true);
  expect(files["pack.yaml"]?.text).toContain(`description: "a: \\"b\\" #c"`);
});

test(
  "check says everything at once, types too, each thing once; without types it is quicker, and less is found",
  { timeout: minutes },
  async () => {
    const folder = place("faulty", {
      "pack.yaml": "name: deploy\nversion: 1.0.0\n",
      "actions/deploy.ts": `import { defineAction, z } from "@bellhop/sdk";
export default defineAction({ description: "Deploy", input: { service: z.string() }, output: z.object({ url: z.string() }),
  run: ({ input }) => ({ url: input.servic }) });
`,
      "aliases/deploy.ts": `import { defineAlias } from "@bellhop/sdk";
import deploy from "../actions/deploy.ts";
export default defineAlias({ action: deploy, formats: ["deploy {{ servce }}"] });
`,
      "aliases/told.ts": `import { defineAlias } from "@bellhop/sdk";
import deploy from "../actions/deploy.ts";
export default defineAlias({ action: deploy, formats: ["told {{ service }}"], reply: "{{ result.urll }}" });
`,
      "aliases/old.yaml": "name: old\naction_ref: deploy.deplyo\nformats: [old]\n",
    });
    const both = await bellhop(folder, "pack", "check", ".");
    expect(both.code).toBe(1);
    const lines = both.out.split("\n").flatMap((line) => /^(?:warning: )?\S+:\d+:\d+(?= )/.exec(line)?.[0] ?? []);
    expect(lines).toEqual(["actions/deploy.ts:3:37", "aliases/deploy.ts:3:56", "warning: aliases/old.yaml:2:13", "aliases/told.ts:3:79"]);
    expect(both.out).toContain("{{ servce }} is no input of the action; there are: service.");
    expect(both.out).toContain("Did you mean deploy.deploy?");
    const quick = await bellhop(folder, "pack", "check", "--no-types", "--json");
    const { ok, problems } = JSON.parse(quick.out) as { ok: boolean; problems: { file: string; level: string }[] };
    // StackStorm takes all of it: a command that is said wrongly fails, and so does a call to what is not there.
    expect([quick.code, ok, problems.map(({ file, level }) => `${level} ${file}`)]).toEqual([
      0,
      true,
      ["warning aliases/deploy.ts", "warning aliases/old.yaml", "warning aliases/told.ts"],
    ]);
    expect(quick.out).toContain("Did you mean service?");
  },
);

test("check says where the address of a run's page is wished for, and none is known", async () => {
  const folder = place("linked", {
    "pack.yaml": "name: p\nversion: 1.0.0\n",
    "actions/a.yaml": "name: a\nrunner_type: local-shell-cmd\n",
    "aliases/a.yaml": "name: a\naction_ref: p.a\nformats: [a]\nack: { format: On it., append_url: true }\n",
    "set/bellhop.yaml": "runPage: https://ops.example.com/{run}\n",
  });
  expect((await bellhop(folder, "pack", "check", ".", "--no-types")).out).toContain(
    "warning: aliases/a.yaml:1:1 ack.append_url adds nothing: no page of a run is known here.\n  Name it in bellhop.yaml: runPage:",
  );
  const env = { BELLHOP_FOLDER: join(folder, ".bellhop"), BELLHOP_CONFIG: join(folder, "set/bellhop.yaml") };
  expect(await callBellhop(["pack", "check", ".", "--no-types"], { folder, env })).toMatchObject({ code: 0, out: "" });
});

test("test passes on how it went, says how to write one, and what is missing for it", { timeout: minutes }, async () => {
  const folder = place("tests", {
    "none/pack.yaml": "name: none\n",
    "failing/pack.yaml": "name: failing\n",
    "failing/pack.test.mjs": `import assert from "node:assert"; import { test } from "node:test"; test("x", () => assert.equal(1, 2));`,
    "vitest/pack.yaml": "name: vitest\n",
    "vitest/pack.test.ts": `import { test } from "vitest";\ntest("x", () => {});\n`,
    "else/notes.txt": "",
  });
  expect(await bellhop(folder, "pack", "test", "none")).toMatchObject({ code: 1, err: expect.stringContaining("openChat") });
  expect(await packTest(folder, "failing")).toMatchObject({ code: 1, out: expect.stringContaining("fail 1") });
  expect(await packTest(folder, "vitest")).toMatchObject({ code: 2, err: expect.stringContaining("npm install") });
  expect(await bellhop(folder, "pack", "test", "else")).toMatchObject({ code: 2, err: expect.stringContaining("is no pack") });
});

test("test runs what is written for vitest with the pack's own, each file by its runner", { timeout: minutes }, async () => {
  const folder = place("both", {
    "pack.yaml": "name: both\n",
    "one.test.ts": `import { expect, test } from "vitest";\ntest("one", () => expect(1).toBe(1));\n`,
    "two.test.mjs": `import { test } from "node:test";\ntest("two", () => {});\n`,
  });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), join(folder, "node_modules/vitest"));
  const tested = await packTest(folder);
  expect(tested.code, tested.err).toBe(0);
  expect(tested.out).toMatch(/one\.test\.ts[^]*two[^]*pass 1\n/);
});

test("test --watch runs them again when a file changes, until it is stopped", { timeout: minutes }, async () => {
  const folder = place("watched", { "pack.yaml": "name: watched\n" });
  const says = (words: string) =>
    writeFileSync(join(folder, "pack.test.mjs"), `import { test } from "node:test";\ntest("${words}", () => {});\n`);
  says("the first time");
  const child = spawn(process.execPath, [bellhopMain, "pack", "test", "--watch"], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGTERM"));
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = new Promise((resolve) => child.on("close", resolve));
  await vi.waitFor(() => expect(said).toMatch(/✔ the first time[^]*duration_ms/), { timeout: 30_000 });
  says("another time");
  await vi.waitFor(() => expect(said).toContain("✔ another time"), { timeout: 30_000 });
  child.kill("SIGTERM");
  await ended;
});

test("test --update writes what is really said into the README", { timeout: minutes }, async () => {
  const folder = place("update");
  await bellhop(folder, "pack", "new", "deploy", "--yaml");
  const readme = join(folder, "packs/deploy/README.md");
  const right = readFileSync(readme, "utf8");
  writeFileSync(readme, right.replace("Hello, ana!", "Bye!"));
  expect(await packTest(folder, "packs/deploy")).toMatchObject({ code: 1, out: expect.stringContaining("Bye!") });
  expect(await packTest(folder, "packs/deploy", "--update")).toMatchObject({ code: 0 });
  expect(readFileSync(readme, "utf8")).toBe(right);
});
