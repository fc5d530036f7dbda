import { attemptKey, buckets, scaled, streams, subjects, type ActionFinished, type AttemptRecord, type Run } from "@bellhop/contracts";
import { connectBus, type Bus, type Membership } from "@bellhop/bus";
import { silentLog } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { attemptFate, cancelAttempt, cancelUnclaimed, isSuperseded, revokeForWords } from "./attempts.ts";
import { until } from "../testing.ts";

const durations = scaled(0.1);
let nats: TestNats;
let bus: Bus;
let membership: Membership;
let finished: ActionFinished[];
let runs = 0;
let run: Run;

beforeAll(async () => {
  nats = await startNats();
  bus = await connectBus({ url: nats.url, name: "test", durations, log: silentLog });
  await bus.setUp();
  membership = await bus.join({ role: "engine", lengthMs: durations.lease, renewalMs: durations.leaseRenewal });
  await bus.consume({
    subject: subjects.action.finished,
    stream: streams.finished,
    filter: "action.finished.>",
    durable: "test",
    concurrency: 1,
    keyOf: () => "all",
    handle: async (one) => void finished.push(one),
  });
});
afterAll(async () => {
  await bus.drain();
  await nats.stop();
});
beforeEach(() => {
  finished = [];
  run = runAt(1);
});

function runAt(attempt: number): Run {
  const task = { action: "a.b", digest: "d", pool: "p", input: {}, timeoutMs: 1, repeatable: true, attempt };
  return {
    v: 1,
    id: `run${runs++}`,
    revision: 1,
    status: "scheduled",
    action: "a.b",
    reply: { enabled: true },
    asker: { platform: "slack", id: "U1", kind: "human" },
    replyTo: { platform: "slack", account: "A1", channel: "C1" },
    answers: "m1",
    tasks: { main: task },
    applied: [],
    askedAt: "2026-01-01T00:00:00.000Z",
  };
}

const refOf = (attempt = 1) => ({ run: run.id, task: "main", attempt });
const fate = (attempt = 1) => attemptFate({ bus, membership, attempt: refOf(attempt) });

async function write(state: AttemptRecord["state"], attempt = 1): Promise<void> {
  const record: AttemptRecord = { v: 1, ...refOf(attempt), runner: "r1", epoch: "gone", state, repeatable: true, at: run.askedAt };
  await bus.bucket(buckets.attempt).put(attemptKey(refOf(attempt)), record);
}

test("what was revoked for new words is theirs, however often it is asked, and nobody hands it out again", async () => {
  expect(await isSuperseded(bus, run)).toBe(false);
  expect([await revokeForWords(bus, run), await revokeForWords(bus, run)]).toEqual([true, true]);
  expect(await isSuperseded(bus, run)).toBe(true);
  expect(await fate()).toEqual({ kind: "fine" });
  await cancelAttempt(bus, refOf());
  await cancelUnclaimed(bus, run);
  expect(finished).toEqual([]);
});

test.each(["claimed", "started", "finished", "revoked"] as const)("what is %s goes on", async (state) => {
  await write(state);
  expect(await revokeForWords(bus, run)).toBe(false);
  await cancelUnclaimed(bus, run);
  expect((await bus.bucket(buckets.attempt).get(attemptKey(refOf())))?.value.state).toBe(state);
});

test("what had begun in an earlier attempt goes on, what was only handed out again does not", async () => {
  run = runAt(3);
  await write("revoked", 1);
  await write("started", 2);
  expect(await revokeForWords(bus, run)).toBe(false);
  await write("revoked", 2);
  expect(await revokeForWords(bus, run)).toBe(true);
});

test("what nobody has begun is canceled, and no other words can have it then", async () => {
  await cancelUnclaimed(bus, run);
  await until(() => finished.length === 1);
  expect(finished).toMatchObject([{ run: run.id, attempt: 1, outcome: { status: "canceled" } }]);
  expect(await revokeForWords(bus, run)).toBe(false);
});
