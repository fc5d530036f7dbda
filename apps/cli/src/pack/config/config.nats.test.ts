import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectBus, type Bus } from "@bellhop/bus";
import { buckets, configKey, PackVersion, scaled } from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { commonConfig, openKeyring, silentLog } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { runningChecks } from "../../doctor/running.ts";
import { callBellhop, runBellhop } from "../../testing.ts";

let nats: TestNats;
let bus: Bus;
let home: string;
let folder: string;

beforeAll(async () => {
  [nats, home] = await Promise.all([startNats(), mkdtemp(join(tmpdir(), "bellhop-config-"))]);
  folder = join(home, ".bellhop");
  bus = await connectBus({ url: nats.url, name: "test", durations: scaled(0.1), log: silentLog });
  await bus.setUp();
  const version = PackVersion.parse({
    v: 1,
    name: "acme",
    version: "1.2.0",
    digest: "d1",
    actions: [],
    aliases: [],
    config: {
      url: { type: "string", format: "uri", default: "https://a.test" },
      token: { type: "string", secret: true, required: true, description: "From the page" },
      tries: { type: "integer", minimum: 1 },
      smtp: { type: "object", properties: { host: { type: "string" }, password: { type: "string", secret: true } } },
    },
  });
  await activatePack(bus, { version, files: { v: 1, digest: "d1", files: [] } });
});
afterAll(async () => {
  await bus.drain();
  await nats.stop();
  await rm(home, { recursive: true, force: true });
});
beforeEach(async () => {
  const bucket = bus.bucket(buckets.config);
  for (const { key } of await bucket.entries()) await bucket.delete(key);
  await openKeyring(join(folder, "key"));
});

const call = (words: string, more: { input?: string; env?: Record<string, string> } = {}) =>
  [
    ["pack", "config", ...words.split(" ")],
    { ...more, folder: home, env: { BELLHOP_FOLDER: folder, NATS_URL: nats.url, ...more.env } },
  ] as const;
const config = async (...given: Parameters<typeof call>) => await callBellhop(...call(...given));

const stored = async (instance?: string) =>
  (await bus.bucket(buckets.config).get(configKey({ pack: "acme", ...(instance === undefined ? {} : { instance }) })))?.value.values;

test("a secret is read from standard input, sealed before it is stored, and shown nowhere", async () => {
  expect(await runBellhop(...call("set acme token=- tries=3", { input: "t0ken-of-acme\n" }))).toMatchObject({
    code: 0,
    err: "acme: set token, tries\n",
  });
  const values = await stored();
  expect(values).toEqual({ token: { $sealed: expect.anything() as object }, tries: 3 });
  const keyring = await openKeyring(join(folder, "key"));
  expect(keyring.openAll(values)).toEqual({ token: "t0ken-of-acme", tries: 3 });
  const { out } = await config("acme");
  expect(out).toBe(`acme
  url    https://a.test  the default of its schema
  token  [secret]        what was set
  tries  3               what was set
  smtp   -
`);
});

test("one within an object is sealed as well, and the rest of it is not", async () => {
  await config("set acme smtp=-", { input: '{"host": "mail", "password": "pass-word"}' });
  expect(await stored()).toEqual({ smtp: { host: "mail", password: { $sealed: expect.anything() as object } } });
  const { out } = await config("show acme --json");
  expect(out).toContain('{"host":"mail","password":"[secret]"}');
  expect(out).not.toContain("pass-word");
});

