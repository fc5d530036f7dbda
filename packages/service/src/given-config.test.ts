import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Problem } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { commonConfig } from "./config.ts";
import { givenConfig, maySee, systemValuesOf } from "./given-config.ts";

/** What is said of the pack `acme` on a machine with these files. */
function givenOf(at: { yaml?: string; configs?: string }) {
  const folder = mkdtempSync(join(tmpdir(), "given-"));
  const file = join(folder, "bellhop.yaml");
  writeFileSync(file, at.yaml ?? "{}");
  mkdirSync(join(folder, "configs"));
  if (at.configs !== undefined) writeFileSync(join(folder, "configs", "acme.yaml"), at.configs);
  const env = { BELLHOP_CONFIG: file };
  return givenConfig(env, commonConfig(env, "runner").file).of("acme");
}

test("bellhop.yaml has values of packs and of their instances, tokens included", () => {
  expect(givenOf({ yaml: "packConfig:\n  acme: { token: t1, instances: { work: { token: t2 } } }\n  other: { token: t3 }\n" })).toEqual({
    values: { token: "t1" },
    instances: { work: { token: "t2" } },
    inFolder: {},
  });
});

test("the folder configs beside it has a file for each pack, as StackStorm has it", () => {
  expect(givenOf({ configs: "---\nurl: https://a.test\ntoken: t1\n" }).inFolder).toEqual({ url: "https://a.test", token: "t1" });
});

test.each([
  ["packConfig: { acme: 5 }", {}, /packConfig\.acme/],
  ["packConfig: { acme: { instances: [] } }", {}, /packConfig\.acme\.instances/],
  ["{}", { configs: "- 1" }, /acme\.yaml/],
  ["{}", { configs: "a: [" }, /acme\.yaml/],
])("a file that says nothing of the kind is told with its place: %s %j", (yaml, more, expected) => {
  let thrown: unknown;
  try {
    givenOf({ yaml, ...more });
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(Problem);
  expect(thrown).toMatchObject({ code: "config_invalid", message: expect.stringMatching(expected) as string });
});

test.each([
  [{}, true],
  [{ datastore: { systemValues: ["acme"] } }, true],
  [{ datastore: { systemValues: ["other"] } }, false],
  [{ datastore: { systemValues: false } }, false],
  [{ runner: { systemValues: ["other"] } }, false],
  [{ datastore: { systemValues: true }, runner: { systemValues: false } }, true],
])("whether a pack may see the installation's values stands under datastore, or where it stood before: %j", (file, may) => {
  expect(maySee(systemValuesOf(file), "acme")).toBe(may);
});
