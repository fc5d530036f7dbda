import { buckets, limits, wireVersion } from "@bellhop/contracts";
import { Kvm } from "@nats-io/kv";
import { Objm } from "@nats-io/obj";
import { connect } from "nats";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Bus } from "./bus.ts";
import { startScene, until, type Scene } from "./scene.ts";

let scene: Scene;
let bus: Bus;
beforeAll(async () => {
  scene = await startScene({ factor: 0.1 });
  bus = await scene.connect();
});
afterAll(() => scene.end());

const timer = (due: number) => ({ v: 1 as const, run: "r", name: "n", due });

test("of twenty that create a key one wins, and of twenty that update it one wins", async () => {
  const others = await Promise.all(Array.from({ length: 5 }, () => scene.connect()));
  const racers = Array.from({ length: 20 }, (_, index) => (others[index % 5] ?? bus).bucket(buckets.timer));
  const created = await Promise.all(racers.map((bucket, index) => bucket.create("race.a", timer(index))));
  const [revision] = created.filter((one) => one !== undefined);
  expect(created.filter((one) => one !== undefined)).toHaveLength(1);
  const updated = await Promise.all(racers.map((bucket, index) => bucket.update("race.a", timer(100 + index), revision ?? 0)));
  expect(updated.filter((one) => one !== undefined)).toHaveLength(1);
  const winner = updated.findIndex((one) => one !== undefined);
  expect(await bus.bucket(buckets.timer).get("race.a")).toMatchObject({ value: { due: 100 + winner }, revision: updated[winner] });
});

test("a deleted key is gone, can be created again, and its mark can be swept", async () => {
  const bucket = bus.bucket(buckets.timer);
  const first = await bucket.create("gone.a", timer(1));
  expect(await bucket.delete("gone.a", (first ?? 0) + 1)).toBe(false);
  expect(await bucket.delete("gone.a", first)).toBe(true);
  expect(await bucket.get("gone.a")).toBeUndefined();
  expect(await bucket.entries("gone.*")).toEqual([]);
  expect(await bucket.create("gone.a", timer(2))).toBeGreaterThan(first ?? 0);
  expect(await bucket.entries("gone.*")).toMatchObject([{ key: "gone.a", value: { due: 2 } }]);
  await bucket.delete("gone.a");
  expect(await bucket.sweep({ olderThanMs: 0 })).toBe(1);
  expect(await bucket.sweep({ olderThanMs: 0 })).toBe(0);
  expect(await bucket.create("gone.a", timer(3))).toBeDefined();
});

test("what a newer release added is kept when a record is rewritten", async () => {
  const nc = await connect({ servers: scene.nats.url });
  const subject = `$KV.${buckets.access.name}.list`;
  const rule = { number: 1, who: "*", what: "core.echo", by: "slack:T1/U1", at: "2026-01-01T00:00:00.000Z", until: { day: "friday" } };
  await nc.request(subject, JSON.stringify({ v: 1, next: 2, rules: [rule], changes: [], frozen: true }));
  const access = bus.bucket(buckets.access);
  const found = await access.get("list");
  if (found === undefined) throw new Error("there is no list");
  await access.update("list", { ...found.value, next: 3 }, found.revision);
  const stored = await nc.request(`$JS.API.DIRECT.GET.KV_${buckets.access.name}.${subject}`);
  expect(stored.json()).toEqual({ v: 1, next: 3, rules: [rule], changes: [], frozen: true });
  await nc.close();
});

test("a record of a newer version is neither absent nor deleted", async () => {
  const nc = await connect({ servers: scene.nats.url });
  const bucket = bus.bucket(buckets.timer);
  const seen: unknown[] = [];
  const watch = bucket.watch("newer.>", ({ key, value }) => seen.push([key, value?.due]));
  await bucket.create("newer.a", timer(1));
  await until(() => seen.length === 1);
  await nc.request(`$KV.${buckets.timer.name}.newer.a`, JSON.stringify({ v: wireVersion + 1, run: "r", when: "later" }));
  await expect(bucket.get("newer.a")).rejects.toMatchObject({ code: "version_newer", retry: true });
  expect(await bucket.create("newer.a", timer(2))).toBeUndefined();
  await bucket.create("newer.b", timer(3));
  await until(() => seen.length === 2);
  expect(seen).toEqual([
    ["newer.a", 1],
    ["newer.b", 3],
  ]);
  watch.stop();
  await nc.close();
});

