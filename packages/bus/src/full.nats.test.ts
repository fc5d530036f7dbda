import { messageIds, shardOfKey, streams, subjects, type StreamLimits } from "@bellhop/contracts";
import { connect, type NatsConnection } from "nats";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Bus } from "./bus.ts";
import { finished, startScene, until, type Scene } from "./scene.ts";

let scene: Scene;
let bus: Bus;
let nc: NatsConnection;
let runs = 0;
/** Two runs whose results go to different subjects. */
let run = "";
let other = "";
beforeAll(async () => {
  scene = await startScene({ factor: 0.1 });
  bus = await scene.connect();
  nc = await connect({ servers: scene.nats.url });
});
afterAll(async () => {
  await nc.close();
  await scene.end();
});
beforeEach(async () => {
  await nc.request("$JS.API.STREAM.PURGE.FINISHED");
  run = `run${runs++}`;
  do other = `run${runs++}`;
  while (shardOfKey(other) === shardOfKey(run));
});

const limit = (limits: StreamLimits) => bus.setUp({ limits: { FINISHED: limits } });

function publish(id: string, count: number, whenFull?: (n: number) => void): Promise<unknown> {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return Promise.all(
    numbers.map((n) =>
      bus.publish(subjects.action.finished, finished(n, { run: id }), { id: `${id}/${n}`, whenFull: whenFull && (() => whenFull(n)) }),
    ),
  );
}

/** Takes everything of the run's shard. */
async function takeAll(id: string, seen: number[]) {
  const shard = shardOfKey(id);
  return bus.consume({
    subject: subjects.action.finished,
    stream: streams.finished,
    filter: subjects.action.finished.filter({ shard }),
    durable: `finished_${shard}`,
    concurrency: 1,
    keyOf: ({ run: of }) => of,
    handle: async ({ attempt }) => void seen.push(attempt),
  });
}

async function stored(): Promise<number> {
  return (await nc.request("$JS.API.STREAM.INFO.FINISHED")).json<{ state: { messages: number } }>().state.messages;
}

test.each<[string, StreamLimits]>([
  ["its subject", { messages: -1, messagesPerSubject: 20 }],
  ["the stream", { messages: 20, messagesPerSubject: -1 }],
])("what finds no room in %s waits in its order, is told so once, and is stored when there is room", async (_, limits) => {
  await limit(limits);
  const full: number[] = [];
  const published = publish(run, 500, (n) => full.push(n));
  await until(() => full.length === 480);
  expect(await stored()).toBe(20);
  const seen: number[] = [];
  const consumption = await takeAll(run, seen);
  await published;
  await until(() => seen.length === 500);
  await consumption.drain();
  expect(seen).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
  expect(full).toEqual(Array.from({ length: 480 }, (_, index) => index + 21));
});

test("a subject that is full leaves room for others, and so does what waits for it over a killed server", async () => {
  await limit({ messages: -1, messagesPerSubject: 5 });
  let full = 0;
  const waiting = publish(run, 50, () => full++);
  await until(() => full === 45);
  await publish(other, 5);
  await scene.nats.kill9();
  await scene.nats.restart();
  nc = await connect({ servers: scene.nats.url });
  const seen: number[] = [];
  const others: number[] = [];
  const consumptions = [await takeAll(other, others), await takeAll(run, seen)];
  await waiting;
  await until(() => seen.length >= 50 && others.length >= 5);
  for (const consumption of consumptions) await consumption.drain();
  expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
});

test("a limit that is set on a queue takes nothing out of it", async () => {
  await limit({ messages: -1, messagesPerSubject: -1 });
  await publish(run, 30);
  await limit({ messagesPerSubject: 10 }).catch(() => undefined);
  expect(await stored()).toBe(30);
});

test("of live output that finds no room the oldest goes, and whoever prints waits for nobody", async () => {
  await bus.setUp({ limits: { OUTPUT: { messages: 10 } } });
  const chunk = (seq: number) => ({ v: 1, run, task: "main", attempt: 1, seq, stream: "stdout", text: `line ${seq}` }) as const;
  let full = 0;
  for (let seq = 1; seq <= 30; seq++)
    await bus.publish(subjects.run.output, chunk(seq), { id: messageIds.output(chunk(seq), seq), whenFull: () => full++ });
  const { state } = (await nc.request("$JS.API.STREAM.INFO.OUTPUT")).json<{ state: { messages: number; first_seq: number } }>();
  expect([state.messages, state.first_seq, full]).toEqual([10, 21, 0]);
  await bus.setUp({ limits: { OUTPUT: { messages: -1 } } });
});

test("a letter that finds no room waits, its message with it, and nobody is told twice", async () => {
  await limit({ messages: -1, messagesPerSubject: -1 });
  await bus.setUp({ limits: { DEAD: { messages: 1 } } });
  const shard = shardOfKey(run);
  const dead: (string | undefined)[] = [];
  const before = scene.logged.length;
  for (const broken of ["{one", "{two"]) nc.publish(`action.finished.${shard}`, broken);
  const consumption = await bus.consume({
    subject: subjects.action.finished,
    stream: streams.finished,
    filter: subjects.action.finished.filter({ shard }),
    durable: `finished_${shard}`,
    concurrency: 1,
    keyOf: ({ task }) => task,
    handle: async () => undefined,
    onDead: async (_, raw) => void dead.push(raw),
  });
  await until(() => scene.logged.slice(before).includes("warn NATS can't take it now, trying again"));
  await until(async () => dead.length === 1 && (await stored()) === 1);
  const [letter] = await bus.dead.list(({ number }) => number);
  expect(await bus.dead.drop(letter ?? 0)).toBe(true);
  await until(async () => dead.length === 2 && (await stored()) === 0);
  await consumption.drain();
  expect(dead).toEqual(["{one", "{two"]);
  await bus.setUp({ limits: { DEAD: { messages: -1 } } });
});
