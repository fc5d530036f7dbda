import { buckets, limits, shardOfKey, shardOfRun, streams, subjects, token } from "@bellhop/contracts";
import { connect } from "nats";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fire } from "./fire.ts";
import { finished, startScene, until, type Scene } from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await startScene({ factor: 0.1 });
});
afterAll(() => scene.end());

async function stored(stream: string): Promise<{ attempt: number }[]> {
  const nc = await connect({ servers: scene.nats.url });
  const all: { attempt: number }[] = [];
  for (let seq = 1; ; seq++) {
    const next = await nc.request(`$JS.API.DIRECT.GET.${stream}`, JSON.stringify({ seq, next_by_subj: ">" }));
    if (next.headers?.code === 404) break;
    seq = Number(next.headers?.get("Nats-Sequence"));
    all.push(next.json());
  }
  await nc.close();
  return all;
}

test("a thousand publishes over two killed servers are each stored once, in their order", async () => {
  const bus = await scene.connect();
  let done = 0;
  const publishing: Promise<unknown>[] = [];
  const one = (n: number) => bus.publish(subjects.action.finished, finished(n), { id: `fin:${n}` }).then(() => done++);
  for (let n = 1; n <= 300; n++) publishing.push(one(n));
  await until(() => done > 50);
  await scene.nats.kill9();
  for (let n = 301; n <= 600; n++) publishing.push(one(n));
  await scene.nats.restart();
  for (let n = 601; n <= 900; n++) publishing.push(one(n));
  await until(() => done > 620);
  await scene.nats.kill9();
  for (let n = 901; n <= 1000; n++) publishing.push(one(n));
  await scene.nats.restart();
  await Promise.all(publishing);
  const attempts = (await stored(streams.finished.name)).map((message) => message.attempt);
  expect(attempts).toHaveLength(1000);
  expect(attempts).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
  expect(bus.status()).toMatchObject({ connected: true, outbox: 0 });
});

test("a publish with a known id counts as stored", async () => {
  const bus = await scene.connect();
  const first = await bus.publish(subjects.action.finished, finished(5000), { id: "fin:5000" });
  expect(first.duplicate).toBe(false);
  expect(await bus.publish(subjects.action.finished, finished(5000), { id: "fin:5000" })).toEqual({ ...first, duplicate: true });
});

test("whoever says it again says it where it was said first, also by an earlier release", async () => {
  const bus = await scene.connect();
  const said = { trigger: "demo.hook", payload: {}, source: { kind: "webhook", name: "ci" }, comesAgain: true } as const;
  const [at, later] = ["2026-01-01T00:00:00.000Z", "2026-01-01T00:10:00.000Z"];
  const first = await fire(bus, { ...said, key: "one", at, shard: 3 });
  expect(shardOfRun(first.event)).toBe(3);
  expect(await fire(bus, { ...said, key: "one", at: later, shard: 9 })).toEqual({ event: first.event, again: true });
  await bus.bucket(buckets.happened).create(token("two"), { v: 1, key: "two", at });
  expect(shardOfRun((await fire(bus, { ...said, key: "two", at: later, shard: 9 })).event)).toBe(shardOfKey("two"));
});

test("what is too large is refused by the name of its largest field", async () => {
  const bus = await scene.connect();
  const outcome = { status: "succeeded" as const, output: { inline: { small: "x", rows: { deep: "y".repeat(limits.message) } } } };
  await expect(bus.publish(subjects.action.finished, finished(1, { outcome }), { id: "fin:large" })).rejects.toMatchObject({
    code: "message_too_large",
    message: expect.stringContaining("outcome.output.inline.rows.deep") as string,
  });
});

test("a full stream holds publishes back until there is room, and nothing else", async () => {
  const bus = await scene.connect();
  const nc = await connect({ servers: scene.nats.url });
  const update = async (most: number) => {
    const info = (await nc.request("$JS.API.STREAM.INFO.ACTION")).json<{ config: object }>();
    await nc.request("$JS.API.STREAM.UPDATE.ACTION", JSON.stringify({ ...info.config, max_msgs: most }));
  };
  await update(1);
  const request = {
    v: 1 as const,
    run: "r",
    task: "t",
    attempt: 1,
    pool: "p",
    action: "a.b",
    digest: "d",
    input: {},
    timeoutMs: 1,
    repeatable: false,
  };
  await bus.publish(subjects.action.requested, request, { id: "req:1" });
  let late = false;
  const second = bus.publish(subjects.action.requested, request, { id: "req:2" }).then(() => (late = true));
  await until(() => scene.logged.some((line) => line.includes("NATS can't take it now")));
  await bus.publish(subjects.action.finished, finished(6000), { id: "fin:6000" });
  expect(late).toBe(false);
  await update(-1);
  await second;
  await nc.close();
});

test("a subject the credentials do not cover is refused at once", async () => {
  const { startNats } = await import("./server/testing.ts");
  const config = `authorization { users: [{ user: u, password: p, permissions: { publish: { deny: "action.>" } } }] }`;
  const nats = await startNats({ config });
  const bus = await scene.connect({ url: nats.url.replace("nats://", "nats://u:p@") });
  await expect(bus.publish(subjects.action.finished, finished(1), { id: "x" })).rejects.toMatchObject({ code: "nats_denied" });
  await bus.drain();
  await nats.stop();
});
