import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { platformNames, type Platform, type PlatformName, type Said, type Shown, type Words } from "../platforms.ts";
import { startTeam, type Team } from "../team.ts";
import { corePack, storiesPack } from "./packs.ts";
import { until } from "../until.ts";

/** A room for each kind of story: platforms keep a pace for each room. */
const rooms = ["ops", "dev", "code", "long", "files", "signs", "quiet", "square"] as const;

let team: Team;
/** All that was said to the bot, and how many messages were to answer it; several parts of one answer where it is not said. */
const asked: { name: PlatformName; said: Said; answers?: number }[] = [];

beforeAll(async () => {
  // Names for the rooms that announcements are made in.
  const config = (chats: readonly Platform[]) => ({
    rooms: Object.fromEntries(chats.map((chat) => [`square-of-${chat.name}`, `${chat.name}:${chat.roomId("square")}`])),
  });
  team = await startTeam({ factor: 1, packs: [corePack, storiesPack], rooms, config });
});
afterAll(() => team.end());

describe.each(platformNames)("a team in %s", (name) => {
  test("a command is answered where it was asked", async () => {
    expect(await answerTo(name, { text: "!echo hello" })).toMatchObject({ text: "hello" });
  });

  test("a mention needs no prefix", async () => {
    expect(await answerTo(name, { text: "echo a <tag> & more", mention: true })).toMatchObject({ text: "a <tag> & more" });
  });

  test("a command within a thread is answered there", async () => {
    const thread = await team.chat(name).say({ text: "shall we?" });
    expect(await answerTo(name, { text: "!echo in here", thread })).toMatchObject({ text: "in here" });
  });

  test("a direct message needs no prefix", async () => {
    expect(await answerTo(name, { text: "echo psst", direct: true })).toMatchObject({ text: "psst" });
  });

  test("a stranger is refused, and let in by an owner who mentions them", async () => {
    const words: Words = { text: "!echo may I?", who: "ben", room: "dev" };
    expect((await answerTo(name, words)).text).toMatch(/may not run core\.echo/);
    expect((await answerTo(name, { text: "!allow @ben core.echo", room: "dev" })).text).toContain(team.chat(name).identity("ben"));
    expect(await answerTo(name, words)).toMatchObject({ text: "may I?" });
    expect((await answerTo(name, { ...words, who: "mallory" })).text).toMatch(/may not run core\.echo/);
  });

  test.each([
    ["a span", "`**a** && _b_ \\d+ 2>&1`", "**a** && _b_ \\d+ 2>&1"],
    ["a block", "```\nif (a < b) { `c` && **d** }\n\n  # @everyone\n```", "if (a < b) { `c` && **d** }\n\n  # @everyone"],
  ])("code with marks in it comes back verbatim: %s", async (_, written, code) => {
    expect((await answerTo(name, { text: `!echo ${written}`, room: "code" })).code).toEqual([code]);
  });

  test("a table is shown as a table", async () => {
    const { table } = await answerTo(name, { text: "!measure", room: "code" });
    expect(table).toEqual([
      ["host", "load"],
      ["web-1", "0.5"],
      ["web-2", "12"],
    ]);
  });

  test.each([
    ["some pages", 150],
    ["a book", 4_000],
  ])("a long answer loses no word: %s", async (_, lines) => {
    const said = await say(name, { text: `!count to ${lines}`, room: "long" });
    const counted = () => wholeOf(said.answers()).match(/line number \d+ of/g) ?? [];
    await until(() => counted().length >= lines, { instead: () => counted().length });
    expect(counted()).toEqual(Array.from({ length: lines }, (__, index) => `line number ${index + 1} of`));
  });

  test("a file that comes with a command reaches its action", async () => {
    const content = Buffer.from("host,load\nweb-1,0.5\n");
    const answer = await answerTo(name, { text: "!file info", room: "files", files: [{ name: "load.csv", type: "text/csv", content }] });
    const cells = (answer.table ?? []).flat().join(" ");
    expect(cells).toContain("load.csv");
    expect(cells).toContain(createHash("sha256").update(content).digest("hex"));
  });

  test("a file that an action makes is shown with the answer", async () => {
    const said = await say(name, { text: "!attach notes.txt all is well", room: "files" });
    const files = () => said.answers().flatMap((shown) => shown.files);
    await until(() => files().length > 0, { instead: () => said.answers() });
    expect(files().map((file) => [file.name, Buffer.from(file.bytes).toString("utf8").trim()])).toEqual([["notes.txt", "all is well"]]);
  });

  test("a command that takes its time is acknowledged, and the sign is gone when the answer is there", async () => {
    const gate = join(team.stage.folder, `${name}-sign`);
    const said = await say(name, { text: `!wait for ${gate}`, room: "signs", answers: 1 });
    await until(() => said.reactions().length > 0);
    expect(said.answers()).toEqual([]);
    writeFileSync(gate, "");
    await until(() => said.answers().length > 0 && said.reactions().length === 0, { instead: () => said.reactions() });
    expect(said.answers().map(({ text }) => text)).toEqual(["it came"]);
  });

  test("an acknowledgement in words becomes the answer", async () => {
    const gate = join(team.stage.folder, `${name}-words`);
    const said = await say(name, { text: `!wait aloud for ${gate}`, room: "signs", answers: 1 });
    await until(() => said.answers().length > 0);
    const [acknowledged] = said.answers();
    expect(acknowledged?.text).toBe("I am waiting");
    writeFileSync(gate, "");
    await until(() => said.answers()[0]?.text !== "I am waiting");
    expect(said.answers()).toMatchObject([{ id: acknowledged?.id, text: "it came" }]);
  });

  test("a reaction of the one who asked cancels it", async () => {
    const said = await say(name, { text: "!wait for /nowhere", room: "signs", answers: 1 });
    await until(() => said.reactions().length > 0);
    await said.react("❌");
    await until(() => said.answers().length > 0);
    expect(said.answers()).toMatchObject([{ text: expect.stringMatching(/cancel/i) }]);
  });

  test("a whisper is for the one who asked alone", async () => {
    const chat = team.chat(name);
    const heard = (who: "ana" | "mallory") => chat.seenBy(who).filter(({ text }) => text.includes(`only for ana of ${name}`));
    await say(name, { text: `!whisper only for ana of ${name}`, room: "quiet" });
    await until(() => heard("ana").length > 0, { instead: () => chat.seenBy("ana") });
    expect(heard("ana")).toHaveLength(1);
    expect(heard("mallory")).toEqual([]);
    elsewhere.push(...heard("ana"));
  });

  test("an announcement stands once in the room that it names, on each platform", async () => {
    for (const { name: where } of team.chats) {
      const words = `Closing at \`18:00\`, as ${name} says`;
      const heard = () =>
        team
          .chat(where)
          .seenBy("mallory")
          .filter(({ text }) => text.includes(`as ${name} says`));
      const answer = await answerTo(name, { text: `!announce in square-of-${where}: ${words}`, room: "dev" });
      expect(answer.text).toMatch(/^On its way to /);
      await until(() => heard().length > 0, { instead: () => `${where} heard nothing of ${name}` });
      expect(heard().map(({ code }) => code)).toEqual([["18:00"]]);
      elsewhere.push(...heard());
    }
  });

  test("a room that the platform has not is told where it was asked", async () => {
    const nowhere = { slack: "C0NOSUCHROOM", discord: "999999999999999999", matrix: "!nosuchroom:nowhere.example" }[name];
    const said = await say(name, { text: `!announce in ${nowhere}: Hello?`, room: "dev" });
    await until(() => textsOf(said.answers()).some((text) => text.includes(`${name} refused a message`)), {
      instead: () => textsOf(said.answers()),
    });
  });

  test("two rooms at once get their own answers", async () => {
    await bothRooms(name);
  });
});

