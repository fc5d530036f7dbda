import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Problem } from "@bellhop/contracts";
import { commonConfig } from "@bellhop/service";
import { expect, test } from "vitest";
import { givenConfig } from "./given-config.ts";

const schema = { url: { type: "string" as const }, token: { type: "string" as const, secret: true } };

/** The layers of the pack `acme` on a machine with these files and variables. */
function layersOf(at: { yaml?: string; configs?: string; env?: Record<string, string>; instances?: string[] }) {
  const folder = mkdtempSync(join(tmpdir(), "given-"));
  const file = join(folder, "bellhop.yaml");
  writeFileSync(file, at.yaml ?? "{}");
  mkdirSync(join(folder, "configs"));
  if (at.configs !== undefined) writeFileSync(join(folder, "configs", "acme.yaml"), at.configs);
  const env = { ...at.env, BELLHOP_CONFIG: file };
  return givenConfig(env, commonConfig(env, "runner").file)
    .layersOf("acme", schema, at.instances ?? [])
    .filter(({ values }) => Object.keys(values).length > 0);
}

test("bellhop.yaml has values of packs and of their instances, tokens included", () => {
  expect(layersOf({ yaml: "packConfig:\n  acme: { token: t1, instances: { work: { token: t2 } } }\n  other: { token: t3 }\n" })).toEqual([
    { from: "bellhop.yaml", values: { token: "t1" } },
    { from: "bellhop.yaml", instance: "work", values: { token: "t2" } },
  ]);
});

test("the folder configs beside it has a file for each pack, as StackStorm has it", () => {
  expect(layersOf({ configs: "---\nurl: https://a.test\ntoken: t1\n" })).toEqual([
    { from: "configs folder", values: { url: "https://a.test", token: "t1" } },
  ]);
});

test("variables are those of the schema; an instance has its own, whatever case its name is in elsewhere", () => {
  const env = {
    BELLHOP_CONFIG_ACME_URL: "u0",
    BELLHOP_CONFIG_ACME_OTHER: "x",
    BELLHOP_CONFIG_ACME__WORK__TOKEN: "t1",
    BELLHOP_CONFIG_ACME__AT_HOME__URL: "u2",
    BELLHOP_CONFIG_ACMES__WORK__TOKEN: "x",
  };
  expect(layersOf({ env, instances: ["Work"] })).toEqual([
    { from: "environment", values: { url: "u0" } },
    { from: "environment", instance: "Work", values: { token: "t1" } },
    { from: "environment", instance: "at_home", values: { url: "u2" } },
  ]);
});

test.each([
  ["packConfig: { acme: 5 }", {}, /packConfig\.acme/],
  ["packConfig: { acme: { instances: [] } }", {}, /packConfig\.acme\.instances/],
  ["{}", { configs: "- 1" }, /acme\.yaml/],
  ["{}", { configs: "a: [" }, /acme\.yaml/],
])("a file that says nothing of the kind is told with its place: %s %j", (yaml, more, expected) => {
  let thrown: unknown;
  try {
    layersOf({ yaml, ...more });
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(Problem);
  expect(thrown).toMatchObject({ code: "config_invalid", message: expect.stringMatching(expected) as string });
});
