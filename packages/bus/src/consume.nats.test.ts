import {
  conversationKey,
  problem,
  shardOfKey,
  streams,
  subjects,
  type ActionFinished,
  type Message,
  type MessageDeleted,
  wireVersion,
} from "@bellhop/contracts";
import { connect, type NatsConnection } from "nats";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Bus } from "./bus.ts";
import type { ConsumeOptions } from "./delivery.ts";
import { finished, startScene, until, type Scene } from "./scene.ts";
import { several, type OneOf } from "./several.ts";

let scene: Scene;
let bus: Bus;
let nc: NatsConnection;
let run = "";
let runs = 0;
beforeAll(async () => {
  scene = await startScene({ factor: 0.1 });
  bus = await scene.connect();
});
afterAll(async () => await scene.end());
afterEach(async () => await nc.close());
beforeEach(async () => {
  nc = await connect({ servers: scene.nats.url });
  await nc.request("$JS.API.STREAM.PURGE.FINISHED");
  run = `run${runs++}`;
});

/** For what is of a certain length: one whose messages come again so late that a machine with other work is not taken for a dead process. */
const patient = async () => await scene.connect({ durations: { ...scene.durations, ackWait: 2_000 } });

function options(over: Partial<ConsumeOptions<ActionFinished>>): ConsumeOptions<ActionFinished> {
  const shard = shardOfKey(run);
  return {
    subject: subjects.action.finished,
    stream: streams.finished,
    filter: subjects.action.finished.filter({ shard }),
    durable: `finished_${shard}`,
    concurrency: 8,
    keyOf: (payload) => payload.task,
    handle: async () => undefined,
    ...over,
  };
}

async function publish(count: number, taskOf: (n: number) => string): Promise<void> {
  const all = Array.from({ length: count }, (_, index) => index + 1);
  await Promise.all(all.map((n) => bus.publish(subjects.action.finished, finished(n, { run, task: taskOf(n) }), { id: `${run}/${n}` })));
}

/** On a connection of its own: one that lost its server may be a while in coming back. */
async function left(): Promise<number> {
  const fresh = await connect({ servers: scene.nats.url });
  const info = await fresh.request("$JS.API.STREAM.INFO.FINISHED", undefined, { timeout: 10_000 });
  await fresh.close();
  return info.json<{ state: { messages: number } }>().state.messages;
}

