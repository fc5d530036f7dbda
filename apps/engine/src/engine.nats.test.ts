import type { Bus } from "@bellhop/bus";
import {
  attemptKey,
  buckets,
  messageIds,
  messageKey,
  runId,
  scaled,
  shardOfKey,
  subjects,
  type ActionRequested,
  type Message,
  type PackVersion,
  type RunAsked,
  type Send,
} from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import type { Service } from "@bellhop/service";
import { there } from "@bellhop/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startGround, type Ground } from "./testing.ts";

// That nobody has taken a request is told in the test of it alone: on a machine with other work a request may lie for as long in any.
const durations = scaled(0.1, { unclaimedNotice: 3_600_000 });
let ground: Ground;
let bus: Bus;
let sends: Queue<Send>;
let requests: Queue<ActionRequested>;

beforeEach(async () => {
  sends = queue();
  requests = queue();
  ground = await startGround({
    durations,
    pack,
    account: { platform: place.platform, account: place.account },
    said: (send) => sends.put(send),
    requested: (request) => requests.put(request),
  });
  bus = ground.bus;
});

afterEach(async () => await ground.end());

test("a command becomes a request, its result the reply, and the log holds both steps", async () => {
  await startEngine();
  await say("1", "greet Ana");
  const request = await requests.next();
  expect(request).toMatchObject({ action: "hello.greet", input: { name: "Ana" }, attempt: 1, repeatable: true });
  await finish(request, { greeting: "Hello Ana" });
  expect(await sends.next()).toMatchObject({ body: { text: "Hello Ana" }, final: true, outcome: "ok", answers: keyOf("1") });
  const last = await bus.log.last(request.run);
  expect(last?.record).toMatchObject({ revision: 2, state: { status: "succeeded" } });
});

test("a message that is delivered again after its window leads to nothing new", async () => {
  await startEngine();
  await say("1", "greet Ana");
  const request = await requests.next();
  await bus.publish(subjects.message.received, message("1", "greet Ana"), { id: "past its duplicate window" });
  await say("2", "help");
  await sends.next();
  await finish(request, { greeting: "Hello" });
  expect((await sends.next()).answers).toBe(keyOf("1"));
  expect(requests.size() + sends.size()).toBe(0);
});

test("a redelivered message keeps the verdict it had, although the catalog has changed", async () => {
  const first = await startEngine();
  await say("1", "wave");
  expect((await sends.next()).body.text).toContain("wave");
  await first.stop();
  const waving = {
    ...pack,
    digest: "d2",
    aliases: [{ ...there(pack.aliases[0]), formats: [{ representation: ["wave"], matchMultiple: false }] }],
  };
  await activatePack(bus, { version: waving, files: { v: 1, digest: "d2", files: [] } });
  await startEngine();
  await bus.publish(subjects.message.received, message("1", "wave"), { id: "again" });
  await say("2", "help");
  expect((await sends.next()).answers).toBe(keyOf("2"));
  expect(requests.size()).toBe(0);
});

test("secrets are sealed before anything is stored", async () => {
  await startEngine();
  await say("1", "login hunter2");
  const request = await requests.next();
  const stored = JSON.stringify([request, await bus.log.last(request.run)]);
  expect(stored).not.toContain("hunter2");
  expect(request.input.password).toHaveProperty("$sealed");
});

test("two engines share the shards, and when one leaves the other carries its runs on", async () => {
  const first = await startEngine();
  await startEngine();
  await say("1", "greet Ana");
  const request = await requests.next();
  await first.stop();
  await finish(request, { greeting: "Hello from the other one" });
  expect((await sends.next()).body.text).toBe("Hello from the other one");
});

test("with NATS away for longer than its lease an engine begins anew, and carries on what it had", async () => {
  await startEngine();
  await say("1", "greet Ana");
  const request = await requests.next();
  await ground.nats.kill9();
  await new Promise((resolve) => setTimeout(resolve, durations.lease * 2));
  await ground.nats.restart();
  await finish(request, { greeting: "Hello again" });
  expect(await sends.next()).toMatchObject({ final: true, body: { text: "Hello again" } });
});

test("an attempt whose runner died before it started goes to the next, and can't be begun any more", async () => {
  await startEngine();
  await say("1", "greet Ana");
  const request = await requests.next();
  await bus.bucket(buckets.attempt).create(attemptKey(request), attemptRecord(request, "claimed"));
  const second = await requests.next();
  expect(second.attempt).toBe(2);
  expect((await bus.bucket(buckets.attempt).get(attemptKey(request)))?.value.state).toBe("revoked");
});

