import { isFields, isSealed, type ActionDefinition, type RuleDefinition, type Sealed, type TriggerFired } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { fixedParameters } from "../alias/fixed.ts";
import { emptyCatalog, withPack } from "../catalog.ts";
import { enforce, ruleInput } from "../rule/enforce.ts";
import { compileRule } from "../rule/evaluate.ts";
import { indexRules } from "../rule/index-rules.ts";
import { planRun } from "../run/plan.ts";
import { fillTemplate } from "../template.ts";
import { conduct } from "../workflow/conduct.ts";
import { compileWorkflow } from "../workflow/definition.ts";
import { kvNames, type Datastore } from "./names.ts";

const at = "2026-01-01T00:00:00.000Z";
const closed = (text: string): Sealed => ({ $sealed: { kid: "k", iv: "", data: text, tag: "" } });
const datastore: Datastore = {
  find: ({ scope, name }) => {
    if (scope !== "system") return undefined;
    if (name === "token") return { value: closed("t0ken"), secret: true };
    return name === "room" ? { value: "ops" } : undefined;
  },
  leadsOn: () => false,
  open: ({ $sealed }) => $sealed.data,
};
const seal = (value: unknown) => ({ sealed: value });
const source = { file: "x.yaml", line: 1, column: 1 };

test("what a workflow's expression opens is sealed where it goes, and nothing beside it", () => {
  const workflow = compileWorkflow({
    version: 1,
    vars: [{ token: "<% st2kv('system.token', decrypt => true) %>" }, { room: "<% st2kv('system.room') %>" }],
    output: [{ said: "<% ctx(token) %>" }],
    tasks: {
      one: {
        action: "a.step",
        input: { header: "Bearer <% st2kv('system.token', decrypt => true) %>", room: "<% ctx(room) %>", own: "<% ctx(token) %>" },
        next: [{ when: "<% st2kv('system.token', decrypt => true) = 't0ken' %>", do: "two" }],
      },
      two: { action: "a.step" },
    },
  });
  const brought = { kv: { names: kvNames(datastore, { user: "u" }), seal } };
  const begun = conduct(workflow, undefined, { kind: "begin", at, input: {} }, brought);
  expect(begun.commands).toMatchObject([
    { kind: "run", input: { header: { sealed: "Bearer t0ken" }, room: "ops", own: { sealed: "t0ken" } } },
  ]);
  expect(JSON.stringify(begun.state)).not.toMatch(/(?<!"sealed":)"t0ken"/);
  const next = conduct(workflow, begun.state, { kind: "finished", at, key: "0", attempt: 1, status: "succeeded", result: null }, brought);
  expect(next.commands).toMatchObject([{ kind: "run", task: "two" }]);
});

test("an action chain sees the datastore by its names", () => {
  const workflow = compileWorkflow({
    chain: [{ name: "one", ref: "a.step", parameters: { to: "{{ st2kv.system.room }}", key: "{{ st2kv.system.token | decrypt_kv }}" } }],
  });
  const brought = { kv: { names: kvNames(datastore, { user: "u" }), seal } };
  const { commands } = conduct(workflow, undefined, { kind: "begin", at, input: {} }, brought);
  expect(commands).toMatchObject([{ kind: "run", input: { to: "ops", key: { sealed: "t0ken" } } }]);
});

test("a rule's criteria and parameters see it, and its ask names what a secret went into", () => {
  const rule = ruleOn("p.t", {
    criteria: { "trigger.room": { type: "eq", pattern: "{{ st2kv.system.room }}" } },
    action: { ref: "p.a", parameters: { to: "{{ trigger.room }}", key: "x {{ st2kv.system.token | decrypt_kv }}" } },
  });
  const fired = firedOf("p.t", { kind: "person" });
  const { asks } = enforce({ rules: indexRules([compileRule(rule)]), fired, payload: { room: "ops" }, datastore });
  expect(asks).toMatchObject([{ input: { to: "ops", key: "x t0ken" }, secrets: ["key"] }]);
});

test("a default and what an alias fixes see it, and are secrets where one went into them", () => {
  const catalog = catalogWith("local-shell-script", {
    to: { type: "string", default: "{{ st2kv.system.room }}" },
    key: { type: "string", default: "{{ st2kv.system.token | decrypt_kv }}" },
  });
  const planned = planRun({ catalog, action: "p.a", input: {}, datastore, user: "u" });
  expect(planned).toMatchObject({ kind: "planned", plan: { task: { input: { to: "ops", key: "t0ken" } }, secrets: ["key"] } });
});

