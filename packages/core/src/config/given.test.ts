import { expect, test } from "vitest";
import { layersOf } from "./given.ts";

const schema = { url: { type: "string" as const }, token: { type: "string" as const, secret: true } };

test("variables come first, then bellhop.yaml, the folder configs, and what was set", () => {
  const given = {
    env: { BELLHOP_CONFIG_ACME_URL: "u0" },
    of: () => ({ values: { url: "u1" }, instances: { work: { token: "t1" } }, inFolder: { url: "u2" } }),
  };
  const set = [{ from: "stored" as const, values: { url: "u3" } }];
  expect(layersOf(given, { pack: "acme", schema, set })).toEqual([
    { from: "environment", values: { url: "u0" } },
    { from: "bellhop.yaml", values: { url: "u1" } },
    { from: "bellhop.yaml", instance: "work", values: { token: "t1" } },
    { from: "configs folder", values: { url: "u2" } },
    ...set,
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
  const given = { env, of: () => ({ values: {}, instances: {}, inFolder: {} }) };
  const set = [{ from: "stored" as const, instance: "Work", values: {} }];
  expect(layersOf(given, { pack: "acme", schema, set }).filter(({ from }) => from === "environment")).toEqual([
    { from: "environment", values: { url: "u0" } },
    { from: "environment", instance: "Work", values: { token: "t1" } },
    { from: "environment", instance: "at_home", values: { url: "u2" } },
  ]);
});
