import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { callBellhop, runBellhop } from "../testing.ts";

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
  "failing.yaml": "version: 1.0\ntasks: {a: {action: core.noop, next: [{do: fail}]}}\n",
  "quiet.yaml": "input: {what: tea}\n",
  "asked.yaml":
    "input: {what: tea}\nresults: {take: {status: pending}}\nasks: [{after: 1, answer: take, response: {}}]\nexpect: {calls: [take, pay]}\n",
  "nobody.yaml": "results: {tak: {result: 1}}\n",
  "unasked.yaml": "asks: [{after: 0, answer: pay, response: {}}]\n",
  "wrong.yaml": "inputs: {what: tea}\n",
  "chain.yaml": "chain:\n  - {name: a, ref: core.noop, on-success: b}\n",
};
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), text);
}

const env = { BELLHOP_FOLDER: join(home, ".bellhop") };
const bellhop = async (...args: string[]) => await callBellhop(["workflow", ...args], { folder: home, env });

test("a faulty workflow is told all at once, with places and what may have been meant", async () => {
  const { code, out, err } = await bellhop("check", "bad/one.yaml");
  expect(out, err).toBe(`bad/one.yaml:4:5 tasks.a: Additional properties are not allowed ('actoin' was unexpected).
  Did you mean action?
bad/one.yaml:5:17 tasks.a.input: Variable "x" is referenced before assignment, in <% ctx(x) %>.
  There are: parent, st2.
`);
  expect(code).toBe(1);
});

test("of a pack's workflow, what it calls there is checked as well, however it is named", async () => {
  const problem = {
    file: "packs/deploy/actions/workflows/release.yaml",
    line: 5,
    column: 13,
    message: "There is no action deploy.buld in this pack.",
    hint: "Did you mean deploy.build?",
  };
  for (const path of ["packs", "packs/deploy", "packs/deploy/actions/workflows/release.yaml"]) {
    const { code, out } = await bellhop("check", path, "--json");
    expect(JSON.parse(out)).toMatchObject({ ok: false, workflows: expect.arrayContaining([problem.file]), problems: [problem] });
    expect(code).toBe(1);
  }
});

test("a folder of workflows is checked file by file; what StackStorm does not know counts where that is asked for", async () => {
  expect(await bellhop("check", "good")).toMatchObject({
    code: 0,
    err: "good/one.yaml: nothing to complain about\ngood/two.yaml: nothing to complain about\n",
  });
  const strict = await bellhop("check", "good", "--strict");
  expect(strict.out).toMatch(/^good\/two\.yaml:2:1 Additional properties are not allowed \('timeout' was unexpected\)\./);
  expect(strict.code).toBe(1);
});

test("an action chain is known by its chain", async () => {
  expect((await bellhop("check", "chain.yaml")).out).toMatch(
    /^chain\.yaml:2:\d+ chain\[0\]\.on-success: The task "b" is not defined\.\n {2}Did you mean a\?\n$/,
  );
});

test("a workflow is drawn as Mermaid, as SVG, and as data", async () => {
  expect((await bellhop("graph", "good/one.yaml")).out).toBe(`flowchart TD
  t0["<b>a</b><br>core.noop"]
  t1["<b>b</b><br>core.noop"]
  t0 --> t1
`);
  expect((await bellhop("graph", "good/one.yaml", "--svg")).out).toMatch(/^<svg [\s\S]*<title>good\/one\.yaml<\/title>[\s\S]*<\/svg>\n$/);
  expect(JSON.parse((await bellhop("graph", "good/one.yaml", "--json")).out)).toMatchObject({
    ok: true,
    boxes: [{ id: "a" }, { id: "b" }],
    ways: [{ from: "a", to: "b" }],
  });
  expect(await bellhop("graph", "bad/one.yaml")).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringContaining("Did you mean action?"),
  });
});

