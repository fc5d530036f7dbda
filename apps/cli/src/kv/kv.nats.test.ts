import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKv, type Bus } from "@bellhop/bus";
import { buckets, kvKey } from "@bellhop/contracts";
import { openKeyring, type Env } from "@bellhop/service";
import { startBus, type TestBus } from "@bellhop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callBellhop } from "../testing.ts";

let server: TestBus;
let bus: Bus;
let folder: string;
let env: Env;

beforeAll(async () => {
  [server, folder] = await Promise.all([startBus(), mkdtemp(join(tmpdir(), "bellhop-kv-"))]);
  ({ bus } = server);
  env = { BELLHOP_FOLDER: folder, NATS_URL: server.nats.url };
});
afterAll(async () => {
  await server.end();
  await rm(folder, { recursive: true, force: true });
});

const bellhop = async (...args: string[]) => await callBellhop(args, { env });

test("a value is set, read, listed and deleted, and a revision that is over is told", async () => {
  expect(await bellhop("kv", "set", "ops.room", "slack:T1/C9", "--description", "Where it is said")).toMatchObject({
    code: 0,
    out: "ops.room is set.\n",
  });
  expect((await bellhop("kv", "get", "ops.room")).out).toBe("slack:T1/C9\n");
  const { revision } = JSON.parse((await bellhop("kv", "get", "ops.room", "--json")).out) as { revision: number };
  expect((await bellhop("kv", "set", "ops.room", "b", "--if-revision", String(revision))).code).toBe(0);
  expect(await bellhop("kv", "set", "ops.room", "c", "--if-revision", String(revision))).toMatchObject({
    code: 1,
    err: expect.stringContaining(`not of revision ${revision} any more`),
  });
  expect((await bellhop("kv", "set", "limits", '{"cpu": 3}', "--typed", "--pack", "deploy", "--force")).out).toBe(
    "deploy:limits is set.\n",
  );
  expect((await bellhop("kv", "set", "nick", "ana", "--user", "slack:T1/U1", "--ttl", "3600")).code).toBe(0);
  const listed = JSON.parse((await bellhop("kv", "list", "--all", "--json")).out) as { values: { name: string; value: unknown }[] };
  expect(listed.values.map(({ name, value }) => [name, value])).toEqual([
    ["ops.room", "b"],
    ["nick", "ana"],
    ["limits", { cpu: 3 }],
  ]);
  expect((await bellhop("kv", "delete", "--prefix", "ops.")).out).toBe("ops.room is deleted.\n");
  expect((await bellhop("kv", "delete", "ops.room")).code).toBe(1);
  expect((await bellhop("kv", "get", "ops.room")).code).toBe(1);
});

test("whose a value is has to be somebody that can be meant", async () => {
  expect(await bellhop("kv", "set", "a", "b", "--pack", "deploj")).toMatchObject({
    code: 1,
    err: expect.stringContaining("There is no pack deploj."),
  });
  expect((await bellhop("kv", "list", "--pack", "deploj")).err).toContain("There is no pack deploj.");
  expect(await bellhop("kv", "set", "a", "b", "--user", "ana")).toMatchObject({
    code: 2,
    err: expect.stringContaining("--user ana is nobody"),
  });
  expect((await bellhop("kv", "set", "a", "b", "--user", "slack:T1/U9")).err).toContain("It is the first value of slack:T1/U9");
  await bellhop("kv", "delete", "a", "--user", "slack:T1/U9");
});

test("nothing that looks sealed is kept in the open, whoever keeps it", async () => {
  const sealed = JSON.stringify({ a: [{ $sealed: { kid: "k", iv: "", data: "", tag: "" } }] });
  expect(await bellhop("kv", "set", "looks", sealed, "--typed")).toMatchObject({ code: 2, err: expect.stringContaining("$sealed") });
  const file = join(folder, "looks.json");
  await writeFile(file, JSON.stringify([{ name: "looks", value: JSON.parse(sealed) as unknown }]));
  expect(await bellhop("kv", "load", file)).toMatchObject({
    code: 2,
    err: expect.stringContaining("entry 1 (looks): it has `$sealed` in it"),
  });
  const given = { value: JSON.parse(sealed) as unknown, by: "test" };
  await expect(openKv(bus).set({ scope: "system", name: "looks" }, given)).rejects.toMatchObject({ code: "kv_refused" });
  const deep = JSON.parse(`${"[".repeat(300)}${"]".repeat(300)}`) as unknown;
  await expect(openKv(bus).set({ scope: "system", name: "looks" }, { value: deep, by: "test" })).rejects.toThrow("200 levels");
});