test("what a run holds sealed is opened where an expression reads it, and sealed again in what it goes into", () => {
  const workflow = compileWorkflow({
    version: 1,
    input: ["key", "login"],
    tasks: {
      one: {
        action: "a.step",
        input: {
          header: "Bearer <% ctx(key) %>",
          name: "<% ctx(login).name %>",
          login: "<% ctx(login) %>",
          all: "{{ ctx().login.password }}!",
        },
        next: [
          {
            when: "<% result().token = 't0ken' %>",
            publish: [{ token: "<% result().token %>" }, { host: "<% result().host %>" }],
            do: "two",
          },
        ],
      },
      two: { with: "<% ctx(token).split('0') %>", action: "a.step", input: { part: "<% item() %>", said: "<% task(one).result.host %>" } },
    },
  });
  const names = kvNames(datastore, { user: "u" });
  const open = names.opener("the run", ({ $sealed }) => $sealed.data);
  const brought = { kv: { names, seal: (value: unknown) => closed(String(value)), open } };
  const login = { name: "ana", password: closed("hunter2") };
  const begun = conduct(workflow, undefined, { kind: "begin", at, input: { key: closed("k3y"), login } }, brought);
  const input = { header: closed("Bearer k3y"), name: "ana", login, all: closed("hunter2!") };
  expect(begun.commands).toMatchObject([{ kind: "run", input }]);
  const result = { token: closed("t0ken"), host: "db1" };
  const next = conduct(workflow, begun.state, { kind: "finished", at, key: "0", attempt: 1, status: "succeeded", result }, brought);
  expect(next.commands).toMatchObject([
    { kind: "run", task: "two", input: { part: closed("t"), said: "db1" } },
    { kind: "run", task: "two", input: { part: closed("ken"), said: "db1" } },
  ]);
});

test("a pack that may not have the installation's values has none in any of its definitions", () => {
  const bounded: Datastore = { ...datastore, maySee: (pack) => pack === "core" };
  const { st2kv, lookUp } = kvNames(bounded, { user: "u", pack: "p" });
  const render = (text: string) => fillTemplate(text, { st2kv }, "refused");
  expect(render("{{ st2kv.system.room }}")).toMatchObject({ kind: "fault", fault: { message: expect.stringContaining("p may not have") } });
  expect(() => lookUp(["system.room"], {})).toThrow("datastore.systemValues");
  expect(render("{{ st2kv.user.none | default('x') }}")).toEqual({ kind: "ok", text: "x" });
  expect(kvNames(bounded, { user: "u", pack: "core" }).lookUp(["system.room"], {})).toBe("ops");
});

test("what fails after it opened a secret says where, and not the secret", () => {
  const workflow = compileWorkflow({
    version: 1,
    tasks: { one: { action: "a.step", input: { count: "<% int(st2kv('system.token', decrypt => true)) %>" } } },
  });
  const kv = { names: kvNames(datastore, { user: "u" }), seal };
  const begun = conduct(workflow, undefined, { kind: "begin", at, input: {} }, { kv });
  expect(begun.state.errors).toMatchObject([{ message: expect.stringContaining("it reads a secret, and fails"), task_id: "one" }]);
  expect(JSON.stringify(begun.state)).not.toContain("t0ken");
  const filled = ruleInput({ x: "{{ [1][st2kv.system.token | decrypt_kv] }}" }, { payload: {}, kv: kv.names });
  expect(filled).toEqual({ kind: "failed", why: "its parameters can't be filled in: it reads a secret, and fails" });
});

test("of a pack that may not have the installation's values no rule hears of them when they change", () => {
  const updated = "core.st2.key_value_pair.update";
  const rules = indexRules([compileRule(ruleOn(updated, { action: { ref: "p.a", parameters: {} } }))]);
  const fired = firedOf(updated, { kind: "datastore", name: "x" });
  const bounded: Datastore = { ...datastore, maySee: () => false };
  const heard = (object: object, known: Datastore) => enforce({ rules, fired, payload: { object }, datastore: known }).asks.length;
  const [system, own, other] = [
    { scope: "st2kv.system", name: "p:token" },
    { scope: "st2kv.pack", name: "p:last" },
    { scope: "st2kv.pack", name: "q:last" },
  ];
  expect([heard(system, datastore), heard(other, datastore)]).toEqual([1, 1]);
  expect([heard(system, bounded), heard(own, bounded), heard(other, bounded)]).toEqual([0, 1, 0]);
});

test("what looks sealed in a definition is taken for nobody's secret", () => {
  const catalog = catalogWith("local-shell-script", { x: { default: { a: closed("b") } } });
  const planned = planRun({ catalog, action: "p.a", input: {}, datastore, user: "u" });
  expect(planned).toMatchObject({ kind: "planned", plan: { task: { input: { x: { a: "[secret]" } } } } });
});

const login = { name: "ana", password: closed("hunter2") };
const plain = { name: "ana", password: "hunter2" };
const password = { type: "string" } as const;

