import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectBus, type Bus } from "@bellhop/bus";
import { conversationKey, messageIds, runId, scaled, shardOfKey, streams, subjects, type Message, type Send } from "@bellhop/contracts";
import { silentLog } from "@bellhop/service";
import { startNats, until, type TestNats } from "@bellhop/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { callBellhop } from "../testing.ts";
import { payloadText } from "./visible.ts";

let nats: TestNats;
let bus: Bus;
let folder: string;
beforeAll(async () => {
  nats = await startNats();
  folder = await mkdtemp(join(tmpdir(), "bellhop-dead-"));
  bus = await connectBus({ url: nats.url, name: "engine e1", durations: scaled(0.01, { ackWait: 200_000 }), log: silentLog });
  await bus.setUp();
});
afterAll(async () => {
  await bus.drain();
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  for (const number of await bus.dead.list((letter) => letter.number)) await bus.dead.drop(number);
});

const at = "2026-01-01T00:00:00.000Z";
const here = { platform: "slack", account: "A1", channel: "C1", message: "1.1" };
const place = { platform: "slack", account: "A1", conversation: { space: "T1", channel: "C1", kind: "room" as const } };
const shard = shardOfKey(conversationKey(place));

function message(id: string, text = "deploy web"): Message {
  const author = { platform: "slack", space: "T1", id: "U1", name: "ana\u001b[31m", kind: "human" as const };
  const key = `slack/A1/T1/C1/${id}`;
  return { v: 1, key, ...place, author, content: { text }, addressed: "prefix", origin: "live", replyTo: here, sentAt: at };
}

function send(key: string): Send {
  return { v: 1, key, revision: 1, platform: "slack", account: "A1", to: here, body: { text: "hi", tone: "ok" }, final: true };
}

const bellhop = async (...args: string[]) =>
  await callBellhop(["dead", ...args], { folder, env: { BELLHOP_FOLDER: join(folder, ".bellhop"), NATS_URL: nats.url } });

/** Handlers of both streams; those that crash make letters, the others take note. */
async function handlers(crash: boolean) {
  const taken: (Message | Send)[] = [];
  const take = async (payload: Message | Send) => {
    if (crash) throw new Error("boom");
    taken.push(payload);
  };
  const consumptions = await Promise.all([
    bus.consume({
      subject: subjects.message.received,
      stream: streams.message,
      filter: subjects.message.received.filter({ shard }),
      durable: `message_${shard}`,
      concurrency: 4,
      keyOf: ({ key }) => key,
      handle: take,
    }),
    bus.consume({
      subject: subjects.message.send,
      stream: streams.send,
      filter: subjects.message.send.filter({ platform: "slack", account: "A1" }),
      durable: "send_slack_A1",
      concurrency: 4,
      keyOf: ({ key }) => key,
      handle: take,
    }),
  ]);
  return { taken, stop: () => Promise.all(consumptions.map((one) => one.drain())) };
}

/** The numbers of the letters that these become, one after the other. */
async function dead(...payloads: (Message | Send)[]): Promise<number[]> {
  const crashing = await handlers(true);
  for (const payload of payloads) {
    const before = await count();
    if ("content" in payload) await bus.publish(subjects.message.received, payload, { id: messageIds.received(payload.key) });
    else await bus.publish(subjects.message.send, payload, { id: messageIds.send(payload) });
    await until(async () => (await count()) === before + 1);
  }
  await crashing.stop();
  return bus.dead.list((letter) => letter.number);
}

async function count(): Promise<number> {
  return (await bus.dead.list(() => 1)).length;
}

test("the list says of each letter when, where from, why and whose, and nothing in it moves the cursor", async () => {
  const [first, second] = await dead(message("1"), send("k1/reply"));
  const people = await bellhop("list");
  expect(people).toMatchObject({ code: 0, err: "" });
  const run = runId({ key: message("1").key, at, shard });
  expect(people.out).toMatch(
    new RegExp(`^${first} .*MESSAGE +message\\.received\\.slack\\.A1\\.${shard} .*boom.* ${run} +ana.*slack:C1$`, "m"),
  );
  expect(people.out).toMatch(new RegExp(`^${second} .*SEND .*k1/reply +slack:C1$`, "m"));
  expect(people.out).not.toContain("\u001b");
  const program = await bellhop("list", "--json", "--stream", "SEND", "--since", "1h");
  expect(JSON.parse(program.out)).toMatchObject({
    total: 1,
    letters: [{ number: second, stream: "SEND", problem: { code: "internal" }, who: "slack:C1" }],
  });
  expect(await bellhop("list", "--limit", "1")).toMatchObject({ code: 0, err: "1 older ones are not shown: --limit 2\n" });
  expect((await bellhop("list", "--since", "2000-01-01", "--stream", "ASKED")).err).toContain("There are no dead letters.");
});

