import { attemptKey, buckets, type ActionRequested } from "@bellhop/contracts";
import { there } from "@bellhop/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ana, keyOf, startScene, until, type Scene } from "../testing.ts";

let scene: Scene;
beforeEach(async () => {
  scene = await startScene();
});
afterEach(() => scene.end());

const asked = (index: number) => scene.requests[index]?.input["name"];

async function requested(index: number): Promise<ActionRequested> {
  await until(() => scene.requests.length > index);
  return there(scene.requests[index]);
}

/** As a runner would. */
async function claim({ run, task, attempt, repeatable }: ActionRequested): Promise<void> {
  const record = {
    v: 1,
    run,
    task,
    attempt,
    repeatable,
    state: "claimed",
    runner: "r1",
    epoch: "e",
    at: new Date().toISOString(),
  } as const;
  if ((await scene.bus.bucket(buckets.attempt).create(attemptKey(record), record)) === undefined) throw new Error("somebody has it");
}

async function isRevoked(request: ActionRequested): Promise<boolean> {
  return (await scene.bus.bucket(buckets.attempt).get(attemptKey(request)))?.value.state === "revoked";
}

const statusOf = async ({ run }: ActionRequested) => (await scene.bus.log.last(run))?.record.state?.status;

test("a command that is reworded before it started runs once, as it reads in the end, and has one answer", async () => {
  await scene.startEngine();
  await scene.say("1", "greet Ana");
  const first = await requested(0);
  await scene.edit("1", "greet Anna", 1);
  await scene.edit("1", "greet Hannah", 2);
  const last = await requested(2);
  expect([asked(0), asked(1), asked(2)]).toEqual(["Ana", "Anna", "Hannah"]);
  expect([await isRevoked(first), await isRevoked(there(scene.requests[1])), await isRevoked(last)]).toEqual([true, true, false]);
  expect(await statusOf(first)).toBe("canceled");
  await scene.finish(last, { text: "Hello Hannah" });
  await until(() => scene.sends.length > 0);
  await scene.handled();
  expect(scene.sends).toMatchObject([{ key: `${first.run}/reply`, revision: 1, answers: keyOf("1"), final: true, run: last.run }]);
  expect(scene.seen()).toEqual(["Hello Hannah"]);
});

test("an edit that comes again, the same words, and an older edit that comes later change nothing", async () => {
  await scene.startEngine();
  await scene.say("1", "greet Ana");
  await requested(0);
  await scene.edit("1", "greet Bo", 5);
  await scene.edit("1", "greet Bo", 5);
  await scene.edit("1", " !greet Bo", 6);
  await scene.edit("1", "greet Cy", 4);
  await scene.edit("1", "greet Dan", 9, { author: { ...ana, id: "U2" } });
  await scene.handled();
  expect(scene.requests.map((_, index) => asked(index))).toEqual(["Ana", "Bo"]);
  expect(scene.sends).toEqual([]);
});

test("a command that was begun goes on as it was first written, and whoever rewords it is told", async () => {
  await scene.startEngine();
  await scene.say("1", "greet Ana");
  const request = await requested(0);
  await claim(request);
  await scene.edit("1", "greet Bo", 1);
  await scene.edit("1", undefined, 2);
  await scene.handled();
  expect(scene.seen()[0]).toMatch(/goes by the words as they were first written: it has been begun/);
  await scene.finish(request, { text: "Hello Ana" });
  await until(() => scene.seen().includes("Hello Ana"));
  await scene.edit("1", "greet Cy", 3);
  await scene.handled();
  expect(scene.seen()[2]).toMatch(/first written: it is over/);
  expect(scene.requests).toHaveLength(1);
});

test("an answer without a run is reworded in place", async () => {
  await scene.startEngine();
  await scene.say("1", "gret Ana");
  await scene.handled();
  expect(scene.sends).toMatchObject([{ key: `${keyOf("1")}/answer`, revision: 1, outcome: "refused" }]);
  await scene.edit("1", "grete Ana", 1);
  await scene.handled();
  expect(scene.sends[1]).toMatchObject({ key: `${keyOf("1")}/answer`, revision: 2, outcome: "refused" });
  await scene.edit("1", "greet Ana", 2);
  await scene.finish(await requested(0), { text: "Hello Ana" });
  await until(() => scene.sends.length === 3);
  expect(scene.sends[2]).toMatchObject({ key: `${keyOf("1")}/answer`, revision: 3, answers: keyOf("1"), outcome: "ok" });
  expect(scene.seen()).toEqual(["Hello Ana"]);
});

test("what an answered command did stays done, and so does the answer that says it", async () => {
  await scene.startEngine();
  await scene.say("1", "allow @U7 hello.*");
  await scene.edit("1", "allow @U8 hello.*", 1);
  await scene.handled();
  expect(scene.seen()).toEqual(["`slack:T1/U7` may run `hello.*` (rule 1).", "`slack:T1/U8` may run `hello.*` (rule 2)."]);
});

test("a whispered answer never takes the place of one that all can read", async () => {
  await scene.startEngine();
  await scene.say("1", "gret Ana");
  await scene.edit("1", "secretly Ana", 1);
  const request = await requested(0);
  await scene.finish(request, { text: "psst" });
  await until(() => scene.sends.length === 2);
  expect(scene.sends[1]).toMatchObject({ key: `${request.run}/reply`, revision: 1, only: "U1", body: { text: "psst" } });
});