test("all platforms at once are served by the one engine", async () => {
  await Promise.all(platformNames.flatMap((name) => [bothRooms(name), bothRooms(name)]));
});

test("everything that was asked was answered once, and nothing else was: no talk, no other bot, not what the bot said itself", async () => {
  for (const chat of team.chats) {
    await chat.say({ text: "echo not for you", room: "quiet" });
    await chat.say({ text: "!echo from a bot", who: "rover", room: "quiet" });
    await answerTo(chat.name, { text: "!echo !echo again", room: "quiet" });
    await answerTo(chat.name, { text: "!echo last", room: "quiet" });
    const ours = asked.filter(({ name }) => name === chat.name);
    const counted = ours.filter(({ answers }) => answers !== undefined);
    expect(counted.map(({ said }) => textsOf(said.answers()).length)).toEqual(counted.map(({ answers }) => answers));
    const known = new Set([...ours.flatMap(({ said }) => said.answers()), ...elsewhere].map(({ id }) => id));
    expect(textsOf(chat.seenBy("ana").filter(({ id }) => !known.has(id)))).toEqual([]);
  }
});

/** What stands elsewhere than answers do: whispers, announcements. */
const elsewhere: Shown[] = [];

/** Asks in two rooms of a platform before any answer is there. */
async function bothRooms(name: PlatformName): Promise<void> {
  const both = ["ops", "dev"];
  const answers = await Promise.all(both.map((room) => answerTo(name, { room, text: `!echo this is ${room} of ${name}` })));
  expect(answers.map(({ text }) => text)).toEqual(both.map((room) => `this is ${room} of ${name}`));
}

/** The one answer to what is said. */
async function answerTo(name: PlatformName, words: Words): Promise<Shown> {
  // In a direct conversation answers stand one after the other.
  const said = await say(name, { ...words, answers: words.direct === true ? undefined : 1 });
  await until(() => said.answers().length > 0, { instead: () => `${name} saw no answer to ${words.text}` });
  const [answer, ...more] = said.answers();
  expect(textsOf(more)).toEqual([]);
  if (answer === undefined) throw new Error("the answer came and went");
  return answer;
}

async function say(name: PlatformName, { answers, ...words }: Words & { answers?: number }): Promise<Said> {
  const said = await team.chat(name).say(words);
  asked.push({ name, said, answers });
  return said;
}

/** Their beginnings: a failure is to be read. */
function textsOf(shown: readonly Shown[]): string[] {
  return shown.map(({ text }) => text.slice(0, 80));
}

/** Before a file stands how it begins. */
function wholeOf(shown: readonly Shown[]): string {
  const files = shown.flatMap((one) => one.files.map(({ bytes }) => Buffer.from(bytes).toString("utf8")));
  return files.length > 0 ? files.join("\n") : shown.map(({ text }) => text).join("\n");
}
