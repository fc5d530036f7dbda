import type { Bus } from "@bellhop/bus";
import {
  buckets,
  messageIds,
  messageKey,
  runId,
  scaled,
  shardOfKey,
  subjects,
  type Message,
  type PackVersion,
  type RunAsked,
  type Send,
} from "@bellhop/contracts";
import type { Service } from "@bellhop/service";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startGround, type Ground } from "../testing.ts";

const durations = scaled(0.1);
const owner = { platform: "slack", space: "T1", id: "U1", name: "ana", kind: "human" } as const;
const erin = { ...owner, id: "U2", name: "erin" } as const;
const source = { file: "x.yaml", line: 1, column: 1 };
const pack: PackVersion = {
  v: 1,
  name: "hello",
  version: "1.0.0",
  description: "",
  digest: "d1",
  actions: [
    {
      pack: "hello",
      enabled: true,
      kind: "typescript",
      pool: "default",
      source,
      description: "",
      ref: "hello.greet",
      name: "greet",
      repeatable: true,
      parameters: {},
    },
  ],
  aliases: [
    {
      pack: "hello",
      enabled: true,
      description: "",
      immutableParameters: {},
      result: { enabled: true },
      source,
      ref: "hello.greet",
      name: "greet",
      action: "hello.greet",
      formats: [{ display: "greet", representation: ["greet"], matchMultiple: false }],
    },
  ],
};

let ground: Ground;
let bus: Bus;
let answers: Map<string, Send>;
let waiting: Map<string, (send: Send) => void>;
let asked: string[];
let wakers: (() => void)[];

beforeEach(async () => {
  answers = new Map();
  waiting = new Map();
  asked = [];
  wakers = [];
  ground = await startGround({
    durations,
    pack,
    account: { platform: "slack", account: "A1" },
    said(send) {
      const key = send.answers ?? "";
      answers.set(key, send);
      waiting.get(key)?.(send);
    },
    requested(request) {
      asked.push(request.run);
      for (const wake of wakers.splice(0)) wake();
    },
  });
  bus = ground.bus;
});

afterEach(async () => await ground.end());

test("whom an owner allows may run it, at every engine, until it is taken back", async () => {
  const first = await startEngine();
  expect(await answerTo("1", "greet", erin)).toContain("erin may not run hello.greet");
  expect(await answerTo("2", "allow @U2 hello.*", erin)).toContain("that is for owners");
  expect(await answerTo("3", "allow @U2 hello.*")).toBe("`slack:T1/U2` may run `hello.*` (rule 1).");
  const run = await say("4", "greet", erin);
  await until(() => asked.includes(run));

  await startEngine();
  await first.stop();
  const second = await say("5", "greet", erin);
  await until(() => asked.includes(second));
  expect(await answerTo("6", "access")).toContain("- 1: `slack:T1/U2` may run `hello.*`, from chat, by ana");
  expect(await answerTo("7", "deny @U2 hello.*")).toBe("Taken back: rule 1, `hello.*` for `slack:T1/U2`.");
  expect(await answerTo("8", "greet", erin)).toContain("may not run");
  expect(asked).toEqual([run, second]);
});

test("an engine learns of what another one was told", async () => {
  await startEngine();
  await startEngine();
  // Conversations of every shard, so that both engines are asked.
  const rooms = Array.from({ length: 8 }, (_, index) => `C${index}`);
  expect(await answerTo("1", "allow everyone hello.greet")).toContain("rule 1");
  let tries = 0;
  const allowed = async (room: string): Promise<boolean> => {
    const run = await say(`${room}-${tries++}`, "greet", erin, room);
    await Promise.race([until(() => asked.includes(run)), answered(keyOf(`${room}-${tries - 1}`, room))]);
    return asked.includes(run);
  };
  for (const room of rooms) {
    // The other engine hears of it a moment later.
    while (!(await allowed(room))) expect(tries).toBeLessThan(100);
  }
});

