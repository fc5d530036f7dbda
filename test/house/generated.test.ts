import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { generated } from "./generated.ts";
import { files, root } from "./workspace.ts";

test("what is made of other files is up to date: pnpm generate", () => {
  for (const [path, text] of generated()) expect(readFileSync(join(root, path), "utf8"), path).toBe(text);
}, 300_000);

test("every name that the SDK exports is explained", () => {
  const page = readFileSync(join(root, "docs/sdk.md"), "utf8");
  expect(page.match(/^### .*\n\n```typescript/gm) ?? []).toEqual([]);
  expect(page.match(/^### /gm)?.length).toBeGreaterThan(30);
});

describe("the JSON Schemas that editors are given", () => {
  const ours = files("packs", ".yaml").filter((file) => schemaOf(file) !== undefined);

  const shown = files("docs", ".md").flatMap((file) => {
    const blocks = readFileSync(join(root, file), "utf8").matchAll(/^```yaml\n([^]*?)^```$/gm);
    return Array.from(blocks, ([, text = ""]) => [file, text] as const).filter(([, text]) => sections.test(text));
  });

  test("there are files to try them on", () => {
    expect(new Set(ours.map(schemaOf))).toEqual(new Set(["pack", "action", "alias", "workflow"]));
    expect(shown.length).toBeGreaterThan(4);
  });

  test.each(ours)("fit %s", (file) => {
    expect(faults(schemaOf(file) ?? "", readFileSync(join(root, file), "utf8"))).toEqual([]);
  });

  test.each([
    ["pack", "nam: deploy", "must have required property 'name'"],
    ["action", "name: a\nrunner_typ: local-shell-cmd", "must NOT have additional properties"],
    ["action", "name: a\nrunner_type: x\nparameters: { host: { type: strin } }", "must be equal to one of the allowed values"],
    ["alias", "name: a\naction_ref: a\nformats: [a]", "must match pattern"],
    ["alias", "name: a\naction_ref: a.b\nformats: []", "must NOT have fewer than 1 items"],
    ["alias", "name: a\naction_ref: a.b\nformats: [a]\nack: { extra: { as: smoke } }", "must be equal to one of the allowed values"],
    ["workflow", "version: 1.0\ntasks: { a: { actoin: core.noop } }", "must NOT have additional properties"],
    ["workflow", "version: 1.0\npause: tree\ntasks: { a: { action: core.noop } }", "must be equal to one of the allowed values"],
    ["config", "token: { secret: perhaps }", "must be boolean"],
    ["bellhop", "owner: [slack:T1/U2]", "must NOT have additional properties"],
    ["bellhop", "runner: { concurrency: many }", "must be integer"],
    ["bellhop", "slack: { accounts: { acme: { bottoken: x } } }", "must NOT have additional properties"],
  ])("of %s refuse %j", (schema, text, why) => {
    expect(faults(schema, text).join("\n")).toContain(why);
  });

  test("take StackStorm's form of a configuration", () => {
    const text = "token: { type: string, secret: true, required: true }\nhosts: { type: array, items: { type: string } }\nodd:\n";
    expect(faults("config", text)).toEqual([]);
  });

  test("take a workflow's short forms", () => {
    const text =
      "version: 1.0\ninput: [a, b: 1]\ntimeout: 5\ntasks: { a: { action: core.noop, with: x in <% ctx(b) %>, next: [{ do: [a, fail] }] } }";
    expect(faults("workflow", text)).toEqual([]);
  });

  test.each(shown)("take what %s shows of bellhop.yaml: %j", (_, text) => {
    expect(faults("bellhop", text)).toEqual([]);
  });

  test("take all that bellhop.yaml may say", () => {
    const text = `
owners: [slack:T1/U2]
access: [{ who: ["room:slack:T1/C9"], what: [linux.*] }]
prefix: "!"
slack: { sockets: 3, accounts: { acme: {} } }
matrix: { homeserver: https://matrix.example.org, user: bot, inviters: "*:example.org" }
discord:
nats: { replicas: 3, limits: { SEND: { bytes: 1GB, messages: 100000 }, KV_attempt: { bytes: unlimited } } }
history: { url: "postgres://bellhop@postgres/bellhop", keep: 90 }
http: { listen: 127.0.0.1:9464 }
runner: { pools: [default, gpu], processes: 2, memoryMb: 512 }
liveOutput: false
packs: { folders: [/srv/packs], sources: ["npm:@acme/*"] }
packConfig: { github: { url: https://api.example.com, instances: { work: { url: https://git.example.com } } } }
`;
    expect(faults("bellhop", text)).toEqual([]);
    expect(faults("bellhop", "packs: [/srv/packs]")).toEqual([]);
  });
});

/** What begins as bellhop.yaml does. */
const sections = /^(?:#.*\n)*(?:nats|history|packs|packConfig|access|owners|prefix|prefixes|rooms|runner|slack|discord|matrix|http):/;

/** Which schema a file of a pack is checked with. */
function schemaOf(file: string): string | undefined {
  if (basename(file) === "pack.yaml") return "pack";
  if (basename(file) === "config.schema.yaml") return "config";
  if (file.includes("/actions/workflows/")) return "workflow";
  if (file.includes("/actions/")) return "action";
  return file.includes("/aliases/") ? "alias" : undefined;
}

function faults(schema: string, text: string): string[] {
  const ajv = new Ajv({ allErrors: true, strictTypes: false, formats: { uri: (text) => URL.canParse(text) } });
  const validate = ajv.compile(JSON.parse(readFileSync(join(root, `packages/sdk/schemas/${schema}.json`), "utf8")) as object);
  // As the loader reads it.
  if (validate(parse(text, { version: "1.1", merge: true }))) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
