import { shardOfKey, streams, subjects, type ActionFinished } from "@bellhop/contracts";
import { connect, type NatsConnection } from "nats";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Bus } from "./bus.ts";
import type { ConsumeOptions, DeadLetter } from "./delivery.ts";
import { finished, startScene, until, type Scene } from "./scene.ts";

let scene: Scene;
let bus: Bus;
let nc: NatsConnection;
let run = "";
let runs = 0;
beforeAll(async () => {
  // Duplicate windows of a second; but nothing is delivered again because this machine is slow.
  scene = await startScene({ factor: 0.01, durations: { ackWait: 100_000 } });
  bus = await scene.connect({ name: "engine e1" });
  nc = await connect({ servers: scene.nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
});
afterAll(async () => {
  await nc.close();
  await scene.end();
});
beforeEach(async () => {
  await Promise.all(["FINISHED", "DEAD"].map((name) => nc.request(`$JS.API.STREAM.PURGE.${name}`)));
  run = `run${runs++}`;
});

const broken = async () => {
  throw new Error("boom");
};

/** Works off the results of this test's run until something of them is dead or `handle` says so. */
async function work(over: Partial<ConsumeOptions<ActionFinished>>) {
  const shard = shardOfKey(run);
  return bus.consume({
    subject: subjects.action.finished,
    stream: streams.finished,
    filter: subjects.action.finished.filter({ shard }),
    durable: `finished_${shard}`,
    concurrency: 8,
    keyOf: (payload) => payload.run,
    handle: broken,
    ...over,
  });
}

async function letters(): Promise<DeadLetter[]> {
  return bus.dead.list((letter) => letter);
}

/** The letter of a message that was crashed upon as often as that takes. */
async function letter(publish = () => bus.publish(subjects.action.finished, finished(1, { run }), { id: run })): Promise<DeadLetter> {
  let dead = false;
  await publish();
  const consumption = await work({ onDead: async () => void (dead = true) });
  await until(() => dead);
  await consumption.drain();
  const [found, ...more] = await letters();
  if (found === undefined || more.length > 0) throw new Error("one letter was expected");
  return found;
}

test("a letter says what it was, from where, when, who gave up and why", async () => {
  const { sequence } = await bus.publish(subjects.action.finished, finished(1, { run }), { id: run });
  const found = await letter(async () => ({ sequence, duplicate: false }));
  const shard = shardOfKey(run);
  expect(found).toMatchObject({
    stream: "FINISHED",
    subject: `action.finished.${shard}`,
    sequence,
    by: "engine e1",
    durable: `finished_${shard}`,
    deliveries: 1,
    problem: { code: "internal", message: expect.stringContaining("boom") as string, hint: expect.stringContaining("log") as string },
  });
  expect(JSON.parse(new TextDecoder().decode(found.data))).toEqual(finished(1, { run }));
  expect(found.at).toBeGreaterThanOrEqual(found.storedAt);
  expect(await bus.dead.get(found.number)).toEqual(found);
  expect(await bus.dead.get(found.number + 1)).toBeUndefined();
});

test.each(["within", "after"] as const)(
  "replayed %s the duplicate window it is handled, and repeats within it change nothing",
  async (when) => {
    const found = await letter();
    const seen: number[] = [];
    const consumption = await work({ handle: async ({ attempt }) => void seen.push(attempt) });
    // The id that the result had is forgotten once it can be stored again.
    if (when === "after")
      await until(async () => !(await bus.publish(subjects.action.finished, finished(2, { run }), { id: run })).duplicate);
    await bus.dead.replay(found);
    await bus.dead.replay(found);
    await until(() => seen.includes(1));
    await consumption.drain();
    expect(seen.filter((attempt) => attempt === 1)).toHaveLength(1);
    expect(await bus.dead.drop(found.number)).toBe(true);
    expect(await bus.dead.drop(found.number)).toBe(false);
    expect(await letters()).toEqual([]);
  },
);

test("something else may take its place", async () => {
  const found = await letter();
  const seen: number[] = [];
  await bus.dead.replay(found, finished(9, { run }));
  const consumption = await work({ handle: async ({ attempt }) => void seen.push(attempt) });
  await until(() => seen.length > 0);
  await consumption.drain();
  expect(seen).toEqual([9]);
});

test("what is no text is kept byte by byte", async () => {
  const bytes = Uint8Array.from([0xff, 0x00, 0x1b, 0x7b]);
  const found = await letter(async () => {
    nc.publish(`action.finished.${shardOfKey(run)}`, bytes);
    return { sequence: 0, duplicate: false };
  });
  expect(found.problem.code).toBe("message_invalid");
  expect([...found.data]).toEqual([...bytes]);
});

test("reasons of any length and in any script leave the letter readable", async () => {
  let dead = false;
  await bus.publish(subjects.action.finished, finished(1, { run }), { id: run });
  const handle = () => Promise.reject(new Error(`line\r\nline ${"ü".repeat(5_000)}`));
  const consumption = await work({ handle, onDead: async () => void (dead = true) });
  await until(() => dead);
  await consumption.drain();
  const [found] = await letters();
  expect(found?.problem.message).toMatch(/^Something went wrong inside Bellhop: line line ü+…$/);
});

test("the letter is written before anybody is told, and once, however often telling fails", async () => {
  const seen: number[] = [];
  await bus.publish(subjects.action.finished, finished(1, { run }), { id: run });
  const consumption = await work({
    async onDead() {
      seen.push((await letters()).length);
      if (seen.length < 4) throw new Error("nobody can be told yet");
    },
  });
  await until(() => seen.length === 4);
  await consumption.drain();
  expect(seen).toEqual([1, 1, 1, 1]);
});

test("only letters of one stream are listed where that is asked for", async () => {
  const found = await letter();
  expect(await bus.dead.list(({ number }) => number, { stream: "FINISHED" })).toEqual([found.number]);
  expect(await bus.dead.list(({ number }) => number, { stream: "SEND" })).toEqual([]);
});
