import type { Bus } from "@bellhop/bus";
import {
  attemptKey,
  buckets,
  messageIds,
  runId,
  shardOfKey,
  streams,
  subjects,
  token,
  type ActionFinished,
  type AttemptRecord,
  type Command,
  type Message,
  type Run,
  type RunRecord,
  type Send,
} from "@bellhop/contracts";
import { startBus, type TestBus } from "@bellhop/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { settleRestored } from "./settle-restored.ts";
import { ana, keyOf } from "../testing.ts";
import { logOf } from "../intake/wordings.ts";

const at = "2026-01-01T00:00:00.000Z";
const to = { platform: "slack", account: "A1", space: "T1", channel: "C1" };

let own: TestBus;
let bus: Bus;

beforeEach(async () => {
  own = await startBus();
  bus = own.bus;
});
afterEach(async () => await own.end());

function runOf(name: string, fields: Partial<Run> = {}): Run {
  const task = { action: "a.b", digest: "d", pool: "default", input: {}, timeoutMs: 1_000, repeatable: false, attempt: 1 };
  const id = runId({ key: name, at, shard: shardOfKey(name) });
  const plain = { v: 1, id, revision: 1, status: "scheduled", action: "a.b", reply: { enabled: true }, asker: ana, replyTo: to } as const;
  return { ...plain, answers: name, tasks: { main: task }, applied: [name], askedAt: at, ...fields };
}

function requestOf({ id: run, tasks }: Run): Command {
  const { attempt = 1, repeatable = false } = tasks.main ?? {};
  const what = { pool: "default", action: "a.b", digest: "d", input: {}, timeoutMs: 1_000, repeatable };
  return { kind: "request", request: { v: 1, run, task: "main", attempt, ...what } };
}

function sendOf(key: string): Send {
  return { v: 1, key, revision: 1, platform: "slack", account: "A1", to, body: { text: "hello", tone: "info" }, final: true };
}

async function log(state: Run, commands: Command[], after = 0): Promise<number> {
  const record: RunRecord = { v: 1, run: state.id, revision: state.revision, event: { id: "e", kind: "asked" }, state, commands, at };
  const appended = await bus.log.append(record, { after });
  if (appended.kind === "conflict") throw new Error("conflict");
  return appended.sequence;
}

async function attemptOf({ id: run }: Run): Promise<AttemptRecord | undefined> {
  return (await bus.bucket(buckets.attempt).get(attemptKey({ run, task: "main", attempt: 1 })))?.value;
}

async function waiting(stream: string): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { data } of bus.contents(stream)) found.push(JSON.parse(new TextDecoder().decode(data)));
  return found;
}

const doubt = { since: 0, resume: false };
const resume = { since: 0, resume: true };

test("an attempt that may have been made counts as begun by somebody who is gone; one with a result, or of a run that is over, is left alone", async () => {
  const [open, answered, over] = [runOf("open"), runOf("answered"), runOf("over", { status: "succeeded", endedAt: at })];
  for (const run of [open, answered, over]) await log(run, [requestOf(run)]);
  const result: ActionFinished = { v: 1, run: answered.id, task: "main", attempt: 1, runner: "r", outcome: { status: "succeeded" } };
  await bus.publish(subjects.action.finished, result, { id: messageIds.finished(result) });
  expect(await settleRestored(bus, doubt)).toEqual({ live: 2, doubtful: 1, unsure: 0, gone: [] });
  expect(await attemptOf(open)).toMatchObject({ state: "started", runner: "restored" });
  expect([await attemptOf(answered), await attemptOf(over)]).toEqual([undefined, undefined]);
});

test("a value that is gone is told, and keeps nobody else from going on", async () => {
  const [lacking, whole] = [runOf("lacking"), runOf("whole")];
  const apart = [{ at: ["commands", 0, "request", "input"], ref: { object: "gone", bytes: 9 } }];
  for (const run of [lacking, whole]) {
    const commands = [requestOf(run), ...(run === whole ? [{ kind: "send", send: sendOf("said") } as const] : [])];
    const more = run === lacking ? { apart } : {};
    await bus.log.append(
      { v: 1, run: run.id, revision: 1, event: { id: "e", kind: "asked" }, state: run, commands, at, ...more },
      { after: 0 },
    );
  }
  expect(await settleRestored(bus, doubt)).toEqual({ live: 2, doubtful: 2, unsure: 1, gone: [lacking.id] });
  expect(await attemptOf(lacking)).toMatchObject({ state: "started", runner: "restored" });
  expect(await waiting(streams.send.name)).toMatchObject([{ key: "said" }]);
});

