import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { problem, type Message } from "@bellhop/contracts";
import { silentLog } from "@bellhop/service";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSpoolQueue, type Spooled, type SpoolQueue } from "./spool-queue.ts";

let folder: string;
let queues: SpoolQueue[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellhop-spool-"));
});

afterEach(async () => {
  for (const queue of queues) await queue.close({ withinMs: 0 });
  queues = [];
  await rm(folder, { recursive: true, force: true });
});

/** NATS as the queue sees it: away until it is let come back. */
function nats() {
  const stored: string[] = [];
  let back = Promise.withResolvers<void>();
  return {
    stored,
    come: () => back.resolve(),
    go: () => (back = Promise.withResolvers()),
    publish: async (entry: Spooled): Promise<void> => {
      await back.promise;
      stored.push(nameOf(entry));
    },
  };
}

async function open(publish: (entry: Spooled) => Promise<void>, limit?: number): Promise<SpoolQueue> {
  const queue = await openSpoolQueue({ folder, publish, limit, log: silentLog });
  queues.push(queue);
  return queue;
}

it("publishes in order what waited, and is idle then", async () => {
  const away = nats();
  const queue = await open(away.publish);
  expect(queue.isBusy).toBe(false);
  await Promise.all(["a", "b", "c"].map((name) => queue.put(said(name))));
  expect([queue.isBusy, away.stored]).toEqual([true, []]);
  away.come();
  await queue.put(said("d"));
  await queue.emptied();
  expect([queue.isBusy, away.stored]).toEqual([false, ["a", "b", "c", "d"]]);
});

it("keeps the order of all that is put, whenever NATS comes and goes", async () => {
  const steps = fc.array(fc.constantFrom("put", "put", "come", "go", "turn"), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(steps, async (each) => {
      const away = nats();
      const queue = await open(away.publish);
      const puts: Promise<void>[] = [];
      for (const step of each) {
        if (step === "put") puts.push(queue.put(said(String(puts.length))));
        else if (step === "turn") await new Promise((resolve) => setImmediate(resolve));
        else away[step]();
      }
      await Promise.all(puts);
      away.come();
      await queue.emptied();
      expect(away.stored).toEqual(puts.map((_, index) => String(index)));
    }),
    { numRuns: 40 },
  );
});

it("takes no more than it has room for, and takes again when it is empty", async () => {
  const away = nats();
  const room = 2.5 * (JSON.stringify(said("a")).length + 1);
  const queue = await open(away.publish, room);
  const told = await Promise.allSettled(["a", "b", "c", "d"].map((name) => queue.put(said(name))));
  expect(told.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "rejected"]);
  await expect(queue.put(said("e"))).rejects.toMatchObject({ code: "spool_unavailable", retry: true });
  away.come();
  await queue.emptied();
  await queue.put(said("f"));
  await queue.emptied();
  expect(away.stored).toEqual(["a", "b", "f"]);
});

it("counts files that came with messages, and publishes them before what refers to them", async () => {
  const away = nats();
  const queue = await open(away.publish, 10_000);
  const file = { kind: "file" as const, object: "0123", bytes: 8_000, path: queue.pathForFile() };
  await queue.put(file);
  await expect(queue.put({ ...file, bytes: 2_000 })).rejects.toMatchObject({ code: "spool_unavailable" });
  await queue.put(said("a"));
  away.come();
  await queue.emptied();
  expect(away.stored).toEqual(["file", "a"]);
});

it("has the room of a file again once that is published, whatever waits behind it", async () => {
  const published = Promise.withResolvers<void>();
  const queue = await open((entry) => (entry.kind === "file" ? Promise.resolve() : (published.resolve(), new Promise(() => {}))), 10_000);
  const file = () => ({ kind: "file" as const, object: "0123", bytes: 8_000, path: queue.pathForFile() });
  await Promise.all([queue.put(file()), queue.put(said("a"))]);
  await published.promise;
  await queue.put(file());
  await expect(queue.put(file())).rejects.toMatchObject({ code: "spool_unavailable" });
});

it("publishes first what an earlier gateway left", async () => {
  const first = await open(nats().publish);
  await first.put(said("a"));
  await first.close({ withinMs: 0 });
  const away = nats();
  const second = await open(away.publish);
  expect(second.isBusy).toBe(true);
  await second.put(said("b"));
  away.come();
  await second.emptied();
  expect(away.stored).toEqual(["a", "b"]);
  await second.close({ withinMs: 0 });
  expect(await readdir(join(folder, "spool"))).toEqual([]);
});

it("finds what another gateway left while it was busy itself", async () => {
  const away = nats();
  const [living, dying] = [await open(away.publish), await open(nats().publish)];
  await dying.put(said("a"));
  await living.put(said("b"));
  await dying.close({ withinMs: 0 });
  away.come();
  await living.emptied();
  expect(away.stored).toEqual(["b", "a"]);
});

it("passes over what is damaged and what will never be stored", async () => {
  const first = await open(nats().publish);
  await first.put(said("a"));
  await first.put(said("huge"));
  await first.close({ withinMs: 0 });
  const [name = ""] = await readdir(join(folder, "spool"));
  await writeFile(join(folder, "spool", name), `{"kind":"mess\n${JSON.stringify(said("b"))}\n`, { flag: "a" });
  const stored: string[] = [];
  const second = await open(async (entry) => {
    if (nameOf(entry) === "huge") throw problem("message_too_large", { subject: "s", bytes: 2, limit: 1, field: "f", fieldBytes: 2 });
    stored.push(nameOf(entry));
  });
  await second.emptied();
  expect(stored).toEqual(["a", "b"]);
});

it("tries again what it is not allowed to publish yet", async () => {
  const stored: string[] = [];
  let refusals = 1;
  const queue = await open(async (entry) => {
    if (refusals-- > 0) throw problem("nats_denied", { role: "gateway", what: "publish" });
    stored.push(nameOf(entry));
  });
  await queue.put(said("a"));
  await queue.emptied();
  expect(stored).toEqual(["a"]);
});

it("tells whoever waits that it was closed, and takes nothing any more", async () => {
  const queue = await open(nats().publish);
  await queue.put(said("a"));
  const emptied = queue.emptied();
  await queue.close({ withinMs: 0 });
  await expect(emptied).rejects.toMatchObject({ code: "spool_unavailable" });
  await expect(queue.put(said("b"))).rejects.toMatchObject({ code: "spool_unavailable" });
});

function nameOf(entry: Spooled): string {
  return entry.kind === "message" ? entry.message.content.text : entry.kind;
}

function said(text: string): Spooled & { kind: "message" } {
  const place = { platform: "board", account: "b1" };
  const message: Message = {
    v: 1,
    key: `board/b1//wall/${text}`,
    ...place,
    conversation: { channel: "wall", kind: "room" },
    author: { platform: "board", id: "ana", kind: "human" },
    content: { text },
    addressed: "prefix",
    origin: "live",
    replyTo: { ...place, channel: "wall" },
    sentAt: "2026-01-01T00:00:00.000Z",
  };
  return { kind: "message", message };
}
