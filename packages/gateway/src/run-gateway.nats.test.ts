import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { Bus } from "@bellhop/bus";
import { scaled, streams } from "@bellhop/contracts";
import { silentLog, type Service } from "@bellhop/service";
import type { TestNats } from "@bellhop/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Adapter, Inbox } from "./adapter.ts";
import { runGateway } from "./run-gateway.ts";
import { openSpool } from "./spool.ts";
import { Board } from "./test-board.ts";
import { startGuarded, type GuardedServer } from "./testing-server.ts";
import { listen, wall } from "./test-wall.ts";

const durations = scaled(0.1);
let server: GuardedServer;
let nats: TestNats;
let folder: string;
let operator: Bus;
let accounts = 0;
let account: string;
let closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  server = await startGuarded(durations);
  ({ nats, operator, folder } = server);
});

afterAll(async () => await server.end());

beforeEach(() => {
  account = `wall${++accounts}`;
});

afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

it("tells each conversation once that it waits where the engines' queue is full, and stores all of it in its order", async () => {
  // The first of these tests: a queue that holds more than its limit is left as it is.
  await operator.setUp({ limits: { MESSAGE: { messagesPerSubject: 2 } } });
  const { inbox, board } = await gateway();
  const ids = Array.from({ length: 9 }, (_, at) => String(at));
  const { said: here } = wall(account);
  for (const id of ids) await inbox.receive(here(id));
  await board.until(() => board.notes.length === 1);
  // What is said after it waits on the disk too.
  await inbox.receive(wall(account, "hall").said("9"));
  await board.until(() => board.notes.length === 2);
  expect(board.notes.map(({ channel }) => channel)).toEqual(["wall", "hall"]);
  expect(board.texts()[0]).toMatch(/^There is more to do than can be taken right now/);
  const listening = await listen(operator, account);
  await listening.until(10);
  await listening.stop();
  expect(listening.heard.filter((one) => one !== "received 9")).toEqual(ids.map((id) => `received ${id}`));
  await operator.setUp({ limits: { MESSAGE: { messagesPerSubject: streams.message.maxMessagesPerSubject } } });
});

it("stores what it hears, of every kind and in order, once, before it says so", async () => {
  const { inbox } = await gateway();
  const { said, edited, deleted, reacted } = wall(account);
  await Promise.all([inbox.receive(said("1")), inbox.receive(said("1")), inbox.receive(reacted("1", "x"))]);
  await inbox.receive(said("1", { origin: "retry" }));
  await inbox.receive(edited("1"));
  await inbox.receive(edited("1"));
  await inbox.receive(deleted("1"));
  expect(await stored(4)).toEqual(["received 1", "reacted 1/rx", "edited 1/e1", "deleted 1/d"]);
});

it("says nothing while it can't be stored, and everything once it can, where it has no disk", async () => {
  const [patient, hasty] = [await gateway({ disk: false }), await gateway()];
  await nats.kill9();
  const told: string[] = [];
  const receiving = ["1", "2"].map((id) => patient.inbox.receive(wall(account).said(id)).then(() => told.push(id)));
  await hasty.inbox.receive(wall(account).said("3"));
  expect(told).toEqual([]);
  await nats.restart();
  await Promise.all(receiving);
  expect((await stored(3)).filter((each) => each !== "received 3")).toEqual(["received 1", "received 2"]);
});

