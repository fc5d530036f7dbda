import { randomBytes } from "node:crypto";
import { buckets, messageIds, streams, subjects } from "@bellhop/contracts";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Bus } from "./bus.ts";
import type { Snapshot, StoredBytes } from "./kept.ts";
import { finished, startScene, type Scene } from "./scene.ts";

let here: Scene;
let there: Scene;
let from: Bus;
let to: Bus;

beforeEach(async () => {
  [here, there] = await Promise.all([startScene(), startScene()]);
  [from, to] = await Promise.all([here.connect({ role: "operator" }), there.connect({ role: "operator" })]);
});
afterEach(() => Promise.all([here.end(), there.end()]));

const queue = streams.finished.name;

async function say(bus: Bus, attempt: number, text = ""): Promise<void> {
  const payload = finished(attempt, { outcome: { status: "succeeded", output: { inline: text } } });
  await bus.publish(subjects.action.finished, payload, { id: messageIds.finished(payload) });
}

async function all(bus: Bus, stream: string): Promise<StoredBytes[]> {
  const found: StoredBytes[] = [];
  for await (const { subject, sequence, storedAt, data } of bus.contents(stream)) found.push({ subject, sequence, storedAt, data });
  return found;
}

/** As an archive does it: read to the end, and given back as other pieces. */
async function carried(snapshot: Snapshot): Promise<Snapshot> {
  const parts: Uint8Array[] = [];
  for await (const part of snapshot.chunks) parts.push(part);
  const whole = Buffer.concat(parts);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < whole.length; at += 300_000) yield whole.subarray(at, at + 300_000);
  }
  return { ...snapshot, chunks: chunks() };
}

async function move(stream: string): Promise<void> {
  await to.snapshots.remove(stream);
  await to.snapshots.restore(await carried(await from.snapshots.take(stream)));
}

test("contents of a work queue are read and stay", async () => {
  await Promise.all(Array.from({ length: 5 }, (_, at) => say(from, at + 1)));
  const read = await all(from, queue);
  expect(read.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
  expect(await all(from, queue)).toEqual(read);
});

test("contents of a bucket are read, as much as there is", async () => {
  const timers = from.bucket(buckets.timer);
  await Promise.all(Array.from({ length: 1_500 }, (_, at) => timers.put(`1.run.t${at}`, { v: 1, run: "run", name: `t${at}`, due: at })));
  expect(await all(from, "KV_timer")).toHaveLength(1_500);
  expect(await all(from, "KV_none")).toEqual([]);
});

test("a queue comes over with its sequences and times, and what was acknowledged does not", async () => {
  for (let attempt = 1; attempt <= 4; attempt++) await say(from, attempt, "x".repeat(200_000));
  const taken = Promise.withResolvers<void>();
  const consumption = await from.consume({
    subject: subjects.action.finished,
    stream: streams.finished,
    filter: subjects.action.finished.filter(),
    durable: "one",
    concurrency: 1,
    keyOf: () => "all",
    handle: async ({ attempt }) => {
      if (attempt === 2) taken.resolve();
      if (attempt > 2) throw new Error("later");
    },
  });
  await taken.promise;
  await consumption.drain();
  const before = await all(from, queue);
  expect(before.map(({ sequence }) => sequence)).toEqual([3, 4]);
  await move(queue);
  expect(await all(to, queue)).toEqual(before);
  // Nobody has taken anything there: all of it is delivered.
  const seen = Promise.withResolvers<void>();
  const got: number[] = [];
  await to.consume({
    subject: subjects.action.finished,
    stream: streams.finished,
    filter: subjects.action.finished.filter(),
    durable: "one",
    concurrency: 1,
    keyOf: () => "all",
    handle: async ({ attempt }) => {
      if (got.push(attempt) === 2) seen.resolve();
    },
  });
  await seen.promise;
  expect(got).toEqual([3, 4]);
});

test("a bucket comes over with its revisions, which go on", async () => {
  const made = await from.bucket(buckets.timer).put("1.run.t", { v: 1, run: "run", name: "t", due: 5 });
  await move("KV_timer");
  const timers = to.bucket(buckets.timer);
  expect(await timers.get("1.run.t")).toMatchObject({ value: { due: 5 }, revision: made });
  expect(await timers.update("1.run.t", { v: 1, run: "run", name: "t", due: 6 }, made)).toBe(made + 1);
});

test("objects come over whole, also while others are put and removed", async () => {
  const values = from.objects("values");
  const large = new Uint8Array(1_000_000).map((_, at) => at % 251);
  await values.put("a", large);
  let over = false;
  const busy = (async () => {
    for (let at = 0; !over; at++) {
      await values.put(`b${at % 3}`, large.subarray(0, 200_000 + at));
      for (const old of await values.old({ olderThanMs: 0 })) if (old.name !== "a") await values.remove(old);
    }
  })();
  await move("OBJ_values");
  over = true;
  await busy;
  expect(await to.objects("values").get("a")).toEqual(large);
});

test("a stream that is there is not restored over", async () => {
  await say(from, 1);
  const snapshot = await carried(await from.snapshots.take(queue));
  await expect(to.snapshots.restore(snapshot)).rejects.toMatchObject({ code: "snapshot_failed" });
});

test("a snapshot that was cut short is refused, and leaves no stream", async () => {
  await say(from, 1, randomBytes(300_000).toString("hex"));
  const { chunks, ...snapshot } = await carried(await from.snapshots.take(queue));
  async function* cut(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) return yield chunk.subarray(0, 1_000);
  }
  await to.snapshots.remove(queue);
  await expect(to.snapshots.restore({ ...snapshot, chunks: cut() })).rejects.toMatchObject({ code: "snapshot_failed" });
  expect(await to.snapshots.state(queue)).toBeUndefined();
});

test("a sign is seen until it is taken away", async () => {
  expect(await to.snapshots.marked("RESTORING")).toBeUndefined();
  await to.snapshots.mark("RESTORING", "of today");
  expect(await to.snapshots.marked("RESTORING")).toBe("of today");
  await to.snapshots.remove("RESTORING");
  expect(await to.snapshots.marked("RESTORING")).toBeUndefined();
});
