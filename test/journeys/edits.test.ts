import { afterAll, beforeAll, expect, test } from "vitest";
import { platformNames, type PlatformName, type Said, type Words } from "../platforms.ts";
import { ask, startTeam, type Team } from "../team.ts";
import { corePack } from "./packs.ts";
import { patience, until } from "../until.ts";

let team: Team;

beforeAll(async () => {
  team = await startTeam({ factor: 1, packs: [corePack], rooms: ["ops", "dev"] });
});
afterAll(() => team.end());

test("a command that is reworded before it ran runs once, as it reads in the end", async () => {
  const asked = await whileNobodyRuns(async (name) => {
    const said = await say(name, { text: "!echo frist" });
    await said.edit("!echo first");
    return said;
  });
  for (const said of asked) await until(() => textsOf(said).join() === "first", { instead: () => textsOf(said) });
  await flush();
  expect(asked.map(textsOf)).toEqual(asked.map(() => ["first"]));
  expect(asked.map((said) => said.reactions())).toEqual(asked.map(() => []));
});

test("a command that is deleted, or reworded so that it calls nobody, before it ran is canceled", async () => {
  const asked = await whileNobodyRuns(async (name) => {
    const deleted = await say(name, { text: "!echo never said", room: "dev" });
    const reworded = await say(name, { text: "!echo never said" });
    // Shows that the runs are there.
    await until(() => [deleted, reworded].every((said) => said.reactions().length > 0));
    await deleted.remove();
    await reworded.edit("never mind");
    await until(() => textsOf(reworded).some((text) => text.startsWith("core.echo was canceled")), { instead: () => textsOf(reworded) });
    return deleted;
  });
  const canceled = async () => {
    const runs = (await team.stage.logs()).flatMap(({ state }) =>
      JSON.stringify(state?.tasks).includes("never said") ? [state?.status] : [],
    );
    return runs.filter((status) => status === "canceled").length;
  };
  await expect.poll(canceled, { timeout: patience }).toBe(2 * asked.length);
  await flush();
  expect(team.chats.flatMap((chat) => chat.seenBy("ana")).filter(({ text }) => text.includes("never said"))).toEqual([]);
});

test.each(platformNames)("in %s a command that nobody knew is answered anew in the same place when it is reworded", async (name) => {
  const { said, answer } = await ask(team.chat(name), { text: "ecko hello", mention: true, room: "dev" });
  expect(answer.text).toMatch(/ecko/);
  await said.edit("echo hello");
  await until(() => textsOf(said).join() === "hello", { instead: () => textsOf(said) });
  expect(said.answers()).toMatchObject([{ id: answer.id, text: "hello" }]);
});

test.each(platformNames)("in %s a command that is reworded after it ran is told how to run again, and does not", async (name) => {
  const { said, answer } = await ask(team.chat(name), { text: "!echo done", room: "dev" });
  await said.edit("!echo done differently");
  await until(() => said.answers().length > 1);
  expect(said.answers()[0]).toMatchObject({ id: answer.id, text: "done" });
  await flush();
  expect(textsOf(said).filter((text) => text.startsWith("done"))).toEqual(["done"]);
  expect(said.answers()).toHaveLength(2);
});

/** Says something everywhere while there is no runner, and starts one afterwards. */
async function whileNobodyRuns(story: (name: PlatformName) => Promise<Said>): Promise<Said[]> {
  await team.stage.kill("runner-1");
  const asked = await Promise.all(platformNames.map(story));
  team.stage.start("runner-1");
  return asked;
}

/** Replies in one room go out one after the other: after these nothing is on its way. */
async function flush(): Promise<void> {
  await Promise.all(team.chats.flatMap((chat) => ["ops", "dev"].map((room) => ask(chat, { text: "!echo last", room }))));
}

async function say(name: PlatformName, words: Words): Promise<Said> {
  return team.chat(name).say(words);
}

function textsOf(said: Said): string[] {
  return said.answers().map(({ text }) => text);
}
