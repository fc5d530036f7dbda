import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buckets, type StreamLayout } from "@bellhop/contracts";
import { afterEach, expect, test } from "vitest";
import { faultyPacks } from "../faults/packs.ts";
import { openPlatform, type Platform, type Said } from "../platforms.ts";
import { startStage, type Stage } from "../stage.ts";
import { until } from "../until.ts";

let stage: Stage;
let chat: Platform;
afterEach(async () => {
  await stage.end();
  await chat.close();
});

/** One engine and one gateway, with Ana in two rooms. */
async function open(layout: StreamLayout): Promise<void> {
  chat = await openPlatform("slack", { rooms: ["ops", "dev"] });
  stage = await startStage({ factor: 0.1, packs: faultyPacks, layout });
  stage.configure({ owners: [chat.identity("ana")] });
  stage.start("engine-1");
  stage.start("slack-1", { env: { ...chat.env } });
  await until(() => chat.connections() > 0);
}

const say = (text: string, room = "ops") => chat.say({ text: `!${text}`, room });
const note = (word: string, room?: string) => say(`note ${word} in ${stage.file}`, room);
const texts = (said: Said) => said.answers().map(({ text }) => text);
const heard = (said: Said, words: RegExp) => until(() => texts(said).some((text) => words.test(text)), { instead: () => texts(said) });
const noted = () => readFileSync(stage.file, "utf8").split("\n").filter(Boolean);

test("where no runner works, and the queue is full, each is told so once and nothing is lost; others are served, and cancel works", async () => {
  await open({ limits: { ACTION: { messagesPerSubject: 3 } } });
  const queued = [await note("one"), await note("two"), await note("three", "dev")];
  for (const said of queued) await heard(said, /^No runner works for pool default now/);
  const refused = [await note("four", "dev"), await note("five")];
  for (const said of refused) await heard(said, /^So much waits for the runners of pool default/);
  // In the rooms whose last commands find no room.
  for (const room of ["ops", "dev"]) await heard(await say("help", room), /help \[WORD\]/);
  const [status] = texts(await answered(await say("status")));
  const [, run = ""] = /`(\w+)` faulty\.note/.exec(status ?? "") ?? [];
  await heard(await say(`cancel ${run}`), /^Canceled faulty\.note/);
  await stage.kill("engine-1");
  stage.start("engine-1");
  stage.start("runner-1");
  const [, ...rest] = [...queued, ...refused];
  for (const said of rest) await heard(said, /^noted /);
  expect(noted().toSorted()).toEqual(["five", "four", "three", "two"]);
  for (const said of rest) expect(texts(said)).toHaveLength(2);
});

test("results that find no room are kept by their runner, over its death, and told when there is room", async () => {
  await open({ limits: { FINISHED: { messagesPerSubject: 1 } } });
  // Of one room, and so of one shard.
  const asked = [await note("one"), await note("two"), await note("three")];
  for (const said of asked) await heard(said, /^No runner works/);
  await stage.kill("engine-1");
  stage.start("runner-1");
  await until(() => keptResults() === 2);
  await stage.kill("runner-1");
  stage.start("runner-1");
  stage.start("engine-1");
  for (const said of asked) await heard(said, /^noted |abandoned/);
  expect(noted().toSorted()).toEqual(["one", "three", "two"]);
  for (const said of asked) expect(texts(said)).toEqual([expect.anything(), expect.stringMatching(/^noted /)]);
});

test("replies that find no room are said when there is, over the death of their engine", async () => {
  await open({ limits: { SEND: { messagesPerSubject: 1 } } });
  const asked = [await note("one"), await note("two"), await note("three", "dev")];
  for (const said of asked) await heard(said, /^No runner works/);
  await stage.kill("slack-1");
  stage.start("runner-1");
  await until(() => noted().length === 3);
  await until(async () => (await stage.logs()).every(({ state }) => state?.status === "succeeded"));
  await stage.kill("engine-1");
  stage.start("engine-1");
  stage.start("slack-1");
  for (const said of asked) await heard(said, /^noted /);
  await heard(await say("help"), /help \[WORD\]/);
  for (const said of asked) expect(texts(said)).toEqual([expect.anything(), expect.stringMatching(/^noted /)]);
});

test("where the log of the runs is full nothing is decided, and what was asked meanwhile is answered once when there is room", async () => {
  await open({ limits: { RUN: { messages: 4 } } });
  stage.start("runner-1");
  // Else it would be told that there is none.
  await until(async () => (await stage.bus.bucket(buckets.member).entries(">")).some(({ value }) => value.role === "runner"));
  const first = await note("one");
  await heard(first, /^noted /);
  const later = [await note("two"), await note("three"), await note("four", "dev")];
  await until(async () => (await stage.bus.log.lastSequence()) === 4);
  expect(later.filter((said) => texts(said).length > 0).length).toBeLessThan(2);
  await stage.kill("engine-1");
  stage.start("engine-1");
  await stage.bus.setUp({ limits: { RUN: { messages: -1 } } });
  for (const said of later) await heard(said, /^noted /);
  expect(noted().toSorted()).toEqual(["four", "one", "three", "two"]);
  for (const said of [first, ...later]) expect(texts(said)).toHaveLength(1);
});

/** Results in the journals of runners that nobody has taken from them. */
function keptResults(): number {
  const home = join(stage.folder, "home");
  const files = readdirSync(home, { recursive: true, encoding: "utf8" }).filter((name) => /attempts\/[^/]+\.log$/.test(name));
  const lines = files.flatMap((name) => readFileSync(join(home, name), "utf8").split("\n"));
  const over = lines.filter((line) => line.includes('"over"')).length;
  return lines.filter((line) => line.includes('"result"')).length - over;
}

async function answered(said: Said): Promise<Said> {
  await until(() => said.answers().length > 0);
  return said;
}