test("an attempt that had started and must not be repeated ends abandoned, and the person is told twice: that we wait, and that it is over", async () => {
  await startEngine();
  await say("1", "login hunter2");
  const request = await requests.next();
  await bus.bucket(buckets.attempt).create(attemptKey(request), attemptRecord(request, "started"));
  expect(await sends.next()).toMatchObject({ final: false });
  // The wait for a late result is the longest there is: this one is made due now.
  const [timer] = await bus.bucket(buckets.timer).entries();
  if (timer === undefined) throw new Error("no timer was set");
  await bus.bucket(buckets.timer).put(timer.key, { ...timer.value, due: Date.now() });
  expect(await sends.next()).toMatchObject({ final: true, outcome: "failed", body: { text: expect.stringContaining("abandoned") } });
  expect(requests.size()).toBe(0);
  expect(await bus.bucket(buckets.timer).entries()).toEqual([]);
});

test("a runner that was cut off and came back is waited for again, and its result is the reply", async () => {
  await startEngine();
  await say("1", "login hunter2");
  const request = await requests.next();
  const attempts = bus.bucket(buckets.attempt);
  const revision = await attempts.create(attemptKey(request), attemptRecord(request, "started"));
  expect(await sends.next()).toMatchObject({ final: false });
  const back = await bus.join({ role: "runner", id: "r1", lengthMs: durations.runnerLease, renewalMs: durations.runnerLeaseRenewal });
  await attempts.update(attemptKey(request), { ...attemptRecord(request, "started"), epoch: back.epoch }, revision ?? 0);
  const timers = bus.bucket(buckets.timer);
  const [timer] = await timers.entries();
  if (timer === undefined) throw new Error("no timer was set");
  const before = Date.now();
  await timers.put(timer.key, { ...timer.value, due: before });
  await expect.poll(async () => (await timers.get(timer.key))?.value.due, { timeout: 30_000 }).toBeGreaterThan(before);
  await finish(request, { ok: true });
  expect(await sends.next()).toMatchObject({ final: true, outcome: "ok" });
  await back.leave();
});

test("nobody takes it: the person is told once, and it still runs when somebody comes", async () => {
  await startEngine(scaled(0.1));
  await say("1", "greet Ana");
  const request = await requests.next();
  expect(await sends.next()).toMatchObject({ final: false, body: { text: expect.stringContaining("No runner") } });
  await finish(request, { greeting: "at last" });
  expect((await sends.next()).body.text).toBe("at last");
});

test("cancel stops what nobody has claimed, and each message that asked has its answer", async () => {
  await startEngine();
  await say("1", "greet Ana");
  const request = await requests.next();
  await say("2", "cancel");
  const answers = [await sends.next(), await sends.next()];
  expect(new Set(answers.map((send) => send.answers))).toEqual(new Set([keyOf("1"), keyOf("2")]));
  expect((await bus.log.last(request.run))?.record.state?.status).toBe("canceled");
  expect((await bus.bucket(buckets.attempt).get(attemptKey(request)))?.value.state).toBe("revoked");
});

test("an ask from a program runs an action by name; one for a run that is not there is refused", async () => {
  await startEngine();
  const at = new Date().toISOString();
  const key = "terminal/p1//run/1";
  const run = runId({ key, at, shard: shardOfKey(key) });
  const { author: asker, replyTo } = message("1", "");
  const ask = { v: 1, key, asker, replyTo, askedAt: at } as const;
  await bus.publish(
    subjects.run.asked,
    { ...ask, kind: "start", run, action: "hello.greet", input: { name: "Bo" } },
    { id: messageIds.asked(key) },
  );
  await finish(await requests.next(), { greeting: "Hello Bo" });
  expect(await sends.next()).toMatchObject({ answers: key, result: { greeting: "Hello Bo" } });
  const none = runId({ key: "none", at, shard: 3 });
  await bus.publish(
    subjects.run.asked,
    { ...ask, kind: "cancel", key: `${key}/cancel`, run: none },
    { id: messageIds.asked(`${key}/cancel`) },
  );
  expect((await sends.next()).body.text).toContain(`There is no run ${none}`);
});

