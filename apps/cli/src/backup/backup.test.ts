import { existsSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buckets, streamNames, streams } from "@bellhop/contracts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createArchive, openArchive, type Manifest, type Part } from "./archive.ts";
import { dumpCommand } from "./backup.ts";
import { streamsInOrder } from "./order.ts";

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellhop-archive-"));
  file = join(folder, "copy.tar");
});
afterEach(() => rm(folder, { recursive: true }));

const manifestOf = (parts: Part[]): Manifest => ({
  v: 1,
  id: "i",
  made: "2026-01-01T00:00:00.000Z",
  bellhop: "1",
  quiet: true,
  since: 0,
  parts,
});

async function* pieces(...all: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const one of all) yield one;
}

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of chunks) parts.push(part);
  return Buffer.concat(parts);
}

const large = new Uint8Array(9_000_000).map((_, at) => at % 253);

test("what was added comes out again, in its order, also where parts are passed over", async () => {
  const archive = await createArchive(file);
  const parts = [
    await archive.add(
      { name: "RUN", config: { name: "RUN" }, state: { messages: 3 } },
      pieces(large.subarray(0, 5_000_000), large.subarray(5_000_000)),
    ),
    await archive.add({ name: "SEND", config: {}, state: {} }, pieces()),
    await archive.add({ name: "key" }, pieces(new TextEncoder().encode("secret"))),
  ];
  expect(existsSync(file)).toBe(false);
  await archive.finish(manifestOf(parts));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const opened = await openArchive(file);
  expect(opened.manifest).toEqual(manifestOf(parts));
  const seen: [string, number][] = [];
  for await (const { part, chunks } of opened.parts()) if (part.name !== "SEND") seen.push([part.name, (await whole(chunks)).length]);
  expect(seen).toEqual([
    ["RUN", large.length],
    ["key", 6],
  ]);
  for await (const { part, chunks } of opened.parts()) if (part.name === "key") expect((await whole(chunks)).toString()).toBe("secret");
});

test("a part that failed on the way is left out, and can be added again", async () => {
  const archive = await createArchive(file);
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield large;
    throw new Error("the stream is gone");
  }
  await expect(archive.add({ name: "RUN" }, broken())).rejects.toThrow("is gone");
  const part = await archive.add({ name: "RUN" }, pieces(new Uint8Array([1, 2, 3])));
  await archive.finish(manifestOf([part]));
  for await (const { chunks } of (await openArchive(file)).parts()) expect([...(await whole(chunks))]).toEqual([1, 2, 3]);
});

test("an archive that is given up leaves nothing, and one that is there already stays", async () => {
  await (await createArchive(file)).abandon();
  expect([existsSync(file), existsSync(`${file}.part`)]).toEqual([false, false]);
  const archive = await createArchive(file);
  await writeFile(file, "mine");
  await expect(archive.finish(manifestOf([]))).rejects.toMatchObject({ code: "backup_exists" });
  expect(readFileSync(file, "utf8")).toBe("mine");
});

test.each<[string, (bytes: Buffer) => Buffer, string]>([
  ["cut short", (bytes) => bytes.subarray(0, bytes.length - 3_000), ""],
  ["changed within", (bytes) => Buffer.concat([bytes.subarray(0, 600), Buffer.from("?"), bytes.subarray(601)]), "is damaged"],
  [
    "made by a newer release",
    (bytes) => Buffer.from(bytes.toString("latin1").replace('"v": 1', '"v": 2'), "latin1"),
    "a newer Bellhop made it",
  ],
  ["something else", () => Buffer.from("hello"), ""],
])("a file that was %s is refused", async (_, change, why) => {
  const archive = await createArchive(file);
  await archive.finish(manifestOf([await archive.add({ name: "RUN" }, pieces(large.subarray(0, 50_000)))]));
  const other = join(folder, "other.tar");
  await writeFile(other, change(readFileSync(file)));
  await expect(openArchive(other)).rejects.toMatchObject({ code: "backup_unreadable", message: expect.stringContaining(why) });
});

test("queues come before what their takers write, objects last, and everything but records of processes is in it", () => {
  const order = streamsInOrder();
  const before = (a: string, b: string) => expect(order.indexOf(a), `${a} before ${b}`).toBeLessThan(order.indexOf(b));
  before("KV_schedule", "MESSAGE");
  before("KV_tick", "TRIGGER");
  before("MESSAGE", "ASKED");
  before("ASKED", "RUN");
  before("ACTION", "KV_attempt");
  before("KV_attempt", "FINISHED");
  before("FINISHED", "RUN");
  before("RUN", "SEND");
  before("SEND", "KV_receipt");
  for (const name of order) if (!name.startsWith("OBJ_")) before(name, "OBJ_packs");
  const missing = streamNames().filter((name) => !order.includes(name));
  expect(missing.toSorted()).toEqual(
    [buckets.checkpoint, buckets.claim, buckets.holding, buckets.member, buckets.sensorStatus].map(({ name }) => `KV_${name}`).toSorted(),
  );
  expect(order).toHaveLength(new Set(order).size);
  expect(order).toContain(streams.dead.name);
});

test("the command for PostgreSQL shows no password", () => {
  const command = dumpCommand("postgres://bellhop:pa%27ss@db.example.org/bellhop?password=again&sslmode=require");
  expect(command).toBe("pg_dump --format=custom --file=bellhop-history.dump 'postgres://bellhop@db.example.org/bellhop?sslmode=require'");
});