test("a secret never stands on a command line, and is sealed and opened where the key is", async () => {
  expect(await bellhop("kv", "set", "token", "x", "--secret")).toMatchObject({ code: 1, err: expect.stringContaining("key") });
  const keyring = await openKeyring(join(folder, "key"));
  expect(await bellhop("kv", "set", "token", "hunter2", "--secret")).toMatchObject({
    code: 2,
    err: expect.stringContaining("What stands on a command line is seen by others"),
  });
  await openKv(bus).set({ scope: "system", name: "token" }, { value: keyring.seal("hunter2", "kv"), secret: true, by: "test" });
  expect((await bellhop("kv", "get", "token")).out).toBe("[secret]\n");
  expect((await bellhop("kv", "get", "token", "--decrypt")).out).toBe("hunter2\n");
  expect((await bellhop("kv", "list")).out).not.toContain("hunter2");
});

test.each(["json", "yaml"])("what is exported as %s is loaded as it was, secrets sealed", async (ending) => {
  const file = join(folder, `values.${ending}`);
  expect((await bellhop("kv", "export", file)).err).toContain("3 values");
  expect(await readFile(file, "utf8")).not.toContain("hunter2");
  const before = (await bellhop("kv", "list", "--all", "--json", "--decrypt")).out;
  await bellhop("kv", "delete", "token");
  await bellhop("kv", "delete", "limits", "--pack", "deploy");
  expect((await bellhop("kv", "load", file)).out).toBe("3 values are loaded.\n");
  const shown = (text: string) =>
    (JSON.parse(text) as { values: Record<string, unknown>[] }).values.map(({ name, owner, value, secret }) => ({
      name,
      owner,
      value,
      secret,
    }));
  expect(shown((await bellhop("kv", "list", "--all", "--json", "--decrypt")).out)).toEqual(shown(before));
});

test("of a file with one wrong entry nothing is loaded, and every fault is named", async () => {
  const file = join(folder, "wrong.json");
  const entries = [
    { name: "fine", value: "x" },
    { name: "whose", scope: "user", value: 1 },
    { name: "odd", scope: "planet", value: 1 },
    { name: "foreign", value: "00ab", encrypted: true },
  ];
  await writeFile(file, JSON.stringify(entries));
  const { code, err } = await bellhop("kv", "load", file);
  expect(code).toBe(2);
  expect(err).toMatch(/entry 2 \(whose\): .*whose it is[^]*entry 3 \(odd\): .*planet[^]*entry 4 \(foreign\): .*does not open it/);
  expect((await bellhop("kv", "get", "fine")).code).toBe(1);
  // As StackStorm writes them.
  await writeFile(
    file,
    '[{"name": "theirs", "scope": "st2kv.user", "user": "rule", "value": "1", "secret": false, "ttl": null, "uid": "x", "expire_timestamp": "2999-01-01T00:00:00.000000Z"}]',
  );
  expect((await bellhop("kv", "load", file)).code).toBe(0);
  expect((await bellhop("kv", "get", "theirs", "--user", "rule")).out).toBe("1\n");
});

test("keys are changed while everything is kept: what is sealed anew needs the old one no more", async () => {
  const keyring = await openKeyring(join(folder, "key"));
  const old = keyring.kid;
  await bus.bucket(buckets.config).put("acme", { v: 1, values: { token: keyring.seal("of acme") } });
  expect((await bellhop("key", "rotate", "--prepare")).out).toContain(`${old} goes on sealing`);
  const { sealing, keys } = JSON.parse((await bellhop("key", "rotate", "--json")).out) as { sealing: string; keys: string[] };
  expect(keys).toEqual([sealing, old]);
  expect((await bellhop("kv", "get", "token", "--decrypt")).out).toBe("hunter2\n");
  // Nobody has told the changes yet.
  expect(await bellhop("key", "reseal")).toMatchObject({
    code: 1,
    out: expect.stringContaining("left: system token: its last change is not told yet"),
  });
  await bus.bucket(buckets.checkpoint).put("kv", { v: 1, liveFrom: (await bus.bucket(buckets.kv).lastRevision()) + 1 });
  expect(await bellhop("key", "reseal")).toMatchObject({ code: 0 });
  const revisions: string[] = [];
  await new Promise<void>((read) => bus.bucket(buckets.kv).changes(1, ({ key }) => revisions.push(key), { onReady: read }));
  expect(revisions.filter((key) => key === kvKey({ scope: "system", name: "token" }))).toHaveLength(1);
  expect((await bellhop("key", "drop")).out).toContain(`${old}: gone`);
  expect((await bellhop("kv", "get", "token", "--decrypt")).out).toBe("hunter2\n");
  expect(JSON.parse((await bellhop("key", "list", "--json")).out)).toMatchObject({ keys: [{ id: sealing, seals: true, kept: 2 }] });
});
