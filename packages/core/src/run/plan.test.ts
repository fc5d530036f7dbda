import { ActionDefinition, AliasDefinition, TriggerDefinition, type PackVersion } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { emptyCatalog, withPack } from "../catalog.ts";
import { planRun } from "./plan.ts";

const source = { file: "actions/x.yaml", line: 3, column: 1 };
const define = (name: string, rest: Record<string, unknown>) =>
  ActionDefinition.parse({ ref: `p.${name}`, pack: "p", name, kind: "typescript", parameters: {}, source, ...rest });

const actions = [
  define("types", {
    parameters: {
      text: { type: "string", required: true, description: "What to say." },
      count: { type: "integer", default: 1, minimum: 1 },
      ratio: { type: "number" },
      loud: { type: "boolean" },
      list: { type: "array" },
      numbers: { type: "array", items: { type: "integer" } },
      data: { type: "object" },
      level: { type: "string", enum: ["low", "high"] },
      either: { type: ["string", "integer"] },
      fixed: { type: "string", default: "f", immutable: true },
      key: { type: "string", secret: true },
    },
  }),
  define("ping", {
    kind: "local-shell-cmd",
    parameters: {
      cmd: { default: "ping -c {{count}} {{host}}", immutable: true },
      count: { type: "integer", default: 3 },
      host: { type: "string", required: true },
    },
  }),
  define("login", {
    kind: "local-shell-cmd",
    parameters: { cmd: { default: "login {{ password }}" }, password: { type: "string", secret: true, default: "x" } },
  }),
  define("bad", { kind: "local-shell-cmd", parameters: { cmd: { default: "echo $(id {{ who }})" }, who: { type: "string" } } }),
  define("local", { kind: "local-shell-cmd", parameters: {} }),
  define("url", {
    kind: "local-shell-script",
    parameters: {
      host: { type: "string" },
      port: { type: "integer", default: "{{ base }}" },
      base: { type: "integer", default: 80 },
      url: { type: "string", default: "http://{{ host }}:{{ port }}" },
    },
  }),
  define("circle", { kind: "local-shell-script", parameters: { a: { default: "{{ b }}" }, b: { default: "{{ a }}" } } }),
  define("http", { parameters: { method: { type: "string", default: "GET" } }, repeatable: { method: ["GET", "HEAD"] } }),
  define("own_timeout", { parameters: { timeout: { type: "string" } } }),
  define("inject", { kind: "fire" }),
  define("off", { enabled: false }),
  define("python", { kind: "python-script" }),
];
const aliases = [
  AliasDefinition.parse({
    ref: "p.say",
    pack: "p",
    name: "say",
    action: "p.types",
    formats: [{ representation: ["say {{ text }}"] }],
    immutableParameters: { level: "high" },
    result: { format: "{{ result }}" },
    source,
  }),
  AliasDefinition.parse({
    ref: "p.secretly",
    pack: "p",
    name: "secretly",
    action: "p.types",
    formats: [{ representation: ["secretly {{ text }}"] }],
    ack: { format: "On it", as: "typing" },
    result: { whisper: true },
    source,
  }),
];
const triggers = [TriggerDefinition.parse({ ref: "p.alert", pack: "p", name: "alert", payload: { required: ["host"] }, source })];
const version: PackVersion = { v: 1, name: "p", version: "1", description: "", digest: "d1", actions, aliases, triggers };
const catalog = withPack(emptyCatalog, version);

const plan = (action: string, input: Record<string, unknown>) => {
  const planned = planRun({ catalog, action: `p.${action}`, input });
  if (planned.kind === "refused") throw planned.problem;
  return planned.plan;
};
const refusal = (action: string, input: Record<string, unknown>) => {
  const planned = planRun({ catalog, action: `p.${action}`, input });
  return planned.kind === "refused" ? `${planned.problem.code}: ${planned.problem.message} ${planned.problem.hint}` : "planned";
};

describe("what an action injects", () => {
  const input = { trigger: "p.alert", payload: {} };

  it("has to fit its trigger's schema", () => {
    expect(refusal("inject", input)).toContain("payload_unfit: What p.inject says does not fit p.alert: payload");
    expect(plan("inject", { trigger: "p.alert", payload: { host: "db1" } }).task.fires).toEqual({
      trigger: "p.alert",
      payload: { host: "db1" },
    });
  });

  it("is let through where the installation says so", () => {
    expect(planRun({ catalog, action: "p.inject", input, checkTriggers: false }).kind).toBe("planned");
  });
});

