import {
  buckets,
  isSealed,
  messageIds,
  pressKey,
  shardOfRun,
  subjects,
  type MessagePressed,
  type PackVersion,
  type Person,
  type Press,
  type Send,
} from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { keepPresses } from "../upkeep/housekeeping.ts";
import { ana, keyOf, startScene, until, type Scene } from "../testing.ts";

const ben: Person = { platform: "slack", space: "T1", id: "U2", name: "ben", kind: "human" };
const place = { platform: "slack", account: "A1", conversation: { space: "T1", channel: "C1", kind: "room" as const } };
const replyTo = { platform: "slack", account: "A1", space: "T1", channel: "C1", message: "card" };
const at = "2026-01-01T00:02:00.000Z";

let scene: Scene;
let presses = 0;
beforeEach(async () => {
  scene = await startScene();
  await activatePack(scene.bus, { version: pack, files: { v: 1, digest: pack.digest, files: [] } });
});
afterEach(() => scene.end());

const last = (key: RegExp): Send | undefined => scene.sends.findLast((send) => key.test(send.key));
const card = () => last(/\/asks\//);
const told = (answers: string) => scene.sends.find((send) => send.answers === answers);

/** The time that an inquiry waits is counted from when it was asked for. */
async function say(id: string, text: string, agoMs = 0): Promise<void> {
  await scene.say(id, text, { sentAt: new Date(Date.now() - agoMs).toISOString() });
}

/** Somebody asks, and the card stands. */
async function asked(command = "ask", id = "1"): Promise<{ press: string; run: string }> {
  await say(id, command);
  await until(() => card() !== undefined);
  return { press: card()?.body.choices?.press ?? "", run: card()?.run ?? "" };
}

/** @returns its key */
async function press(id: string, choice: number, by = ana, key = `press ${presses++}`): Promise<string> {
  const pressed: MessagePressed = { v: 1, key, ...place, by, press: id, choice, replyTo, via: "button", at };
  await scene.bus.publish(subjects.message.pressed, pressed, { id: `${messageIds.pressed(key)}/${presses++}` });
  return key;
}

async function submit(id: string, fields: Record<string, string>): Promise<string> {
  const key = `form ${presses++}`;
  await scene.bus.publish(
    subjects.message.submitted,
    { v: 1, key, ...place, by: ana, press: id, choice: 0, replyTo, fields, at },
    { id: messageIds.submitted(key) },
  );
  return key;
}

const reply = () => scene.sends.find(({ answers, final }) => answers === keyOf("1") && final);
const meaningOf = async (id: string): Promise<Press | undefined> => (await scene.bus.bucket(buckets.press).get(pressKey(id)))?.value;

test("what is asked is written down before it is shown, and the run waits without a runner", async () => {
  await scene.startEngine();
  const { press: id, run } = await asked();
  expect(card()?.body).toMatchObject({
    text: expect.stringContaining("Ship it?"),
    choices: { items: [{ label: "Approve" }, { label: "Deny" }] },
  });
  expect(await meaningOf(id)).toMatchObject({
    means: [{ run, task: "main", response: { continue: true } }, { response: { continue: false } }],
  });
  expect((await scene.bus.log.last(run))?.record.state?.status).toBe("pending");
  expect(scene.requests).toEqual([]);
});

test("of many presses one is the answer, and all others are told whose", async () => {
  await scene.startEngine();
  const { press: id } = await asked();
  const first = await press(id, 0);
  await until(() => reply() !== undefined);
  expect(reply()).toMatchObject({ outcome: "ok", body: { text: expect.stringContaining("continue") } });
  expect(card()).toMatchObject({ revision: 2, body: { text: expect.stringContaining("Answered by ana: Approve.") } });
  expect(card()?.body.choices).toBeUndefined();
  const later = [await press(id, 1), await press(id, 0)];
  await until(() => later.every((key) => told(key) !== undefined));
  for (const key of later) {
    expect(told(key)).toMatchObject({
      only: "U1",
      outcome: "refused",
      body: { text: expect.stringContaining("Answered by ana: Approve.") },
    });
  }
  expect(told(first)).toBeUndefined();
  expect(scene.sends.filter(({ key }) => key.includes("/asks/"))).toHaveLength(2);
});

test("two that press at once are one answer", async () => {
  await scene.startEngine();
  const { press: id, run } = await asked();
  const keys = await Promise.all([press(id, 0), press(id, 1)]);
  await until(() => reply() !== undefined && keys.some((key) => told(key) !== undefined));
  expect(keys.filter((key) => told(key) === undefined)).toHaveLength(1);
  const record = (await scene.bus.log.last(run))?.record;
  expect(record?.state?.status).toBe("succeeded");
});

test("whoever may not, presses what is forgotten, or answers what can't be, is told alone, and it waits on", async () => {
  await scene.startEngine();
  const { press: id, run } = await asked("count");
  const denied = await press(id, 0, ben);
  const unknown = await press("0AAA-0000000000", 0);
  const wrong = await submit(id, { n: "many" });
  await until(() => [denied, unknown, wrong].every((key) => told(key) !== undefined));
  expect([denied, unknown, wrong].map((key) => [told(key)?.only, told(key)?.body.text.split("\n")[0]])).toEqual([
    ["U2", `ben may not answer what run ${run} asks.`],
    ["U1", "Nobody knows any more what this stands for."],
    ["U1", 'n of asking.count can\'t be "many".'],
  ]);
  expect(card()?.revision).toBe(1);
  await submit(id, { n: "3", pin: "1234" });
  await until(() => reply() !== undefined);
  expect(card()?.body.text).toContain("n: `3`, pin: [secret]");
  const output = (await scene.bus.log.last(run))?.record.state?.output;
  const { response } = (output && "inline" in output ? output.inline : {}) as { response: Record<string, unknown> };
  expect(response["n"]).toBe(3);
  expect(isSealed(response["pin"])).toBe(true);
  expect(JSON.stringify(scene.sends)).not.toContain("1234");
});

test("words do the same: by the short id, and by the run", async () => {
  await scene.startEngine();
  const { press: id } = await asked();
  await scene.say("2", `deny ${id.slice(0, 4).toLowerCase()}`);
  await until(() => told(keyOf("2")) !== undefined && reply() !== undefined);
  expect(told(keyOf("2"))).toMatchObject({ final: true, outcome: "ok", body: { text: "Answered: Deny." } });
  scene.sends.length = 0;
  const { run } = await asked("count", "3");
  await scene.say("4", `answer ${run} n=7 pin=4321`);
  await until(() => told(keyOf("4")) !== undefined);
  expect(told(keyOf("4"))?.body.text).toBe("Answered: n: `7`, pin: [secret].");
  for await (const { record } of scene.bus.log.scan({ shard: shardOfRun(run) ?? 0 })) expect(JSON.stringify(record)).not.toContain("4321");
});

test("nobody answers in time", async () => {
  await scene.startEngine();
  await say("1", "hurry", 59_000);
  await until(() => reply() !== undefined);
  const run = reply()?.run ?? "";
  expect(reply()).toMatchObject({ outcome: "failed", body: { text: expect.stringContaining("was not answered in") } });
  expect(card()?.body.text).toContain("Nobody answered in");
  expect((await scene.bus.log.last(run))?.record.state?.status).toBe("timeout");
  expect(await scene.bus.bucket(buckets.timer).entries(`*.${run}.*`)).toEqual([]);
});

test("what can still be pressed is kept for longer than what is over", async () => {
  await scene.startEngine();
  const { press: id } = await asked();
  const entry = async () => await scene.bus.bucket(buckets.press).get(pressKey(id));
  const before = await entry();
  await keepPresses(scene.bus, { olderThanMs: -1 });
  const kept = await entry();
  expect(kept).toMatchObject({ value: before?.value });
  expect(kept?.revision).toBeGreaterThan(before?.revision ?? Infinity);
  await press(id, 0);
  await until(() => reply() !== undefined);
  const over = await entry();
  await keepPresses(scene.bus, { olderThanMs: -1 });
  expect((await entry())?.revision).toBe(over?.revision);
});

test("a workflow waits for an answer, and goes on with it", async () => {
  await scene.startEngine();
  const { press: id, run } = await asked("release");
  expect((await scene.bus.log.last(run))?.record.state?.status).toMatch(/pending|paus/);
  expect(scene.requests).toEqual([]);
  await press(id, 0);
  await until(() => scene.requests.length > 0);
  const [request] = scene.requests;
  if (request === undefined) throw new Error("it goes on");
  expect(request).toMatchObject({ action: "hello.greet", input: { name: "true" } });
  await scene.finish(request, { text: "done" });
  await until(() => reply() !== undefined);
  expect(reply()?.outcome).toBe("ok");
  const late = await press(id, 1);
  await until(() => told(late) !== undefined);
  expect(told(late)?.body.text).toContain("Answered by ana: Approve.");
});

test("a run that is canceled asks no more", async () => {
  await scene.startEngine();
  const { press: id } = await asked();
  await scene.say("2", "cancel");
  await until(() => reply() !== undefined);
  expect(card()?.body.text).toContain("It is not asked any more");
  const late = await press(id, 0);
  await until(() => told(late) !== undefined);
  expect(told(late)).toMatchObject({ only: "U1", outcome: "refused" });
});

describe("whatever becomes of the engine", () => {
  test.each(["engine.saved", "engine.applied"])("at %s, it is asked once", async (point) => {
    await say("1", "ask");
    expect(await scene.crashEngine(point)).toBe(point);
    await scene.startEngine();
    await until(() => card() !== undefined);
    await press(card()?.body.choices?.press ?? "", 0);
    await until(() => reply() !== undefined);
    expect(new Set(scene.sends.map(({ run }) => run)).size).toBe(1);
  });

  test.each(["engine.pressed", "engine.saved", "engine.applied"])("at %s of an answer, it is answered once", async (point) => {
    const engine = await scene.startEngine();
    const { press: id } = await asked();
    await engine.stop();
    const first = await press(id, 0);
    expect(await scene.crashEngine(point)).toBe(point);
    await scene.startEngine();
    await until(() => reply() !== undefined);
    await press(id, 0, ana, first);
    const second = await press(id, 1);
    await until(() => told(second) !== undefined);
    expect(told(first)).toBeUndefined();
    expect(card()?.body.text).toContain("Answered by ana: Approve.");
    expect(scene.sends.filter(({ answers, final }) => answers === keyOf("1") && final)).toHaveLength(1);
  });
});

const source = { file: "x.yaml", line: 1, column: 1 };
const common = { pack: "asking", enabled: true, description: "", source };
const schemas = {
  ask: { properties: { continue: { type: "boolean", required: true } } },
  count: { properties: { n: { type: "integer", required: true }, pin: { type: "string", secret: true } } },
  hurry: { properties: { continue: { type: "boolean", required: true } } },
};
const pack: PackVersion = {
  v: 1,
  name: "asking",
  version: "1.0.0",
  description: "",
  digest: "a1",
  actions: [
    ...(["ask", "count", "hurry"] as const).map((name) => ({
      ...common,
      kind: "inquirer",
      pool: "default",
      ref: `asking.${name}`,
      name,
      repeatable: false,
      parameters: {
        message: { type: "string" as const, default: "Ship it?" },
        schema: { type: "object" as const, default: { type: "object", ...schemas[name] } },
        ...(name === "hurry" ? { ttl: { type: "integer" as const, default: 1 } } : {}),
      },
    })),
    {
      ...common,
      kind: "orquesta",
      pool: "default",
      ref: "asking.release",
      name: "release",
      repeatable: false,
      parameters: {},
      workflow: {
        version: "1.0",
        tasks: {
          ask: {
            action: "asking.ask",
            next: [{ when: "<% succeeded() %>", publish: [{ go: "<% result().response.continue %>" }], do: "greet" }],
          },
          greet: { action: "hello.greet", input: { name: "<% str(ctx().go).toLower() %>" } },
        },
      },
    },
  ],
  aliases: (["ask", "count", "hurry", "release"] as const).map((name) => ({
    ...common,
    ref: `asking.${name}`,
    name,
    action: `asking.${name}`,
    immutableParameters: {},
    formats: [{ display: name, representation: [name], matchMultiple: false }],
    result: { enabled: true },
  })),
};
