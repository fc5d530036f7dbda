import { objectStores, type ActionRequested } from "@bellhop/contracts";
import { there } from "@bellhop/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keyOf, startScene, until, type Scene } from "../testing.ts";

let scene: Scene;
beforeEach(async () => {
  scene = await startScene({ acknowledgeAfter: 10 });
});
afterEach(() => scene.end());

async function requested(index: number): Promise<ActionRequested> {
  await until(() => scene.requests.length > index);
  return there(scene.requests[index]);
}

test("a run that takes a while is shown to be at work, until its reply is there", async () => {
  await scene.startEngine();
  await scene.say("1", "greet Ana");
  const request = await requested(0);
  await until(() => scene.sends.length === 1);
  await scene.finish(request, { text: "Hello" });
  await until(() => scene.sends.length === 3);
  const [reaction, reply, gone] = scene.sends;
  expect(reaction).toMatchObject({ key: `${request.run}/ack`, revision: 1, gesture: { kind: "reaction", emoji: "👀" }, final: false });
  expect(reply).toMatchObject({ key: `${request.run}/reply`, revision: 1, body: { text: "Hello" }, final: true });
  expect(gone).toMatchObject({ key: `${request.run}/ack`, revision: 2, gesture: { emoji: "👀", gone: true }, to: { message: "1" } });
});

test("an engine that takes over a run counts for it afresh", async () => {
  await scene.say("1", "politely Ana");
  await scene.crashEngine("engine.saved");
  expect(scene.sends).toEqual([]);
  await scene.startEngine();
  await until(() => scene.sends.length === 1);
  expect(scene.seen()).toEqual(["At your service"]);
});

test("words that acknowledge are reworded by the reply, also by that of other words", async () => {
  await scene.startEngine();
  await scene.say("1", "politely Ana");
  const first = await requested(0);
  await until(() => scene.sends.length === 1);
  await scene.edit("1", "politely Bo", 1);
  await scene.finish(await requested(1), { text: "Hello Bo" });
  await until(() => scene.sends.some(({ final }) => final));
  expect(scene.sends.map(({ key, revision, body }) => [key, revision, body.text])).toEqual([
    [`${first.run}/reply`, 1, "At your service"],
    [`${first.run}/reply`, 2, "Hello Bo"],
  ]);
});

test("words that acknowledge are not left standing where the answer can't take their place", async () => {
  await scene.startEngine();
  await scene.say("1", "politely Ana");
  const first = await requested(0);
  await until(() => scene.sends.length === 1);
  await scene.edit("1", "secretly Bo", 1);
  const second = await requested(1);
  await scene.finish(second, { text: "psst" });
  await until(() => scene.sends.some(({ final }) => final));
  expect(scene.sends[1]).toMatchObject({ key: `${first.run}/reply`, revision: 2, final: false });
  expect(scene.sends[1]?.body.text).toMatch(/reworded or taken back/);
  expect(scene.sends.find(({ final }) => final)).toMatchObject({ key: `${second.run}/reply`, only: "U1" });
});

test("a reaction goes when other words take the run's place", async () => {
  await scene.startEngine();
  await scene.say("1", "greet Ana");
  const first = await requested(0);
  await until(() => scene.sends.length === 1);
  await scene.edit("1", "gret Bo", 1);
  await until(() => scene.sends.length === 3);
  expect(scene.sends.map(({ key, revision }) => [key, revision])).toEqual([
    [`${first.run}/ack`, 1],
    [`${first.run}/ack`, 2],
    [`${first.run}/reply`, 1],
  ]);
  expect(scene.sends[2]).toMatchObject({ outcome: "refused", answers: keyOf("1") });
});

test("what came with a command goes to the action, and what the action made comes with the reply", async () => {
  await scene.startEngine();
  const csv = { name: "in.csv", type: "text/csv", bytes: 3, object: "h1" };
  const big = { name: "big.iso", type: "application/octet-stream", bytes: 9e9, lost: "too_large" as const };
  await scene.say("1", "greet Ana", { content: { text: "greet Ana", files: [csv, big] } });
  const request = await requested(0);
  expect(request.files).toEqual([csv, big]);
  const made = { name: "out.csv", type: "text/csv", bytes: 5, object: "h2" };
  await scene.finish(request, { text: "Done with it", files: [made] });
  await until(() => scene.sends.some(({ final }) => final));
  const { body } = there(scene.sends.find(({ final }) => final));
  expect(body).toMatchObject({ text: "Done with it\nThe action did not get `big.iso`: over 25 MB.", files: [made] });
});

test("a text too long for a chat lies in the object store before the reply that refers to it", async () => {
  await scene.startEngine();
  await scene.say("1", "greet Ana");
  const text = "long ".repeat(5_000);
  await scene.finish(await requested(0), { text });
  await until(() => scene.sends.some(({ final }) => final));
  const [file] = scene.sends.find(({ final }) => final)?.body.files ?? [];
  const bytes = await scene.bus.objects(objectStores.values).get(file?.object ?? "");
  expect(new TextDecoder().decode(bytes)).toBe(text.trim());
});
