import { describe, expect, test, vi } from "vitest";
import { loadPack } from "./load-pack.ts";
import { describeProblem } from "./problem.ts";
import { writePack } from "./testing/write-pack.ts";

// Each fresh child loads a compiler, which takes its time where other suites run too.
vi.setConfig({ testTimeout: 60_000 });

const packYaml = "name: acme\nversion: 1.0.0\ndescription: x\nauthor: x\n";

async function load(files: Record<string, string>) {
  const loaded = await loadPack(await writePack({ "pack.yaml": packYaml, ...files }));
  const told = (problems: Parameters<typeof describeProblem>[1][]) => problems.map((problem) => describeProblem("", problem));
  const warnings = told([...loaded.warnings]);
  return loaded.kind === "loaded" ? { version: loaded.version, warnings } : { problems: told([...loaded.problems]), warnings };
}

describe("config.schema.yaml", () => {
  test("is read as StackStorm has it, requirements at any depth included", async () => {
    const { version } = await load({
      "config.schema.yaml": `---
url:
  type: string
  default: https://api.test
token: { type: string, secret: true, required: true }
smtp:
  type: object
  properties:
    host: { type: string, required: true }
    tls: { type: object, properties: { key: { type: string } }, required: [key] }
  additionalProperties: false
`,
    });
    expect(version?.config).toEqual({
      url: { type: "string", default: "https://api.test" },
      token: { type: "string", secret: true, required: true },
      smtp: {
        type: "object",
        properties: {
          host: { type: "string", required: true },
          tls: { type: "object", properties: { key: { type: "string", required: true } } },
        },
        additionalProperties: false,
      },
    });
  });

  test.each(["", "---\n", "# nothing yet\n", "{}\n"])("with nothing in it says that there is nothing to configure: %j", async (text) => {
    const { version, warnings } = await load({ "config.schema.yaml": text });
    expect([version?.name, version?.config, warnings]).toEqual(["acme", undefined, []]);
  });

  test.each([
    ["url: { tpye: string }", "config.schema.yaml:1:14 tpye says nothing about a value.\n  Did you mean type?"],
    [
      "smtp:\n  properties:\n    host: { requierd: true }",
      "config.schema.yaml:3:23 requierd says nothing about a value.\n  Did you mean required?",
    ],
    ["url: { type: text }", 'config.schema.yaml:1:14 url.type is "text".'],
    [
      "tries: { type: integer, default: many }",
      'config.schema.yaml:1:34 The default of tries can\'t be "many".\n  Expected a whole number.',
    ],
    ["smtp: { type: object, default: { port: x }, properties: { port: { type: integer } } }", "The default of smtp.port can't be"],
    ["a_b: {}\na-b: {}", "config.schema.yaml:2:6 a-b and a_b would be the same variable, BELLHOP_CONFIG_ACME_A_B."],
    ["'a b': {}", '"a b" can\'t be a name'],
    ["- url", "expected fields"],
  ])("with a slip is refused with its place: %j", async (text, expected) => {
    const { problems } = await load({ "config.schema.yaml": `${text}\n` });
    expect(problems?.join("\n")).toContain(expected);
  });

  test("with a default that comes from the datastore is checked when that is known", async () => {
    const { version, warnings } = await load({ "config.schema.yaml": "tries: { type: integer, default: '{{ st2kv.system.tries }}' }\n" });
    expect(version?.config).toHaveProperty("tries");
    expect(warnings).toEqual([]);
  });
});

const configTs = `import { defineConfig, z } from "@bellhop/sdk";
export default defineConfig(
  { url: z.url().default("https://api.test"), token: z.string().describe("From the page"), smtp: z.object({ host: z.string() }).optional() },
  { secrets: ["token"] },
);
`;
const action = `import { defineAction } from "@bellhop/sdk";
import config from "../config.ts";
export default defineAction({ description: "x", config, run: ({ config: { url } }) => url });
`;

