import { shardOfKey, streams, subjects, type ActionFinished } from "@bellhop/contracts";
import { connect, type NatsConnection } from "nats";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Bus } from "./bus.ts";
import type { ConsumeOptions, Delivery } from "./delivery.ts";
import { finished, startScene, until, type Scene } from "./scene.ts";

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
beforeEach(async () => {
  nc = await connect({ servers: scene.nats.url });
  await nc.request("$JS.API.STREAM.PURGE.FINISHED");
  run = `run${runs++}`;
});
afterEach(async () => await nc.close());

/** Tasks are the groups. */
function options(over: Partial<ConsumeOptions<ActionFinished>>): ConsumeOptions<ActionFinished> {
  const shard = shardOfKey(run);
  return {
    subject: subjects.action.finished,
    stream: streams.finished,
    filter: subjects.action.finished.filter({ shard }),
    durable: `finished_${shard}`,
    concurrency: Infinity,
    keyOf: ({ task, attempt }) => `${task}/${attempt}`,
    groups: { of: ({ task }) => task, each: 16, all: 100 },
    inOrder: "anew",
    retry: "anywhere",
    handle: async () => undefined,
    ...over,
  };
}

async function publish(task: string, from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  await Promise.all(numbers.map((n) => bus.publish(subjects.action.finished, finished(n, { run, task }), { id: `${run}/${task}/${n}` })));
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

async function consumer(): Promise<{ num_ack_pending: number; num_pending: number }> {
  return (await nc.request(`$JS.API.CONSUMER.INFO.FINISHED.finished_${shardOfKey(run)}`)).json();
}

test("thousands that wait in one group stand before nobody, and go on in their order", { timeout: 60_000 }, async () => {
  await publish("slow", 1, 3000);
  await publish("quick", 1, 3);
  const gate = Promise.withResolvers<void>();
  const slow: number[] = [];
  const quick: number[] = [];
  let most = 0;
  const consumption = await bus.consume(
    options({
      async handle({ task, attempt }) {
        most = Math.max(most, bus.status().inHand);
        if (task === "slow") await gate.promise;
        (task === "slow" ? slow : quick).push(attempt);
      },
    }),
  );
  await until(() => quick.length === 3);
  expect(slow).toEqual([]);
  await publish("quick", 4, 4);
  await until(() => quick.length === 4);
  expect(most).toBeLessThan(30);
  gate.resolve();
  await until(() => slow.length === 3000);
  await consumption.drain();
  expect(slow).toEqual(upTo(3000));
});

test(
  "what is in hand or parked when its holder dies comes at once and in its order to whoever is next, as delivered before",
  { timeout: 60_000 },
  async () => {
    await publish("a", 1, 100);
    const dying = await scene.connect();
    let begun = 0;
    await dying.consume(options({ handle: () => (begun++, new Promise<never>(() => {})) }));
    await until(async () => begun === 16 && (await consumer()).num_ack_pending === 100);
    // Neither acknowledges nor gives anything back.
    await dying.drain();
    await publish("a", 101, 102);
    const seen: number[] = [];
    const again: number[] = [];
    const next = await bus.consume(
      options({
        async handle({ attempt }, { deliveries }: Delivery) {
          seen.push(attempt);
          if (deliveries > 1) again.push(attempt);
        },
      }),
    );
    await until(() => seen.length === 102);
    await next.drain();
    expect(seen).toEqual(upTo(102));
    expect(again).toEqual(upTo(100));
  },
);

test("what was parked and is gone, because somebody was not dead after all, is not waited for", { timeout: 60_000 }, async () => {
  await publish("a", 1, 40);
  const first = Promise.withResolvers<void>();
  const seen: number[] = [];
  const consumption = await bus.consume(
    options({
      async handle({ attempt }) {
        if (attempt <= 16) await first.promise;
        seen.push(attempt);
      },
    }),
  );
  await until(async () => (await consumer()).num_ack_pending === 40);
  const { messages } = (await nc.request("$JS.API.STREAM.INFO.FINISHED")).json<{ state: { messages: number; last_seq: number } }>().state;
  expect(messages).toBe(40);
  for (const seq of await sequencesOf([17, 18, 30])) await nc.request("$JS.API.STREAM.MSG.DELETE.FINISHED", JSON.stringify({ seq }));
  first.resolve();
  await until(() => seen.length === 37);
  await consumption.drain();
  expect(seen).toEqual(upTo(40).filter((n) => ![17, 18, 30].includes(n)));
});

test("over a killed server each group goes on in its order, and in the end the queue is empty", { timeout: 60_000 }, async () => {
  for (const task of ["a", "b"]) await publish(task, 1, 300);
  const seen = new Map<string, number[]>();
  let handled = 0;
  const consumption = await bus.consume(
    options({
      async handle({ task, attempt }) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        seen.set(task, [...(seen.get(task) ?? []), attempt]);
        handled++;
      },
    }),
  );
  await until(() => handled > 100);
  await scene.nats.kill9();
  await scene.nats.restart();
  await until(() => ["a", "b"].every((task) => new Set(seen.get(task)).size === 300));
  const fresh = await connect({ servers: scene.nats.url });
  const left = async () => (await fresh.request("$JS.API.STREAM.INFO.FINISHED")).json<{ state: { messages: number } }>().state.messages;
  await until(async () => (await left()) === 0);
  await fresh.close();
  await consumption.drain();
  for (const attempts of seen.values()) expect([...new Set(attempts)]).toEqual(upTo(300));
});

/** Where results lie in the stream, by their attempt. */
async function sequencesOf(attempts: readonly number[]): Promise<number[]> {
  const found: number[] = [];
  for (let seq = 1; ; seq++) {
    const next = await nc.request("$JS.API.DIRECT.GET.FINISHED", JSON.stringify({ seq, next_by_subj: ">" }));
    if (next.headers?.code === 404) return found;
    seq = Number(next.headers?.get("Nats-Sequence"));
    if (attempts.includes(next.json<ActionFinished>().attempt)) found.push(seq);
  }
}
