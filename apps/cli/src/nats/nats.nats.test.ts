import { spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { streams } from "@bellhop/contracts";
import { startNats, type TestNats } from "@bellhop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bellhopMain, callBellhop, environmentOf } from "../testing.ts";

let nats: TestNats;
let folder: string;
let keys: string;

const bellhop = async (args: string[], env: Record<string, string> = {}) =>
  await callBellhop(["nats", ...args], {
    folder,
    env: { BELLHOP_FOLDER: join(folder, ".bellhop"), NATS_URL: nats?.url ?? "", ...env },
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellhop-cli-nats-"));
  keys = join(folder, "keys");
  const { out } = await bellhop(["users", "--out", keys, "--account", "BELLHOP"]);
  // As on a server that serves others too.
  const others = `OTHERS: { jetstream: enabled, users: [{ user: others, password: others }] }`;
  nats = await startNats({ config: `accounts: {\n${others}\n${out}}\n` });
});
afterAll(async () => {
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

test("a plan names what is missing and asks to be applied; applied, nothing is left to do", async () => {
  const env = { BELLHOP_CREDENTIALS: keys };
  const before = await bellhop(["plan"], env);
  expect(before).toMatchObject({ code: 3, out: expect.stringContaining("+ stream RUN: missing\n") as string });
  expect(before.out).toContain("+ 16 consumers of MESSAGE: missing");
  const there = { folder, env: { BELLHOP_FOLDER: join(folder, ".bellhop"), NATS_URL: nats.url, ...env } };
  const looked = await callBellhop(["doctor"], there);
  expect(looked).toMatchObject({ code: 1, out: expect.stringMatching(/✘ streams +\d+ streams and buckets are missing: /) as string });
  const asked = await callBellhop(["run", "core.echo", "message=hi", "--timeout", "1"], there);
  expect(asked).toMatchObject({ code: 1, err: expect.stringContaining("core.echo was not asked for: 1 s are over") as string });
  const applied = await bellhop(["apply"], env);
  expect(applied).toMatchObject({ code: 0, out: expect.stringContaining("made bucket member\n") as string });
  expect(await bellhop(["plan"], env)).toMatchObject({ code: 0, out: "" });

  await writeFile(join(folder, "bellhop.yaml"), "{ nats: { replicas: 3, limits: { SEND: { bytes: 1GB } } } }");
  const { code, out } = await bellhop(["plan", "--json"], env);
  const { todo, findings } = JSON.parse(out) as { todo: boolean; findings: { name: string; changes?: object[] }[] };
  expect({ code, todo }).toEqual({ code: 3, todo: true });
  expect(findings.find(({ name }) => name === streams.send.name)?.changes).toMatchObject([
    { field: "max_bytes", is: -1, wanted: 1e9 },
    { field: "num_replicas", is: 1, wanted: 3, stuck: { why: expect.stringContaining("stands alone") as string } },
  ]);
  const half = await bellhop(["apply"], env);
  expect(half).toMatchObject({ code: 1, out: expect.stringContaining("changed stream SEND\n") as string });
  await rm(join(folder, "bellhop.yaml"));
});

test(
  "everything starts and waits without the right to administer, and goes on by itself once somebody else has applied",
  { timeout: 120_000 },
  async () => {
    const few = join(folder, "few");
    await mkdir(few);
    for (const role of ["engine", "runner", "gateway", "api", "cli"]) await copyFile(join(keys, `${role}.nk`), join(few, `${role}.nk`));
    const server = await startNats({ config: `accounts: {\n${(await bellhop(["users", "--out", keys, "--account", "BELLHOP"])).out}}\n` });
    const env = environmentOf({ BELLHOP_FOLDER: join(folder, ".up"), NATS_URL: server.url });
    const up = spawn(process.execPath, [bellhopMain, "up", "--json"], {
      cwd: folder,
      env: { ...env, BELLHOP_CREDENTIALS: few },
      stdio: ["ignore", "pipe", "pipe"],
    });
    try {
      const ended = new Promise<string>((resolve) => up.once("close", (code) => resolve(`it ended with ${code}`)));
      expect(await Promise.race([said(up.stderr, "reading packs"), ended])).toContain("these credentials may not administer NATS");
      const status = said(up.stdout, "\n");
      expect(await bellhop(["apply"], { NATS_URL: server.url, BELLHOP_CREDENTIALS: join(keys, "operator.nk") })).toMatchObject({ code: 0 });
      expect(JSON.parse(await Promise.race([status, ended]))).toMatchObject({ parts: ["engine", "runner"] });
      up.kill("SIGTERM");
      expect(await ended).toBe("it ended with 0");
    } finally {
      up.kill("SIGKILL");
      await server.stop();
    }
  },
);

test("whoever asks while there are no streams is told what is waited for", async () => {
  const server = await startNats();
  const env = environmentOf({ BELLHOP_FOLDER: join(folder, ".ask"), NATS_URL: server.url });
  const asking = spawn(process.execPath, [bellhopMain, "run", "core.echo", "message=hi"], {
    cwd: folder,
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    expect(await said(asking.stderr, "\n")).toContain("`bellhop nats plan`");
  } finally {
    asking.kill("SIGKILL");
    await server.stop();
  }
});

/** Everything up to and with these words. */
function said(stream: Readable, words: string): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (text.includes(words)) resolve(text);
    });
  });
}

test.each(["engine", "runner", "gateway", "api", "cli"])(
  "the key of the role %s may not administer, and it is said who may",
  async (role) => {
    const { code, err } = await bellhop(["plan"], { BELLHOP_CREDENTIALS: join(keys, `${role}.nk`) });
    expect(code).toBe(1);
    expect(err).toContain("may not administer NATS");
    expect(err).toContain("bellhop nats apply");
  },
);

test("keys are readable by their owner alone, and the same after a second time", async () => {
  const first = await bellhop(["users", "--out", keys]);
  expect(await bellhop(["users", "--out", keys])).toEqual(first);
  expect((await readdir(keys)).toSorted()).toEqual(["api.nk", "cli.nk", "engine.nk", "gateway.nk", "operator.nk", "runner.nk"]);
  for (const file of await readdir(keys)) expect((await stat(join(keys, file))).mode & 0o777).toBe(0o600);
  const { out } = await bellhop(["users", "--out", join(folder, "site"), "--role", "runner"]);
  expect(await readdir(join(folder, "site"))).toEqual(["runner.nk"]);
  expect(out.match(/nkey: U/g)).toHaveLength(1);
  expect(first.out).not.toContain(/nkey: (U\w+)/.exec(out)?.[1]);
});

test.each([
  [["users", "--out", "x", "--role", "king"], "--role king: expected operator, engine, runner, gateway, api, cli."],
  [["users", "--out", "x", "--account", "a b"], "--account a b: expected a name"],
  [["users", "--out", "x", "--hub", "hub"], "--hub goes with --account"],
])("%j is refused with what was expected", async (args, words) => {
  const { code, err } = await bellhop(args);
  expect(code).toBe(2);
  expect(err).toContain(words);
});

test("credentials that can't be read are named", async () => {
  const { code, err } = await bellhop(["plan"], { BELLHOP_CREDENTIALS: join(folder, "none.nk") });
  expect(code).toBe(1);
  expect(err).toContain("none.nk");
});
