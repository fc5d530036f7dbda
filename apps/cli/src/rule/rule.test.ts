import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { callBellhop } from "../testing.ts";

const home = mkdtempSync(join(tmpdir(), "bellhop-rule-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const rule = (name: string, more = "") => `name: ${name}
enabled: true
trigger: {type: core.st2.webhook, parameters: {url: github}}
action: {ref: deploy.pull}
${more}`;
const files = {
  "packs/deploy/pack.yaml": "name: deploy\nversion: 1.0.0\n",
  "packs/deploy/actions/pull.yaml": "name: pull\nrunner_type: local-shell-cmd\n",
  "packs/deploy/rules/on_push.yaml": rule(
    "on_push",
    `criteria:
  trigger.body.ref: {type: eq, pattern: refs/heads/main}
  trigger.body.size: {type: gt, pattern: "{{ trigger.body.least }}"}
  any:
    - trigger.body.user: {type: regex, pattern: "^a"}
    - not: {trigger.body.forced: {type: exists}}
`,
  ),
  "tried/deploy/pack.yaml": "name: deploy\nversion: 1.0.0\n",
  "tried/deploy/rules/given.yaml": rule("given").replace(
    "deploy.pull}",
    `deploy.pull, parameters: {ref: "{{ trigger.body.ref | basename }}", by: "user {{ trigger.body.user }}"}}`,
  ),
  "tried/deploy/rules/ungiven.yaml": rule("ungiven").replace("deploy.pull}", `deploy.pull, parameters: {by: "{{ trigger.body.nobody }}"}}`),
  "kv/deploy/pack.yaml": "name: deploy\nversion: 1.0.0\n",
  "kv/deploy/rules/kept.yaml": rule("kept", 'criteria: {trigger.body.ref: {type: eq, pattern: "{{ st2kv.system.branch }}"}}\n').replace(
    "deploy.pull}",
    'deploy.pull, parameters: {by: "{{ st2kv.pack.who }}"}}',
  ),
  "set/bellhop.yaml": "packConfig: { deploy: { branch: refs/heads/main } }\n",
  "set/deploy/pack.yaml": "name: deploy\nversion: 1.0.0\n",
  "set/deploy/config.schema.yaml": "branch: { type: string }\nregion: { type: string, default: eu }\n",
  "set/deploy/rules/set.yaml": rule("set", 'criteria: {trigger.body.ref: {type: eq, pattern: "{{ config_context.branch }}"}}\n').replace(
    "deploy.pull}",
    'deploy.pull, parameters: {by: "{{ config_context.region }}"}}',
  ),
  "values.yaml": "system.branch: refs/heads/main\npack.who: robot\n",
  "misspelt.yaml": "system.brunch: refs/heads/main\n",
  "packs/deploy/rules/rest.yaml": rule("rest", "type: {ref: backstop}\n"),
  "packs/deploy/rules/idle.yaml": rule("idle").replace("enabled: true", "enabled: false"),
  "push.json": JSON.stringify({ trigger: "core.st2.webhook", payload: { body: { ref: "refs/heads/main", size: 9, least: 5, user: 7 } } }),
  "small.yaml": "trigger: core.st2.webhook\npayload: {body: {ref: refs/heads/main, size: 4, least: 5, forced: true, user: 7}}\n",
  "timer.json": JSON.stringify({ trigger: "core.st2.IntervalTimer", payload: {} }),
  "broken.json": "{",
};
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), text);
}

const bellhop = async (...args: string[]) =>
  await callBellhop(["rule", ...args], { folder: home, env: { BELLHOP_FOLDER: join(home, ".bellhop") } });

test("a rule that does not fire says of each criterion what it found and what it was held against", async () => {
  const { code, out, err } = await bellhop("test", "--rule", "packs/deploy/rules/on_push.yaml", "--event", "small.yaml");
  expect(out, err).toBe(`deploy.on_push does not fire
  fits    trigger.body.ref eq "refs/heads/main": found "refs/heads/main"
  differs trigger.body.size gt 5: found 4
  differs any:
    differs trigger.body.user regex "^a": found 7
      expected string or bytes-like object, got 'int'
    differs not:
      fits    trigger.body.forced exists: found true
