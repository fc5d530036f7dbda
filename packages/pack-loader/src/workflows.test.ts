import { expect, test } from "vitest";
import { loadPack } from "./load-pack.ts";
import { writePack } from "./testing/write-pack.ts";

const action = (kind: string, more = "") => `name: release\nrunner_type: ${kind}\nentry_point: workflows/release.yaml\n${more}`;
const good = `version: 1.0
input:
  - service
  - days: [2026-01-02]
tasks:
  build:
    action: core.local cmd="make <% ctx(service) %>"
    next:
      - when: <% succeeded() %>
        publish: image=<% result().stdout %>
        do: noop
`;

async function load(files: Record<string, string>) {
  const folder = await writePack({ "pack.yaml": "name: deploy\nversion: 1.0.0\n", ...files });
  return await loadPack(folder);
}

test("the document of a workflow is data of its action", async () => {
  const pack = await load({ "actions/release.yaml": action("orquesta"), "actions/workflows/release.yaml": good });
  expect(pack.kind === "faulty" ? pack.problems : []).toEqual([]);
  expect(pack).toMatchObject({
    kind: "loaded",
    warnings: [],
    version: {
      actions: [
        {
          ref: "deploy.release",
          kind: "orquesta",
          entryPoint: "actions/workflows/release.yaml",
          workflow: { version: 1, input: ["service", { days: ["2026-01-02"] }], tasks: { build: { next: [{ do: "noop" }] } } },
        },
      ],
    },
  });
});

test("all that is wrong with a workflow is told with its place, and the rest of its pack stays up", async () => {
  const text = `version: 1.0
tasks:
  build:
    acton: core.noop
    input: {x: <% ctx().servce %>}
    next:
      - when: <% foo( %>
        do: publsh
  publish:
    action: core.noop
    input:
      message: "<% ctx().nobody %>"
`.replace("version: 1.0\n", "version: 1.0\ninput:\n  - service\n");
  const pack = await load({
    "actions/release.yaml": action("orquesta"),
    "actions/workflows/release.yaml": text.replace("{x: <% ctx().servce %>}", "{x: '<% ctx().servce %>'}"),
    "actions/other.yaml": "name: other\nrunner_type: local-shell-cmd\n",
  });
  if (pack.kind === "loaded") throw new Error("it should not load");
  expect(pack.problems.map(({ file, line, column, message, hint }) => `${file}:${line}:${column} ${message} ${hint}`)).toEqual([
    expect.stringMatching(
      /^actions\/workflows\/release\.yaml:6:5 tasks\.build: Additional properties .*'acton' was unexpected\)\. Did you mean action\?$/,
    ),
    'actions/workflows/release.yaml:7:17 tasks.build.input: Variable "servce" is referenced before assignment, in <% ctx().servce %>. Did you mean service?',
    expect.stringMatching(/^actions\/workflows\/release\.yaml:9:15 tasks\.build\.next\[0\]\.when: Parse error: .*, in <% foo\( %>\. $/),
    'actions/workflows/release.yaml:10:13 tasks.build.next[0].do: The task "publsh" is not defined. Did you mean publish?',
    'actions/workflows/release.yaml:14:17 tasks.publish.input: Variable "nobody" is referenced before assignment, in <% ctx().nobody %>. There are: parent, service, st2.',
  ]);
  expect(pack.rest?.version.actions.map(({ ref }) => ref)).toEqual(["deploy.other"]);
});

test.each([
  ["tasks:\n  a: {action: x}\n  a: {action: y}\n", '3:3 This can\'t be read: found duplicate key "a".'],
  ["tasks: &a\n  b: *a\n", "1:1 There is no end to it: an alias stands within what it stands for."],
  ["tasks:\n  a:\n    when: {{ x }}\n", "3:12 This can't be read: found unhashable key."],
  [
    "tasks: !!python/object:os.system {}\n",
    "1:34 This can't be read: could not determine a constructor for the tag 'tag:yaml.org,2002:python/object:os.system'.",
  ],
  ["- a\n", "1:1 ['a'] is not of type 'object'."],
])("a file that is no workflow is told: %j", async (text, message) => {
  const pack = await load({ "actions/release.yaml": action("orquesta"), "actions/workflows/release.yaml": text });
  const told = pack.kind === "faulty" ? pack.problems : [];
  expect(told.map((one) => `${one.line}:${one.column} ${one.message}`)).toEqual([message]);
});

