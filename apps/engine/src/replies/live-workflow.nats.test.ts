import {
  buckets,
  messageIds,
  runId,
  shardOfKey,
  subjects,
  token,
  type MessagePressed,
  type PackVersion,
  type Receipt,
  type RunStatus,
  type Send,
} from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ana, startScene, until, type Scene } from "../testing.ts";

const place = { platform: "slack", account: "A1", conversation: { space: "T1", channel: "C1", kind: "room" as const } };
const replyTo = { platform: "slack", account: "A1", space: "T1", channel: "C1" };
const source = { file: "x.yaml", line: 1, column: 1 };

let scene: Scene;
let gateway: { stop(): void };
beforeAll(async () => {
  scene = await startScene();
  await activatePack(scene.bus, { version: pack, files: { v: 1, digest: pack.digest, files: [] } });
  await scene.startEngine();
  gateway = gatewayOf(scene);
});
afterAll(async () => {
  gateway.stop();
  await scene.end();
});

test("a workflow is one message that says how its tasks fare; it is paused, resumed and gone on with by its buttons", async () => {
  const run = await start();
  await until(() => wording(run).includes("⏳ build"));
  expect(wording(run)).toContain("flow.release is at work");
  await press(run, "pause");
  await until(() => wording(run).includes("pauses"));
  await finishNext("succeeded");
  await until(() => wording(run).includes("is paused"));
  await press(run, "resume");
  await until(() => wording(run).includes("⏳ test"));
  await finishNext("failed");
  await until(async () => (await stateOf(run)) === "failed");
  await until(() => last(run)?.final === true);
  expect(wording(run)).toMatch(/✅ build.*\n❌ test/);
  // One message all the while.
  expect(new Set(scene.sends.filter((send) => send.run === run && send.key.endsWith("/reply")).map(({ key }) => key)).size).toBe(1);

  await press(run, "again");
  await until(() => scene.requests.length === 3);
  const again = scene.requests[2]?.run ?? "";
  expect(again).not.toBe(run);
  await finishNext("succeeded");
  await until(async () => (await stateOf(again)) === "succeeded");
});

test("whoever takes a run over words the same message on", async () => {
  const lone = await startScene();
  const saying = gatewayOf(lone);
  try {
    await activatePack(lone.bus, { version: pack, files: { v: 1, digest: pack.digest, files: [] } });
    const first = await lone.startEngine();
    const run = await start(lone);
    await until(() => wording(run, lone).includes("⏳ build"));
    await first.stop();
    await lone.startEngine();
    const [request] = lone.requests;
    if (request !== undefined) await lone.finish(request, { text: "done" });
    await until(() => wording(run, lone).includes("✅ build"));
  } finally {
    saying.stop();
    await lone.end();
  }
});

async function start(at = scene): Promise<string> {
  const [key, askedAt] = [`ask-${Math.random()}`, new Date().toISOString()];
  const run = runId({ key, at: askedAt, shard: shardOfKey(key) });
  const ask = { v: 1, kind: "start", key, run, action: "flow.release", input: {}, asker: ana, replyTo, askedAt } as const;
  await at.bus.publish(subjects.run.asked, ask, { id: messageIds.asked(key) });
  return run;
}

function last(run: string, at = scene): Send | undefined {
  return at.sends.filter((send) => send.run === run && send.key.endsWith("/reply") && send.gesture === undefined).at(-1);
}

function wording(run: string, at = scene): string {
  return last(run, at)?.body.text ?? "";
}

/** A gateway that says all there is to say: the next wording waits for its receipt. */
function gatewayOf(at: Scene): { stop(): void } {
  const said = new Map<string, number>();
  const turn = setInterval(() => {
    for (const { key, revision, gesture } of at.sends) {
      if (gesture !== undefined || revision <= (said.get(key) ?? 0)) continue;
      said.set(key, revision);
      const receipt: Receipt = { v: 1, key, revision, state: "sent", by: "test", at: new Date().toISOString(), pieces: [] };
      void at.bus.bucket(buckets.receipt).put(token(key), receipt);
    }
  }, 20);
  return { stop: () => clearInterval(turn) };
}

async function press(run: string, word: string): Promise<void> {
  await until(() => last(run)?.body.choices?.items.some((item) => item.words.startsWith(word)) === true);
  const choices = last(run)?.body.choices;
  const choice = choices?.items.findIndex((item) => item.words.startsWith(word)) ?? -1;
  const key = `press ${run} ${word}`;
  const at = new Date().toISOString();
  const pressed: MessagePressed = { v: 1, key, ...place, by: ana, press: choices?.press ?? "", choice, replyTo, via: "button", at };
  await scene.bus.publish(subjects.message.pressed, pressed, { id: messageIds.pressed(key) });
}

let finished = 0;
async function finishNext(status: "succeeded" | "failed"): Promise<void> {
  await until(() => scene.requests.length > finished);
  const request = scene.requests[finished++];
  if (request !== undefined) await scene.finish(request, { status });
}

async function stateOf(run: string): Promise<RunStatus | undefined> {
  return (await scene.bus.log.last(run))?.record.state?.status;
}

const common = { pack: "flow", enabled: true, description: "", pool: "default", source, repeatable: false, parameters: {} };
const pack: PackVersion = {
  v: 1,
  name: "flow",
  version: "1.0.0",
  description: "",
  digest: "flow1",
  actions: [
    { ...common, kind: "typescript", ref: "flow.step", name: "step" },
    {
      ...common,
      kind: "orquesta",
      ref: "flow.release",
      name: "release",
      workflow: {
        version: 1,
        tasks: {
          build: { action: "flow.step", next: [{ when: "<% succeeded() %>", do: "test" }] },
          test: { action: "flow.step" },
        },
      },
    },
  ],
  aliases: [],
};