describe("config.ts", () => {
  test("becomes the same schema, and travels for the actions that import it", async () => {
    const pack = await loadPack(await writePack({ "pack.yaml": packYaml, "config.ts": configTs, "actions/look.ts": action }));
    if (pack.kind === "faulty") throw new Error(pack.problems.map((problem) => describeProblem("", problem)).join("\n"));
    expect(pack.version.config).toEqual({
      url: { type: "string", format: "uri", default: "https://api.test" },
      token: { type: "string", description: "From the page", required: true, secret: true },
      smtp: { type: "object", properties: { host: { type: "string", required: true } } },
    });
    expect(pack.files.files.map(({ path }) => path)).toContain("config.mjs");
  });

  test("beside a config.schema.yaml is one too many", async () => {
    const { problems } = await load({ "config.ts": configTs, "config.schema.yaml": "url: {}\n" });
    expect(problems).toEqual([
      "config.ts:2:16 The pack says twice what it can be configured with.\n  It is in config.schema.yaml already: keep one of the two.",
    ]);
  });

  test.each([
    [
      "it exports something else",
      { "config.ts": "export const url = 1;\n" },
      "config.ts exports no configuration as default.\n  Write `export default defineConfig({ … })`.",
    ],
    [
      "an action has one of its own",
      {
        "actions/look.ts": `import { defineAction, defineConfig, z } from "@bellhop/sdk";
const config = defineConfig({ url: z.string() });
export default defineAction({ description: "x", config, run: () => 1 });
`,
      },
      "actions/look.ts:3:49 config is not what this pack can be configured with.",
    ],
    [
      "it names a secret that is none",
      { "config.ts": configTs.replace('["token"]', '["tokken" as "token"]') },
      "secrets: there is no tokken.",
    ],
    [
      "a field is no JSON",
      { "config.ts": configTs.replace('z.url().default("https://api.test")', "z.date()") },
      "config.ts:3:5 url can't be written as JSON Schema",
    ],
  ])("is refused where %s", async (_, files: Record<string, string>, expected) => {
    expect((await load(files)).problems?.join("\n")).toContain(expected);
  });
});

describe("an alias", () => {
  const yaml = (text: string) => ({
    "actions/look.yaml": "name: look\nrunner_type: local-shell-cmd\nparameters: { cmd: { default: 'true' } }\n",
    "aliases/look.yaml": `name: look\naction_ref: acme.look\n${text}\n`,
  });

  test.each([
    ["YAML", yaml("formats: [look]\nimmutable_parameters: { config: work }")],
    [
      "TypeScript",
      {
        ...yaml("formats: [see]"),
        "aliases/other.ts": `import { defineAlias } from "@bellhop/sdk";
export default defineAlias({ action: "acme.look", formats: ["look"], config: "work" });
`,
      },
    ],
  ])("fixes the instance of the configuration in %s", async (_, files) => {
    const { version } = await load({ "config.schema.yaml": "url: {}\n", ...files });
    expect(version?.aliases.at(-1)?.immutableParameters).toEqual({ config: "work" });
  });

  test("has it named where it stands in a format, in a pack that can be configured", async () => {
    const files = yaml('formats: ["look at {{ config }}"]');
    expect((await load({ "config.schema.yaml": "url: {}\n", ...files })).version?.aliases).toHaveLength(1);
    expect((await load(files)).warnings.join()).toContain("config is no parameter of acme.look.");
  });
});

test("what a default asks of the configuration is there, or named with what is near", async () => {
  const action = (name: string) =>
    `name: look\nrunner_type: local-shell-cmd\nparameters:\n  cmd: { default: "curl {{ config_context.${name} }}" }\n`;
  const files = (name: string) => ({ "config.schema.yaml": "url: { type: string }\n", "actions/look.yaml": action(name) });
  expect((await load(files("url"))).warnings).toEqual([]);
  expect((await load(files("urls"))).warnings.join()).toContain("the configuration of acme has nothing called urls.");
});
