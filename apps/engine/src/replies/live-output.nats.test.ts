import { buckets, token, type ActionRequested, type Receipt, type Send } from "@bellhop/contracts";
import { there } from "@bellhop/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startScene, until, type Scene } from "../testing.ts";

let scene: Scene;
beforeEach(async () => {
  scene = await startScene({ showOutputAfter: 10, rewordEvery: 200 });
});
afterEach(() => scene.end());

const passing = () => scene.sends.filter((send) => send.passing === true);
const final = () => scene.sends.find((send) => send.final);

async function asked(words = "openly Ana"): Promise<ActionRequested> {
  await scene.say("1", words);
  await until(() => scene.requests.length > 0);
  return there(scene.requests[0]);
}

/** What its gateway would write. */
async function receiptOf({ key, revision }: Send, state: Receipt["state"] = "sent"): Promise<void> {
  const receipt: Receipt = {
    v: 1,
    key,
    revision,
    state,
    by: "test/1",
    at: new Date().toISOString(),
    pieces: [{ state: "sent", ref: "r" }],
  };
  await scene.bus.bucket(buckets.receipt).put(token(key), receipt);
}

test("what a run prints is shown in its reply while it works, and its end takes the place of that", async () => {
  await scene.startEngine();
  const request = await asked();
  await scene.print(request, 0, "one\n");
  await until(() => passing().length === 1);
  await receiptOf(there(passing()[0]));
  await scene.print(request, 1, "two\n");
  await until(() => passing().length === 2);
  await scene.finish(request, { text: "Done with it" });
  await until(() => final() !== undefined);
  expect(passing().map(({ body }) => body.text.split("\n").slice(1, -2))).toEqual([["one"], ["one", "two"]]);
  const revisions = scene.sends.map(({ revision }) => revision);
  expect(revisions.toSorted((a, b) => a - b)).toEqual(revisions);
  expect(new Set(scene.sends.map(({ key }) => key))).toEqual(new Set([`${request.run}/reply`]));
  expect(scene.seen()).toEqual(["Done with it"]);
});

test("nothing is asked for while the last wording waits to be said, and then the newest", async () => {
  await scene.startEngine();
  const request = await asked();
  await scene.print(request, 0, "one\n");
  await until(() => passing().length === 1);
  for (const [index, text] of ["two\n", "three\n"].entries()) await scene.print(request, index + 1, text);
  await scene.handled();
  expect(passing()).toHaveLength(1);
  await receiptOf(there(passing()[0]));
  await until(() => passing().at(-1)?.body.text.includes("three") === true);
});

test("an engine that takes a run over shows what it printed before", async () => {
  const first = await scene.startEngine();
  const request = await asked();
  await scene.print(request, 0, "one\n");
  await until(() => passing().length === 1);
  await receiptOf(there(passing()[0]));
  await first.stop();
  await scene.print(request, 1, "two\n");
  await scene.startEngine();
  await until(() => passing().length === 2);
  expect(passing()[1]?.body.text).toContain("one\ntwo");
  await scene.finish(request, { text: "Done with it" });
  await until(() => final() !== undefined);
  expect(final()?.revision).toBeGreaterThan(passing()[1]?.revision ?? Infinity);
});

test("a run that ends while nobody shows it says its end above all", async () => {
  const first = await scene.startEngine();
  const request = await asked();
  await scene.print(request, 0, "one\n");
  await until(() => passing().length === 1);
  await first.stop();
  await scene.print(request, 1, "two\n");
  await scene.finish(request, { text: "Done with it" });
  await scene.startEngine();
  await until(() => final() !== undefined);
  expect(scene.seen()).toEqual(["Done with it"]);
});

test("output is not shown on where the reply was refused", async () => {
  await scene.startEngine();
  const request = await asked();
  await scene.print(request, 0, "one\n");
  await until(() => passing().length === 1);
  await receiptOf(there(passing()[0]), "failed");
  await scene.print(request, 1, "two\n");
  await scene.finish(request, { text: "Done with it" });
  await until(() => final() !== undefined);
  expect(passing()).toHaveLength(1);
});

test("what was not asked for is not shown", async () => {
  await scene.startEngine();
  const request = await asked("greet Ana");
  await scene.print(request, 0, "one\n");
  await scene.handled();
  await scene.finish(request, { text: "Hello" });
  await until(() => final() !== undefined);
  expect(scene.sends).toMatchObject([{ revision: 1, body: { text: "Hello" } }]);
});
