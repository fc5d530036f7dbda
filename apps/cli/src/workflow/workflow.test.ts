import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "bellhop-workflow-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const files = {
  "packs/deploy/pack.yaml": "name: deploy\nversion: 1.0.0\n",
  "packs/deploy/actions/release.yaml": "name: release\nrunner_type: orquesta\nentry_point: workflows/release.yaml\n",
  "packs/deploy/actions/workflows/release.yaml":
    'version: 1.0\ntimeout: 60\ntasks:\n  build:\n    action: deploy.buld\n    next: [{when: "<% succeeded() %>", do: "fail, tell"}]\n  tell: {action: core.echo}\n',
  "packs/deploy/actions/build.yaml": "name: build\nrunner_type: local-shell-cmd\n",
  "good/one.yaml": "version: 1.0\ntasks:\n  a:\n    action: core.noop\n    next: [{do: b}]\n  b: {action: core.noop}\n",
  "good/two.yaml": "version: 1.0\ntimeout: 60\ntasks: {a: {action: core.noop}}\n",
  "bad/one.yaml": "version: 1.0\ntasks:\n  a:\n    actoin: core.noop\n    input: {m: '<% ctx(x) %>'}\n",
  "chain.yaml": "chain:\n  - {name: a, ref: core.noop, on-success: b}\n",
};
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), text);
}

function bellhop(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { PATH: process.env["PATH"], BELLHOP_FOLDER: join(home, ".bellhop") };
  return spawnSync(process.execPath, [main, "workflow", ...args], { cwd: home, env, encoding: "utf8", timeout: 30_000 });
}

test("a faulty workflow is told all at once, with places and what may have been meant", () => {
  const { status, stdout, stderr } = bellhop("check", "bad/one.yaml");
  expect(stdout, stderr).toBe(`bad/one.yaml:4:5 tasks.a: Additional properties are not allowed ('actoin' was unexpected).
  Did you mean action?
bad/one.yaml:5:17 tasks.a.input: Variable "x" is referenced before assignment, in <% ctx(x) %>.
  There are: parent, st2.
`);
  expect(status).toBe(1);
});

test("of a pack's workflow, what it calls there is checked as well, however it is named", () => {
  const problem = {
    file: "packs/deploy/actions/workflows/release.yaml",
    line: 5,
    column: 13,
    message: "There is no action deploy.buld in this pack.",
    hint: "Did you mean deploy.build?",
  };
  for (const path of ["packs", "packs/deploy", "packs/deploy/actions/workflows/release.yaml"]) {
    const { status, stdout } = bellhop("check", path, "--json");
    expect(JSON.parse(stdout)).toEqual({ ok: false, workflows: [problem.file], problems: [problem] });
    expect(status).toBe(1);
  }
});

test("a folder of workflows is checked file by file; what StackStorm does not know counts where that is asked for", () => {
  expect(bellhop("check", "good")).toMatchObject({
    status: 0,
    stderr: "good/one.yaml: nothing to complain about\ngood/two.yaml: nothing to complain about\n",
  });
  const strict = bellhop("check", "good", "--strict");
  expect(strict.stdout).toMatch(/^good\/two\.yaml:2:1 Additional properties are not allowed \('timeout' was unexpected\)\./);
  expect(strict.status).toBe(1);
});

test("an action chain is known by its chain", () => {
  expect(bellhop("check", "chain.yaml").stdout).toMatch(
    /^chain\.yaml:2:\d+ chain\[0\]\.on-success: The task "b" is not defined\.\n {2}Did you mean a\?\n$/,
  );
});

test("a workflow is drawn as Mermaid, as SVG, and as data", () => {
  expect(bellhop("graph", "good/one.yaml").stdout).toBe(`flowchart TD
  t0["<b>a</b><br>core.noop"]
  t1["<b>b</b><br>core.noop"]
  t0 --> t1
`);
  expect(bellhop("graph", "good/one.yaml", "--svg").stdout).toMatch(/^<svg [\s\S]*<title>good\/one\.yaml<\/title>[\s\S]*<\/svg>\n$/);
  expect(JSON.parse(bellhop("graph", "good/one.yaml", "--json").stdout)).toMatchObject({
    ok: true,
    boxes: [{ id: "a" }, { id: "b" }],
    ways: [{ from: "a", to: "b" }],
  });
  expect(bellhop("graph", "bad/one.yaml")).toMatchObject({
    status: 1,
    stdout: "",
    stderr: expect.stringContaining("Did you mean action?"),
  });
});

test.each([
  [["check", "none.yaml"], "There is no none.yaml."],
  [["check", ".bellhop-none"], "There is no .bellhop-none."],
  [["graph", "good"], "good is a folder"],
  [["graph", "good/one.yaml", "--svg", "--mermaid"], "Choose one of"],
])("what is called wrongly is told: %j", (args, message) => {
  const { status, stderr } = bellhop(...args);
  expect(stderr).toContain(message);
  expect(status).toBe(2);
});