test.each<[AttemptRecord["state"], Partial<AttemptRecord>, string]>([
  ["claimed", {}, "started"],
  ["started", {}, "started"],
  ["finished", {}, "started"],
  ["revoked", {}, "started"],
  ["revoked", { cancel: true }, "revoked"],
  ["revoked", { superseded: true }, "revoked"],
])("an attempt that was %s %o is %s afterwards", async (state, more, expected) => {
  const run = runOf("one");
  await log(run, [requestOf(run)]);
  const ref = { run: run.id, task: "main", attempt: 1 };
  await bus
    .bucket(buckets.attempt)
    .create(attemptKey(ref), { v: 1, ...ref, runner: "r", epoch: "1", state, repeatable: false, at, ...more });
  await settleRestored(bus, doubt);
  expect(await attemptOf(run)).toMatchObject({ state: expected });
});

test("what waits to be decided leads to nothing that is done a second time", async () => {
  const conversation = { space: "T1", channel: "C1", kind: "room" as const };
  const key = keyOf("1");
  const place = { platform: "slack", account: "A1", conversation };
  const message: Message = {
    v: 1,
    key,
    ...place,
    author: ana,
    content: { text: "greet" },
    addressed: "prefix",
    origin: "live",
    replyTo: to,
    sentAt: at,
  };
  await bus.publish(subjects.message.received, message, { id: messageIds.received(key) });
  const asked = runId({ key: "ask", at, shard: 3 });
  const ask = { v: 1, kind: "start", key: "ask", run: asked, action: "a.b", input: {}, asker: ana, replyTo: to, askedAt: at } as const;
  await bus.publish(subjects.run.asked, ask, { id: messageIds.asked("ask") });
  expect(await settleRestored(bus, doubt)).toMatchObject({ live: 0, doubtful: 2 });
  for (const id of [logOf({ ...place, original: { key, sentAt: at } }), asked])
    expect(await attemptOf({ ...runOf("x"), id })).toMatchObject({ state: "started", runner: "restored" });
});

test("a send that waits is looked for first, unless it is known what became of it", async () => {
  const [fresh, known] = [sendOf("fresh/reply"), sendOf("known/reply")];
  for (const send of [fresh, known]) await bus.publish(subjects.message.send, send, { id: messageIds.send(send) });
  const receipts = bus.bucket(buckets.receipt);
  await receipts.put(token(known.key), {
    v: 1,
    key: known.key,
    revision: 1,
    state: "sent",
    by: "g/1",
    at,
    pieces: [{ state: "sent", ref: "9" }],
  });
  expect(await settleRestored(bus, doubt)).toMatchObject({ unsure: 1 });
  expect((await receipts.get(token(fresh.key)))?.value).toMatchObject({ state: "sending", revision: 1, pieces: [{ state: "sending" }] });
  expect((await receipts.get(token(known.key)))?.value).toMatchObject({ state: "sent", by: "g/1" });
});

test("what the queues lack of a step that was written while they were copied is carried out again, and what it wanted since", async () => {
  const late = { v: 1, name: "late-1", due: 5 } as const;
  const [early, ended] = [runOf("early"), runOf("ended", { status: "succeeded", endedAt: at })];
  const timer = { ...late, run: early.id };
  const first = await log(early, [requestOf(early), { kind: "timer", timer: { ...timer, name: "gone" } }]);
  await log(
    { ...early, revision: 2 },
    [
      { kind: "timer", timer },
      { kind: "clear-timer", timer: { ...timer, name: "gone" } },
    ],
    first,
  );
  await log(ended, [{ kind: "send", send: sendOf("ended/reply") }]);
  expect(await settleRestored(bus, resume)).toEqual({ live: 1, doubtful: 0, unsure: 0, gone: [] });
  expect(await waiting(streams.action.name)).toEqual([expect.objectContaining({ run: early.id, attempt: 1 })]);
  expect(await waiting(streams.send.name)).toEqual([expect.objectContaining({ key: "ended/reply" })]);
  const timers = await bus.bucket(buckets.timer).entries();
  expect(timers.map(({ value }) => value.name)).toEqual(["late-1"]);
});

test("steps from before the copy was begun are not carried out again, but for what live runs wait for", async () => {
  const [live, ended] = [runOf("live"), runOf("ended", { status: "succeeded", endedAt: at })];
  await log(live, [requestOf(live)]);
  await log(ended, [{ kind: "send", send: sendOf("ended/reply") }]);
  await settleRestored(bus, { since: Date.now() + 3_600_000, resume: true });
  expect(await waiting(streams.action.name)).toHaveLength(1);
  expect(await waiting(streams.send.name)).toEqual([]);
});

test("settled twice, because the first was killed, it is the same", async () => {
  const run = runOf("one");
  await log(run, [requestOf(run), { kind: "send", send: sendOf("one/reply") }]);
  await settleRestored(bus, doubt);
  const before = await Promise.all([waiting(streams.action.name), waiting(streams.send.name)]);
  await settleRestored(bus, doubt);
  expect(await Promise.all([waiting(streams.action.name), waiting(streams.send.name)])).toEqual(before);
  expect(await attemptOf(run)).toMatchObject({ state: "started", runner: "restored" });
});