test("a letter is shown whole", async () => {
  const [number] = await dead(message("2", "say \u202Ehi"));
  const people = await bellhop("show", String(number));
  expect(people).toMatchObject({ code: 0, err: "" });
  for (const part of [
    "at engine e1",
    "boom",
    "asking again",
    "slack/A1/T1/C1/2",
    "ana\\u{1b}[31m in slack:C1",
    "which was not begun",
    "say \\u{202e}hi",
  ])
    expect(people.out.toLowerCase()).toContain(part.toLowerCase());
  const program = await bellhop("show", String(number), "--json");
  expect(JSON.parse(program.out)).toMatchObject({ number, stream: "MESSAGE", deliveries: 1, payload: message("2", "say \u202Ehi") });
});

test("a letter that is not there is answered with those that are", async () => {
  const [number] = await dead(message("3"));
  for (const command of ["show", "replay"]) {
    const { code, err } = await bellhop(command, "999999");
    expect([code, err]).toEqual([1, expect.stringContaining(`There is no dead letter 999999.\n  There are 1: ${number}.`)]);
  }
  expect(await bellhop("drop", "999999", "--yes")).toMatchObject({
    code: 1,
    err: expect.stringContaining("no dead letter 999999") as string,
  });
});

test("what was crashed upon is replayed under a new id and key once the fault is mended, and its letter is gone", async () => {
  const numbers = await dead(message("4"), send("k4/reply"));
  const { code, out } = await bellhop("replay", ...numbers.map(String));
  expect(code).toBe(0);
  expect(out).toMatch(/^\d+ {2}message\.received.*\n\d+ {2}message\.send/);
  const mended = await handlers(false);
  await until(() => mended.taken.length === 2);
  expect(mended.taken).toContainEqual({ ...message("4"), key: `slack/A1/T1/C1/4/replay${numbers[0]}` });
  expect(mended.taken).toContainEqual({ ...send("k4/reply"), revision: 2 });
  await mended.stop();
  expect(await count()).toBe(0);
});

test("killed between publishing and taking the letter away, a replay is repeated and is one message", async () => {
  const [number = 0] = await dead(message("5"));
  const letter = await bus.dead.get(number);
  if (letter === undefined) throw new Error("it is there");
  const key = `slack/A1/T1/C1/5/replay${number}`;
  // As the killed one left it.
  await bus.dead.replay(letter, { ...message("5"), key });
  expect((await bellhop("replay", "--all", "--stream", "MESSAGE")).code).toBe(0);
  const mended = await handlers(false);
  await until(() => mended.taken.length > 0);
  await mended.stop();
  expect(mended.taken).toEqual([{ ...message("5"), key }]);
  expect(await count()).toBe(0);
});

test("letters are dropped only by somebody who says so", async () => {
  const [first, second] = await dead(message("6"), message("7"));
  expect(await bellhop("drop", String(first))).toMatchObject({ code: 2, out: "", err: expect.stringContaining("--yes") as string });
  expect(await bellhop("drop", String(first), "--yes")).toMatchObject({ code: 0, out: `dropped ${first}\n` });
  expect(JSON.parse((await bellhop("drop", "--all", "--yes", "--json")).out)).toEqual({ dropped: [second], unknown: [] });
  expect((await bellhop("replay", "--all")).err).toBe("There are no dead letters.\n");
});

test.each([
  "list --stream RUN",
  "list --since yesterday",
  "list --limit none",
  "show first",
  "replay",
  "replay 1 --all",
  "drop 1 --stream SEND --yes",
])("called wrongly, %s says what was expected", async (line) => {
  const { code, out, err } = await bellhop(...line.split(" "));
  expect([code, out]).toEqual([2, ""]);
  expect(err).not.toBe("");
});

test("a payload is JSON with its secrets masked, else text, else bytes", () => {
  const sealed = { $sealed: { kid: "k", iv: "i", data: "d", tag: "t" } };
  expect(payloadText({ input: { token: sealed, list: [sealed], app: "web" } }, new Uint8Array())).toBe(
    '{\n  "input": {\n    "token": "[secret]",\n    "list": [\n      "[secret]"\n    ],\n    "app": "web"\n  }\n}',
  );
  const bytesOf = (text: string) => new TextEncoder().encode(text);
  expect(payloadText(undefined, bytesOf("{broken\u001b[2J\nline"))).toBe("{broken\\u{1b}[2J\nline");
  expect(payloadText(undefined, Uint8Array.from([0xff, 0x41, 0x1b]))).toBe(`0000  ff 41 1b${" ".repeat(40)} .A.`);
  expect(payloadText(undefined, new Uint8Array(2000).fill(0xff))).toContain("… 976 more bytes");
});