describe("text from chat", () => {
  it.each([
    ["count", "3", 3],
    ["count", " 3 ", 3],
    ["ratio", "1.5e3", 1500],
    ["loud", "True", true],
    ["loud", "no", false],
    ["list", "a, b,c", ["a", "b", "c"]],
    ["list", '["a", 1]', ["a", 1]],
    ["list", "", []],
    ["numbers", "1,2", [1, 2]],
    ["data", '{"a": 1}', { a: 1 }],
    ["data", "{'a': True, 'b': 'it\\'s'}", { a: true, b: "it's" }],
    ["level", "low", "low"],
    ["either", "5", 5],
    ["either", "five", "five"],
  ])("becomes the type that %s declares: %j", (name, text, value) => {
    expect(plan("types", { text: "hi", [name]: text }).task.input[name]).toEqual(value);
  });

  it.each([
    ["count", "many", /parameter_invalid: count of p.types can't be "many". It takes a whole number/],
    ["count", "0", /It takes 1 or more/],
    ["loud", "perhaps", /true or false/],
    ["numbers", "1,x", /a list/],
    ["data", "[1]", /an object/],
    ["level", "middle", /one of low, high/],
    ["key", { a: 1 }, /key of p.types can't be what was given/],
    ["fixed", "g", /parameter_immutable/],
    ["coutn", "1", /parameter_unknown: .* Did you mean count\?/],
    ["__proto__", "1", /parameter_unknown/],
  ])("is refused where %s can't be %j", (name, text, expected) => {
    expect(refusal("types", { text: "hi", [name]: text })).toMatch(expected);
  });
});

describe("a plan", () => {
  it("is complete with defaults, and takes them for null too", () => {
    expect(plan("types", { text: "hi", count: null, ratio: null }).task.input).toEqual({ text: "hi", count: 1, fixed: "f" });
  });

  it("needs what is required", () => {
    expect(refusal("types", {})).toBe("parameter_missing: p.types needs text. Say it as text=VALUE. What to say.");
  });

  it("names the secrets it was given", () => {
    expect(plan("types", { text: "hi", key: "s3cret" }).secrets).toEqual(["key"]);
  });

  it("carries digest, alias, reply and what the alias fixes", () => {
    const [alias] = catalog.aliases;
    const planned = planRun({ catalog, action: "p.types", input: { text: "hi" }, ...(alias ? { alias } : {}) });
    expect(planned).toMatchObject({
      plan: {
        alias: "p.say",
        reply: { enabled: true, format: "{{ result }}" },
        task: { digest: "d1", attempt: 1, input: { level: "high" } },
      },
    });
    expect(planRun({ catalog, action: "p.types", input: { text: "hi", level: "low" }, ...(alias ? { alias } : {}) })).toMatchObject({
      problem: { code: "parameter_immutable" },
    });
  });

  it.each<[string, Record<string, unknown>, number]>([
    ["local", { cmd: "true" }, 60_000],
    ["local", { cmd: "true", timeout: "1.5" }, 1_500],
    ["types", { text: "hi", timeout: "120" }, 120_000],
    ["own_timeout", { timeout: "soon" }, 60_000],
  ])("of %s with %j may take so long", (action, input, ms) => {
    expect(plan(action, input).task.timeoutMs).toBe(ms);
  });

  it.each([
    ["local", { cmd: "true", timeout: "0" }],
    ["types", { text: "hi", timeout: "soon" }],
  ])("of %s is refused for a time-out that is none: %j", (action, input) => {
    expect(refusal(action, input)).toMatch(/parameter_invalid: timeout/);
  });

  it("quotes values in a pack's command, and leaves a person's own command alone", () => {
    expect(plan("ping", { host: "a'; rm -rf /" }).task.input["cmd"]).toBe(`ping -c '3' 'a'\\''; rm -rf /'`);
    expect(plan("local", { cmd: "echo {{ x }} $(id)" }).task.input["cmd"]).toBe("echo {{ x }} $(id)");
    expect(plan("ping", { host: "{{ count }}" }).task.input["cmd"]).toBe("ping -c '3' '{{ count }}'");
  });

  it("keeps a command secret that takes in a secret", () => {
    expect(plan("login", { password: "s3cret" }).secrets.toSorted()).toEqual(["cmd", "password"]);
    expect(plan("login", { cmd: "true" }).secrets).toEqual(["password"]);
  });

  it("refuses a command template with a value where none can stand, naming the place", () => {
    expect(refusal("bad", { who: "me" })).toMatch(
      /parameter_template: .*cmd of p.bad \(actions\/x.yaml:3\) .*: \{\{ who \}\}, character 11 of it, can't stand in \$\(…\)/,
    );
  });

  it("fills defaults from other parameters, cast by their type, in any order", () => {
    expect(plan("url", { host: "h" }).task.input).toMatchObject({ port: 80, url: "http://h:80" });
    expect(refusal("circle", {})).toMatch(/Cyclic dependency found in the following variables: a and b/);
  });

  it.each([
    [{}, true],
    [{ method: "HEAD" }, true],
    [{ method: "POST" }, false],
  ])("of a request with %j is repeatable: %j", (input, repeatable) => {
    expect(plan("http", input).task.repeatable).toBe(repeatable);
  });

  it.each([
    ["of", "action_unknown: There is no action p.of. Did you mean p.off?"],
    ["off", "action_disabled: p.off is switched off. Set enabled: true in its definition, at actions/x.yaml:3."],
    ["python", /kind_unknown: .*python-script.*typescript/],
  ])("is refused for the action %s", (action, expected) => {
    expect(refusal(action, {})).toMatch(expected);
  });
});

describe("a plan", () => {
  const planOf = (alias: string, files?: Parameters<typeof planRun>[0]["files"]) => {
    const compiled = catalog.aliases.find(({ definition }) => definition.ref === alias);
    const planned = planRun({ catalog, action: "p.types", input: { text: "hi" }, alias: compiled, files });
    if (planned.kind === "refused") throw planned.problem;
    return planned.plan;
  };

  it("copies from the alias how the reply is worded, who sees it, and what is shown until then", () => {
    expect(planOf("p.say").reply).toEqual({ enabled: true, format: "{{ result }}" });
    expect(planOf("p.secretly").reply).toEqual({
      enabled: true,
      whisper: true,
      acknowledgement: { enabled: true, format: "On it", as: "typing" },
    });
    expect(plan("types", { text: "hi" }).reply).toEqual({ enabled: true });
  });

  it("takes along what came with the command", () => {
    const files = [{ name: "a.csv", type: "text/csv", bytes: 3, object: "h" }];
    expect(planOf("p.say", files).task.files).toEqual(files);
    expect(planOf("p.say", []).task).not.toHaveProperty("files");
  });
});

describe("what an alias fixes", () => {
  const asked = { user: "slack:T1/U1", api_user: "slack:T1/U1", source_channel: "C1" };
  const planWith = (text: unknown) => {
    const alias = AliasDefinition.parse({ ...aliases[1], ref: "p.fixed", name: "fixed", immutableParameters: { text } });
    const [compiled] = withPack(emptyCatalog, { ...version, aliases: [alias] }).aliases;
    const planned = planRun({ catalog, action: "p.types", input: {}, asked, ...(compiled === undefined ? {} : { alias: compiled }) });
    return planned.kind === "planned" ? planned.plan.task.input["text"] : planned.problem.code;
  };

  it.each([
    ["plain", "plain"],
    ["by {{ user }} in {{source_channel}}", "by slack:T1/U1 in C1"],
    ["{{ api_user | upper }}", "SLACK:T1/U1"],
    ["{{ api_user | uper }}", "template_refused"],
    ["{{ st2kv.system.key }}", "template_refused"],
  ])("%j becomes %j", (text, expected) => {
    expect(planWith(text)).toBe(expected);
  });
});

describe("the instance of a pack's configuration", () => {
  const own = define("own", { parameters: { config: { type: "string" } } });
  const fixed = AliasDefinition.parse({ ...aliases[1], ref: "p.fixed", name: "fixed", immutableParameters: { config: "work" } });
  const configured = withPack(emptyCatalog, {
    ...version,
    actions: [...actions, own],
    aliases: [fixed],
    config: { token: { type: "string" } },
  });
  const instanceOf = (action: string, input: Record<string, unknown>, more: Partial<Parameters<typeof planRun>[0]> = {}) => {
    const planned = planRun({ catalog: configured, action: `p.${action}`, input, ...more });
    return planned.kind === "planned"
      ? { config: planned.plan.task.config, input: planned.plan.task.input["config"] }
      : planned.problem.code;
  };

  it.each<[string, ReturnType<typeof instanceOf>, ReturnType<typeof instanceOf>]>([
    ["is named at the end of a command", instanceOf("types", { text: "hi", config: "work" }), { config: "work", input: undefined }],
    ["is the unnamed one otherwise", instanceOf("types", { text: "hi" }), { config: undefined, input: undefined }],
    ["is named apart from the input", instanceOf("own", { config: "x" }, { config: "work" }), { config: "work", input: "x" }],
    ["is none where an action has a parameter of that name", instanceOf("own", { config: "x" }), { config: undefined, input: "x" }],
    ["is fixed by an alias", instanceOf("types", { text: "hi" }, { alias: configured.aliases[0] }), { config: "work", input: undefined }],
    [
      "can't be another one then",
      instanceOf("types", { text: "hi", config: "home" }, { alias: configured.aliases[0] }),
      "parameter_immutable",
    ],
    ["has a plain name", instanceOf("types", { text: "hi", config: "a.b" }), "parameter_invalid"],
    [
      "is nothing that a pack without configuration knows",
      instanceOf("types", { text: "hi", config: "x" }, { catalog }),
      "parameter_unknown",
    ],
    ["nor can it be named for one", instanceOf("types", { text: "hi" }, { catalog, config: "x" }), "pack_config_none"],
  ])("%s", (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});

it.each<[string, Record<string, unknown>, Record<string, unknown>, true | undefined]>([
  ["where StackStorm would not begin a thread, and nothing says so", {}, {}, undefined],
  ["where the result begins one", { thread_response: true }, {}, undefined],
  ["where the result begins none", { thread_response: false }, {}, true],
  ["where the acknowledgement begins none", {}, { thread_response: false }, true],
  ["where the result knows better than the acknowledgement", { thread_response: true }, { thread_response: false }, undefined],
])("a reply stands in the room itself, or not: %s", (_, result, ack, expected) => {
  const alias = AliasDefinition.parse({
    ref: "p.w",
    pack: "p",
    name: "w",
    action: "p.quiet",
    formats: [{ representation: ["w"] }],
    ack: { extra: { slack: ack } },
    result: { extra: { slack: result } },
    source,
  });
  const known = withPack(emptyCatalog, { ...version, actions: [define("quiet", {})], aliases: [alias] });
  const planned = planRun({ catalog: known, action: "p.quiet", input: {}, alias: known.aliases[0] });
  expect(planned.kind === "planned" ? planned.plan.reply.inRoom : planned.problem).toBe(expected);
});

describe("what a command prints", () => {
  const command = define("watch", { kind: "local-shell-cmd", parameters: { cmd: { default: "top", immutable: true } } });
  const planOf = (result: Record<string, unknown>, at: { live?: boolean; action?: string } = {}) => {
    const action = at.action ?? "p.watch";
    const alias = AliasDefinition.parse({ ref: "p.w", pack: "p", name: "w", action, formats: [{ representation: ["w"] }], result, source });
    const known = withPack(emptyCatalog, { ...version, actions: [command, define("quiet", {})], aliases: [alias] });
    const planned = planRun({ catalog: known, action, input: {}, alias: known.aliases[0], live: at.live ?? true });
    return planned.kind === "planned" ? planned.plan.reply.live : planned.problem;
  };

  it.each<[string, Record<string, unknown>, { live?: boolean; action?: string }, true | undefined]>([
    ["is shown by default, since its result will show it", {}, {}, true],
    ["is not shown where the installation says no", {}, { live: false }, undefined],
    ["is not shown where the alias words its result", { format: "Done" }, {}, undefined],
    ["is not shown where the alias hides its result", { enabled: false }, {}, undefined],
    ["is not shown where the result is whispered", { whisper: true }, {}, undefined],
    ["is not shown where the alias says no", { live: false }, {}, undefined],
    ["is shown where the alias says so, whatever the installation says", { live: true, format: "Done" }, { live: false }, true],
    ["is not shown of an action that is no command", {}, { action: "p.quiet" }, undefined],
    ["is shown of any action whose alias says so", { live: true }, { action: "p.quiet" }, true],
  ])("%s", (_, result, at, expected) => {
    expect(planOf(result, at)).toBe(expected);
  });
});