test("the instance of the pack's configuration that a command or an ask names is in its request and its log, and in that of the run done again", async () => {
  await startEngine();
  const { author: asker, replyTo } = message("1", "");
  await say("1", "greet Ana config=work");
  const first = await requests.next();
  expect(first).toMatchObject({ config: "work", input: { name: "Ana" } });
  await finish(first, { greeting: "hi" });
  await sends.next();
  const asking = (key: string) => {
    const askedAt = new Date().toISOString();
    return { v: 1, key, asker, replyTo, askedAt, run: runId({ key, at: askedAt, shard: shardOfKey(key) }) } as const;
  };
  const asks: RunAsked[] = [
    { ...asking("ask/1"), kind: "start", action: "hello.greet", input: { name: "Bo" }, config: "home" },
    { ...asking("ask/2"), kind: "again", of: first.run },
  ];
  for (const ask of asks) {
    await bus.publish(subjects.run.asked, ask, { id: messageIds.asked(ask.key) });
    const config = ask.kind === "start" ? "home" : "work";
    expect(await requests.next()).toMatchObject({ run: ask.run, config });
  }
  expect((await bus.log.last(first.run))?.record.state?.tasks["main"]?.config).toBe("work");
});

async function startEngine(by = durations): Promise<Service> {
  return await ground.startEngine({ durations: by, owners: [] });
}

async function say(id: string, text: string): Promise<void> {
  await bus.publish(subjects.message.received, message(id, text), { id: messageIds.received(keyOf(id)) });
}

async function finish({ run, task, attempt }: ActionRequested, output: unknown): Promise<void> {
  const finished = {
    v: 1,
    run,
    task,
    attempt,
    runner: "test",
    outcome: { status: "succeeded", output: { inline: output }, ms: 1 },
  } as const;
  await bus.publish(subjects.action.finished, finished, { id: messageIds.finished(finished) });
}

const place = { platform: "terminal", account: "p1", conversation: { channel: "prompt", kind: "direct" as const } };

function keyOf(id: string): string {
  return messageKey({ ...place, id });
}

function message(id: string, text: string): Message {
  return {
    v: 1,
    key: keyOf(id),
    ...place,
    author: { platform: "terminal", id: "ana", kind: "human" },
    content: { text },
    addressed: "prompt",
    origin: "live",
    replyTo: { platform: "terminal", account: "p1", channel: "prompt" },
    sentAt: "2026-01-01T00:00:00.000Z",
  };
}

function attemptRecord({ run, task, attempt, repeatable }: ActionRequested, state: "claimed" | "started") {
  return { v: 1, run, task, attempt, repeatable, state, runner: "r1", epoch: "gone", at: new Date().toISOString() } as const;
}

interface Queue<Item> {
  put(item: Item): void;
  next(): Promise<Item>;
  size(): number;
}

function queue<Item>(): Queue<Item> {
  const items: Item[] = [];
  const waiting: ((item: Item) => void)[] = [];
  return {
    put(item) {
      const first = waiting.shift();
      if (first === undefined) items.push(item);
      else first(item);
    },
    next: () => {
      const first = items.shift();
      return first === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(first);
    },
    size: () => items.length,
  };
}

const source = { file: "x.yaml", line: 1, column: 1 };
const action = { pack: "hello", enabled: true, kind: "typescript", pool: "default", source, description: "" };
const alias = { pack: "hello", enabled: true, description: "", immutableParameters: {}, result: { enabled: true }, source };

const pack: PackVersion = {
  v: 1,
  name: "hello",
  version: "1.0.0",
  description: "",
  digest: "d1",
  config: { url: { type: "string" } },
  actions: [
    { ...action, ref: "hello.greet", name: "greet", repeatable: true, parameters: { name: { type: "string", required: true } } },
    { ...action, ref: "hello.login", name: "login", repeatable: false, parameters: { password: { type: "string", secret: true } } },
  ],
  aliases: [
    {
      ...alias,
      ref: "hello.greet",
      name: "greet",
      action: "hello.greet",
      formats: [{ display: "greet {{ name }}", representation: ["greet {{ name }}"], matchMultiple: false }],
      result: { enabled: true, format: "{{ result.greeting }}" },
    },
    {
      ...alias,
      ref: "hello.login",
      name: "login",
      action: "hello.login",
      formats: [{ display: "login {{ password }}", representation: ["login {{ password }}"], matchMultiple: false }],
    },
  ],
};