test("a rehearsal says what would be called, and where that is not what was expected", async () => {
  const { code, out, err } = await bellhop("rehearse", "packs/shop/tests/sell.rehearsal.yaml");
  expect(out, err).toContain(`what is there is paid: succeeded
  take core.echo {"message":"tea"} succeeded
  pay core.noop {} succeeded
  output {"got":"tea"}
what is not there is not: failed
  take core.echo {"message":"milk"} failed
  sorry core.echo {"message":"none"} succeeded
`);
  expect(err).toMatch(
    /^what is not there is not: output is .*; expected \{"got":"milk"\}\nwhat is not there is not: call 3 is missing; expected pay\n$/,
  );
  expect(code).toBe(1);
});

test("without a script, a workflow that does not succeed is not as expected", async () => {
  expect(await bellhop("rehearse", "good/one.yaml")).toMatchObject({ code: 0, err: "" });
  const { code, out, err } = await bellhop("rehearse", "failing.yaml");
  expect(out).toContain("all succeed: failed");
  expect(err).toBe(
    "all succeed: status is failed; expected succeeded\nAnother course, or input, is told by --script FILE: input, results, expect.\n",
  );
  expect(code).toBe(1);
});

test.each([["without a script", []] as const, ["with one", ["--script", "quiet.yaml"]] as const])(
  "%s, a result that is read and that nobody gives is named",
  async (_, script) => {
    const { code, err } = await bellhop("rehearse", "packs/shop/actions/workflows/sell.yaml", ...script);
    expect(err).toContain("take gives no result, and reads result().stdout: say it as results: { take: { result: … } }\n");
    expect(code).toBe(1);
  },
);

test("what a task asks is answered by the script", async () => {
  const { code, err } = await bellhop("rehearse", "packs/shop/actions/workflows/sell.yaml", "--script", "asked.yaml");
  // What core.ask gives has no standard output.
  expect(err).toContain("call 2 is missing; expected pay");
  expect(code).toBe(1);
});

test("a workflow is rehearsed with a script beside it, and told to programs as JSON", async () => {
  const file = "packs/shop/actions/workflows/sell.yaml";
  const { code, out, err } = await bellhop("rehearse", file, "--script", "script.yaml", "--json");
  expect(JSON.parse(out), err).toMatchObject({
    ok: true,
    rehearsals: [{ status: "succeeded", output: { got: "tea" }, calls: [{ task: "take" }, { task: "pay" }], differences: [] }],
  });
  expect(code).toBe(0);
});

test.each([
  [["rehearse", "packs/shop/none.rehearsal.yaml"], "There is no workflow sel in packs/shop. Did you mean sell?"],
  [["rehearse", "packs/shop/actions/workflows/sell.yaml", "--script", "wrong.yaml"], "wrong.yaml is no rehearsal:"],
  [
    ["rehearse", "packs/shop/actions/workflows/sell.yaml", "--script", "nobody.yaml"],
    "There is no task tak, of which results say how it ends. Did you mean take?",
  ],
  [["rehearse", "good/one.yaml", "--script", "unasked.yaml"], "Nothing of pay waits for an answer: a is."],
  [["rehearse", "bad/one.yaml"], "Did you mean action?"],
  [["graph", "good"], "good is a folder"],
  [["graph", "good/one.yaml", "--svg", "--mermaid"], "Choose one of"],
])("what is called wrongly is told: %j", async (args, message) => {
  const { code, err } = await bellhop(...args);
  expect(err).toContain(message);
  expect(code).toBe(2);
});

test.each([
  [["check", "none.yaml"], "There is no none.yaml.\n  Name a workflow's file, the folder of a pack, or a folder of either."],
  [["check", ".bellhop-none"], "There is no .bellhop-none."],
  [["graph", "none.yaml"], "There is no none.yaml."],
  [["rehearse", "good/one.yaml", "--script", "none.yaml"], "There is no none.yaml."],
])("what is not there is told: %j", async (args, message) => {
  const { code, err } = await bellhop(...args);
  expect(err).toContain(message);
  expect(code).toBe(1);
});

test("pack test goes through a pack's rehearsals", async () => {
  rmSync(join(home, "packs/shop/none.rehearsal.yaml"));
  const { code, out, err } = await runBellhop(["pack", "test", "packs/shop"], { folder: home, env });
  expect(out, err).toBe("rehearsed what is there is paid: succeeded\nFAILED what is not there is not: failed\n");
  expect(code).toBe(1);
});
