import { expect, test } from "vitest";
import { loadPack } from "./load-pack.ts";
import { writePack } from "./testing/write-pack.ts";

const packYaml = "name: deploy\nversion: 1.0.0\n";
const rule = `name: on_push
enabled: true
trigger: {type: deploy.push}
criteria:
  trigger.body.ref: {type: eq, pattern: refs/heads/main}
  any:
    - trigger.body.forced: {type: exists}
    - not:
        trigger.body.size: {type: gt, pattern: 5}
action: {ref: deploy.pull, parameters: {ref: "{{ trigger.body.ref }}"}}
tags: [{name: team, value: ops}]
`;

async function load(files: Record<string, string>) {
  return await loadPack(await writePack({ "pack.yaml": packYaml, ...files }));
}

test("rules and triggers are part of a version", async () => {
  const pack = await load({
    "rules/on_push.yaml": rule,
    "triggers/push.yaml": "name: push\npayload_schema: {type: object}\n",
    "actions/pull.yaml": "name: pull\nrunner_type: local-shell-cmd\nparameters: {ref: {type: string}}\n",
  });
  if (pack.kind !== "loaded") throw new Error(JSON.stringify(pack.problems));
  expect(pack.warnings).toEqual([]);
  expect(pack.version.triggers).toEqual([
    {
      ref: "deploy.push",
      pack: "deploy",
      name: "push",
      description: "",
      payload: { type: "object" },
      source: { file: "triggers/push.yaml", line: 1, column: 1 },
    },
  ]);
  expect(pack.version.rules).toMatchObject([
    {
      ref: "deploy.on_push",
      enabled: true,
      type: "standard",
      trigger: { type: "deploy.push", parameters: {} },
      action: { ref: "deploy.pull", parameters: { ref: "{{ trigger.body.ref }}" } },
      tags: [{ name: "team", value: "ops" }],
    },
  ]);
});

test.each([
  ["eq", "equls", "error", "There is no operator equls.", "Did you mean equals?"],
  ["deploy.push}", "deploy.pus}", "warning", "There is no trigger deploy.pus, so the rule never fires.", "Did you mean deploy.push?"],
  ["deploy.pull,", "deploy.pul,", "warning", "There is no action deploy.pul in this pack.", "Did you mean deploy.pull?"],
  ["{type: eq,", "{type: regex,", undefined, "", ""],
  [
    "eq, pattern: refs/heads/main",
    "regex, pattern: '('",
    "warning",
    "The criterion never fits: missing ), unterminated subpattern at position 0.",
    "",
  ],
  [
    "trigger.body.ref: {",
    "trigger.body.: {",
    "warning",
    'The criterion never fits: the key "trigger.body." ends too early.',
    "Keys are such as trigger.body.items[0]['x-y'].",
  ],
  [
    "{type: eq, pattern: refs/heads/main}",
    "{pattern: x}",
    "error",
    "The criterion trigger.body.ref says no type.",
    "Write it as KEY: {type: equals, pattern: …}.",
  ],
  [
    ", pattern: 5",
    "",
    "warning",
    "The criterion trigger.body.size has no pattern, so it never fits.",
    "To ask whether there is a value: type: exists.",
  ],
  [
    "enabled: true\n",
    "",
    "warning",
    "enabled is missing, and so the rule is not enabled.",
    "Say enabled: true, or enabled: false, so that nobody has to guess.",
  ],
  ["parameters: {ref:", "parameters: {reff:", "warning", "reff is no parameter of deploy.pull.", "Did you mean ref?"],
  [
    "{type: deploy.push}",
    "{type: deploy.push, parameters: {branch: 5}}",
    "error",
    "parameters.branch of deploy.push can't be 5.",
    "Expected text.",
  ],
  [
    "{type: deploy.push}",
    "{type: core.st2.webhook}",
    "error",
    "A webhook has a url.",
    "Expected the end of its address, such as github/push.",
  ],
  [
    "{type: deploy.push}",
    "{type: core.st2.IntervalTimer, parameters: {unit: minutes}}",
    "error",
    "core.st2.IntervalTimer needs delta.",
    "Expected a whole number above 0.",
  ],
  [
    "{type: deploy.push}",
    "{type: core.st2.CronTimer, parameters: {hour: 9, day_of_week: mon-fri, timezone: Europe/Vienna}}",
    undefined,
    "",
    "",
  ],
])("where %j is %j there is: %s %s", async (from, to, level, message, hint) => {
  expect(rule).toContain(from);
  const pack = await load({
    "rules/on_push.yaml": rule.replace(from, to),
    "sensors/push.yaml":
      "class_name: Push\nentry_point: push.py\ntrigger_types: [{name: push, parameters_schema: {properties: {branch: {type: string}}}}]\n",
    "actions/pull.yaml": "name: pull\nrunner_type: local-shell-cmd\nparameters: {ref: {type: string}}\n",
  });
  const said = [
    ...(pack.kind === "faulty" ? pack.problems : []).map((one) => ({ ...one, level: "error" })),
    ...pack.warnings.map((one) => ({ ...one, level: "warning" })),
  ].filter(({ file }) => file.startsWith("rules/"));
  expect(said.map((one) => [one.level, one.message, one.hint])).toEqual(level === undefined ? [] : [[level, message, hint]]);
});

