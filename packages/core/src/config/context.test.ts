import { RuleDefinition, type ActionDefinition, type Parameter, type Sealed } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { emptyCatalog, withPack } from "../catalog.ts";
import { fixedParameters } from "../alias/fixed.ts";
import { enforce, ruleInput } from "../rule/enforce.ts";
import { compileRule } from "../rule/evaluate.ts";
import { indexRules } from "../rule/index-rules.ts";
import { kvNames, type Datastore } from "../kv/names.ts";
import { planRun } from "../run/plan.ts";
import { configContext } from "./context.ts";
import type { ConfigSchema } from "./check.ts";

const closed = (value: unknown): Sealed => ({ $sealed: { kid: "k", iv: "", data: JSON.stringify(value), tag: "" } });
const read = ({ $sealed }: Sealed): unknown => JSON.parse($sealed.data);

const schema: ConfigSchema = {
  region: { type: "string", default: "eu" },
  token: { type: "string", secret: true },
  login: { type: "object", properties: { name: { type: "string" }, password: { type: "string", secret: true } } },
  room: { type: "string", default: "{{ st2kv.system.room }}" },
  tries: { type: "integer" },
  missing: { type: "string", required: true },
};
const kept: Datastore = {
  find: ({ scope, name }) => {
    if (scope !== "system") return undefined;
    return name === "room" ? { value: "ops" } : name === "key" ? { value: closed("k3y"), secret: true } : undefined;
  },
  leadsOn: () => false,
  open: read,
};
const values = { token: closed("t0ken"), login: { name: "ana", password: "hunter2" }, tries: "many" };
const own = { region: "us", token: "key {{ st2kv.system.key | decrypt_kv }}", login: { name: "{{ st2kv.system.key | decrypt_kv }}" } };

function contextOf(instance?: string, datastore: Datastore = kept) {
  const layers = [
    { from: "configs folder" as const, values },
    { from: "stored" as const, instance: "work", values: own },
  ];
  const of = { pack: "p", ...(instance === undefined ? {} : { instance }) };
  return configContext({ schema, layers, of, user: "slack:T1/U2", datastore, seal: closed });
}

const datastore: Datastore = { ...kept, configOf: ({ instance }) => contextOf(instance), openConfig: read };

test("what is secret in a configuration is sealed in it, wherever it came from, and one value that is missing keeps nobody from the others", () => {
  const { values: seen, lacking } = contextOf();
  expect(seen).toEqual({ region: "eu", token: closed("t0ken"), login: { name: "ana", password: closed("hunter2") }, room: "ops" });
  expect(lacking).toMatchObject({
    tries: expect.stringContaining("a whole number"),
    missing: expect.stringContaining("bellhop pack config set p missing=VALUE"),
  });
  expect(contextOf("work").values).toMatchObject({ region: "us", token: closed("key k3y"), login: { name: closed("k3y") } });
});

test("of an instance that nobody gave a value nothing is there: those of the unnamed one are somebody else's", () => {
  const { values: seen, lacking } = contextOf("wrok");
  expect(seen).toEqual({});
  expect(lacking["region"]).toContain("Did you mean work?");
});

test("a default of the schema sees the installation's values only where its pack may", () => {
  const { values: seen, lacking } = contextOf(undefined, { ...kept, maySee: () => false });
  expect(seen).not.toHaveProperty("room");
  expect(lacking["room"]).toContain("p may not have the values of the whole installation");
  expect(contextOf("work", { ...kept, maySee: () => false }).values).toMatchObject({ token: closed("key k3y") });
});

test.each<[string, Parameter, { input?: unknown; secrets: string[] }, string?]>([
  ["a value", { type: "string", default: "{{ config_context.region }}-1" }, { input: "eu-1", secrets: [] }],
  [
    "that of the instance that is named",
    { type: "string", default: "{{ config_context.region }}-1" },
    { input: "us-1", secrets: [] },
    "work",
  ],
  ["a secret", { type: "string", default: "Bearer {{ config_context.token }}" }, { input: "Bearer t0ken", secrets: ["x"] }],
  ["what stands beside a secret", { type: "string", default: "{{ config_context.login.name }}" }, { input: "ana", secrets: [] }],
  ["a secret within", { type: "string", default: "{{ config_context.login.password }}" }, { input: "hunter2", secrets: ["x"] }],
  ["all of it", { type: "string", default: "{{ config_context | to_json_string | length > 9 }}" }, { input: "True", secrets: ["x"] }],
  [
    "what has nothing, with something in its place",
    { type: "string", default: "{{ config_context.missing | default('y') }}" },
    { input: "y", secrets: [] },
  ],
  [
    "all of it within a list, with its secrets closed",
    { type: "array", default: ["{{config_context}}"] },
    { input: [expect.objectContaining({ token: closed("t0ken") })], secrets: [] },
  ],
])("a default of a parameter takes %s from its pack's configuration", (_, parameter, expected, instance) => {
  const planned = plan(parameter, instance);
  if (planned.kind === "refused") throw planned.problem;
  expect([planned.plan.task.input["x"], planned.plan.secrets]).toEqual([expected.input, expected.secrets]);
});