test("over a killed server everything is handled, one at a time per key, and in the end the queue is empty", async () => {
  const seen = new Map<string, number[]>();
  const busy = new Set<string>();
  let overlap = false;
  let handled = 0;
  await publish(400, (n) => `t${n % 10}`);
  const consumption = await bus.consume(
    options({
      async handle({ task, attempt }) {
        overlap ||= busy.has(task);
        busy.add(task);
        await new Promise((resolve) => setTimeout(resolve, 5));
        busy.delete(task);
        seen.set(task, [...(seen.get(task) ?? []), attempt]);
        handled++;
      },
    }),
  );
  await until(() => handled > 80);
  await scene.nats.kill9();
  await scene.nats.restart();
  await until(() => handled > 220);
  await scene.nats.kill9();
  await scene.nats.restart();
  await until(() => [...seen.values()].reduce((sum, attempts) => sum + new Set(attempts).size, 0) === 400);
  await consumption.drain();
  expect(overlap).toBe(false);
  for (const attempts of seen.values()) expect([...new Set(attempts)]).toEqual([...new Set(attempts)].toSorted((a, b) => a - b));
  // An acknowledgement that a killed server forgot comes again once.
  const again = await bus.consume(options({}));
  while ((await left()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await again.drain();
});

test("a key that is held up does not hold up the others", async () => {
  let go: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (go = resolve));
  const order: string[] = [];
  await publish(60, (n) => (n <= 40 ? "slow" : "quick"));
  const consumption = await bus.consume(
    options({
      concurrency: 2,
      async handle({ task, attempt }) {
        if (task === "slow") await held;
        order.push(`${task}${attempt}`);
      },
    }),
  );
  await until(() => order.length === 20);
  expect(order.every((entry) => entry.startsWith("quick"))).toBe(true);
  go();
  await until(() => order.length === 60);
  expect(order.slice(20)).toEqual(Array.from({ length: 40 }, (_, index) => `slow${index + 1}`));
  await consumption.drain();
  expect(await left()).toBe(0);
});

test("a handler that works longer than ack_wait is not given its message twice", async () => {
  let times = 0;
  await publish(1, () => "long");
  const [one, other] = [await patient(), await patient()];
  const consumption = await one.consume(
    options({
      async handle() {
        times++;
        await new Promise((resolve) => setTimeout(resolve, 3_000));
      },
    }),
  );
  const second = await other.consume(options({ handle: async () => void times++ }));
  await until(() => times === 1);
  await consumption.drain();
  await second.drain();
  expect(times).toBe(1);
  expect(await left()).toBe(0);
});

test("a passing problem is tried again, in order and uncounted", async () => {
  const order: number[] = [];
  let failures = 0;
  await publish(3, () => "same");
  const consumption = await bus.consume(
    options({
      async handle({ attempt }) {
        if (attempt === 1 && failures++ < 7) throw problem("platform_unavailable", { platform: "slack", why: "503" });
        order.push(attempt);
      },
    }),
  );
  await until(() => order.length === 3);
  expect(order).toEqual([1, 2, 3]);
  await consumption.drain();
});

test("after five crashes a message is told as dead, kept as dead letter, and its key goes on", async () => {
  let crashes = 0;
  const dead: unknown[] = [];
  let after = false;
  await publish(2, () => "same");
  const consumption = await bus.consume(
    options({
      async handle({ attempt }) {
        if (attempt === 2) after = true;
        else {
          crashes++;
          throw new Error("boom");
        }
      },
      onDead: async (payload, _, reason) => void dead.push({ attempt: payload?.attempt, why: reason.message }),
    }),
  );
  await until(() => after);
  expect(crashes).toBe(5);
  expect(dead).toEqual([{ attempt: 1, why: expect.stringContaining("boom") as string }]);
  await consumption.drain();
  expect(await left()).toBe(0);
  const letter = await nc.request("$JS.API.DIRECT.GET.DEAD.dead.FINISHED");
  expect(letter.json()).toMatchObject({ attempt: 1 });
  expect(letter.headers?.get("Bellhop-Reason")).toContain("boom");
});

test("what can't be read is dead at once", async () => {
  const dead: (string | undefined)[] = [];
  nc.publish(`action.finished.${shardOfKey(run)}`, "{broken");
  const consumption = await bus.consume(options({ onDead: async (payload, raw) => void dead.push(payload === undefined ? raw : "read") }));
  await until(() => dead.length === 1);
  expect(dead).toEqual(["{broken"]);
  await consumption.drain();
  expect(await left()).toBe(0);
});

test("a newer version waits for a newer program and lets others pass", async () => {
  nc.publish(`action.finished.${shardOfKey(run)}`, JSON.stringify({ ...finished(1, { run }), v: wireVersion + 1 }));
  await publish(1, () => "same");
  const seen: number[] = [];
  const consumption = await bus.consume(options({ handle: async ({ attempt }) => void seen.push(attempt) }));
  await until(() => seen.length === 1 && scene.logged.includes("warn a newer version waits"));
  await consumption.drain();
  expect(await left()).toBe(1);
});

test("what is too new waits in hand as long as nobody could read it, and is then given back", async () => {
  nc.publish(`action.finished.${shardOfKey(run)}`, JSON.stringify({ ...finished(1, { run }), v: wireVersion + 1 }));
  let newer = false;
  const consumption = await bus.consume(options({ newerLives: () => newer }));
  const durable = `finished_${shardOfKey(run)}`;
  const inHand = async () =>
    (await nc.request(`$JS.API.CONSUMER.INFO.FINISHED.${durable}`)).json<{ num_ack_pending: number }>().num_ack_pending;
  await until(async () => (await inHand()) === 1);
  // Longer than what is not touched would stay in hand.
  const since = performance.now();
  await until(() => performance.now() - since > 3 * scene.durations.ackWait);
  expect(await inHand()).toBe(1);
  const next = `$JS.API.CONSUMER.MSG.NEXT.FINISHED.${durable}`;
  newer = true;
  const given = await nc.request(next, JSON.stringify({ expires: 20_000_000_000 }), { timeout: 20_000, noMux: true });
  expect(given.json()).toMatchObject({ v: wireVersion + 1 });
  await consumption.drain();
});

test("a drain in the middle of work loses nothing and hands the rest to the next at once", async () => {
  const seen: number[] = [];
  await publish(100, (n) => `t${n}`);
  // Longer than anybody waits here: what is not handed over comes too late.
  const patient = { durations: { ...scene.durations, ackWait: 120_000 } };
  const [first, next] = [await scene.connect(patient), await scene.connect(patient)];
  await first.consume(
    options({
      concurrency: 4,
      async handle({ attempt }) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        seen.push(attempt);
        await first.publish(subjects.action.requested, asRequest(attempt), { id: `req:${run}/${attempt}` });
      },
    }),
  );
  await until(() => seen.length > 20);
  const drained = seen.length;
  await first.drain();
  expect(seen.length).toBeLessThan(drained + 10);
  const second = await next.consume(options({ handle: async ({ attempt }) => void seen.push(attempt) }));
  await until(() => seen.length >= 100);
  await second.drain();
  expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  expect(await left()).toBe(0);
});

test("what others left is handled before what came later, where the order is to be kept", async () => {
  await publish(3, () => "same");
  const [dying, next] = [await patient(), await patient()];
  let begun = 0;
  const never = () => new Promise<never>(() => {});
  await dying.consume(options({ keyOf: ({ attempt }) => String(attempt), handle: () => (begun++, never()) }));
  await until(() => begun === 3);
  await dying.drain();
  const late = { run, task: "same" };
  for (const n of [4, 5]) await bus.publish(subjects.action.finished, finished(n, late), { id: `${run}/${n}` });
  const seen: number[] = [];
  const second = await next.consume(options({ inOrder: "wait", concurrency: 1, handle: async ({ attempt }) => void seen.push(attempt) }));
  await until(() => seen.length === 5);
  await second.drain();
  expect(seen).toEqual([1, 2, 3, 4, 5]);
});

