import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { mkdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { loadPack } from "./load-pack.ts";
import { describeProblem } from "./problem.ts";
import { writePack } from "./testing/write-pack.ts";

const good = {
  "pack.yaml": "name: deploy\nversion: 1.0.0\n",
  "actions/pull.yaml": "name: pull\nrunner_type: local-shell-cmd\n",
  "aliases/pull.yaml": "name: pull\naction_ref: deploy.pull\nformats: [pull]\n",
};
const rule = "name: r\nenabled: true\ntrigger: {type: core.st2.webhook, parameters: {url: x}}\naction: {ref: deploy.pull}\n";
const bombs = Array.from(
  { length: 9 },
  (_, n) => `${"bcdefghij"[n]}: &${"bcdefghij"[n]} [${Array(9).fill(`*${"abcdefghij"[n]}`).join(", ")}]`,
).join("\n");

test.each<[string, string, string | Buffer, string[]]>([
  ["YAML that ends too early", "actions/x.yaml", "name: x\nrunner_type: 'local\n", ["actions/x.yaml:3:1 Missing closing 'quote."]],
  [
    "YAML that is indented as nobody can tell",
    "aliases/x.yaml",
    "name: x\n formats: [a]\n",
    [
      "aliases/x.yaml:1:7 Nested mappings are not allowed in compact mappings.",
      "aliases/x.yaml:1:7 Implicit keys need to be on a single line.",
    ],
  ],
  ["a tab", "rules/x.yaml", "name: x\ntrigger:\n\ttype: a.b\n", ["rules/x.yaml:3:1 Tabs are not allowed as indentation."]],
  [
    "two documents",
    "actions/x.yaml",
    "name: x\n---\nname: y\n",
    ["actions/x.yaml:2:1 Source contains multiple documents; please use YAML.parseAllDocuments()."],
  ],
  ["nothing", "actions/x.yaml", "", ["actions/x.yaml:1:1 actions/x.yaml is empty; expected fields (name: value)."]],
  ["a list", "triggers/x.yaml", "- name: x\n", ['triggers/x.yaml:1:1 triggers/x.yaml is [{"name":"x"}]; expected fields (name: value).']],
  ["JSON that is none", "actions/x.json", '{"name": "x",, }', ["actions/x.json:1:14 Unexpected , in flow map."]],
  [
    "a wrong type",
    "rules/x.yaml",
    rule.replace("enabled: true", "enabled: [yes]"),
    ["rules/x.yaml:2:10 enabled is [true].\n  Expected true or false."],
  ],
  [
    "an unknown field",
    "triggers/x.yaml",
    "name: x\nparameter_schema: {}\n",
    ["triggers/x.yaml:2:1 There is no field parameter_schema.\n  Did you mean parameters_schema?"],
  ],
  [
    "a limit that is text",
    "actions/x.yaml",
    "name: x\nrunner_type: local-shell-cmd\nparameters: {n: {type: integer, minimum: low}}\n",
    ['actions/x.yaml:3:42 parameters.n.minimum is "low".\n  Expected a number.'],
  ],
  [
    "an anchor that holds itself",
    "actions/x.yaml",
    "name: x\nrunner_type: local-shell-cmd\nparameters: &p\n  a: {default: *p}\n",
    ["actions/x.yaml:4:16 *p stands within what it stands for, so there is no end to it.\n  Write out what was meant."],
  ],
  [
    "anchors that multiply",
    "actions/x.yaml",
    `name: x\na: &a [1, 1]\n${bombs}\n`,
    [
      "actions/x.yaml:1:1 Its anchors can't be followed: Excessive alias count indicates a resource exhaustion attack.\n  Write out what was meant.",
    ],
  ],
  ["an anchor that there is not", "actions/x.yaml", "name: *x\n", ["actions/x.yaml:1:7 There is no &x before *x."]],
  ["lists in lists without end", "actions/x.yaml", "[".repeat(200_000), ["actions/x.yaml:1:1 It is nested too deeply to be read."]],
  [
    "a tag that makes objects",
    "actions/x.yaml",
    "name: !!python/object:os.system x\nrunner_type: local-shell-cmd\n",
    ["actions/x.yaml:1:7 Unresolved tag: tag:yaml.org,2002:python/object:os.system."],
  ],
  [
    "10 MB",
    "aliases/x.yaml",
    `name: x\ndescription: ${"x".repeat(10 * 1024 * 1024)}\n`,
    ["aliases/x.yaml:1:1 aliases/x.yaml has 10.0 MB; 1 MB is allowed.\n  Data belongs into files that the action itself reads."],
  ],
  [
    "Latin-1",
    "aliases/x.yaml",
    Buffer.from("name: x\ndescription: gr\xfcn\n", "latin1"),
    ["aliases/x.yaml:2:16 aliases/x.yaml is no UTF-8: there is the byte 0xfc.\n  Save it as UTF-8."],
  ],
  [
    "UTF-16",
    "rules/x.yaml",
    Buffer.from("\ufeffname: x\n", "utf16le"),
    ["rules/x.yaml:1:1 rules/x.yaml is no UTF-8: there is the byte 0xff.\n  Save it as UTF-8."],
  ],
  [
    "a text that is cut off in a character",
    "actions/x.yaml",
    Buffer.from("name: x # é").subarray(0, -1),
    ["actions/x.yaml:1:11 actions/x.yaml is no UTF-8: there is the byte 0xc3.\n  Save it as UTF-8."],
  ],
  [
    "a name that is a path",
    "actions/x.yaml",
    "name: ../../etc/passwd\nrunner_type: local-shell-cmd\n",
    ['actions/x.yaml:1:7 name is "../../etc/passwd".\n  Letters, digits, `_`, `-` and `.` only.'],
  ],
  [
    "a rule's name that is one",
    "rules/x.yaml",
    rule.replace("name: r", "name: ../r"),
    ['rules/x.yaml:1:7 name is "../r".\n  No slashes, no control characters.'],
  ],
  [
    "a trigger's name that is one",
    "triggers/x.yaml",
    'name: ".."\n',
    ['triggers/x.yaml:1:7 name is "..".\n  No slashes, no control characters.'],
  ],
  [
    "a policy's name that is one",
    "policies/x.yaml",
    "name: a/b\nresource_ref: deploy.pull\npolicy_type: action.retry\nparameters: {retry_on: failure}\n",
    ['policies/x.yaml:1:7 name is "a/b".\n  No slashes, no control characters.'],
  ],
  [
    "an entry point outside",
    "actions/x.yaml",
    "name: x\nrunner_type: local-shell-script\nentry_point: ../../x.sh\n",
    ['actions/x.yaml:3:14 entry_point "../../x.sh" leads out of the pack.\n  It is a path within actions/.'],
  ],
  [
    "a sensor outside",
    "sensors/x.yaml",
    "class_name: X\nentry_point: /etc/x.py\n",
    ['sensors/x.yaml:2:14 entry_point "/etc/x.py" leads out of the pack.\n  It is a path within sensors/.'],
  ],
  [
    "a policy that nobody knows",
    "policies/x.yaml",
    "name: x\nresource_ref: deploy.pull\npolicy_type: action.speed\n",
    [
      'policies/x.yaml:3:14 policy_type is "action.speed".\n  Expected one of action.concurrency, action.concurrency.attr, action.rate, action.cooldown, action.wait, action.retry.',
    ],
  ],
  [
    "a policy that asks too much",
    "policies/x.yaml",
    "name: x\nresource_ref: deploy.pull\npolicy_type: action.retry\nparameters: {retry_on: never, max_retry_count: 9}\n",
    [
      'policies/x.yaml:4:24 parameters.retry_on is "never".\n  Expected one of failure, timeout.',
      "policies/x.yaml:4:48 parameters.max_retry_count is 9.\n  Expected 5 or less.",
    ],
  ],
  [
    "a name that objects have already",
    "actions/x.yaml",
    "name: x\nrunner_type: local-shell-cmd\nparameters: {__proto__: {type: strin}}\n",
    ["actions/x.yaml:3:14 __proto__ can't be a name."],
  ],
])("%s is told with its place, and the rest of the pack works", async (_, path, content, expected) => {
  const folder = await writePack(good);
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
  const pack = await loadPack(folder);
  if (pack.kind === "loaded") throw new Error("it should be faulty");
  expect(pack.problems.map((problem) => describeProblem("", problem))).toEqual(expected);
  expect(pack.rest?.version).toMatchObject({
    name: "deploy",
    actions: [{ ref: "deploy.pull" }],
    aliases: [{ ref: "deploy.pull" }],
    without: [path],
  });
});
