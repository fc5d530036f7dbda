import { afterAll, beforeAll, expect, test } from "vitest";
import type { Platform, Said, Words } from "../platforms.ts";
import { ask, gatewayOf, startTeam, type Team } from "../team.ts";
import { corePack } from "./packs.ts";
import { until } from "../until.ts";

let team: Team;
/** Where people have talked with the bot before. */
const threads = new Map<Platform, Said>();

beforeAll(async () => {
  team = await startTeam({ factor: 1, packs: [corePack], rooms: ["ops", "dev"] });
  for (const chat of team.chats) {
    const { said } = await ask(chat, { text: "!echo first" });
    await ask(chat, { text: "!echo here", room: "dev", thread: await chat.say({ text: "shall we?", room: "dev" }) });
    await ask(chat, { text: "echo psst", direct: true });
    threads.set(chat, said);
  }
});
afterAll(() => team.end());

test("what was said while no gateway ran is answered once when they are back: in rooms, in threads, directly, behind much talk", async () => {
  await team.disconnect();
  const asked = await sayEverywhere("while you were away");
  await Promise.all(team.chats.map(async (chat) => until(() => !chat.owes())));
  await team.connect();
  await answeredOnce(asked, "while you were away");
});

test("what was said while NATS was away is answered once when it is back", async () => {
  await team.stage.nats.kill9();
  const asked = await sayEverywhere("while it was down");
  await Promise.all(team.chats.map(async (chat) => until(() => !chat.owes())));
  await team.stage.nats.restart();
  await answeredOnce(asked, "while it was down");
});

test("what a gateway took while NATS was away outlives the gateway", async () => {
  await team.stage.nats.kill9();
  const asked = await sayEverywhere("on the disk");
  await Promise.all(team.chats.map(async (chat) => until(() => !chat.owes())));
  for (const chat of team.chats) await team.stage.kill(gatewayOf(chat));
  await team.stage.nats.restart();
  await team.connect();
  await answeredOnce(asked, "on the disk");
});

interface Asked {
  where: string;
  said: Said;
}

async function sayEverywhere(words: string): Promise<Asked[]> {
  const asked = await Promise.all(
    team.chats.map(async (chat) => {
      const thread = threads.get(chat);
      const asks = async (where: string, how: Partial<Words>) => ({
        where: `${chat.name}, ${where}`,
        said: await chat.say({ text: `!echo ${words}`, ...how }),
      });
      const inRoom = await asks("in a room", {});
      // More than any page of history holds that is asked for without need.
      for (let line = 0; line < 60; line++) await chat.say({ text: `talk ${line}` });
      return [
        inRoom,
        await asks("in a thread", { thread }),
        await asks("by name", { room: "dev", mention: true }),
        await asks("directly", { direct: true }),
      ];
    }),
  );
  return asked.flat();
}

async function answeredOnce(asked: readonly Asked[], words: string): Promise<void> {
  const unanswered = () => asked.filter(({ said }) => answersOf(said, words).length === 0).map(({ where }) => where);
  await until(() => unanswered().length === 0, { instead: unanswered });
  // Replies in one conversation go out one after the other: after these nothing is on its way.
  for (const chat of team.chats) {
    await ask(chat, { text: "!echo last", thread: threads.get(chat) });
    for (const place of [{ room: "ops" }, { room: "dev" }]) await ask(chat, { text: "!echo last", ...place });
    await ask(chat, { text: "echo last", direct: true });
  }
  expect(asked.map(({ where, said }) => [where, answersOf(said, words)])).toEqual(asked.map(({ where }) => [where, [words]]));
}

/** In threads and direct conversations others' answers stand too. */
function answersOf(said: Said, words: string): string[] {
  return said.answers().flatMap(({ text }) => (text === words ? [text] : []));
}
