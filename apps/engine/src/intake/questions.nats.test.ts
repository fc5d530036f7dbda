import type { Message } from "@bellhop/contracts";
import { afterEach, describe, expect, test } from "vitest";
import { keyOf, startScene, until, type Scene } from "../testing.ts";

let scene: Scene;
afterEach(() => scene.end());

/** Said in the thread of message 1. */
const inThread: Partial<Message> = {
  conversation: { space: "T1", channel: "C1", thread: "1", kind: "room" },
  addressed: "answer",
  replyTo: { platform: "slack", account: "A1", space: "T1", channel: "C1", thread: "1", message: "x" },
};

const inputs = () => scene.requests.map(({ input }) => input);
const asked = () => until(() => scene.sends.some(({ body }) => body.text.startsWith("What is `name`")));

describe("a command that lacks something", () => {
  test("is asked about in its thread, and the answer there runs it", async () => {
    scene = await startScene();
    await scene.startEngine();
    await scene.say("1", "greet");
    await asked();
    expect(scene.sends[0]).toMatchObject({ final: true, outcome: "refused", answers: keyOf("1"), to: { thread: "1" } });
    await scene.say("2", "Ana Maria", inThread);
    await until(() => scene.requests.length === 1);
    expect(inputs()).toEqual([{ name: "Ana Maria" }]);
    // Whatever else is said there is nothing to us.
    await scene.say("3", "thanks", inThread);
    await scene.handled();
    expect(scene.requests).toHaveLength(1);
    expect(scene.sends).toHaveLength(1);
  });

  test("is remembered by an engine that starts afterwards; what others say, or they say elsewhere, is no answer", async () => {
    scene = await startScene();
    const first = await scene.startEngine();
    await scene.say("1", "greet");
    await asked();
    await first.stop();
    await scene.startEngine();
    await scene.say("2", "Eve", { ...inThread, author: { platform: "slack", space: "T1", id: "U1x", kind: "human" } });
    await scene.say("3", "greet Bob");
    await until(() => scene.requests.length === 1);
    await scene.say("4", "Ana", inThread);
    await until(() => scene.requests.length === 2);
    expect(inputs()).toEqual([{ name: "Bob" }, { name: "Ana" }]);
  });

  test.each(["engine.saved", "engine.applied"])(
    "an engine that dies at %s with the question or with the answer asks once and runs once",
    async (at) => {
      scene = await startScene();
      await scene.say("1", "greet");
      expect(await scene.crashEngine(at)).toBe(at);
      const between = await scene.startEngine();
      await asked();
      await between.stop();
      await scene.say("2", "Ana", inThread);
      expect(await scene.crashEngine(at)).toBe(at);
      await scene.startEngine();
      await until(() => scene.requests.length === 1);
      await scene.say("3", "Bob", inThread);
      await scene.handled();
      expect(inputs()).toEqual([{ name: "Ana" }]);
      expect(scene.seen()).toHaveLength(1);
    },
  );

  test("ends with cancel, and with new words of the message that lacked it", async () => {
    scene = await startScene();
    await scene.startEngine();
    await scene.say("1", "greet");
    await asked();
    await scene.say("2", "cancel", inThread);
    await until(() => scene.seen().includes("hello.greet was not run."));
    await scene.say("3", "Ana", inThread);
    await scene.say("5", "greet");
    await until(() => scene.sends.filter(({ body }) => body.text.startsWith("What is")).length === 2);
    await scene.edit("5", "greet Bob", 1);
    await until(() => scene.requests.length === 1);
    await scene.say("6", "Eve", { ...inThread, replyTo: { ...inThread.replyTo, thread: "5" } as Message["replyTo"] });
    await scene.handled();
    expect(inputs()).toEqual([{ name: "Bob" }]);
  });

  test("is forgotten when nobody answers in time, and whoever said it is told once", async () => {
    scene = await startScene({ question: 1_000 });
    await scene.startEngine();
    await scene.say("1", "greet");
    const late = "`name` was not said, so hello.greet was not run. Say the command again when you know it.";
    await until(() => scene.seen().includes(late));
    await scene.say("2", "Ana", inThread);
    await scene.handled();
    expect(scene.requests).toEqual([]);
    expect(scene.seen().filter((text) => text === late)).toHaveLength(1);
  });
});

describe("a message that calls a command several times", () => {
  test("runs it for each, with an answer of its own, whoever dies on the way", async () => {
    scene = await startScene();
    await scene.say("1", "hello @ana and @bob !");
    expect(await scene.crashEngine("engine.saved")).toBe("engine.saved");
    await scene.startEngine();
    await until(() => scene.requests.length === 2);
    expect(inputs().toSorted((a, b) => String(a["name"]).localeCompare(String(b["name"])))).toEqual([{ name: "ana" }, { name: "bob" }]);
    const [said] = scene.sends;
    expect(said).toMatchObject({ answers: keyOf("1"), final: true, follow: [`${keyOf("1")}/part/1`, `${keyOf("1")}/part/2`] });
    for (const request of scene.requests) {
      expect(said?.body.text).toContain(request.run);
      await scene.finish(request, { text: `Hello ${String(request.input["name"])}` });
    }
    await until(() => scene.seen().length === 3);
    expect(scene.seen().slice(1).toSorted()).toEqual(["Hello ana", "Hello bob"]);
    // New words come too late for what runs.
    await scene.edit("1", "hello @eve", 1);
    await until(() => scene.seen().length === 4);
    expect(scene.seen()[3]).toContain("as they were first written");
    expect(scene.requests).toHaveLength(2);
  });
});