`);
  expect(code).toBe(1);
});

test("a rule that fires says what its action would be given, or why that can't be told", async () => {
  const tried = async (name: string) => await bellhop("test", "--rule", `tried/deploy/rules/${name}.yaml`, "--event", "push.json");
  expect((await tried("given")).out).toBe('deploy.given fires\n  runs deploy.pull with {"ref":"main","by":"user 7"}\n');
  expect((await tried("ungiven")).out).toBe(
    "deploy.ungiven fires\n  can't run deploy.pull: its parameters can't be filled in: 'dict object' has no attribute 'nobody'\n",
  );
});

test("what a rule takes from the datastore is given by a file, and what that lacks is named", async () => {
  const tried = (values: string) => bellhop("test", "--rule", "kv/deploy/rules/kept.yaml", "--event", "push.json", "--kv", values);
  const given = await tried("values.yaml");
  expect(given.out).toContain("deploy.kept fires\n");
  expect(given.out).toContain('runs deploy.pull with {"by":"robot"}');
  const misspelt = await tried("misspelt.yaml");
  expect(misspelt.err).toContain("There is no system.branch in misspelt.yaml. Did you mean system.brunch?");
  expect(misspelt.code).toBe(1);
  expect((await bellhop("why", "push.json", "--packs", "kv", "--kv", "values.yaml")).out).toContain("deploy.kept fires");
});

test("what a rule takes from the configuration of its pack is what this machine gives", async () => {
  const config = { BELLHOP_FOLDER: join(home, ".bellhop"), BELLHOP_CONFIG: join(home, "set/bellhop.yaml") };
  const tried = async (...args: string[]) => (await callBellhop(["rule", ...args], { folder: home, env: config })).out;
  expect(await tried("test", "--rule", "set/deploy/rules/set.yaml", "--event", "push.json")).toContain('runs deploy.pull with {"by":"eu"}');
  expect(await tried("why", "push.json", "--packs", "set")).toContain("deploy.set fires");
  expect((await bellhop("why", "push.json", "--packs", "kv")).err).toContain("There is no system.branch in what --kv FILE gives.");
});

test("a rule is found by its name too, and told to programs as JSON", async () => {
  const { code, out } = await bellhop("test", "--rule", "deploy.on_push", "--event", "push.json", "--json");
  expect(JSON.parse(out)).toMatchObject({
    rule: "deploy.on_push",
    fires: true,
    why: "fires",
    criteria: [{ fits: true }, { key: "trigger.body.size", found: 9, pattern: 5, fits: true }, { key: "any", fits: true }],
    action: { ref: "deploy.pull" },
  });
  expect(code).toBe(0);
});

test("why says of every rule on the trigger what became of it", async () => {
  const { code, out } = await bellhop("why", "push.json", "--packs", "packs", "--json");
  const { rules } = JSON.parse(out) as { rules: { rule: string; why: string }[] };
  expect(rules.map(({ rule: name, why }) => [name, why])).toEqual([
    ["deploy.idle", "does not fire: it is not enabled"],
    ["deploy.on_push", "fires"],
    ["deploy.rest", "is held back: deploy.on_push fired, and it is a backstop"],
  ]);
  expect(code).toBe(0);
  expect((await bellhop("why", "timer.json", "--packs", "packs")).out).toBe(
    "No rule waits for core.st2.IntervalTimer; there are 3 rules.\n",
  );
});

test.each([
  [["test", "--rule", "deploy.on_pus", "--event", "push.json"], 1, "There is no rule deploy.on_pus. Did you mean deploy.on_push?"],
  [["test", "--rule", "push.json", "--event", "push.json"], 2, "push.json holds no rule that can be loaded"],
  [["test", "--rule", "deploy.on_push", "--event", "none.json"], 1, "There is no none.json.\n  Is the path right, seen from here?"],
  [["test", "--rule", "deploy.on_push", "--event", "packs"], 2, "packs is a folder."],
  [["why", "broken.json"], 2, "broken.json is no JSON"],
  [
    ["test", "a.yaml", "push.json"],
    2,
    "--rule and --event are missing: a.yaml and push.json stand alone.\n  Write `bellhop rule test --rule a.yaml --event push.json`.",
  ],
  [
    ["test", "a.yaml", "--event", "push.json"],
    2,
    "--rule is missing: a.yaml stands alone.\n  Write `bellhop rule test --rule a.yaml --event push.json`.",
  ],
  [["test", "--rule", "a.yaml"], 2, "--event is missing.\n  Write `bellhop rule test --rule a.yaml --event <FILE|EVENT>`."],
])("what is called wrongly, and what is not there, is told: %j", async (args, expected, message) => {
  const { code, err } = await bellhop(...args);
  expect(err).toContain(message);
  expect(code).toBe(expected);
});