test("a message that is delivered again changes nothing again", async () => {
  const first = await startEngine();
  await answerTo("1", "allow @U2 hello.*");
  await answerTo("2", "deny @U2 hello.*");
  const before = await bus.bucket(buckets.access).get("list");
  expect(before?.value).toMatchObject({ next: 2, rules: [], changes: [{ kind: "allow" }, { kind: "deny" }] });
  const again = message("1", "allow @U2 hello.*", owner);
  await bus.publish(subjects.message.received, again, { id: "past its duplicate window" });
  await answerTo("3", "help");
  // An engine that has nothing of it in memory.
  await first.stop();
  await startEngine();
  await bus.publish(subjects.message.received, again, { id: "and again" });
  await answerTo("4", "help");
  expect((await bus.bucket(buckets.access).get("list"))?.revision).toBe(before?.revision);
  expect(answers.get(keyOf("1"))?.body.text).toContain("may run `hello.*`");
});

test("the configuration's rules hold, and an ask by name and a cancel are judged like a message", async () => {
  await startEngine([{ who: ["slack:T1/U2"], what: ["hello.greet"] }]);
  const mallory = { ...owner, id: "U9", name: "mallory" };
  expect((await ask("a1", { kind: "start", asker: mallory })).send?.body.text).toContain("mallory may not run hello.greet");
  const { run } = await ask("a2", { kind: "start", asker: erin });
  await until(() => asked.includes(run));
  // Of another conversation, so that only who holds the run knows whose it is.
  expect(await answerTo("1", `cancel ${run}`, mallory, "C2")).toContain(`mallory may not cancel run ${run}`);
  expect((await bus.log.last(run))?.record.state?.status).toBe("scheduled");
  await say("2", `cancel ${run}`, erin, "C3");
  expect((await answered(keyOf("2", "C3"))).body.text).toContain("Canceled");
  expect(await answerTo("3", "access remove file-1")).toContain("stands in bellhop.yaml");
});

async function startEngine(access: { who: string[]; what: string[] }[] = []): Promise<Service> {
  return await ground.startEngine({ access });
}

async function answerTo(id: string, text: string, author: Message["author"] = owner, channel = "C1"): Promise<string> {
  await say(id, text, author, channel);
  return (await answered(keyOf(id, channel))).body.text;
}

async function say(id: string, text: string, author: Message["author"] = owner, channel = "C1"): Promise<string> {
  const one = message(id, text, author, channel);
  await bus.publish(subjects.message.received, one, { id: messageIds.received(one.key) });
  return runId({ key: one.key, at: one.sentAt, shard: shardOfKey(`slack/A1/T1/${channel}`) });
}

async function ask(id: string, at: { kind: "start"; asker: Message["author"] }): Promise<{ run: string; send?: Send }> {
  const askedAt = "2026-01-01T00:00:00.000Z";
  const key = `ask/${id}`;
  const run = runId({ key, at: askedAt, shard: shardOfKey(key) });
  const { replyTo } = message("0", "", owner);
  const start: RunAsked = { v: 1, ...at, key, run, action: "hello.greet", input: {}, replyTo, askedAt };
  await bus.publish(subjects.run.asked, start, { id: messageIds.asked(key) });
  const send = await Promise.race([answered(key), until(() => asked.includes(run))]);
  return send === undefined ? { run } : { run, send };
}

async function answered(key: string): Promise<Send> {
  return answers.get(key) ?? (await new Promise<Send>((resolve) => waiting.set(key, resolve)));
}

async function until(there: () => boolean): Promise<undefined> {
  while (!there()) await new Promise<void>((resolve) => void wakers.push(resolve));
}

function keyOf(id: string, channel = "C1"): string {
  return messageKey({ platform: "slack", account: "A1", conversation: { space: "T1", channel, kind: "room" }, id });
}

function message(id: string, text: string, author: Message["author"], channel = "C1"): Message {
  return {
    v: 1,
    key: keyOf(id, channel),
    platform: "slack",
    account: "A1",
    conversation: { space: "T1", channel, kind: "room" },
    author,
    content: { text },
    addressed: "prefix",
    origin: "live",
    replyTo: { platform: "slack", account: "A1", space: "T1", channel },
    sentAt: "2026-01-01T00:00:00.000Z",
  };
}
