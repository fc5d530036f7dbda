import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageIds, streams, subjects, type ActionRequested, type Send } from "@bellhop/contracts";
import { connect } from "nats";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Bus, BusLog } from "./bus.ts";
import { connectBus } from "./connect.ts";
import { startScene, until, type Scene } from "./scene.ts";
import { ensureCredentials, serverConfig } from "./server/index.ts";
import { startNats } from "./server/testing.ts";

let scene: Scene;
let bus: Bus;
beforeAll(async () => {
  scene = await startScene({ factor: 0.1 });
  bus = await scene.connect();
});
afterAll(() => scene.end());

async function ask(run: string, pool: string): Promise<void> {
  const what = { action: "core.noop", digest: "d", input: {}, timeoutMs: 1_000, repeatable: true };
  const request: ActionRequested = { v: 1, run, task: "main", attempt: 1, pool, ...what };
  await bus.publish(subjects.action.requested, request, { id: messageIds.requested(request) });
}

async function say(key: string, platform: string, account: string): Promise<void> {
  const to = { platform, account, channel: "c" };
  const send: Send = { v: 1, key, revision: 1, platform, account, to, body: { text: "hello", tone: "info" }, final: true };
  await bus.publish(subjects.message.send, send, { id: messageIds.send(send) });
}

test("an empty stream holds nothing, and nothing in it is old", async () => {
  const figures = await bus.figures([{ stream: streams.dead }]);
  expect(figures).toEqual([{ stream: "DEAD", messages: 0, bytes: 0, oldestAgeMs: 0, queues: [], consumers: [] }]);
});

test("requests are counted by pool, with the age of the oldest of each", async () => {
  await ask("r1", "default");
  const [before] = await bus.figures([{ stream: streams.action }]);
  await until(async () => ((await bus.figures([{ stream: streams.action }]))[0]?.oldestAgeMs ?? 0) > 200);
  await ask("r2", "default");
  await ask("r3", "gpu 1");
  const [after] = await bus.figures([{ stream: streams.action }]);
  expect(before?.queues.map(({ name, messages }) => [name, messages])).toEqual([["default", 1]]);
  const queues = new Map(after?.queues.map(({ name, ...rest }) => [name, rest]));
  expect([...queues].map(([name, { messages }]) => `${name} ${messages}`).toSorted()).toEqual(["default 2", "gpu 1 1"]);
  expect(queues.get("default")?.oldestAgeMs).toBeGreaterThan(200);
  expect(queues.get("gpu 1")?.oldestAgeMs).toBeLessThan(queues.get("default")?.oldestAgeMs ?? 0);
});

test("sends are counted by platform, however many accounts it has, and the durables of prompts as one", async () => {
  await say("s1", "slack", "A1");
  await say("s2", "slack", "A2");
  await say("s3", "terminal", "p1");
  for (const account of ["p1", "p2"]) {
    const filter = subjects.message.send.filter({ platform: "terminal", account });
    const durable = `send_terminal_${account}`;
    const held = await bus.consume({
      subject: subjects.message.send,
      stream: streams.send,
      filter,
      durable,
      concurrency: 1,
      keyOf: ({ key }) => key,
      handle: async () => {},
    });
    await held.drain();
  }
  await say("s4", "terminal", "p2");
  const [figures] = await bus.figures([{ stream: streams.send, consumers: true }]);
  const queues = figures?.queues.map(({ name, messages }) => `${name} ${messages}`);
  expect(queues?.find((one) => one.startsWith("slack"))).toBe("slack 2");
  expect(figures?.consumers.map(({ name }) => name)).toEqual(["send_terminal"]);
  expect(figures?.consumers[0]?.waiting).toBeGreaterThan(0);
});

test("what is in hand counts as unacknowledged", async () => {
  const release = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const held = await bus.consume({
    subject: subjects.action.requested,
    stream: streams.action,
    filter: subjects.action.requested.filter({ pool: "default" }),
    durable: "pool_default",
    concurrency: 1,
    prefetch: 0,
    keyOf: ({ run }) => run,
    handle: () => {
      begun.resolve();
      return release.promise;
    },
  });
  await begun.promise;
  const [figures] = await bus.figures([{ stream: streams.action, consumers: true }]);
  expect(figures?.consumers.find(({ name }) => name === "pool_default")).toEqual({ name: "pool_default", waiting: 1, unacknowledged: 1 });
  release.resolve();
  await held.drain();
});

test("a reader's own consumer is not shown: it goes with the reader", async () => {
  const nc = await connect({ servers: scene.nats.url });
  await nc.request("$JS.API.CONSUMER.CREATE.RUN", JSON.stringify({ stream_name: "RUN", config: { ack_policy: "none" } }));
  await nc.close();
  expect((await bus.figures([{ stream: streams.run, consumers: true }]))[0]?.consumers).toEqual([]);
});

test("a role is told of the streams that it may look at, and asks about the others once", async () => {
  const root = await mkdtemp(join(tmpdir(), "bellhop-figures-"));
  const users = await ensureCredentials(root);
  const nats = await startNats({ config: serverConfig({ users: Object.values(users) }) });
  const denials: string[] = [];
  const quiet = () => {};
  const log: BusLog = { debug: quiet, info: quiet, warn: quiet, error: (_, words) => void denials.push(words), child: () => log };
  const as = (role: "operator" | "runner") =>
    connectBus({ url: nats.url, name: role, role, credentials: users[role].file, durations: scene.durations, log });
  const [operator, runner] = [await as("operator"), await as("runner")];
  try {
    await operator.setUp();
    const wanted = [{ stream: streams.action, consumers: true }, { stream: streams.dead }];
    for (let look = 0; look < 2; look++) expect((await runner.figures(wanted)).map(({ stream }) => stream)).toEqual(["ACTION"]);
    expect(denials).toEqual(["NATS denies a subject"]);
  } finally {
    await Promise.all([operator.drain(), runner.drain()]);
    await nats.stop();
    await rm(root, { recursive: true, force: true });
  }
});

test("a ping comes back", async () => {
  expect(await bus.roundTripMs()).toBeGreaterThanOrEqual(0);
});
