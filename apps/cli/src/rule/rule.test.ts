import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
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

function bellhop(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { PATH: process.env["PATH"], BELLHOP_FOLDER: join(home, ".bellhop") };
  return spawnSync(process.execPath, [main, "rule", ...args], { cwd: home, env, encoding: "utf8", timeout: 30_000 });
}

test("a rule that does not fire says of each criterion what it found and what it was held against", () => {
  const { status, stdout, stderr } = bellhop("test", "--rule", "packs/deploy/rules/on_push.yaml", "--event", "small.yaml");
  expect(stdout, stderr).toBe(`deploy.on_push does not fire
  fits    trigger.body.ref eq "refs/heads/main": found "refs/heads/main"
  differs trigger.body.size gt 5: found 4
  differs any:
    differs trigger.body.user regex "^a": found 7
      expected string or bytes-like object, got 'int'
    differs not:
      fits    trigger.body.forced exists: found true
`);
  expect(status).toBe(1);
});

test("a rule that fires says what its action would be given, or why that can't be told", () => {
  const tried = (name: string) => bellhop("test", "--rule", `tried/deploy/rules/${name}.yaml`, "--event", "push.json");
  expect(tried("given").stdout).toBe('deploy.given fires\n  runs deploy.pull with {"ref":"main","by":"user 7"}\n');
  expect(tried("ungiven").stdout).toBe(
    "deploy.ungiven fires\n  can't run deploy.pull: its parameters can't be filled in: 'dict object' has no attribute 'nobody'\n",
  );
});

test("a rule is found by its name too, and told to programs as JSON", () => {
  const { status, stdout } = bellhop("test", "--rule", "deploy.on_push", "--event", "push.json", "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    rule: "deploy.on_push",
    fires: true,
    why: "fires",
    criteria: [{ fits: true }, { key: "trigger.body.size", found: 9, pattern: 5, fits: true }, { key: "any", fits: true }],
    action: { ref: "deploy.pull" },
  });
  expect(status).toBe(0);
});

test("why says of every rule on the trigger what became of it", () => {
  const { status, stdout } = bellhop("why", "push.json", "--packs", "packs", "--json");
  const { rules } = JSON.parse(stdout) as { rules: { rule: string; why: string }[] };
  expect(rules.map(({ rule: name, why }) => [name, why])).toEqual([
    ["deploy.idle", "does not fire: it is not enabled"],
    ["deploy.on_push", "fires"],
    ["deploy.rest", "is held back: deploy.on_push fired, and it is a backstop"],
  ]);
  expect(status).toBe(0);
  expect(bellhop("why", "timer.json", "--packs", "packs").stdout).toBe("No rule waits for core.st2.IntervalTimer; there are 3 rules.\n");
});

test.each([
  [["test", "--rule", "deploy.on_pus", "--event", "push.json"], "There is no rule deploy.on_pus. Did you mean deploy.on_push?"],
  [["test", "--rule", "push.json", "--event", "push.json"], "push.json holds no rule that can be loaded"],
  [["test", "--rule", "deploy.on_push", "--event", "none.json"], "none.json can't be read"],
  [["why", "broken.json"], "broken.json is no JSON"],
])("what is called wrongly is told: %j", (args, message) => {
  const { status, stderr } = bellhop(...args);
  expect(stderr).toContain(message);
  expect(status).toBe(2);
});
