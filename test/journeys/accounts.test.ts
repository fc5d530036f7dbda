import { afterAll, beforeAll, expect, test } from "vitest";
import { platformNames } from "../platforms.ts";
import { ask, startTeam, type Team } from "../team.ts";
import { corePack } from "./packs.ts";

let team: Team;

beforeAll(async () => {
  team = await startTeam({
    factor: 1,
    packs: [corePack],
    rooms: ["ops", "dev"],
    accounts: ["acme"],
    config: (chats) => ({
      ...Object.fromEntries(platformNames.map((name) => [name, { accounts: { acme: {} } }])),
      prefixes: Object.fromEntries(chats.map((chat) => [`${chat.name}:${chat.roomId("dev")}`, "bellhop "])),
    }),
  });
});
afterAll(() => team.end());

test.each(platformNames)("two accounts of %s are served by one gateway, each where it was asked", async (name) => {
  const both = team.chats.filter((chat) => chat.name === name);
  const answers = await Promise.all(both.map((chat, index) => ask(chat, { text: `!echo for number ${index}` })));
  expect(answers.map(({ answer, more }) => [answer.text, more.length])).toEqual([
    ["for number 0", 0],
    ["for number 1", 0],
  ]);
});

test.each(platformNames)("a room of %s has the prefix that it is given, and no other", async (name) => {
  const chat = team.chat(name);
  const passedOver = await chat.say({ text: "!echo not here", room: "dev" });
  const { answer, more } = await ask(chat, { text: "bellhop echo here", room: "dev" });
  expect([answer.text, more]).toEqual(["here", []]);
  expect(passedOver.answers()).toEqual([]);
});
