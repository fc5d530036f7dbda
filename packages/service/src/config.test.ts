import { mkdtempSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";
import { commonConfig, loadConfig } from "./config.ts";
import { Secret } from "./secret.ts";

const folder = mkdtempSync(join(tmpdir(), "bellhop-config-"));

test("all faults are reported together, each with its variable and what was expected", () => {
  const schema = z.object({ PORT: z.coerce.number(), NAME: z.string() });
  const load = () => loadConfig({ schema, values: { PORT: "x" }, where: "the environment" });
  expect(load).toThrow(/PORT: .*number[^]*NAME: .*string/);
});

test("the environment wins over what a running installation wrote down, which wins over the default", () => {
  expect(commonConfig({ BELLHOP_FOLDER: join(folder, "none") }, "cli").nats.url).toBe("nats://127.0.0.1:4222");
  mkdirSync(join(folder, "up", "credentials"), { recursive: true });
  writeFileSync(join(folder, "up", "nats.json"), JSON.stringify({ url: "nats://127.0.0.1:1" }));
  writeFileSync(join(folder, "up", "credentials", "cli.nk"), "SU…");
  const recorded = commonConfig({ BELLHOP_FOLDER: join(folder, "up") }, "cli");
  expect(recorded.nats).toEqual({ url: "nats://127.0.0.1:1", credentials: join(folder, "up", "credentials", "cli.nk") });
  expect(commonConfig({ BELLHOP_FOLDER: join(folder, "up"), NATS_URL: "nats://x:2" }, "cli").nats).toEqual({ url: "nats://x:2" });
});

test("a time factor shrinks durations and keeps retention", () => {
  const { durations } = commonConfig({ BELLHOP_FOLDER: folder, BELLHOP_TIME_FACTOR: "0.1" }, "engine");
  expect(durations.lease).toBe(500);
  expect(durations.runLogRetention).toBe(30 * 86_400_000);
});

test("what is called a token or a password in bellhop.yaml can't be printed by accident", () => {
  const path = join(folder, "secrets.yaml");
  writeFileSync(path, "{ slack: { botToken: xoxb-1, accounts: { acme: { botToken: xoxb-2 } } }, matrix: { user: bot, password: xoxb-3 } }");
  const { file } = commonConfig({ BELLHOP_FOLDER: folder, BELLHOP_CONFIG: path }, "gateway");
  expect(`${inspect(file, { depth: 9 })}${JSON.stringify(file)}`).not.toContain("xoxb");
  expect(file).toMatchObject({ matrix: { user: "bot", password: new Secret("xoxb-3") } });
});

test.each([
  [{}, undefined],
  [{ BELLHOP_HTTP: "" }, undefined],
  [{ BELLHOP_HTTP: "9464" }, { host: "127.0.0.1", port: 9464 }],
  [{ BELLHOP_HTTP: "0.0.0.0:9464" }, { host: "0.0.0.0", port: 9464 }],
  [{ BELLHOP_HTTP: "[::1]:0" }, { host: "::1", port: 0 }],
])("%j listens at %j", (env, http) => {
  expect(commonConfig({ BELLHOP_FOLDER: folder, ...env }, "engine").http).toEqual(http);
});

test("bellhop.yaml says where to listen, unless the environment does", () => {
  const path = join(folder, "http.yaml");
  writeFileSync(path, "{ http: { listen: 9000 } }");
  const read = (env: object) => commonConfig({ BELLHOP_FOLDER: folder, BELLHOP_CONFIG: path, ...env }, "engine").http?.port;
  expect([read({}), read({ BELLHOP_HTTP: "9464" }), read({ BELLHOP_HTTP: "" })]).toEqual([9000, 9464, undefined]);
});

test.each(["everywhere", ":9464", "127.0.0.1:99999", "127.0.0.1"])(
  "%j is no address to listen on, and what is expected is said",
  (given) => {
    expect(() => commonConfig({ BELLHOP_FOLDER: folder, BELLHOP_HTTP: given }, "engine")).toThrow(/BELLHOP_HTTP: expected HOST:PORT/);
  },
);
