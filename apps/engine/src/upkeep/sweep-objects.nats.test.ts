import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectBus, type Bus } from "@bellhop/bus";
import { ensureCredentials, serverConfig } from "@bellhop/bus/server";
import { buckets, hash, messageIds, runId, scaled, subjects, type ActionFinished, type RunRecord } from "@bellhop/contracts";
import { activatePack, activateVersion, forgetVersion, recordVersion, storePack } from "@bellhop/pack-loader";
import { silentLog } from "@bellhop/service";
import { startBus, startNats, type TestBus } from "@bellhop/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tidyBuckets } from "./housekeeping.ts";
import { orphanedObjects, sweepObjects } from "./sweep-objects.ts";
import { until } from "../testing.ts";

let own: TestBus;
let bus: Bus;

beforeEach(async () => {
  own = await startBus();
  bus = own.bus;
});
afterEach(async () => await own.end());

const now = { olderThanMs: 0 };

/** Puts a value that is too large to travel inline, and names it. */
async function stored(text: string): Promise<{ object: string; bytes: number }> {
  const value = await bus.storeValue(text.repeat(40_000));
  if (!("ref" in value)) throw new Error("too small");
  return value.ref;
}

function finished(name: string, ref: { object: string; bytes: number }): ActionFinished {
  return { v: 1, run: name, task: "main", attempt: 1, runner: "r", outcome: { status: "succeeded", output: { ref } } };
}

function record(fields: Partial<RunRecord>): RunRecord {
  const run = runId({ key: "k", at: "2026-01-01T00:00:00.000Z", shard: 3 });
  return { v: 1, run, revision: 1, event: { id: "e", kind: "asked" }, commands: [], at: "2026-01-01T00:00:00.000Z", ...fields };
}

test("what lies apart from what a run holds stays with that", async () => {
  const [part, other] = await Promise.all(["p", "o"].map(stored));
  if (!part || !other) throw new Error("two were stored");
  const held = new TextEncoder().encode(JSON.stringify({ value: null, apart: [{ at: ["a"], ref: part }] }));
  const ref = await bus.objects("values").put(`${hash("held")}.state`, held);
  const whole = { kind: "whole" as const, value: null };
  const appended = await bus.log.append(record({ v: 2, held: whole, apart: [{ at: ["held", "value"], ref, parted: true }] }), { after: 0 });
  expect(appended.kind).toBe("appended");
  expect((await sweepObjects(bus, now)).objects).toBe(1);
  expect((await orphanedObjects(bus, now)).length).toBe(0);
  expect(await bus.objects("values").has(other.object)).toBe(false);
});

test("what a queue, a log, a receipt or a dead letter names stays, and what nothing names goes", async () => {
  const [queued, logged, received, dead, orphan] = await Promise.all(["q", "l", "r", "d", "o"].map(stored));
  if (!queued || !logged || !received || !dead || !orphan) throw new Error("five were stored");
  const result = finished("one", queued);
  await bus.publish(subjects.action.finished, result, { id: messageIds.finished(result) });
  await bus.log.append(record({ outcome: { status: "succeeded", output: { ref: logged } } }), { after: 0 });
  const at = "2026-01-01T00:00:00.000Z";
  await bus.bucket(buckets.receipt).put("key", { v: 1, key: received.object, revision: 1, state: "sent", by: "g", at, pieces: [] });
  const letter = await bus.consume({
    subject: subjects.run.asked,
    stream: { name: "ASKED" },
    filter: subjects.run.asked.filter({ shard: 3 }),
    durable: "asked_3",
    concurrency: 1,
    keyOf: () => "all",
    handle: () => Promise.reject(new Error("no")),
  });
  const to = { platform: "terminal", account: "p", channel: "p" };
  const asker = { platform: "terminal", id: "me", kind: "human" } as const;
  const ask = {
    v: 1,
    kind: "start",
    key: "k",
    run: record({}).run,
    action: "a.b",
    input: { file: dead.object },
    asker,
    replyTo: to,
    askedAt: at,
  } as const;
  await bus.publish(subjects.run.asked, ask, { id: "ask" });
  await until(async () => (await bus.dead.list(() => 1)).length === 1);
  await letter.drain();

  expect((await orphanedObjects(bus, now)).map(({ object }) => object.name)).toEqual([orphan.object]);
  expect(await sweepObjects(bus, now)).toEqual({ objects: 1, bytes: orphan.bytes, remains: 0 });
  const values = bus.objects("values");
  const there = await Promise.all([queued, logged, received, dead, orphan].map(({ object }) => values.has(object)));
  expect(there).toEqual([true, true, true, true, false]);
});

test("what is young stays, whoever names it", async () => {
  const orphan = await stored("o");
  expect(await sweepObjects(bus, { olderThanMs: 3_600_000 })).toMatchObject({ objects: 0 });
  expect(await bus.objects("values").has(orphan.object)).toBe(true);
});

test("a pack version stays while it answers or a log names it, and can be activated again after it went", async () => {
  const version = (text: string) => ({
    v: 1 as const,
    name: "p",
    version: "1.0.0",
    description: text,
    digest: hash(text),
    actions: [],
    aliases: [],
  });
  const files = (text: string) => ({ v: 1 as const, digest: hash(text), files: [] });
  for (const text of ["first", "second", "third"]) await activatePack(bus, { version: version(text), files: files(text) });
  const intake = { key: "k", catalog: { p: hash("second") }, verdict: "answered" as const };
  await bus.log.append(record({ intake }), { after: 0 });
  expect(await sweepObjects(bus, now)).toMatchObject({ objects: 2 });
  const packs = bus.objects("packs");
  const there = () => Promise.all(["first", "second", "third"].map((text) => packs.has(`${hash(text)}.files`)));
  expect(await there()).toEqual([false, true, true]);
  await activatePack(bus, { version: version("first"), files: files("first") });
  expect(await there()).toEqual([true, true, true]);
});