test.each<[string, ActionDefinition["parameters"][string], { input: unknown; secrets: string[] }]>([
  [
    "says which part is a secret",
    { type: "object", properties: { password: { ...password, secret: true } } },
    { input: plain, secrets: ["x"] },
  ],
  ["is a secret as a whole", { type: "object", secret: true }, { input: plain, secrets: ["x"] }],
  ["says what its parts are", { type: "object", properties: { password } }, { input: plain, secrets: ["x"] }],
  ["takes anything", { type: "object" }, { input: login, secrets: [] }],
])("what a workflow hands on with a secret in it is sealed once, for a parameter that %s", (_, parameter, expected) => {
  const planned = planRun({ catalog: catalogWith("local-shell-script", { x: parameter }), action: "p.a", input: { x: login }, ...ofRun });
  expect(planned).toMatchObject({ kind: "planned", plan: { task: { input: { x: expected.input } }, secrets: expected.secrets } });
});

test("what a workflow says in rooms or to rules has no secrets in it, open or sealed", () => {
  const places = { here: { platform: "slack", account: "T1", channel: "C1" } };
  const said = planRun({
    catalog: catalogWith("announcement", {}),
    action: "p.a",
    input: { message: closed("t0ken"), extra: { slack: { blocks: [login] } } },
    ...ofRun,
    places,
  });
  expect(said).toMatchObject({ kind: "planned", plan: { task: { announces: { text: "[secret]" } } } });
  const fired = planRun({ catalog: catalogWith("fire", {}), action: "p.a", input: { trigger: "q.t", payload: login }, ...ofRun });
  expect(fired).toMatchObject({ kind: "planned", plan: { task: { fires: { payload: { name: "ana", password: "[secret]" } } } } });
  expect(JSON.stringify([said, fired])).not.toMatch(/sealed|t0ken|hunter2/);
});

test("an expression that gives all of a task's input has each value of it sealed, once", () => {
  const workflow = compileWorkflow({
    version: 1,
    input: ["login", "text"],
    tasks: {
      one: { action: "a.step", input: "<% dict(user => ctx(login).name, key => ctx(login).password, all => ctx(login)) %>" },
      two: { action: "a.step", input: { both: "<% [ctx(login), ctx(login).password] %>", made: "{{ ctx().text | from_json_string }}" } },
    },
  });
  const names = kvNames(datastore, { user: "u" });
  const open = names.opener("the run", ({ $sealed }) => $sealed.data);
  const brought = { kv: { names, seal, open } };
  const given = { login, text: JSON.stringify({ a: closed("stolen") }) };
  const begun = conduct(workflow, undefined, { kind: "begin", at, input: given }, brought);
  expect(begun.commands).toMatchObject([
    { kind: "run", input: { user: { sealed: "ana" }, key: { sealed: "hunter2" }, all: { sealed: plain } } },
    { kind: "run", input: { both: { sealed: [plain, "hunter2"] }, made: { a: "[secret]" } } },
  ]);
});

test("what an alias fixes says nothing of the secret that it fails with", () => {
  const kv = kvNames(datastore, { user: "u" });
  const fixed = fixedParameters({ fixed: { x: "{{ [1][st2kv.system.token | decrypt_kv] }}" }, given: {}, names: {}, kv });
  expect(fixed).toMatchObject({ kind: "fault", message: "it reads a secret, and fails" });
});

const ofRun = { sealed: true, open: opened };

function opened(value: unknown): unknown {
  if (isSealed(value)) return value.$sealed.data;
  if (Array.isArray(value)) return value.map(opened);
  return isFields(value) ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, opened(inner)])) : value;
}

function ruleOn(trigger: string, given: Pick<RuleDefinition, "action"> & Partial<RuleDefinition>): RuleDefinition {
  const about = { ref: "p.r", pack: "p", name: "r", description: "", enabled: true, type: "standard", criteria: {}, source } as const;
  return { ...about, trigger: { type: trigger, parameters: {} }, ...given };
}

function firedOf(trigger: string, from: TriggerFired["source"]): TriggerFired {
  return { v: 1, key: "k", event: "01".padEnd(26, "0"), trigger, payload: { inline: {} }, source: from, firedAt: at };
}

function catalogWith(kind: ActionDefinition["kind"], parameters: ActionDefinition["parameters"]) {
  const about = { ref: "p.a", pack: "p", name: "a", description: "", enabled: true, pool: "default", repeatable: false, source } as const;
  const version = { v: 1, name: "p", version: "1.0.0", description: "", digest: "d", aliases: [] } as const;
  return withPack(emptyCatalog, { ...version, aliases: [], actions: [{ ...about, kind, entryPoint: "a.sh", parameters }] });
}