it("loses nothing and keeps the order when NATS is killed and comes back while people write", async () => {
  const { inbox } = await gateway();
  const { said } = wall(account);
  const ids = Array.from({ length: 300 }, (_, index) => String(index));
  let restarted: Promise<void> | undefined;
  const receiving: Promise<void>[] = [];
  for (const [index, id] of ids.entries()) {
    receiving.push(inbox.receive(said(id)));
    if (index === 100) await nats.kill9();
    // From here on only the disk is there to tell it.
    if (index === 150) await Promise.all(receiving);
    if (index === 200) restarted = nats.restart();
    if (index % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(receiving);
  await restarted;
  expect(await stored(ids.length)).toEqual(ids.map((id) => `received ${id}`));
});

it("does not keep people waiting for a NATS that does not answer", async () => {
  const { inbox } = await gateway();
  const { said } = wall(account);
  process.kill(nats.pid, "SIGSTOP");
  try {
    await Promise.all(["1", "2", "3"].map((id) => inbox.receive(said(id))));
    await inbox.receive(said("4"));
  } finally {
    process.kill(nats.pid, "SIGCONT");
  }
  expect(await stored(4)).toEqual(["1", "2", "3", "4"].map((id) => `received ${id}`));
});

it("stores what a gateway had heard that was killed while NATS was away", { timeout: 60_000 }, async () => {
  const child = await childGateway();
  await nats.kill9();
  const ids = ["1", "2", "3"];
  for (const id of ids) await child.hear(id);
  await child.kill9();
  await nats.restart();
  const { inbox } = await gateway();
  await inbox.receive(wall(account).said("4"));
  expect(await stored(4)).toEqual([...ids, "4"].map((id) => `received ${id}`));
});

it("stores it in the end when gateways are killed one after the other while they do so", { timeout: 60_000 }, async () => {
  const first = await childGateway();
  await nats.kill9();
  const ids = Array.from({ length: 40 }, (_, index) => String(index));
  for (const id of ids) await first.hear(id);
  await first.kill9();
  await nats.restart();
  for (let kills = 0; kills < 2; kills++) await (await childGateway()).kill9();
  await gateway();
  expect(await stored(ids.length)).toEqual(ids.map((id) => `received ${id}`));
});

it("does not take what has no room, and lets no mark pass it until it is given again", async () => {
  const { said } = wall(account);
  const first = await gateway({ limit: 1.5 * JSON.stringify(said("1")).length });
  await nats.kill9();
  await first.inbox.receive(said("1"));
  await expect(first.inbox.receive(said("2"))).rejects.toMatchObject({ code: "spool_unavailable" });
  await nats.restart();
  const listening = await listen(operator, account);
  await listening.until(1);
  await again(() => first.inbox.receive(said("3")));
  first.inbox.marks.reach({ place: "wall", position: "3" });
  first.inbox.marks.reach({ place: "hall", position: "3" });
  await first.stop();
  const second = await gateway();
  expect([...(await second.inbox.marks.read()).keys()]).toEqual(["hall"]);
  await second.inbox.receive(said("2"));
  second.inbox.marks.reach({ place: "wall", position: "3" });
  await second.stop();
  await listening.until(3);
  await listening.stop();
  expect(listening.heard).toEqual(["received 1", "received 3", "received 2"]);
  expect([...(await (await gateway()).inbox.marks.read()).keys()].toSorted()).toEqual(["hall", "wall"]);
});

it("leaves what NATS did not take in time to its next start", async () => {
  const first = await gateway();
  await nats.kill9();
  await first.inbox.receive(wall(account).said("1"));
  await first.stop();
  await nats.restart();
  await gateway();
  expect(await stored(1)).toEqual(["received 1"]);
});

it("goes by the prefixes that it was given", async () => {
  const { inbox } = await gateway();
  expect([inbox.prefix({ channel: "wall", kind: "room" }), inbox.prefix({ channel: "hall", kind: "room" })]).toEqual(["!", "?"]);
});

it("writes how far it heard although its platform can't be left", async () => {
  const first = await gateway({ disconnect: () => Promise.reject(new Error("closed")) });
  first.inbox.marks.reach({ place: "wall", position: "1" });
  await first.stop();
  const { inbox } = await gateway();
  expect((await inbox.marks.read()).get("wall")).toMatchObject({ position: "1" });
});

/** As a platform does: until it is taken. */
async function again(give: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await give();
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

async function gateway({
  disk = true,
  limit,
  ...over
}: { disk?: boolean; limit?: number } & Partial<Pick<Adapter, "disconnect">> = {}): Promise<{
  inbox: Inbox;
  board: Board;
  stop(): Promise<void>;
}> {
  const bus = await server.connect("gateway");
  const spool = await openSpool({ bus, ...(disk && { folder: join(folder, account), limit }), durations, log: silentLog });
  const connected = Promise.withResolvers<Inbox>();
  const board = new Board(account);
  const adapter = { ...board.adapter("one", connected.resolve), ...over };
  const prefixes = { general: "!", rooms: { "board:hall": "?" } };
  const service: Service = await runGateway({ adapter, bus, spool, prefixes, durations, log: silentLog });
  const stop = async () => {
    await service.stop();
    await spool.close();
    await bus.drain();
  };
  let stopped: Promise<void> | undefined;
  closing.push(() => (stopped ??= stop()));
  return { inbox: await connected.promise, board, stop: () => (stopped ??= stop()) };
}

/** The same in a process of its own, that hears what it is told to. */
async function childGateway(): Promise<{ hear(id: string): Promise<void>; kill9(): Promise<void> }> {
  const told = [nats.url, server.credentials.gateway.file, account, join(folder, account)];
  const child = fork(join(import.meta.dirname, "test-child.ts"), told, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  closing.push(async () => {
    child.kill("SIGKILL");
    await gone;
  });
  await said(child, "ready");
  return {
    async hear(id) {
      child.send(id);
      await said(child, id);
    },
    async kill9() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

function said(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error(`it ended before it said ${word}`));
    const look = (message: unknown) => {
      if (message !== word) return;
      child.off("message", look).off("exit", ended);
      resolve();
    };
    child.on("message", look).once("exit", ended);
  });
}

/** Everything that was stored for this account, once it is so much. */
async function stored(count: number): Promise<readonly string[]> {
  const listening = await listen(operator, account);
  await listening.until(count);
  await listening.stop();
  return listening.heard;
}
