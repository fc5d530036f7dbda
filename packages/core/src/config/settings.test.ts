import type { Parameter } from "@bellhop/contracts";
import { describe, expect, test } from "vitest";
import { holdsSecret, mapSecrets } from "./secrets.ts";
import { checkSettings, configFault, configOf, instancesOf, settingsOf, unknownInstance, type ConfigLayer } from "./settings.ts";
import { configVariable } from "./words.ts";

const schema: Record<string, Parameter> = {
  url: { type: "string", default: "https://api.test", format: "uri" },
  token: { type: "string", secret: true, required: true, description: "From the settings page" },
  tries: { type: "integer", default: 3, minimum: 1 },
  smtp: {
    type: "object",
    properties: {
      host: { type: "string", required: true },
      port: { type: "integer", default: 25 },
      password: { type: "string", secret: true },
    },
    additionalProperties: false,
  },
  proxy: { type: "object", properties: { host: { type: "string" }, port: { type: "integer", default: 8080 } } },
  hosts: { type: "array", items: { type: "object", properties: { name: { type: "string", required: true } } } },
  labels: { type: "object", patternProperties: { "^x-": { type: "integer" } }, additionalProperties: { type: "string" } },
};
const of = { pack: "acme" };
const sealed = { $sealed: { kid: "k", iv: "i", data: "d", tag: "t" } };
const layer = (from: ConfigLayer["from"], values: Record<string, unknown>, instance?: string): ConfigLayer => ({
  from,
  values,
  ...(instance === undefined ? {} : { instance }),
});
const valuesOf = (layers: readonly ConfigLayer[], instance?: string) => {
  const whose = instance === undefined ? of : { ...of, instance };
  const config = configOf(settingsOf({ schema, layers, ...whose }), whose, "acme.deploy");
  return config.kind === "ok" ? config.values : `${config.problem.message} ${config.problem.hint}`;
};
const given = (values: Record<string, unknown>) => valuesOf([layer("bellhop.yaml", { token: "t0ken", ...values })]);

describe("a configuration", () => {
  test("is what the schema says where nobody says anything else", () => {
    expect(given({})).toEqual({ url: "https://api.test", token: "t0ken", tries: 3, proxy: { port: 8080 } });
  });

  test.each<[string, ConfigLayer[], unknown]>([
    ["what was set wins over the default", [layer("stored", { tries: 4 })], 4],
    ["a file wins over what was set", [layer("stored", { tries: 4 }), layer("bellhop.yaml", { tries: 5 })], 5],
    ["bellhop.yaml wins over the configs folder", [layer("configs folder", { tries: 4 }), layer("bellhop.yaml", { tries: 5 })], 5],
    [
      "the environment wins over every file, and its text is cast",
      [layer("bellhop.yaml", { tries: 5 }), layer("environment", { tries: "6" })],
      6,
    ],
    ["null is no value", [layer("environment", { tries: null }), layer("stored", { tries: 4 })], 4],
  ])("%s", (_, layers, tries) => {
    expect(valuesOf([layer("stored", { token: "x" }), ...layers])).toMatchObject({ tries });
  });

  test("of an instance stands on top of the unnamed one, wherever that has its values from", () => {
    const layers = [
      layer("environment", { token: "unnamed", tries: "9" }),
      layer("stored", { token: "work's" }, "work"),
      layer("stored", { token: "home's", tries: 1 }, "home"),
    ];
    expect(valuesOf(layers, "work")).toMatchObject({ token: "work's", tries: 9 });
    expect(valuesOf(layers, "home")).toMatchObject({ token: "home's", tries: 1 });
    expect(valuesOf(layers)).toMatchObject({ token: "unnamed", tries: 9 });
    expect(instancesOf(layers)).toEqual(["home", "work"]);
  });

  test("that lacks what is required says who needs it and the command that sets it", () => {
    const command = "Whoever looks after the installation sets it with: `bellhop pack config set acme token`";
    expect(valuesOf([])).toBe(`acme.deploy needs token (From the settings page) in the configuration of acme. ${command}`);
    const more = { ...schema, org: { type: "string" as const, required: true } };
    const fault = configFault(
      settingsOf({ schema: more, layers: [layer("stored", {}, "work")], instance: "work" }),
      { ...of, instance: "work" },
      "acme.x",
    );
    expect(fault?.message).toBe("acme.x needs token (From the settings page) and org in the configuration of acme (instance work).");
    expect(fault?.hint).toContain("`bellhop pack config set acme token org=VALUE --instance work`");
  });

  test.each<[Record<string, unknown>, string]>([
    [
      { tries: 0 },
      "tries in the configuration of acme can't be 0, as packConfig.acme of bellhop.yaml has it. It takes 1 or more. Mend it there",
    ],
    [{ tries: "many" }, 'can\'t be "many", as packConfig.acme of bellhop.yaml has it. It takes a whole number.'],
    [{ url: "nowhere" }, "It takes a URL."],
    [{ token: { a: 1 } }, "token in the configuration of acme can't be what was given, as"],
    [{ smtp: { port: 1 } }, "smtp.host in the configuration of acme can't be missing"],
    [{ smtp: { host: "h", prot: 1 } }, "smtp.prot in the configuration of acme can't be what was given"],
    [{ hosts: [{ name: "a" }, {}] }, "hosts.1.name in the configuration of acme can't be missing"],
    [{ labels: { "x-n": "one" } }, 'labels.x-n in the configuration of acme can\'t be "one"'],
    [{ url: "{{ st2kv.system.url" }, "It takes a template that can be read ("],
  ])("with %j is refused: %s", (values, expected) => {
    expect(given(values)).toContain(expected);
  });

  test("is checked and complete at any depth", () => {
    expect(given({ smtp: { host: "h" }, labels: { "x-n": "1", name: 5 }, hosts: [{ name: "a" }] })).toMatchObject({
      smtp: { host: "h", port: 25 },
      labels: { "x-n": 1, name: "5" },
      hosts: [{ name: "a" }],
    });
  });
});

