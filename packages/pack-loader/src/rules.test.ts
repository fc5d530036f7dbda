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
    "actions/pull.yaml": "name: pull\nrunner_type: local-shell-cmd\n",
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
])("where %j is %j there is: %s %s", async (from, to, level, message, hint) => {
  expect(rule).toContain(from);
  const pack = await load({
    "rules/on_push.yaml": rule.replace(from, to),
    "sensors/push.yaml": "class_name: Push\nentry_point: push.py\ntrigger_types: [{name: push}]\n",
    "actions/pull.yaml": "name: pull\nrunner_type: local-shell-cmd\n",
  });
  const said = [
    ...(pack.kind === "faulty" ? pack.problems : []).map((one) => ({ ...one, level: "error" })),
    ...pack.warnings.map((one) => ({ ...one, level: "warning" })),
  ].filter(({ file }) => file.startsWith("rules/"));
  expect(said.map((one) => [one.level, one.message, one.hint])).toEqual(level === undefined ? [] : [[level, message, hint]]);
});
