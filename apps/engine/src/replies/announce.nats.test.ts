import { token, type PackVersion } from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keyOf, startScene, until, type Scene } from "../testing.ts";

let scene: Scene;
beforeEach(async () => {
  scene = await startScene();
  await activatePack(scene.bus, { version: pack, files: { v: 1, digest: pack.digest, files: [] } });
});
afterEach(() => scene.end());

const said = () => scene.sends.filter(({ key }) => key.endsWith("/announcement"));

test("an announcement is said in the room that it names, and its run is over without a runner", async () => {
  await scene.startEngine();
  await scene.say("1", "announce in slack:T1/C2: The door is open.");
  await until(() => scene.sends.length > 1);
  const [announcement, reply] = scene.sends;
  expect(announcement).toMatchObject({
    revision: 1,
    platform: "slack",
    account: "A1",
    to: { platform: "slack", account: "A1", space: "T1", channel: "C2" },
    body: { text: "The door is open.", tone: "info" },
  });
  expect(announcement).not.toHaveProperty("answers");
  expect(announcement?.to).not.toHaveProperty("message");
  expect(reply).toMatchObject({ answers: keyOf("1"), final: true, outcome: "ok", body: { text: "On its way to slack:T1/C2." } });
  const record = (await scene.bus.log.last(reply?.run ?? ""))?.record;
  expect(record).toMatchObject({ revision: 1, state: { status: "succeeded" }, outcome: { status: "succeeded" } });
  expect(scene.requests).toEqual([]);
});

test.each(["engine.saved", "engine.applied"])("it is said once, whatever becomes of the engine at %s", async (point) => {
  await scene.say("1", "announce in here: Once.");
  expect(await scene.crashEngine(point)).toBe(point);
  await scene.startEngine();
  await until(() => scene.sends.some(({ answers }) => answers === keyOf("1")));
  await scene.handled();
  expect(said().map(({ body }) => body.text)).toEqual(["Once."]);
  expect(new Set(scene.sends.map(({ run }) => run)).size).toBe(1);
});

test("another platform is spoken on by the account that somebody sends for there", async () => {
  await scene.startEngine();
  const gateway = await scene.bus.join({ role: "gateway", lengthMs: 5_000, renewalMs: 500 });
  await gateway.hold(`sender.matrix.${token("@bellhop:example.org")}`);
  let count = 0;
  const answer = async () => {
    const id = `try ${++count}`;
    await scene.say(id, "announce in matrix:!a:example.org: Hi.");
    await until(() => scene.sends.some(({ answers }) => answers === keyOf(id)));
    return scene.sends.find(({ answers }) => answers === keyOf(id));
  };
  // The engine hears of the holding in its own time.
  let reply = await answer();
  while (reply?.outcome !== "ok") reply = await answer();
  expect(reply.body.text).toBe("On its way to matrix:!a:example.org.");
  expect((await scene.bus.log.last(reply.run ?? ""))?.record.commands[0]).toMatchObject({
    send: { platform: "matrix", account: "@bellhop:example.org", to: { channel: "!a:example.org" } },
  });
  await gateway.leave();
});

test("who may not run it says nothing anywhere, and a room that there is not is told so", async () => {
  await scene.startEngine();
  await scene.say("1", "announce in here: Hi.", { author: { platform: "slack", space: "T1", id: "U2", kind: "human" } });
  await scene.say("2", "announce in #general: Hi.");
  await scene.say("3", "announce in matrix:!a:example.org: Hi.");
  await until(() => scene.sends.length > 2);
  expect(scene.seen().map((text) => text.split("\n")[0])).toEqual([
    "slack:T1/U2 may not run loud.announce.",
    '"#general" names no room that something can be said in.',
    "Nothing can be said on matrix now.",
  ]);
  expect(said()).toEqual([]);
});

test("words that are edited after they were said stay as they were", async () => {
  await scene.startEngine();
  await scene.say("1", "announce in here: Helo.");
  await until(() => scene.sends.length > 1);
  await scene.edit("1", "announce in here: Hello.", 1);
  await until(() => scene.seen().some((text) => text.includes("goes by the words as they were first written")));
  expect(said().map(({ body }) => body.text)).toEqual(["Helo."]);
});

const common = { pack: "loud", name: "announce", enabled: true, description: "", source: { file: "x.yaml", line: 1, column: 1 } };
const pack: PackVersion = {
  v: 1,
  name: "loud",
  version: "1.0.0",
  description: "",
  digest: "d2",
  actions: [{ ...common, kind: "announcement", pool: "default", ref: "loud.announce", repeatable: false, parameters: {} }],
  aliases: [
    {
      ...common,
      ref: "loud.announce",
      action: "loud.announce",
      immutableParameters: {},
      formats: [{ representation: ["announce in {{ channel }}: {{ message }}"], matchMultiple: false }],
      result: { enabled: true, format: "On its way to {{ execution.result.channel }}." },
    },
  ],
};