describe("what is set", () => {
  test("is cast and checked before it is stored", () => {
    expect(checkSettings({ tries: "5", smtp: '{"host": "h"}' }, schema, of)).toEqual({
      kind: "ok",
      values: { tries: 5, smtp: { host: "h", port: 25 } },
    });
    expect(checkSettings({ tries: "x" }, schema, of)).toMatchObject({
      problem: { message: 'tries in the configuration of acme can\'t be "x".', hint: "It takes a whole number." },
    });
  });

  test("and means nothing to the pack is refused with what was meant", () => {
    expect(checkSettings({ tokn: "5" }, schema, of)).toMatchObject({
      problem: { code: "pack_config_unknown", hint: "Did you mean token?" },
    });
  });

  test("for an instance that nobody gave a value is a slip", () => {
    const layers = [layer("stored", { token: "x" }, "work")];
    expect(unknownInstance({ ...of, instance: "work" }, schema, layers)).toBeUndefined();
    expect(unknownInstance({ ...of, instance: "wrok" }, schema, layers)).toMatchObject({
      message: "There is no instance wrok of the configuration of acme.",
      hint: "Did you mean work? A new one is made with: `bellhop pack config set acme url=VALUE --instance wrok`",
    });
  });
});

describe("secrets", () => {
  test("are found at any depth, and those that are sealed already are left so", () => {
    const values = { token: "t", url: "u", smtp: { host: "h", password: "p" }, hosts: [{ name: "n" }] };
    expect(mapSecrets(values, schema, () => "*")).toEqual({
      token: "*",
      url: "u",
      smtp: { host: "h", password: "*" },
      hosts: [{ name: "n" }],
    });
    expect(mapSecrets({ token: sealed }, schema, () => "*")).toEqual({ token: sealed });
    expect(Object.keys(schema).filter((name) => holdsSecret(schema[name] ?? {}))).toEqual(["token", "smtp"]);
  });

  test("that are sealed count as given", () => {
    expect(valuesOf([layer("stored", { token: sealed })])).toMatchObject({ token: sealed });
  });
});

test.each([
  [{ pack: "acme", name: "token" }, "BELLHOP_CONFIG_ACME_TOKEN"],
  [{ pack: "my_pack", name: "api-key" }, "BELLHOP_CONFIG_MY_PACK_API_KEY"],
  [{ pack: "acme", instance: "work", name: "token" }, "BELLHOP_CONFIG_ACME__WORK__TOKEN"],
])("the variable of %j is %s", (at, variable) => {
  expect(configVariable(at)).toBe(variable);
});
