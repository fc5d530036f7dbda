import { runId, shardOfKey, subjects } from "@bellhop/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { platformNames, type Platform } from "../platforms.ts";
import type { Prompt } from "../stage.ts";
import { gatewayOf, startTeam, type Team } from "../team.ts";
import { patience, until } from "../until.ts";
import { chatopsPack, chatPack, corePack } from "./packs.ts";

let team: Team;
let prompt: Prompt;

beforeAll(async () => {
  team = await startTeam({
    factor: 1,
    packs: [corePack, chatPack, chatopsPack],
    rooms: ["ops"],
    config: (chats) => ({ rooms: { ops: chats.map((chat) => `${chat.name}:${chat.roomId("ops")}`) } }),
  });
  prompt = team.stage.prompt();
});
afterAll(() => team.end());

const said = (chat: Platform, text: string) => chat.seenBy("ana").filter((shown) => shown.text.includes(text));
const texts = (chat: Platform) => chat.seenBy("ana").map(({ text }) => text);

async function everyRoomReads(text: string): Promise<void> {
  for (const chat of team.chats) await until(() => said(chat, text).length > 0, { instead: () => texts(chat) });
}

async function typed(line: string): Promise<string | undefined> {
  const before = prompt.shown.length;
  prompt.say(line);
  await until(() => prompt.shown.length > before, { instead: () => prompt.shown });
  return prompt.shown.at(-1)?.text.trim();
}

test("one message on every platform is edited in place, whoever posts, and over the death of engine and gateways", async () => {
  const everywhere = team.chats.map((chat) => `${chat.name}:`);
  const answer = (await typed("post in ops as door: The door is open.")) ?? "";
  for (const room of everywhere) expect(answer).toContain(room);
  await everyRoomReads("The door is open.");
  for (const chat of team.chats) await team.stage.kill(gatewayOf(chat));
  // It waits for its gateways; two more are posted behind it.
  await typed("post as door: Somebody is in.");
  await team.stage.kill("engine-1");
  const shut = typed("post as door: The door is shut.");
  team.stage.start("engine-1");
  for (const chat of team.chats) team.stage.start(gatewayOf(chat));
  await shut;
  await everyRoomReads("The door is shut.");
  for (const chat of team.chats) {
    expect(said(chat, "The door is open.")).toEqual([]);
    expect(said(chat, "Somebody is in.")).toEqual([]);
    expect(said(chat, "The door is shut.")).toMatchObject([{ edited: true }]);
  }
});

test("what is said below it stands in its thread, or answers it; a chat may post what a prompt began", async () => {
  await typed("post as note: Who was that? thread=door");
  await everyRoomReads("Who was that?");
  const [above] = said(team.chat("slack"), "The door is shut.");
  expect(said(team.chat("slack"), "Who was that?")[0]?.place.split("/")[1]).toBe(above?.id);
  await team.chat("discord").say({ text: "!post as note: It was Ben." });
  await everyRoomReads("It was Ben.");
  for (const name of platformNames) expect(said(team.chat(name), "Who was that?")).toEqual([]);
});

test("a pack that knows StackStorm's chatops finds it here", async () => {
  const key = "journey/chatops";
  const askedAt = new Date().toISOString();
  const here = { platform: "rule", account: "journey.rule", channel: "journey.rule" };
  const asker = { platform: "rule", id: "journey.rule", kind: "bot" } as const;
  const input = { channel: "ops", message: "Deployed.", context: { user: "ana" }, extra: { slack: { color: "good", title: "web" } } };
  const run = runId({ key, at: askedAt, shard: shardOfKey(key) });
  const ask = {
    v: 1,
    kind: "start",
    key,
    run,
    action: "chatops.post_message",
    input,
    rule: "journey.rule",
    asker,
    replyTo: here,
    askedAt,
  } as const;
  await team.stage.bus.publish(subjects.run.asked, ask, { id: key });
  await everyRoomReads("Deployed.");
});

test("at a prompt each wording is a line, which in a pipe is beside the answers", async () => {
  await typed("post in here as mine: One.");
  await typed("post as mine: Two.");
  const { code, notes } = await prompt.finish(patience);
  expect([code, notes.split("\n").filter((line) => line === "One." || line === "Two.")]).toEqual([0, ["One.", "Two."]]);
});