test.each([
  ["set acme token=t0ken", 2, "token is a secret, and what stands on a command line is seen by others"],
  ["set acme token", 2, "token can't be asked for without a terminal: say token=- to have it read from standard input."],
  ["set acme tries=0", 1, 'tries in the configuration of acme can\'t be "0".\n  It takes 1 or more.'],
  ["set acme url=nowhere", 1, "It takes a URL."],
  ["set acme tokn=1", 1, "The configuration of acme has nothing called tokn.\n  Did you mean token?"],
  ["set acmee tries=1", 1, "There is no pack acmee.\n  Did you mean acme?"],
  ["set acme tries=1 tries=2", 2, "tries is given twice."],
  ["set acme =1", 2, '"=1" sets nothing'],
  ["set acme tries=1 --instance a.b", 2, "--instance a.b: expected a name"],
  ["acme --instance wrok", 1, "There is no instance wrok of the configuration of acme."],
  ["unset acme tries", 1, "Nothing was set."],
])("%s is refused, and nothing is stored", async (words, code, expected) => {
  const said = await config(words);
  expect(said.err).toContain(expected);
  expect(said.code).toBe(code);
  expect(await stored()).toBeUndefined();
});

test("without the key file no secret is set, nor is a new key made; one that the datastore keeps is none here", async () => {
  await rm(join(folder, "key"));
  const { code, err } = await config("set acme token=-", { input: "x" });
  expect([code, err]).toEqual([1, expect.stringContaining("so no runner could open what is sealed here")]);
  expect((await config("set acme tries=1 token={{st2kv.system.acme}}")).code).toBe(0);
  expect(await stored()).toEqual({ tries: 1, token: "{{st2kv.system.acme}}" });
});

test("instances have their own values, are listed, and are gone with their last value", async () => {
  await config("set acme tries=5");
  await config("set acme token=- --instance work", { input: "work-token" });
  expect((await config("instances acme --json")).out).toBe('{"pack":"acme","instances":["work"]}\n');
  const { out } = await config("acme");
  expect(out).toContain("acme needs token (From the page) in the configuration of acme.\n");
  expect(out).toMatch(/acme, instance work\n.*\n {2}token {2}\[secret\] +what was set for work\n {2}tries {2}5 +what was set\n/);
  expect((await config("unset acme --instance work")).code).toBe(0);
  expect((await config("instances acme --json")).out).toBe('{"pack":"acme","instances":[]}\n');
});

test("what was set of a pack that is gone can be taken back", async () => {
  await bus.bucket(buckets.config).put(configKey({ pack: "gone" }), { v: 1, values: { token: "x", url: "y" } });
  expect(await config("unset gone url --json")).toMatchObject({ code: 0, out: '{"pack":"gone","unset":["url"]}\n' });
  expect((await config("unset gone")).code).toBe(0);
  expect(await bus.bucket(buckets.config).get(configKey({ pack: "gone" }))).toBeUndefined();
});

test("values of the environment and of files are shown with their place, those that mean nothing are pointed out", async () => {
  await writeFile(join(home, "bellhop.yaml"), "packConfig: { acme: { tries: 7, tris: 8, token: file-token } }\n");
  const { out, err } = await config("acme", { env: { BELLHOP_CONFIG_ACME_URL: "https://env.test" } });
  await rm(join(home, "bellhop.yaml"));
  expect(out).toBe(`acme
  url    https://env.test  BELLHOP_CONFIG_ACME_URL
  token  [secret]          packConfig.acme of bellhop.yaml
  tries  7                 packConfig.acme of bellhop.yaml
  smtp   -
`);
  expect(err).toContain("The configuration of acme has nothing called tris. Did you mean tries?");
});

test("doctor says which packs lack a value, with the command that sets it", async () => {
  const env = { NATS_URL: nats.url, BELLHOP_FOLDER: folder, BELLHOP_TIME_FACTOR: "0.1" };
  const check = async () => (await runningChecks(commonConfig(env, "cli"), env)).find(({ name }) => name === "configuration");
  expect(await check()).toMatchObject({
    state: "odd",
    found: "acme needs token (From the page) in the configuration of acme.",
    hint: expect.stringContaining("`bellhop pack config set acme token`") as string,
  });
  await config("set acme token=- --instance work", { input: "work-token" });
  expect(await check()).toMatchObject({ state: "ok", found: "every pack has what it needs" });
});
