import { expect, test } from "vitest";
import { loadPack } from "./load-pack.ts";
import { writePack } from "./testing/write-pack.ts";

const files = {
  "pack.yaml": "name: deploy\nversion: 1.0.0\n",
  "actions/go.yaml": "name: go\nrunner_type: local-shell-cmd\nparameters: {host: {type: string}}\n",
};
const load = async (more: Record<string, string>) => await loadPack(await writePack({ ...files, ...more }));
const policy = (type: string, parameters: string) => `name: x\nresource_ref: deploy.go\npolicy_type: ${type}\nparameters: ${parameters}\n`;

test.each([
  ["action.concurrency", "{threshold: 2}", { threshold: 2, action: "delay" }],
  [
    "action.concurrency.attr",
    "{threshold: 1, action: cancel, attributes: [host]}",
    { threshold: 1, action: "cancel", attributes: ["host"] },
  ],
  ["action.rate", "{threshold: 3, seconds: 60}", { threshold: 3, seconds: 60, attributes: [], action: "delay" }],
  ["action.cooldown", "{seconds: 600, attributes: [host]}", { seconds: 600, attributes: ["host"], action: "cancel", after: "end" }],
  ["action.retry", "{retry_on: timeout}", { retry_on: "timeout", max_retry_count: 2, delay: 0 }],
])("%s is read with its defaults", async (type, given, parameters) => {
  const pack = await load({ "policies/x.yaml": policy(type, given) });
  if (pack.kind !== "loaded") throw new Error(JSON.stringify(pack.problems));
  expect(pack.warnings).toEqual([]);
  expect(pack.version.policies).toMatchObject([{ ref: "deploy.x", action: "deploy.go", type, parameters, enabled: true }]);
});

test("what leads to nothing, or lets nobody in, is told with its place", async () => {
  const pack = await load({
    "policies/x.yaml": policy("action.cooldown", "{seconds: 5, attributes: [hots]}"),
    "policies/y.yaml": policy("action.concurrency", "{threshold: 0}").replace("x", "y"),
    "policies/z.yaml": policy("action.wait", "{seconds: 5}").replace("x", "z").replace("deploy.go", "deploy.og"),
  });
  if (pack.kind !== "loaded") throw new Error(JSON.stringify(pack.problems));
  expect(pack.warnings.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`)).toEqual([
    "policies/x.yaml:4:39 hots is no parameter of deploy.go.",
    "policies/y.yaml:4:25 A threshold of 0 lets no run of deploy.go begin.",
    "policies/z.yaml:2:15 There is no action deploy.og in this pack, so it holds for nothing.",
    "policies/z.yaml:3:14 No policy of this pack has deploy.og wait.",
  ]);
});

test("an action in TypeScript says what holds for its runs", async () => {
  const action = (policies: string) =>
    `import { defineAction, z } from "@bellhop/sdk";
export default defineAction({ description: "Heal", input: { host: z.string() }, run: () => null,
  policies: [${policies}] });`;
  const pack = await load({
    "actions/heal.ts": action(
      '{ type: "concurrency", threshold: 1, attributes: ["host"] }, { type: "cooldown", seconds: 600 }, { type: "retry", on: "failure", times: 1 }',
    ),
  });
  if (pack.kind !== "loaded") throw new Error(JSON.stringify(pack.problems));
  expect(pack.version.policies?.map(({ ref, type, parameters }) => [ref, type, parameters])).toEqual([
    ["deploy.heal-concurrency", "action.concurrency.attr", { threshold: 1, attributes: ["host"], action: "delay" }],
    ["deploy.heal-cooldown", "action.cooldown", { seconds: 600, attributes: [], action: "cancel", after: "end" }],
    ["deploy.heal-retry", "action.retry", { retry_on: "failure", max_retry_count: 1, delay: 0 }],
  ]);
  const faulty = await load({
    "actions/heal.ts": action('{ type: "rate", threshold: 0, seconds: 1 } as never, { type: "speed" } as never'),
  });
  if (faulty.kind === "loaded") throw new Error("it is faulty");
  expect(faulty.problems.map(({ file, line, message }) => `${file}:${line} ${message}`)).toEqual([
    "actions/heal.ts:3 policies: rate: threshold: Too small: expected number to be >=1.",
    'actions/heal.ts:3 policies: {"type":"speed"} is no policy.',
  ]);
});
