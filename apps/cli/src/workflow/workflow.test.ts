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
  "packs/shop/pack.yaml": "name: shop\nversion: 1.0.0\n",
  "packs/shop/actions/sell.yaml": "name: sell\nrunner_type: orquesta\nentry_point: workflows/sell.yaml\n",
  "packs/shop/actions/workflows/sell.yaml": `version: 1.0
input: [what]
tasks:
  take:
    action: core.echo message=<% ctx(what) %>
    next:
      - {when: <% succeeded() %>, publish: [{got: <% result().stdout %>}], do: pay}
      - {when: <% failed() %>, do: sorry}
  pay: {action: core.noop}
  sorry: {action: core.echo message="none"}
output:
  - got: <% ctx(got) %>
`.replaceAll(/: (<%.*?%>)([,}])/g, ": '$1'$2"),
  "packs/shop/tests/sell.rehearsal.yaml": `workflow: sell
rehearsals:
  - name: what is there is paid
    input: {what: tea}
    results: {take: {result: {stdout: tea}}}
    expect:
      status: succeeded
      output: {got: tea}
      calls: [{task: take, action: core.echo, input: {message: tea}}, pay]
  - name: what is not there is not
    input: {what: milk}
    results: {take: [{status: failed}]}
    expect: {calls: [take, sorry, pay], output: {got: milk}}
`,
  "packs/shop/none.rehearsal.yaml": "workflow: sel\n",
  "script.yaml": "input: {what: tea}\nresults: {take: {result: {stdout: tea}}}\n",
  "wrong.yaml": "inputs: {what: tea}\n",
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
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, workflows: expect.arrayContaining([problem.file]), problems: [problem] });
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

test("a rehearsal says what would be called, and where that is not what was expected", () => {
  const { status, stdout, stderr } = bellhop("rehearse", "packs/shop/tests/sell.rehearsal.yaml");
  expect(stdout, stderr).toContain(`what is there is paid: succeeded
  take core.echo {"message":"tea"} succeeded
  pay core.noop {} succeeded
  output {"got":"tea"}
what is not there is not: failed
  take core.echo {"message":"milk"} failed
  sorry core.echo {"message":"none"} succeeded
`);
  expect(stderr).toMatch(
    /^what is not there is not: output is .*; expected \{"got":"milk"\}\nwhat is not there is not: call 3 is missing; expected pay\n$/,
  );
  expect(status).toBe(1);
});

test("a workflow is rehearsed with a script beside it, and told to programs as JSON", () => {
  const file = "packs/shop/actions/workflows/sell.yaml";
  const { status, stdout, stderr } = bellhop("rehearse", file, "--script", "script.yaml", "--json");
  expect(JSON.parse(stdout), stderr).toMatchObject({
    ok: true,
    rehearsals: [{ status: "succeeded", output: { got: "tea" }, calls: [{ task: "take" }, { task: "pay" }], differences: [] }],
  });
  expect(status).toBe(0);
});

test.each([
  [["rehearse", "packs/shop/none.rehearsal.yaml"], "There is no workflow sel in packs/shop. Did you mean sell?"],
  [["rehearse", "packs/shop/actions/workflows/sell.yaml", "--script", "wrong.yaml"], "wrong.yaml is no rehearsal:"],
  [["rehearse", "bad/one.yaml"], "Did you mean action?"],
  [["check", "none.yaml"], "There is no none.yaml."],
  [["check", ".bellhop-none"], "There is no .bellhop-none."],
  [["graph", "good"], "good is a folder"],
  [["graph", "good/one.yaml", "--svg", "--mermaid"], "Choose one of"],
])("what is called wrongly is told: %j", (args, message) => {
  const { status, stderr } = bellhop(...args);
  expect(stderr).toContain(message);
  expect(status).toBe(2);
});

test("pack test goes through a pack's rehearsals", () => {
  rmSync(join(home, "packs/shop/none.rehearsal.yaml"));
  const env = { PATH: process.env["PATH"], BELLHOP_FOLDER: join(home, ".bellhop") };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, "pack", "test", "packs/shop"], {
    cwd: home,
    env,
    encoding: "utf8",
  });
  expect(stdout, stderr).toBe("rehearsed what is there is paid: succeeded\nFAILED what is not there is not: failed\n");
  expect(status).toBe(1);
});