test("an edit that comes before its message is taken, and the message then counts for nothing", async () => {
  await scene.startEngine();
  await scene.edit("1", "greet Bo", 1);
  await scene.say("1", "greet Ana");
  await scene.handled();
  expect(scene.requests.map((_, index) => asked(index))).toEqual(["Bo"]);
});

test("a message that is gone, or does not call us any more, is canceled if nobody began it", async () => {
  await scene.startEngine();
  await scene.say("1", "greet Ana");
  await scene.remove("1", 1);
  await scene.say("2", "greet Bo");
  await scene.edit("2", undefined, 1);
  await until(() => scene.sends.length === 2);
  expect(scene.seen().map((text) => text.split("\n")[0])).toEqual(["hello.greet was canceled.", "hello.greet was canceled."]);
  await scene.say("3", "greet Cy");
  const begun = await requested(2);
  await claim(begun);
  await scene.remove("3", 1);
  await scene.handled();
  expect(await statusOf(begun)).toBe("scheduled");
});

test("a message that was gone before it came is not run", async () => {
  await scene.startEngine();
  await scene.remove("1", 1);
  await scene.say("1", "greet Ana");
  await scene.handled();
  expect([scene.requests, scene.sends]).toEqual([[], []]);
});

test("a reaction by who asked cancels, one by a stranger or another one does nothing", async () => {
  await scene.startEngine();
  await scene.say("1", "greet Ana");
  const request = await requested(0);
  await scene.react("1", "❌", { ...ana, id: "U9", name: "eve" });
  await scene.react("1", "👍", ana);
  await scene.handled();
  expect([scene.sends, await statusOf(request)]).toEqual([[], "scheduled"]);
  await scene.react("1", "octagonal_sign", ana);
  await until(() => scene.sends.length === 1);
  await scene.react("1", "❌", ana);
  await scene.handled();
  expect(scene.seen().map((text) => text.split("\n")[0])).toEqual(["hello.greet was canceled."]);
});

test("a reaction on a reworded command cancels the run of the new words", async () => {
  await scene.startEngine();
  await scene.say("1", "greet Ana");
  await scene.edit("1", "greet Bo", 1);
  const second = await requested(1);
  await scene.react("1", "❌", ana);
  await until(async () => (await statusOf(second)) === "canceled");
  await until(() => scene.sends.length === 1);
  expect(scene.sends).toMatchObject([{ run: second.run, final: true }]);
});

test("words that are too many for one record replace what was asked, as any others", async () => {
  await scene.startEngine();
  await scene.say("1", "greet Ana");
  await requested(0);
  const long = "x".repeat(70_000);
  await scene.edit("1", `greet ${long}`, 1);
  const request = await requested(1);
  expect(request.input["name"]).toBe(long);
  await scene.finish(request, { text: "Hello" });
  await until(() => scene.seen()[0] === "Hello");
  expect(scene.sends.at(-1)).toMatchObject({
    key: `${there(scene.requests[0]).run}/reply`,
    final: true,
    outcome: "ok",
    answers: keyOf("1"),
  });
});

test.each([
  // The first time there is the message's own.
  "engine.revoked",
  "engine.superseded",
  "engine.saved:2",
  "engine.applied:2",
])("an engine that is killed at %s leaves an edit that the next one finishes", async (crash) => {
  await scene.say("1", "greet Ana");
  await scene.edit("1", "greet Bo", 1);
  const point = await scene.crashEngine(crash);
  expect(crash.startsWith(point)).toBe(true);
  await scene.startEngine();
  await until(() => scene.requests.some(({ input }) => input["name"] === "Bo"));
  const [first, last] = [
    there(scene.requests.find(({ input }) => input["name"] === "Ana")),
    there(scene.requests.find(({ input }) => input["name"] === "Bo")),
  ];
  await scene.finish(last, { text: "Hello Bo" });
  await until(() => scene.sends.length > 0);
  await scene.handled();
  // A request may be published twice; which attempt may be begun is what counts.
  expect([await isRevoked(first), await isRevoked(last), await statusOf(first)]).toEqual([true, false, "canceled"]);
  expect(scene.sends).toMatchObject([{ key: `${first.run}/reply`, revision: 1, body: { text: "Hello Bo" } }]);
});

test("what follows an edit that a dead engine had in hand is dealt with after it", async () => {
  await scene.say("1", "greet Ana");
  await scene.edit("1", "greet Bo", 1);
  await scene.say("2", "greet Dan");
  await scene.crashEngine("engine.superseded");
  // Slack names the second only, so the time does not tell which is the newer one.
  await scene.edit("1", "greet Cy", 1, { id: "1b" });
  await scene.remove("2", 1);
  await scene.startEngine();
  await scene.handled();
  await until(() => scene.seen().length === 1);
  const left = await Promise.all(scene.requests.map(async (request) => ((await isRevoked(request)) ? [] : [request.input["name"]])));
  expect(left.flat()).toEqual(["Cy"]);
  expect(scene.seen()[0]).toMatch(/^hello.greet was canceled/);
});

test("words that follow such are taken, and answered in the same place", async () => {
  await scene.startEngine();
  await scene.say("1", "greet Ana");
  await requested(0);
  await scene.edit("1", `greet ${"x".repeat(70_000)}`, 1);
  await requested(1);
  await scene.edit("1", "greet Ana", 2);
  const again = await requested(2);
  await scene.finish(again, { text: "Hello Ana" });
  await until(() => scene.seen()[0] === "Hello Ana");
  expect(new Set(scene.sends.map(({ key }) => key))).toEqual(new Set([`${there(scene.requests[0]).run}/reply`]));
});
