import { runId, shardOfRun, type RuleDefinition, type TriggerFired } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { enforce, ruleInput } from "./enforce.ts";
import { compileRule } from "./evaluate.ts";
import { indexRules } from "./index-rules.ts";
import { maskedPayload } from "./masked-payload.ts";

const payload = { user: 'bo", "admin": "yes', list: [1, 2], text: "a\nb" };

test.each<[string, unknown, unknown]>([
  ["what an event says can't become another field", { name: "{{ trigger.user }}" }, { name: payload.user }],
  ["nor another item", ["{{ trigger.user }}", 7, null], [payload.user, 7, null]],
  ["names are filled in too", { "{{ trigger.text }}": { deep: ["{{ trigger.list[0] }}"] } }, { "a\nb": { deep: ["1"] } }],
  ["what holds no template stays as it is", { script: "echo {a}\n", n: 1.5 }, { script: "echo {a}\n", n: 1.5 }],
  ["a line end at the end of one is kept", ["{{ trigger.text }}\n"], ["a\nb\n"]],
  ["a text alone is filled in as a template is", "{{ trigger.user }}", payload.user],
  ["other values are what they are", true, true],
])("%s", (_, given, expected) => {
  expect(ruleInput({ given }, { payload })).toEqual({ kind: "filled", input: { given: expected }, secrets: [] });
});

test("what can't be filled in says why", () => {
  expect(ruleInput({ given: ["{{ trigger.nobody.name }}"] }, { payload })).toMatchObject({
    kind: "failed",
    why: expect.stringContaining("nobody"),
  });
});

test.each<[string, unknown, unknown, unknown]>([
  [
    "what is named so",
    { user: "bo", db: [{ password: "x", Api_Key: "y" }] },
    undefined,
    { user: "bo", db: [{ password: "[secret]", Api_Key: "[secret]" }] },
  ],
  ["also whole", { credentials: { a: 1 }, accessToken: "x" }, undefined, { credentials: "[secret]", accessToken: "[secret]" }],
  ["not what only sounds so", { tokens_used: 5, monkey: 1, compass: "n" }, undefined, { tokens_used: 5, monkey: 1, compass: "n" }],
  ["not that there is one", { has_password: true, secret: null, token: "" }, undefined, { has_password: true, secret: null, token: "" }],
  [
    "what the trigger calls so",
    { pin: 7, list: [{ a: 1, b: 2 }] },
    { properties: { pin: { secret: true }, list: { items: { properties: { a: { secret: true } } } } } },
    { pin: "[secret]", list: [{ a: "[secret]", b: 2 }] },
  ],
])("what an event says is shown without secrets: %s", (_, payload, schema, expected) => {
  expect(maskedPayload(payload, schema)).toEqual(expected);
});

test.each([
  ["up to eight runs of an event are born in its own shard", 8, true],
  ["more are spread", 9, false],
])("%s", (_, count, together) => {
  const rules = indexRules(Array.from({ length: count }, (__, n) => compileRule(rule(`r${n}`))));
  const firedAt = "2026-01-01T00:00:00.000Z";
  const event = runId({ key: "k", at: firedAt });
  const source = { kind: "person", name: "ana" } as const;
  const fired: TriggerFired = { v: 1, key: "k", event, trigger: "demo.push", payload: { inline: {} }, source, firedAt };
  const { asks } = enforce({ rules, fired, payload: {} });
  expect(asks).toHaveLength(count);
  expect(asks.every(({ run }) => shardOfRun(run) === shardOfRun(event))).toBe(together);
});

function rule(name: string): RuleDefinition {
  return {
    ref: `demo.${name}`,
    pack: "demo",
    name,
    description: "",
    enabled: true,
    type: "standard",
    trigger: { type: "demo.push", parameters: {} },
    criteria: {},
    action: { ref: "demo.do", parameters: {} },
    source: { file: `rules/${name}.yaml`, line: 1, column: 1 },
  };
}