test("a compare-and-set over a killed server ends as won or lost, never both or neither", async () => {
  const one = bus.bucket(buckets.timer);
  const two = (await scene.connect()).bucket(buckets.timer);
  let revision = (await one.create("cas.a", timer(0))) ?? 0;
  for (let round = 1; round <= 3; round++) {
    const racing = Promise.all([one.update("cas.a", timer(round), revision), two.update("cas.a", timer(-round), revision)]);
    await scene.nats.kill9();
    const more = scene.nats.restart();
    const [first, second] = await racing;
    await more;
    expect([first, second].filter((won) => won !== undefined)).toHaveLength(1);
    const now = await one.get("cas.a");
    expect(now).toMatchObject({ revision: first ?? second, value: { due: first === undefined ? -round : round } });
    revision = now?.revision ?? 0;
  }
});

test("a watch tells what is there, then every change, over a killed server", async () => {
  const bucket = bus.bucket(buckets.timer);
  await bucket.put("watch.a", timer(1));
  const seen: (number | undefined)[] = [];
  let ready = false;
  const watch = bucket.watch("watch.*", (entry) => void seen.push(entry.value?.due), { onReady: () => (ready = true) });
  await until(() => ready);
  expect(seen).toEqual([1]);
  await bucket.put("watch.b", timer(2));
  await until(() => seen.length === 2);
  const other = (await scene.connect()).bucket(buckets.timer);
  await scene.nats.kill9();
  await scene.nats.restart();
  await other.put("watch.b", timer(3));
  await other.delete("watch.a");
  await until(() => seen.length >= 4);
  expect(seen).toEqual([1, 2, 3, undefined]);
  watch.stop();
});

test("whoever watches and fails at one entry hears the next, on the same connection", async () => {
  const watcher = await scene.connect();
  const heard: string[] = [];
  const watch = watcher.bucket(buckets.timer).watch("failing.*", ({ key }) => {
    heard.push(key);
    if (key === "failing.a") throw new Error("boom");
  });
  await bus.bucket(buckets.timer).create("failing.a", timer(1));
  await bus.bucket(buckets.timer).create("failing.b", timer(1));
  await until(() => heard.includes("failing.b"));
  expect(heard).toEqual(["failing.a", "failing.b"]);
  expect(watcher.status().reconnects).toBe(0);
  watch.stop();
});

test("NATS's own client reads what a bucket and an object store hold", async () => {
  await bus.bucket(buckets.timer).put("own.a", timer(7));
  await bus.objects("packs").put("d1.files", new Uint8Array(300_000).fill(9));
  const nc = await connect({ servers: scene.nats.url });
  const entry = await (await new Kvm(nc).open("timer")).get("own.a");
  expect(entry?.json()).toEqual(timer(7));
  const blob = await (await new Objm(nc).open("packs")).getBlob("d1.files");
  expect(blob?.length).toBe(300_000);
  await nc.close();
});

test("a large value travels by reference under its hash, a small one inline", async () => {
  expect(await bus.storeValue({ small: 1 })).toEqual({ inline: { small: 1 } });
  const large = { rows: "z".repeat(limits.inlineValue * 9) };
  const stored = await bus.storeValue(large);
  expect(stored).toMatchObject({ ref: { object: expect.stringMatching(/^[0-9a-f]{64}$/) as string } });
  expect(await bus.storeValue(large)).toEqual(stored);
  expect(await bus.loadValue(stored)).toEqual(large);
  if ("ref" in stored) expect(await bus.objects("values").has(stored.ref.object)).toBe(true);
  expect(await bus.objects("values").get("nothing")).toBeUndefined();
});

test("an object can be stored piece by piece, whatever the pieces are", async () => {
  const bytes = Uint8Array.from({ length: 700_001 }, (_, at) => at % 251);
  async function* slowly(): AsyncGenerator<Uint8Array> {
    for (const [from, to] of [
      [0, 1],
      [1, 1],
      [1, 400_000],
      [400_000, bytes.length],
    ] as const)
      yield bytes.subarray(from, to);
  }
  await bus.objects("values").putStream("streamed", slowly());
  expect(Buffer.compare((await bus.objects("values").get("streamed")) ?? new Uint8Array(), bytes)).toBe(0);
});

test("a stream that breaks leaves no object, and one that is there already is not read", async () => {
  async function* breaking(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(200_000);
    throw new Error("no more");
  }
  await expect(bus.objects("values").putStream("broken", breaking())).rejects.toThrow("no more");
  expect(await bus.objects("values").has("broken")).toBe(false);
  await bus.objects("values").put("there", new Uint8Array(1));
  await bus.objects("values").putStream("there", breaking());
});