test("what others still deal with is waited for no longer than it would take to come again", async () => {
  await publish(1, () => "same");
  const [other, next] = [await patient(), await patient()];
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  let begun = 0;
  const first = await other.consume(options({ concurrency: 1, prefetch: 0, handle: () => (begun++, held) }));
  await until(() => begun === 1);
  await bus.publish(subjects.action.finished, finished(2, { run, task: "same" }), { id: `${run}/2` });
  const seen: number[] = [];
  const second = await next.consume(options({ inOrder: "wait", concurrency: 1, handle: async ({ attempt }) => void seen.push(attempt) }));
  await until(() => seen.includes(2));
  letGo();
  await Promise.all([first.drain(), second.drain()]);
  expect(seen).toEqual([2]);
});

test("an early acknowledgement takes the message out of the queue while its handler works", async () => {
  await publish(1, () => "early");
  let during = -1;
  const consumption = await bus.consume(
    options({
      async handle(_, delivery) {
        await delivery.ack();
        during = await left();
      },
    }),
  );
  await until(() => during !== -1);
  expect(during).toBe(0);
  await consumption.drain();
});

test("a durable that somebody deletes is made again", async () => {
  const seen: number[] = [];
  const consumption = await bus.consume(options({ handle: async ({ attempt }) => void seen.push(attempt) }));
  await nc.request(`$JS.API.CONSUMER.DELETE.FINISHED.finished_${shardOfKey(run)}`);
  await publish(5, () => "same");
  await until(() => seen.length === 5);
  await consumption.drain();
});

const talk = several({ received: subjects.message.received, deleted: subjects.message.deleted });
const room = { v: 1, platform: "slack", account: "A1", conversation: { channel: "C1", kind: "room" } } as const;
const shard = shardOfKey(conversationKey(room));
const when = "2026-01-01T00:00:00.000Z";

async function hear(kind: "received" | "deleted", key: string): Promise<void> {
  const original = { key, sentAt: when };
  if (kind === "deleted")
    return void (await bus.publish(subjects.message.deleted, { ...room, key, original, deletedAt: when }, { id: key }));
  const author = { platform: "slack", id: "U1", kind: "human" } as const;
  const said = { ...room, key, author, content: { text: "x" }, addressed: "prefix", origin: "live", sentAt: when } as const;
  await bus.publish(subjects.message.received, { ...said, replyTo: { platform: "slack", account: "A1", channel: "C1" } }, { id: key });
}

function listening(heard: string[], over: Partial<ConsumeOptions<OneOf<{ received: Message; deleted: MessageDeleted }>>> = {}) {
  return bus.consume({
    subject: talk,
    stream: streams.message,
    filter: [subjects.message.received.filter({ shard }), subjects.message.deleted.filter({ shard })],
    durable: "talk",
    concurrency: 8,
    keyOf: ({ payload }) => conversationKey(payload),
    handle: async ({ kind, payload }) => void heard.push(`${kind} ${payload.key}`),
    ...over,
  });
}

test("one durable takes several subjects in the order they were stored, each read by its own schema", async () => {
  const heard: string[] = [];
  const dead: string[] = [];
  for (const [index, kind] of (["received", "deleted", "deleted", "received"] as const).entries()) await hear(kind, `m${index}`);
  nc.publish(subjects.message.deleted.filter({ platform: "slack", account: "A1", shard }), JSON.stringify({ v: 1, key: "m9" }));
  const consumption = await listening(heard, { onDead: async (_, __, reason) => void dead.push(reason.message) });
  await until(() => heard.length === 4 && dead.length === 1);
  expect(heard).toEqual(["received m0", "deleted m1", "deleted m2", "received m3"]);
  expect(dead[0]).toContain("message.deleted");
  await consumption.drain();
  await nc.request("$JS.API.CONSUMER.DELETE.MESSAGE.talk");
});

test("a durable of an older start, which took fewer subjects, takes what it had passed over too", async () => {
  const filter = subjects.message.received.filter({ shard });
  const before: string[] = [];
  const narrow = await listening(before, { filter });
  await hear("deleted", "passed over");
  await hear("received", "taken");
  await until(() => before.length === 1);
  await narrow.drain();
  await hear("received", "waiting");
  const heard: string[] = [];
  const wide = await listening(heard);
  await until(() => heard.length === 2);
  expect(heard).toEqual(["deleted passed over", "received waiting"]);
  await wide.drain();
  // The other way round, as after going back to the older program.
  const again: string[] = [];
  const back = await listening(again, { filter });
  await hear("received", "last");
  await until(() => again.length === 1);
  await back.drain();
  await nc.request("$JS.API.CONSUMER.DELETE.MESSAGE.talk");
});

function asRequest(attempt: number) {
  return { v: 1 as const, run, task: "t", attempt, pool: "p", action: "a.b", digest: "d", input: {}, timeoutMs: 1, repeatable: false };
}
