import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bus } from "@bellhop/bus";
import { limits, scaled } from "@bellhop/contracts";
import { silentLog } from "@bellhop/service";
import { startBus, type TestBus } from "@bellhop/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { Inbox } from "./adapter.ts";
import { createKeep, readFile } from "./files.ts";
import { openSpool, type Spool } from "./spool.ts";

const durations = { ...scaled(0.1), platformCall: 30_000 };
let own: TestBus;
let bus: Bus;
let folder: string;
let spool: Spool;
let keep: Inbox["keep"];

beforeAll(async () => {
  own = await startBus(1);
  bus = own.bus;
});

afterAll(async () => await own.end());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellhop-files-"));
  spool = await openSpool({ bus, folder, durations, log: silentLog });
  keep = createKeep({ spool, durations, log: silentLog });
});

afterEach(async () => {
  await spool.close();
  await rm(folder, { recursive: true, force: true });
});

it.each([
  ["empty", 0],
  ["small", 10],
  ["large", 3_000_001],
])("keeps a file that is %s, and gives it back", async (_, size) => {
  const bytes = Uint8Array.from({ length: size }, (__, at) => (at * 7) % 251);
  const file = await keep({ name: "report.csv", type: "text/csv", bytes: size, open: async () => streamed(bytes, 50_000) });
  const object = createHash("sha256").update(bytes).digest("hex");
  expect(file).toEqual({ name: "report.csv", type: "text/csv", bytes: size, object });
  await stored();
  expect(Buffer.compare(await readFile(bus, file), bytes)).toBe(0);
});

it("keeps what is in memory, says how large it really is, and makes a plain name of a path", async () => {
  const file = await keep({ name: "../../etc/pass\u0007wd", type: "", bytes: 99, open: async () => new Uint8Array(3) });
  expect(file).toMatchObject({ name: "passwd", type: "application/octet-stream", bytes: 3 });
});

it("does not ask for what is said to be too large", async () => {
  const open = () => Promise.reject(new Error("it was asked for"));
  const file = { name: "a", type: "x/y", bytes: limits.file + 1 };
  expect(await keep({ ...file, open })).toEqual({ ...file, lost: "too_large" });
});

it("stops where a file turns out to be too large", async () => {
  let given = 0;
  let canceled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      given += 1_000_000;
      controller.enqueue(new Uint8Array(1_000_000));
    },
    cancel() {
      canceled = true;
    },
  });
  expect(await keep({ name: "a", type: "x/y", bytes: 10, open: async () => endless })).toMatchObject({ lost: "too_large" });
  expect(canceled).toBe(true);
  expect(given).toBeLessThan(limits.file + 10_000_000);
  expect(await left()).toEqual([]);
});

it.each([
  ["it can't be opened", () => Promise.reject(new Error("403"))],
  ["it never opens", () => new Promise<Uint8Array>(() => {})],
  ["it breaks off", async () => breaking()],
  ["it stalls", async () => new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(9)) })],
])("says so where a file can't be had: %s", async (_, open) => {
  const file = { name: "a", type: "x/y", bytes: 10 };
  const hasty = createKeep({ spool, durations: { ...durations, platformCall: 50 }, log: silentLog });
  expect(await hasty({ ...file, open })).toEqual({ ...file, lost: "unreadable" });
  expect(await left()).toEqual([]);
});

it("has a few in hand at a time, and all of them in the end", async () => {
  let atOnce = 0;
  let most = 0;
  const open = async (text: string) => {
    most = Math.max(most, ++atOnce);
    await new Promise((resolve) => setImmediate(resolve));
    atOnce--;
    return new TextEncoder().encode(text);
  };
  const files = await Promise.all(
    Array.from({ length: 12 }, (_, at) => keep({ name: `${at}`, type: "x/y", bytes: 1, open: () => open(`${at}`) })),
  );
  await stored();
  expect(await Promise.all(files.map(async (file) => new TextDecoder().decode(await readFile(bus, file))))).toEqual(
    files.map(({ name }) => name),
  );
  expect(most).toBeLessThanOrEqual(3);
});

it("keeps a file while NATS is away, and stores it when NATS is back", async () => {
  await own.nats.kill9();
  const file = await keep({ name: "a", type: "x/y", bytes: 5, open: async () => new TextEncoder().encode("hello") });
  expect(file.object).toBeDefined();
  expect(await left()).toHaveLength(1);
  await own.nats.restart();
  await spool.settled();
  expect(new TextDecoder().decode(await readFile(bus, file))).toBe("hello");
  expect(await left()).toEqual([]);
});

it.each([
  [{ lost: "too_large" as const }, /too large/],
  [{ lost: "unreadable" as const }, /could not be had/],
  [{ object: "0".repeat(64) }, /gone/],
])("tells why a file can't be read: %j", async (over, why) => {
  await expect(readFile(bus, { name: "a.txt", type: "x/y", bytes: 1, ...over })).rejects.toMatchObject({
    code: "file_unreadable",
    message: expect.stringMatching(why) as string,
  });
});

/** Where NATS takes its time, they lie on the disk until it does. */
async function stored(): Promise<void> {
  await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 45_000 });
}

/** Files that lie on the disk. */
async function left(): Promise<string[]> {
  return (await readdir(join(folder, "spool"))).filter((name) => name.endsWith(".file"));
}

function streamed(bytes: Uint8Array, piece: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at + piece));
      at += piece;
    },
  });
}

function breaking(): ReadableStream<Uint8Array> {
  let pulls = 0;
  return new ReadableStream({
    pull(controller) {
      if (pulls++ > 0) controller.error(new Error("connection reset"));
      else controller.enqueue(new Uint8Array(9));
    },
  });
}
