import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { buckets } from "@bellhop/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { platformNames, type Platform, type Said, type Shown, type Who } from "../platforms.ts";
import { gatewayOf, startTeam, type Team } from "../team.ts";
import { patience, until } from "../until.ts";
import { askingPack } from "./packs.ts";

const main = join(import.meta.dirname, "..", "..", "apps", "cli", "src", "main.ts");
const run = promisify(execFile);

let team: Team;

beforeAll(async () => {
  team = await startTeam({ factor: 1, packs: [askingPack], rooms: ["ops"] });
});
afterAll(() => team.end());

/** Somebody asks, and the card stands. */
async function asked(chat: Platform, text: string): Promise<{ said: Said; card: () => Shown }> {
  const said = await chat.say({ text });
  const find = () => said.answers().find(({ text: words }) => words.includes("Asked by asking."));
  await until(() => find() !== undefined, { instead: () => textsOf(said) });
  const id = find()?.id;
  const card = () => {
    const shown = said.answers().find((one) => one.id === id);
    if (shown === undefined) throw new Error("the card is gone");
    return shown;
  };
  return { said, card };
}

const textsOf = (said: Said) => said.answers().map(({ text }) => text);
const seenBy = (chat: Platform, who: Who) => chat.seenBy(who).map(({ text }) => text);

test.each(platformNames)("in %s one of many presses is the answer, the card says whose, and all others are told", async (name) => {
  const chat = team.chat(name);
  const { said, card } = await asked(chat, "!ship the API");
  expect(await chat.press(card(), "Approve", "ben")).toBe(true);
  await until(() => seenBy(chat, "ben").some((text) => text.includes("may not answer")), { instead: () => seenBy(chat, "ben") });
  expect(await chat.press(card(), "Deny")).toBe(true);
  await until(() => textsOf(said).includes("kept back"), { instead: () => textsOf(said) });
  await until(() => card().text.includes("Answered by"), { instead: () => card() });
  expect(card()).toMatchObject({ edited: true, text: expect.stringMatching(/the API[^]*Answered by .*: Deny\./) });
  expect(textsOf(said).filter((text) => text === "kept back")).toHaveLength(1);
  expect(seenBy(chat, "ana").filter((text) => text.includes("may not answer"))).toEqual([]);
});

test.each(["slack", "discord"] as const)("in %s a form is filled in, and what does not fit is told to whoever wrote it", async (name) => {
  const chat = team.chat(name);
  const { said, card } = await asked(chat, "!why");
  await chat.press(card(), "Answer");
  expect(await chat.submit?.({ reason: "it is late", size: "large" })).toBe(true);
  await until(() => textsOf(said).includes("because it is late, large"), { instead: () => textsOf(said) });
  await until(() => card().text.includes("Answered by"), { instead: () => card() });
});

test("in matrix words do what a form does elsewhere", async () => {
  const chat = team.chat("matrix");
  const { said, card } = await asked(chat, "!why");
  const [, id] = /answer ([0-9A-Z]{4}) reason=/.exec(card().text) ?? [];
  await chat.say({ text: `!answer ${id} size=huge reason=rain` });
  await until(() => seenBy(chat, "ana").some((text) => text.includes("can't be")), { instead: () => seenBy(chat, "ana") });
  await chat.say({ text: `!answer ${id} size=small reason="it rains"` });
  await until(() => textsOf(said).includes("because it rains, small"), { instead: () => textsOf(said) });
});

test.each(platformNames)("in %s what was offered before everything was killed can still be pressed", async (name) => {
  const chat = team.chat(name);
  const { said, card } = await asked(chat, "!ship the web");
  for (const part of [gatewayOf(chat), "engine-1"] as const) {
    await team.stage.kill(part);
    team.stage.start(part);
  }
  await until(() => chat.connections() > 0);
  await until(() => chat.press(card(), "Approve"));
  await until(() => textsOf(said).includes("shipped"), { instead: () => textsOf(said) });
});

test("at a prompt words do it, and so does the command line", async () => {
  const { stage } = team;
  const prompt = stage.prompt();
  const open = async () => (await stage.bus.bucket(buckets.press).entries(">")).find(({ value }) => value.over === undefined)?.value;
  const bellhop = async (...args: string[]) => {
    const env = { ...process.env, NATS_URL: stage.nats.url, BELLHOP_FOLDER: join(stage.folder, "home") };
    return JSON.parse((await run(process.execPath, [main, ...args, "--json"], { env })).stdout) as Record<string, unknown>;
  };
  prompt.say("ship it");
  await until(async () => (await open()) !== undefined);
  prompt.say(`approve ${(await open())?.id.slice(0, 4)}`);
  await until(() => prompt.shown.length === 2, { instead: () => prompt.shown });
  expect(prompt.shown.map(({ text }) => text.trim()).toSorted()).toEqual(["Answered: Approve.", "shipped"]);

  prompt.say("ship more");
  await until(async () => (await open()) !== undefined);
  const id = (await open())?.id ?? "";
  expect(await bellhop("inquiry", "list")).toMatchObject({ inquiries: [{ id, action: "asking.ship", text: "more" }] });
  expect(await bellhop("inquiry", "show", id.slice(0, 4))).toMatchObject({
    id,
    action: "asking.ship",
    schema: { properties: { ok: { type: "boolean" } } },
  });
  expect(await bellhop("inquiry", "answer", id.slice(0, 4), "ok=no")).toMatchObject({ outcome: "ok", text: "Answered: Deny." });
  await until(() => prompt.shown.some(({ text }) => text.trim() === "kept back"), { instead: () => prompt.shown });
  expect(await bellhop("inquiry", "list")).toEqual({ inquiries: [] });
  expect((await prompt.finish(patience)).code).toBe(0);
});