test("a rule in TypeScript is the same as one in YAML", async () => {
  const pack = await load({
    "actions/pull.ts": `import { defineAction, z } from "@bellhop/sdk";
export default defineAction({ description: "Pull", input: { ref: z.string() }, run: () => null });
`,
    "triggers/push.yaml": "name: push\n",
    "rules/on_push.ts": `import { defineRule } from "@bellhop/sdk";
import pull from "../actions/pull.ts";

export default defineRule({
  description: "Pull what was pushed",
  trigger: "deploy.push",
  criteria: { "trigger.ref": { type: "equals", pattern: "main" }, any: [{ "trigger.size": { type: "gt", pattern: 5 } }] },
  action: pull,
  input: { ref: "{{ trigger.ref }}" },
  backstop: true,
  tags: { team: "ops" },
});
`,
  });
  if (pack.kind !== "loaded") throw new Error(JSON.stringify(pack.problems));
  expect(pack.warnings).toEqual([]);
  expect(pack.version.rules).toEqual([
    {
      ref: "deploy.on_push",
      pack: "deploy",
      name: "on_push",
      description: "Pull what was pushed",
      enabled: true,
      type: "backstop",
      trigger: { type: "deploy.push", parameters: {} },
      criteria: { "trigger.ref": { type: "equals", pattern: "main" }, any: [{ "trigger.size": { type: "gt", pattern: 5 } }] },
      action: { ref: "deploy.pull", parameters: { ref: "{{ trigger.ref }}" } },
      tags: [{ name: "team", value: "ops" }],
      source: { file: "rules/on_push.ts", line: 4, column: 16 },
    },
  ]);
  expect(pack.files.files.map(({ path }) => path)).toEqual(["actions/pull.mjs", "pack.yaml", "triggers/push.yaml"]);
});

test("what is wrong with a rule in TypeScript is told with its place, and the rest works", async () => {
  const pack = await load({
    "actions/pull.yaml": "name: pull\nrunner_type: local-shell-cmd\n",
    "rules/on_push.ts": `import { defineRule } from "@bellhop/sdk";

export default defineRule({
  trigger: "push",
  criteria: { "trigger.ref": { type: "equls", pattern: "main" } },
  action: {},
  enabled: "yes",
} as never);
`,
  });
  if (pack.kind === "loaded") throw new Error("it should be faulty");
  expect(pack.problems.map(({ line, column, message }) => [line, column, message])).toEqual([
    [4, 3, 'trigger is "push".'],
    [6, 3, "The action of this rule is none of this pack."],
    [7, 3, 'enabled is "yes".'],
  ]);
  expect(pack.rest?.version).toMatchObject({ actions: [{ ref: "deploy.pull" }], without: ["rules/on_push.ts"] });
});