test("what a version depends on stays as long as the version: on record, answering, or named by a log", async () => {
  const version = (text: string) => ({
    v: 1 as const,
    name: "p",
    version: text,
    description: "",
    digest: hash(text),
    actions: [],
    aliases: [],
    modules: { hash: hash(`modules of ${text}`) },
  });
  const store = async (text: string) => {
    const modules = { hash: hash(`modules of ${text}`), read: async () => new TextEncoder().encode(text) };
    await storePack(bus, { version: version(text), files: { v: 1, digest: hash(text), files: [] }, modules });
  };
  for (const text of ["recorded", "logged", "answering", "removed"]) await store(text);
  const facts = (text: string) => ({ name: "p", version: text, digest: hash(text) });
  const from = { kind: "npm" as const, spec: "p", signature: "unsigned" as const };
  await recordVersion(bus, { v: 1, ...facts("recorded"), from, at: "2026-01-01T00:00:00.000Z" });
  await activateVersion(bus, facts("answering"));
  await bus.log.append(record({ intake: { key: "k", catalog: { p: hash("logged") }, verdict: "answered" } }), { after: 0 });
  expect(await sweepObjects(bus, now)).toMatchObject({ objects: 3 });
  const packs = bus.objects("packs");
  const there = (text: string) =>
    Promise.all([`${hash(text)}.files`, `${hash(`modules of ${text}`)}.modules`].map((name) => packs.has(name)));
  for (const text of ["recorded", "logged", "answering"]) expect([text, ...(await there(text))]).toEqual([text, true, true]);
  expect(await there("removed")).toEqual([false, false]);
  await forgetVersion(bus, facts("recorded"));
  expect(await sweepObjects(bus, now)).toMatchObject({ objects: 3 });
  expect(await there("recorded")).toEqual([false, false]);
});

test("killed while it sweeps, it is brought to its end by the next", { timeout: 60_000 }, async () => {
  const needed = await stored("n");
  await bus.log.append(record({ outcome: { status: "succeeded", output: { ref: needed } } }), { after: 0 });
  const values = bus.objects("values");
  for (let at = 0; at < 150; at++) await values.put(hash(String(at)), new Uint8Array(200_000).fill(at % 250));
  const program = `
    import { connectBus } from "@bellhop/bus";
    import { scaled } from "@bellhop/contracts";
    import { silentLog } from "@bellhop/service";
    import { sweepObjects } from "./sweep-objects.ts";
    const bus = await connectBus({ url: ${JSON.stringify(own.nats.url)}, name: "sweeper", durations: scaled(0.1), log: silentLog });
    await sweepObjects(bus, { olderThanMs: 0 });
  `;
  const child = fork("-e", [program], { cwd: import.meta.dirname, execArgv: ["--input-type=module-typescript"] });
  const messages = async () => (await bus.snapshots.state("OBJ_values"))?.messages ?? 0;
  const before = await messages();
  await until(async () => (await messages()) < before - 60);
  child.kill("SIGKILL");
  await once(child, "exit");
  await sweepObjects(bus, now);
  // The record and the one chunk of what is needed.
  expect(await messages()).toBe(2);
  expect(await values.has(needed.object)).toBe(true);
});

test("an engine's own rights are enough", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bellhop-sweep-"));
  const users = await ensureCredentials(folder);
  const guarded = await startNats({ config: serverConfig({ users: Object.values(users) }) });
  const common = { url: guarded.url, durations: scaled(0.1), log: silentLog };
  const as = (role: "operator" | "engine") => connectBus({ ...common, name: role, role, credentials: users[role].file });
  const [operator, engine] = await Promise.all([as("operator"), as("engine")]);
  try {
    await operator.setUp();
    for (const store of ["values", "packs"] as const) await operator.objects(store).put(hash("x"), new Uint8Array(300_000));
    await operator.bucket(buckets.holding).put("shard.1", { v: 1, what: "shard.1", member: "dead", epoch: "1" });
    expect(await sweepObjects(engine, now)).toMatchObject({ objects: 2 });
    await tidyBuckets(engine, now);
    expect(await operator.bucket(buckets.holding).entries()).toEqual([]);
  } finally {
    await Promise.all([operator.drain(), engine.drain()]);
    await guarded.stop();
    await rm(folder, { recursive: true });
  }
});

test("holdings of processes that are no more are let go, those of others stay", async () => {
  const holding = bus.bucket(buckets.holding);
  const member = { v: 1, id: "alive", role: "engine", epoch: "1", lengthMs: 1_000, beat: 0 } as const;
  await bus.bucket(buckets.member).put("member.alive", member);
  await holding.put("shard.1", { v: 1, what: "shard.1", member: "alive", epoch: "1" });
  await holding.put("sender.terminal.p7", { v: 1, what: "sender.terminal.p7", member: "dead", epoch: "1" });
  await tidyBuckets(bus, now);
  expect((await holding.entries()).map(({ key }) => key)).toEqual(["shard.1"]);
  expect(await bus.snapshots.state("KV_holding")).toMatchObject({ messages: 2 });
  await bus.bucket(buckets.timer).put("1.run.t", { v: 1, run: "run", name: "t", due: 1 });
  await tidyBuckets(bus, now);
  expect(await bus.snapshots.state("KV_holding")).toMatchObject({ messages: 1 });
});