test("a secret that can't be what its parameter takes is not shown", () => {
  const planned = plan({ type: "string", maxLength: 3, default: "{{ config_context.token }}" });
  expect(planned).toMatchObject({ kind: "refused", problem: { code: "parameter_invalid" } });
  expect(JSON.stringify(planned.kind === "refused" && planned.problem.data)).not.toContain("t0ken");
});

test("a default that asks for what is not configured is refused, with what to do", () => {
  const planned = plan({ type: "string", default: "{{ config_context.missing }}" });
  expect(planned).toMatchObject({ kind: "refused", problem: { code: "parameter_template" } });
  expect(planned.kind === "refused" && planned.problem.data.hint).toContain("bellhop pack config set p missing=VALUE");
});

test.each(["{{ config_context.missing }}", "to {{ config_context['missing'] | upper }}"])(
  "where a rule or an alias asks for what is not configured, %s, it says what sets it",
  (asks) => {
    const kv = kvNames(datastore, { user: "rule", pack: "p" });
    const sets = expect.stringContaining("bellhop pack config set p missing=VALUE");
    expect(ruleInput({ room: "ops", to: asks }, { payload: {}, kv })).toEqual({ kind: "failed", why: sets });
    expect(ruleInput({ to: [asks] }, { payload: {}, kv })).toEqual({ kind: "failed", why: sets });
    expect(fixedParameters({ fixed: { to: asks }, given: {}, names: {}, kv })).toMatchObject({ kind: "fault", name: "to", lacks: sets });
    const source = { file: "rules/r.yaml", line: 1, column: 1 };
    const rule = RuleDefinition.parse({
      ref: "p.r",
      pack: "p",
      name: "r",
      trigger: { type: "p.t" },
      criteria: { "trigger.host": { type: "eq", pattern: asks } },
      action: { ref: "p.a" },
      source,
    });
    const about = { v: 1, key: "k", event: "E", trigger: "p.t", payload: { inline: {} }, source: { kind: "person" } } as const;
    const fired = { ...about, firedAt: "2026-01-01T00:00:00.000Z" };
    const { outcome } = enforce({ rules: indexRules([compileRule(rule)]), fired, payload: { host: "db1" }, datastore });
    expect(outcome.enforcements).toMatchObject([{ rule: "p.r", failure: sets }]);
  },
);

test("where something else fails beside what is not configured, both are said", () => {
  const kv = kvNames(datastore, { user: "rule", pack: "p" });
  const filled = ruleInput({ to: "{{ config_context.missing | default('x') }} {{ trigger.b.c.d }}" }, { payload: {}, kv });
  expect(filled).toMatchObject({ kind: "failed", why: expect.stringMatching(/no attribute 'b'\. .*pack config set p missing=VALUE/) });
});

test("a rule's parameters see the configuration of the rule's pack", () => {
  const kv = kvNames(datastore, { user: "rule", pack: "p" });
  const parameters = { to: "{{ config_context.region }}/{{ trigger.host }}", key: "{{ config_context.token }}" };
  expect(ruleInput(parameters, { payload: { host: "db1" }, kv })).toEqual({
    kind: "filled",
    input: { to: "eu/db1", key: "t0ken" },
    secrets: ["key"],
  });
});

function plan(parameter: Parameter, config?: string) {
  const action: ActionDefinition = {
    ref: "p.a",
    pack: "p",
    name: "a",
    description: "",
    kind: "local-shell-script",
    enabled: true,
    pool: "default",
    repeatable: false,
    entryPoint: "a.sh",
    source: { file: "a.yaml", line: 1, column: 1 },
    parameters: { x: parameter },
  };
  const about = { v: 1, name: "p", version: "1.0.0", description: "", digest: "d", aliases: [] } as const;
  const catalog = withPack(emptyCatalog, { ...about, aliases: [], actions: [action], config: schema });
  return planRun({ catalog, action: "p.a", input: {}, datastore, user: "slack:T1/U2", ...(config === undefined ? {} : { config }) });
}
