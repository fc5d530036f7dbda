import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { platformNames, type PlatformName, type Said, type Words } from "../platforms.ts";
import { gatewayOf, startTeam, type Team } from "../team.ts";
import { corePack, storiesPack } from "./packs.ts";
import { patience, until } from "../until.ts";

let team: Team;

beforeAll(async () => {
  team = await startTeam({ factor: 0.2, packs: [corePack, storiesPack], rooms: ["ops", "long"] });
});
afterAll(() => team.end());

/** A command that prints, goes on at each word, and ends after the second. Everything that people ever saw of it is kept. */
async function telling(name: PlatformName, title: string) {
  const chat = team.chat(name);
  const gate = join(team.stage.folder, `${name}-${title}`);
  const said = await chat.say({ text: `!tell swordfish until ${gate}`, room: "ops" });
  const seen: string[] = [];
  const stop = chat.onChange(() => seen.push(...said.answers().map(({ text }) => text)));
  return { said, seen, stop, goOn: (nth: 1 | 2) => writeFileSync(`${gate}.${nth}`, "") };
}

function shows(said: Said, ...lines: string[]): () => boolean {
  return () => said.answers().length === 1 && said.answers()[0]?.code.some((code) => code.includes(lines.join("\n"))) === true;
}

const end = "first line\nwith [secret] in it\nlast line";
const atWork = /is at work/;

describe.each(platformNames)("what a command prints in %s", (name) => {
  test("is shown where its answer will be, line by line, and never a secret", async () => {
    const { said, seen, stop, goOn } = await telling(name, "plain");
    const instead = () => said.answers();
    await until(shows(said, "first line"), { instead });
    const [first] = said.answers();
    expect(first?.text).toMatch(atWork);
    goOn(1);
    await until(shows(said, "first line", "with [secret] in it"), { instead });
    goOn(2);
    await until(shows(said, end), { instead });
    expect(said.answers()).toMatchObject([{ id: first?.id, text: expect.not.stringMatching(atWork) }]);
    await until(() => said.reactions().length === 0, { instead: () => said.reactions() });
    stop();
    expect(seen.filter((text) => /sword|fish/.test(text))).toEqual([]);
  });

  test("gives way to its answer although engine and gateway are killed", async () => {
    const { said, stop, goOn } = await telling(name, "killed");
    const instead = () => said.answers();
    await until(shows(said, "first line"), { instead });
    const [first] = said.answers();
    await Promise.all([team.stage.kill("engine-1"), team.stage.kill(gatewayOf(team.chat(name)))]);
    goOn(1);
    team.stage.start("engine-1");
    team.stage.start(gatewayOf(team.chat(name)));
    await until(shows(said, "first line", "with [secret] in it"), { instead });
    await team.stage.kill("engine-1");
    goOn(2);
    team.stage.start("engine-1");
    await until(shows(said, end), { instead });
    expect(said.answers()).toMatchObject([{ id: first?.id, text: expect.not.stringMatching(atWork) }]);
    stop();
  });

  test("does not stand for good where the runner is killed", async () => {
    const { said, stop } = await telling(name, "lost");
    await until(shows(said, "first line"), { instead: () => said.answers() });
    const [first] = said.answers();
    await team.stage.kill("runner-1");
    team.stage.start("runner-1");
    const standing = () => said.answers().find(({ id }) => id === first?.id)?.text ?? "";
    await until(() => !atWork.test(standing()), { instead: () => said.answers() });
    expect(standing()).toMatch(/abandoned|was lost|may have done/);
    stop();
  });
});

describe.each(platformNames)("a long answer in %s", (name) => {
  const numbers = (said: Said) =>
    said.answers().flatMap(({ text }) => Array.from(text.matchAll(/line number (\d+) of/g), ([, number]) => Number(number)));
  const complete = (said: Said) => said.answers().some(({ text }) => text.includes("more characters"));

  async function page(words: Words): Promise<{ said: Said; read: number[] }> {
    const said = await team.chat(name).say({ room: "long", ...words });
    await until(() => complete(said), { instead: () => said.answers().map(({ text }) => text.slice(-200)) });
    return { said, read: numbers(said) };
  }

  test("is read on page by page with `more`, over the death of the engine, and by others once they name its run", async () => {
    const first = await page({ text: "!count to 2000" });
    await team.stage.kill("engine-1");
    team.stage.start("engine-1");
    const second = await page({ text: "more", mention: true });
    const pages = [first, second].map(({ read }) => read);
    expect(pages.flat()).toEqual(Array.from({ length: pages.flat().length }, (_, index) => index + 1));
    expect(Math.min(...pages.map(({ length }) => length))).toBeGreaterThan(50);

    const stranger = await team.chat(name).say({ text: "!more", who: "ben", room: "long" });
    await until(() => stranger.answers().length > 0);
    expect(stranger.answers()[0]?.text).toMatch(/nothing to read on/);
    const words = first.said.answers().flatMap(({ text, code }) => [text, ...code]);
    const run = words.flatMap((text) => /\b[0-9A-HJKMNP-TV-Z]{26}\b/.exec(text)?.[0] ?? [])[0];
    expect((await page({ text: `!more ${run}`, who: "ben" })).read).toEqual(second.read);
  });
});

test("at a prompt a long answer is read on with `more`", async () => {
  const prompt = team.stage.prompt();
  prompt.say("count to 500");
  for (let asked = 1; !prompt.shown.at(-1)?.text.includes("line number 500 of 500"); asked++) {
    await until(() => prompt.shown.length === asked, { instead: () => prompt.shown.at(-1) });
    if (!prompt.shown.at(-1)?.text.includes("line number 500 of 500")) prompt.say("more");
    expect(asked).toBeLessThan(10);
  }
  const lines = prompt.shown.flatMap(({ text }) => text.match(/line number \d+ of/g) ?? []);
  expect(lines).toEqual(Array.from({ length: 500 }, (_, index) => `line number ${index + 1} of`));
  expect(await prompt.finish(patience)).toMatchObject({ code: 0 });
});