test("an action chain is read as one", async () => {
  const chain = `default: a
chain:
  - {name: a, ref: core.local, parameters: {cmd: "echo {{ who }}"}, on-success: b, on-failure: c}
  - {name: b, ref: core.local, params: {cmd: "{{ oops"}, parameters: {}}
`;
  const pack = await load({ "actions/release.yaml": action("action-chain"), "actions/workflows/release.yaml": chain });
  const told = pack.kind === "faulty" ? pack.problems : [];
  expect(told.map((one) => `${one.line}:${one.column} ${one.message}`)).toEqual([
    '3:96 chain[0].on-failure: The task "c" is not defined.',
    "4:40 chain[1].params: 'params' and 'parameters' are two names of one thing: one of them has to go.",
    expect.stringMatching(/^4:47 chain\[1\]\.params: unexpected end of template.*, in \{\{ oops\.$/),
  ]);
});

test("what only StackStorm had leaves the pack as it is", async () => {
  const pack = await load({ "actions/release.yaml": action("mistral-v2"), "actions/workflows/release.yaml": "version: '2.0'\n" });
  expect(pack).toMatchObject({ kind: "loaded", warnings: [{ message: expect.stringContaining("mistral-v2") }] });
});

test("calls to other packs are warned of, once each, unless pack.yaml names them or they come with Bellhop", async () => {
  const files = {
    "actions/release.yaml": action("orquesta"),
    "actions/workflows/release.yaml":
      "version: 1.0\ntasks:\n  a: { action: ci.build x=1 }\n  b: { action: ci.build }\n  c: { action: core.noop }\n  d: { action: <% ctx(st2).action %> }\n  e: { action: other_one.go }\n",
  };
  const dependencies = "dependencies: ['https://example.com/acme/stackstorm-other-one.git=v1']\n";
  const pack = await load({ "pack.yaml": `name: deploy\nversion: 1.0.0\n${dependencies}`, ...files });
  expect(pack.warnings).toEqual([
    {
      file: "actions/workflows/release.yaml",
      line: 3,
      column: 16,
      message: "ci.build is of another pack, which this one does not name.",
      hint: "Name it in pack.yaml: dependencies: [ci]",
    },
  ]);
});

test("what a workflow calls in its own pack has to be there, and to be given what it takes", async () => {
  const pack = await load({
    "actions/release.yaml": action("orquesta"),
    "actions/pull.yaml": "name: pull\nrunner_type: local-shell-cmd\nparameters:\n  branch: {required: true}\n  cmd: {default: git pull}\n",
    "actions/workflows/release.yaml": `version: 1.0
tasks:
  one:
    action: deploy.pull brnch=<% 1 %>
  two:
    action: deploy.pul
  three:
    action: deploy.pull
    input: {branch: main, timeout: 5}
  four:
    action: deploy.pull
    input: <% dict(branch => x) %>
  five:
    action: deploy.<% x %>
  six:
    action: slack.post text=1
`,
  });
  const told = pack.kind === "faulty" ? pack.problems : [];
  expect(told.map((one) => `${one.file}:${one.line}:${one.column} ${one.message} ${one.hint}`)).toEqual([
    "actions/workflows/release.yaml:4:13 deploy.pull needs branch, which is not given. ",
    "actions/workflows/release.yaml:4:25 brnch is no parameter of deploy.pull. Did you mean branch?",
    "actions/workflows/release.yaml:6:13 There is no action deploy.pul in this pack. Did you mean deploy.pull?",
  ]);
  expect(pack.kind === "faulty" && pack.rest?.version.actions.map(({ ref }) => ref)).toEqual(["deploy.pull"]);
});

const typed = `import { defineWorkflow, z } from "@bellhop/sdk";
import build from "../actions/build.ts";
import again from "./again.ts";

export default defineWorkflow({
  description: "Release a service",
  input: { service: z.string(), token: z.string().optional() },
  secrets: ["token"],
  vars: { tries: 0 },
  tasks: {
    build: {
      action: build,
      input: { service: "<% ctx(service) %>" },
      next: [{ when: "<% succeeded() %>", publish: { image: "<% result().image %>", at: 1 }, do: "again" }],
    },
    again: { action: again },
  },
  output: { image: "<% ctx(image) %>" },
  on_failure: "again",
});
`;
const build = `import { defineAction, z } from "@bellhop/sdk";
export default defineAction({ description: "Build", input: { service: z.string() }, run: () => ({ image: "" }) });
`;
const again = `import { defineWorkflow } from "@bellhop/sdk";
export default defineWorkflow({ description: "Again", tasks: { a: { action: "core.noop" } } });
`;

test("a workflow in TypeScript becomes what YAML would say, and calls what it imports", async () => {
  const pack = await load({
    "actions/build.ts": build,
    "workflows/release.ts": typed,
    "workflows/again.ts": again,
    "aliases/release.ts": `import { defineAlias } from "@bellhop/sdk";
import release from "../workflows/release.ts";
export default defineAlias({ action: release, formats: ["release {{ service }}"] });
`,
  });
  expect(pack.kind === "faulty" ? pack.problems : []).toEqual([]);
  if (pack.kind !== "loaded") throw new Error("it should load");
  expect(pack.version.aliases).toMatchObject([{ action: "deploy.release" }]);
  expect(pack.version.actions.find(({ name }) => name === "release")).toMatchObject({
    kind: "orquesta",
    description: "Release a service",
    parameters: { service: { type: "string", required: true }, token: { type: "string", secret: true } },
    workflow: {
      version: "1.0",
      input: ["service", "token"],
      vars: [{ tries: 0 }],
      tasks: {
        build: {
          action: "deploy.build",
          input: { service: "<% ctx(service) %>" },
          next: [{ when: "<% succeeded() %>", publish: [{ image: "<% result().image %>" }, { at: 1 }], do: "again" }],
        },
        again: { action: "deploy.again" },
      },
      output: [{ image: "<% ctx(image) %>" }],
      on_failure: "again",
    },
    source: { file: "workflows/release.ts", line: 5, column: 16 },
  });
  expect(pack.files.files.map(({ path }) => path).filter((path) => path.startsWith("workflows/"))).toEqual([]);
});

test("what is wrong with it is told where it stands", async () => {
  const pack = await load({
    "actions/build.ts": build,
    "workflows/release.ts": typed
      .replace("ctx(service)", "ctx(servce)")
      .replace("<% succeeded() %>", "<% succeeded( %>")
      .replace("again: { action: again }", "agaim: null as never"),
    "workflows/again.ts": again,
    "workflows/none.ts": "export default 1;\n",
  });
  const told = pack.kind === "faulty" ? pack.problems : [];
  expect(told.map((one) => `${one.file}:${one.line}:${one.column} ${one.message} ${one.hint}`)).toEqual([
    expect.stringMatching(
      /^workflows\/none\.ts:1:16 workflows\/none\.ts exports no workflow as default\. Write `export default defineWorkflow/,
    ),
    'workflows/release.ts:13:26 tasks.build.input: Variable "servce" is referenced before assignment, in <% ctx(servce) %>. Did you mean service?',
    expect.stringMatching(/^workflows\/release\.ts:14:23 tasks\.build\.next\[0\]\.when: Parse error: .* $/),
    'workflows/release.ts:14:98 tasks.build.next[0].do: The task "again" is not defined. Did you mean agaim?',
    "workflows/release.ts:16:5 tasks.agaim: None is not of type 'object'. ",
    'workflows/release.ts:18:21 output[0]: Variable "image" is referenced before assignment, in <% ctx(image) %>. There are: parent, service, st2, token, tries.',
    'workflows/release.ts:19:16 on_failure: The task "again" is not defined. Did you mean agaim?',
  ]);
});
