import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectBus, type Bus } from "@bellhop/bus";
import { buckets, messageIds, runId, scaled, streams, subjects } from "@bellhop/contracts";
import { commonConfig, silentLog, type Env } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runningChecks } from "./running.ts";

let nats: TestNats;
let bus: Bus;
let folder: string;
let env: Env;

beforeEach(async () => {
  [nats, folder] = await Promise.all([startNats(), mkdtemp(join(tmpdir(), "bellhop-doctor-"))]);
  bus = await connectBus({ url: nats.url, name: "test", durations: scaled(0.1), log: silentLog });
  env = { NATS_URL: nats.url, BELLHOP_FOLDER: folder, BELLHOP_TIME_FACTOR: "0.1" };
});
afterEach(async () => {
  await bus.drain();
  await nats.stop();
  await rm(folder, { recursive: true });
});

async function look(): Promise<Record<string, { state: string; found: string }>> {
  const checks = await runningChecks(commonConfig(env, "cli"), env);
  for (const { state, hint } of checks) expect(hint === undefined).toBe(state === "ok");
  return Object.fromEntries(checks.map(({ name, state, found }) => [name, { state, found }]));
}

test("what was left lying is found: dead letters, leases of the dead, work that nobody takes", async () => {
  await bus.setUp();
  const asked = await bus.consume({
    subject: subjects.run.asked,
    stream: streams.asked,
    filter: subjects.run.asked.filter({ shard: 3 }),
    durable: "asked_3",
    concurrency: 1,
    keyOf: () => "all",
    handle: () => Promise.reject(new Error("no")),
  });
  const run = runId({ key: "k", at: "2026-01-01T00:00:00.000Z", shard: 3 });
  const asker = { platform: "terminal", id: "me", kind: "human" } as const;
  const to = { platform: "terminal", account: "p", channel: "p" };
  const ask = {
    v: 1,
    kind: "start",
    key: "k",
    run,
    action: "a.b",
    input: {},
    asker,
    replyTo: to,
    askedAt: "2026-01-01T00:00:00.000Z",
  } as const;
  await bus.publish(subjects.run.asked, ask, { id: "ask" });
  const request = {
    v: 1,
    run,
    task: "main",
    attempt: 1,
    pool: "gpu",
    action: "a.b",
    digest: "d",
    input: {},
    timeoutMs: 1,
    repeatable: false,
  } as const;
  await bus.publish(subjects.action.requested, request, { id: messageIds.requested(request) });
  await bus.bucket(buckets.holding).put("shard.1", { v: 1, what: "shard.1", member: "dead", epoch: "1" });
  // The pool's request has to be as old as somebody would be told about.
  await expect.poll(async () => (await look()).queues?.state).toBe("bad");
  await expect.poll(async () => (await look())["dead letters"]?.state).toBe("odd");
  await asked.drain();
  const found = await look();
  expect(found.leases).toEqual({ state: "odd", found: "1 are of processes that are gone: shard.1" });
  expect(found.queues?.found).toContain("requests for the pool gpu: 1 in ACTION");
  expect([found.packs?.state, found.engines?.state, found.runners?.state]).toEqual(["bad", "bad", "bad"]);
  expect([found.nats?.state, found.storage?.state, found.clock?.state, found.objects?.state]).toEqual(["ok", "ok", "ok", "ok"]);
});

test("a server without our streams is told as such, within seconds", async () => {
  const found = await look();
  expect(found.running?.state).toBe("ok");
  expect(Object.values(found).some(({ state }) => state !== "ok")).toBe(true);
});

test("a server that is not there is told as such", async () => {
  await nats.kill9();
  const found = await look();
  expect(found.nats).toMatchObject({ state: "bad", found: expect.stringContaining("can't be reached") });
  await nats.restart();
});
