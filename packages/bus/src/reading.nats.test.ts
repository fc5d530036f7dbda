import { runId, streams, subjects, wireVersion, type RunRecord } from "@bellhop/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Bus } from "./bus.ts";
import type { ReadBatch } from "./delivery.ts";
import { startScene, type Scene } from "./scene.ts";

let scene: Scene;
let bus: Bus;
beforeAll(async () => {
  scene = await startScene({ factor: 0.1 });
  bus = await scene.connect();
});
afterAll(() => scene.end());

const at = "2026-01-01T00:00:00.000Z";
const { changed } = subjects.run;
let written = 0;

/** Appends so many records, each to a log of its own. */
async function write(count: number, words = ""): Promise<void> {
  const records = Array.from({ length: count }, (): RunRecord => {
    const run = runId({ key: `r${written++}`, at, shard: written % 16 });
    return { v: 1, run, revision: 1, event: { id: words, kind: "asked" }, commands: [], at };
  });
  await Promise.all(records.map((record) => bus.log.append(record, { after: 0 })));
}

function readFrom(from: number) {
  return bus.read({ subject: changed, stream: streams.run, filter: changed.filter(), from });
}

/** Reads on until it has so many entries, and until nothing is pending. */
async function take(reading: AsyncIterable<ReadBatch<RunRecord>>, count: number): Promise<number[]> {
  const sequences: number[] = [];
  for await (const { entries, pending } of reading) {
    sequences.push(...entries.map(({ sequence }) => sequence));
    if (sequences.length >= count && pending === 0) return sequences;
  }
  return sequences;
}

test("an empty stream says so, and what comes afterwards is read", async () => {
  const { first, last, made } = await bus.log.extent();
  expect([first, last]).toEqual([1, 0]);
  expect(Date.parse(made)).toBeGreaterThan(0);
  const reading = readFrom(1);
  const seen: number[] = [];
  for await (const { entries, last: read, pending } of reading) {
    if (seen.length === 0 && entries.length === 0) {
      expect({ read, pending }).toEqual({ read: 0, pending: 0 });
      await write(3);
    }
    seen.push(...entries.map(({ sequence }) => sequence));
    if (seen.length === 3) break;
  }
  expect(seen).toEqual([1, 2, 3]);
});

test("all shards are read in the stream's order, over a killed server, and none twice", async () => {
  await write(1_000);
  const { last } = await bus.log.extent();
  const reader = take(readFrom(1), last + 1_000);
  await scene.nats.kill9();
  await scene.nats.restart();
  await write(1_000);
  expect(await reader).toEqual(Array.from({ length: last + 1_000 }, (_, index) => index + 1));
});

test("whoever stops asking is not sent more than some hundred messages, and misses none", async () => {
  await write(1_000);
  const { last } = await bus.log.extent();
  const iterator = readFrom(1)[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) throw new Error("there is much to read");
  expect(first.value.entries.length).toBeLessThanOrEqual(256);
  expect(first.value.entries.length + first.value.pending).toBeGreaterThanOrEqual(last - 512);
  const rest = await take({ [Symbol.asyncIterator]: () => iterator }, last - first.value.entries.length);
  expect(rest.at(-1)).toBe(last);
});

test("what can't be read is passed over with a line in the log, and a newer version ends the reading", async () => {
  const raw = (await scene.connect()).publish.bind(bus);
  const shape = { ...changed, of: () => "run.changed.1.ODD", schema: changed.schema };
  const { sequence } = await raw(shape, { v: 1, nonsense: true } as unknown as RunRecord, { id: "odd" });
  await write(1);
  expect(await take(readFrom(sequence), 1)).toEqual([sequence + 1]);
  expect(scene.logged).toContain("warn a stored message can't be read and is passed over");
  await raw(shape, { v: wireVersion + 1 } as unknown as RunRecord, { id: "newer" });
  await expect(take(readFrom(sequence), 9)).rejects.toMatchObject({ code: "version_newer" });
});
