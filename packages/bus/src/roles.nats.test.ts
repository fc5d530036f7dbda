import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buckets, runId, scaled, streams, subjects, type Message, type Send } from "@bellhop/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectBus } from "./connect.ts";
import type { Bus, BusLog, BusRole } from "./bus.ts";
import { finished, until } from "./scene.ts";
import { ensureCredentials, serverConfig, type Credential } from "./server/index.ts";
import { startNats, type TestNats } from "./server/testing.ts";

let nats: TestNats;
let credentials: Record<BusRole, Credential>;
let root = "";
const faults: unknown[] = [];
const quiet = () => undefined;
const note = (fields: unknown, words: string) => void faults.push({ words, fields });
const log: BusLog = { debug: quiet, info: quiet, warn: note, error: note, child: () => log };
const terms = { lengthMs: 5_000, renewalMs: 200 };
const buses: Bus[] = [];

async function as(role: BusRole): Promise<Bus> {
  const bus = await connectBus({ url: nats.url, role, name: role, credentials: credentials[role].file, durations: scaled(0.5), log });
  buses.push(bus);
  return bus;
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "bellhop-roles-"));
  credentials = await ensureCredentials(root);
  nats = await startNats({ config: serverConfig({ users: Object.values(credentials) }) });
  await (await as("operator")).setUp();
});
afterAll(async () => {
  await Promise.all(buses.map((bus) => bus.drain()));
  await nats.stop();
  await rm(root, { recursive: true, force: true });
});

const at = "2026-01-01T00:00:00.000Z";
const run = runId({ key: "k", at, shard: 3 });
const person = { platform: "terminal", id: "ana", kind: "human" as const };
const address = { platform: "terminal", account: "p1", channel: "main" };
const message: Message = {
  v: 1,
  key: "terminal/p1//main/1",
  platform: "terminal",
  account: "p1",
  conversation: { channel: "main", kind: "direct" },
  author: person,
  content: { text: "echo" },
  addressed: "prompt",
  origin: "live",
  replyTo: address,
  sentAt: at,
};
const send: Send = {
  v: 1,
  key: `${run}/reply`,
  revision: 1,
  platform: "terminal",
  account: "p1",
  to: address,
  body: { text: "hi", tone: "info" },
  final: true,
};
const request = {
  v: 1 as const,
  run,
  task: "main",
  attempt: 1,
  pool: "default",
  action: "a.b",
  digest: "d",
  input: {},
  timeoutMs: 1,
  repeatable: false,
};

test("with the generated credentials a command goes all the way round, each role doing what is its own", async () => {
  const [cli, engine, runner, gateway] = await Promise.all([as("cli"), as("engine"), as("runner"), as("gateway")]);
  const told: string[] = [];

  const engineMember = await engine.join({ role: "engine", ...terms });
  expect(await engineMember.hold("shard.3")).toBeDefined();
  await engine.consume({
    subject: subjects.message.received,
    stream: streams.message,
    filter: "message.received.*.*.*",
    durable: "message_all",
    concurrency: 4,
    keyOf: () => "one",
    async handle() {
      const record = { v: 1 as const, run, revision: 1, event: { id: "e", kind: "asked" }, commands: [], at };
      expect(await engine.log.append(record, { after: 0 })).toMatchObject({ kind: "appended" });
      expect(await engine.log.last(run)).toMatchObject({ record: { run } });
      for await (const entry of engine.log.scan({ shard: 3 })) expect(entry.record.run).toBe(run);
      await engine.publish(subjects.action.requested, request, { id: "req" });
      await engine.bucket(buckets.timer).put("3.a.b", { v: 1, run, name: "n", due: 1 });
      await engine.bucket(buckets.timer).delete("3.a.b");
      await engine.bucket(buckets.timer).sweep({ olderThanMs: 0 });
    },
  });
  await engine.consume({
    subject: subjects.action.finished,
    stream: streams.finished,
    filter: subjects.action.finished.filter({ shard: 3 }),
    durable: "finished_3",
    concurrency: 4,
    keyOf: (one) => one.run,
    async handle() {
      await engine.publish(subjects.message.send, send, { id: "out" });
      engine.tell(subjects.control, { v: 1, run, kind: "cancel" });
    },
  });

  const runnerMember = await runner.join({ role: "runner", id: "r1", ...terms });
  runner.hear(subjects.control, "control.*", (control) => void told.push(`cancel ${control.run}`));
  await runner.consume({
    subject: subjects.action.requested,
    stream: streams.action,
    filter: subjects.action.requested.filter({ pool: "default" }),
    durable: "pool_default",
    concurrency: 1,
    prefetch: 0,
    retry: "anywhere",
    keyOf: (one) => one.run,
    async handle(one, delivery) {
      const { id, epoch } = runnerMember;
      const claim = { v: 1 as const, run, task: "main", attempt: 1, runner: id, epoch, state: "claimed" as const, repeatable: false, at };
      expect(await runner.bucket(buckets.attempt).create(`${one.run}.main.1`, claim)).toBeDefined();
      await delivery.ack();
      const output = await runner.storeValue("x".repeat(100_000));
      await runner.publish(subjects.action.finished, finished(1, { run, outcome: { status: "succeeded", output } }), { id: "fin" });
    },
  });

  const member = await gateway.join({ role: "gateway", ...terms });
  expect(await member.hold("sender.slack.T1")).toBeDefined();
  await cli.bucket(buckets.catalog).create("active.core", { v: 1, name: "core", version: "1", digest: "d" });
  await cli.objects("packs").put("d.files", new Uint8Array(10));
  expect(await runner.objects("packs").get("d.files")).toHaveLength(10);
  await cli.join({ role: "prompt", ...terms });
  await cli.consume({
    subject: subjects.message.send,
    stream: streams.send,
    filter: subjects.message.send.filter({ platform: "terminal", account: "p1" }),
    durable: "send_terminal_p1",
    concurrency: 1,
    keyOf: (one) => one.key,
    handle: async (one) => void told.push(one.body.text),
  });
  await cli.publish(subjects.message.received, message, { id: "in" });
  await until(() => told.length === 2);
  expect(told.toSorted()).toEqual([`cancel ${run}`, "hi"].toSorted());
  expect(faults).toEqual([]);
});

test("a key of another role is found out at the first request", async () => {
  const { file } = credentials.runner;
  const bus = await connectBus({ url: nats.url, role: "operator", name: "operator", credentials: file, durations: scaled(0.5), log });
  buses.push(bus);
  await expect(bus.plan()).rejects.toMatchObject({ code: "nats_denied", message: expect.stringContaining("_INBOX_operator") as string });
});

test("a role that publishes what is not its own is refused with the subject's name", async () => {
  const runner = await as("runner");
  await expect(runner.publish(subjects.message.send, send, { id: "no" })).rejects.toMatchObject({
    code: "nats_denied",
    message: expect.stringContaining("message.send.terminal.p1") as string,
  });
});
