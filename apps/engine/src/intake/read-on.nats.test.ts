import { bookmarkKeys, buckets, type Bookmark, type Person, type Send } from "@bellhop/contracts";
import { there } from "@bellhop/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ana, keyOf, startScene, until, type Scene } from "../testing.ts";

let scene: Scene;
beforeEach(async () => {
  scene = await startScene();
});
afterEach(() => scene.end());

const ben: Person = { ...ana, id: "U2", name: "ben" };
const text = Array.from({ length: 2_000 }, (_, n) => `line number ${n}`).join("\n");
const linesOf = (sends: Send[]) => sends.flatMap(({ body }) => body.text.match(/line number \d+/g) ?? []);

async function answerTo(id: string): Promise<Send> {
  await until(() => scene.sends.some(({ answers, final }) => final && answers === keyOf(id)));
  return there(scene.sends.find(({ answers, final }) => final && answers === keyOf(id)));
}

/** Ana asks, and is given the text. */
async function longAnswer(id: string, words = "greet Ana", output = text): Promise<Send> {
  const before = scene.requests.length;
  await scene.say(id, words);
  await until(() => scene.requests.length > before);
  await scene.finish(there(scene.requests[before]), { text: output });
  return await answerTo(id);
}

async function more(id: string, words = "more", author = ana): Promise<Send> {
  await scene.say(id, words, { author });
  return await answerTo(id);
}

describe("`more`", () => {
  test("gives page after page, over the death of an engine, until all was said", async () => {
    const engine = await scene.startEngine();
    const pages = [await longAnswer("1")];
    pages.push(await more("2"));
    await engine.stop();
    await scene.startEngine();
    for (let n = 3; pages.at(-1)?.more?.left !== 0; n++) pages.push(await more(String(n)));
    expect(linesOf(pages)).toEqual(text.split("\n"));
    expect(pages.length).toBeGreaterThan(3);
    expect(await more("last")).toMatchObject({ body: { text: "That was all of it." } });
  });

  test("gives the same page to the same message, however often it comes", async () => {
    await scene.startEngine();
    await longAnswer("1");
    const second = await more("2");
    await scene.say("2", "more");
    const third = await more("3");
    expect(scene.sends.filter(({ answers }) => answers === keyOf("2"))).toHaveLength(1);
    expect(linesOf([third])[0]).toBe(`line number ${linesOf([second]).length + linesOf([await answerTo("1")]).length}`);
  });

  test("reads on in the latest answer, each person in their own", async () => {
    await scene.startEngine();
    await longAnswer("1");
    await longAnswer("2", "greet Bo", text.replaceAll("line", "word"));
    expect((await more("3")).body.text).toMatch(/^word number/);
    expect(await more("4", "more", ben)).toMatchObject({ outcome: "refused" });
  });

  test("goes on in the thread where it is said, and in the room for whoever says it elsewhere", async () => {
    await scene.startEngine();
    const first = await longAnswer("1");
    await longAnswer("2", "greet Bo", text.replaceAll("line", "word"));
    await scene.say("3", "more", { replyTo: { ...first.to, message: "3" } });
    expect((await answerTo("3")).body.text).toMatch(/^line number/);
    expect((await more("4")).body.text).toMatch(/^line number/);
  });

  test("keeps a whisper a whisper", async () => {
    await scene.startEngine();
    await longAnswer("1", "secretly Ana");
    expect(await more("2")).toMatchObject({ only: "U1" });
  });

  test("says so where what is left is gone", async () => {
    await scene.startEngine();
    const first = await longAnswer("1");
    const gone: Bookmark = { v: 1, run: there(first.run), more: { ...there(first.more), object: "0".repeat(64) } };
    for (const key of bookmarkKeys(first.to, "U1")) await scene.bus.bucket(buckets.bookmark).put(key, gone);
    expect(await more("2")).toMatchObject({ outcome: "refused", body: { text: expect.stringContaining("not kept any more") } });
  });
});

describe("`more RUN`", () => {
  test("reads on in that run's answer, for everybody who is there", async () => {
    await scene.startEngine();
    const first = await longAnswer("1");
    await longAnswer("2", "greet Bo", text.replaceAll("line", "word"));
    const pages = [await more("3", `more ${first.run}`, ben), await more("4", "more", ben)];
    expect(linesOf([first, ...pages])).toEqual(text.split("\n").slice(0, linesOf([first, ...pages]).length));
    expect((await more("5")).body.text).toMatch(/^word number/);
  });

  test("knows no run that there is not, and none that is nobody else's to see", async () => {
    await scene.startEngine();
    const whispered = await longAnswer("1", "secretly Ana");
    expect((await more("2", `more ${whispered.run}`, ben)).body.text).toContain("There is no run");
    expect((await more("3", "more 01JGK1ANS6V8S7Y1TTX3KDVC03")).body.text).toContain("There is no run");
  });
});
