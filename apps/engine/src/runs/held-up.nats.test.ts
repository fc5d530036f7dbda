import { attemptKey, buckets, messageIds, shards, subjects, type PackVersion } from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ana, keyOf, startScene, until, type Scene } from "../testing.ts";

const source = { file: "x.yaml", line: 1, column: 1 };
const common = { pack: "wide", enabled: true, description: "", source };
/** Its action is for a pool that nobody works for. */
const pack: PackVersion = {
  v: 1,
  name: "wide",
  version: "1.0.0",
  description: "",
  digest: "d2",
  actions: [{ ...common, kind: "typescript", pool: "narrow", ref: "wide.wait", name: "wait", repeatable: false, parameters: {} }],
  aliases: [
    {
      ...common,
      ref: "wide.wait",
      name: "wait",
      action: "wide.wait",
      immutableParameters: {},
      result: { enabled: true },
      formats: [{ display: "wait", representation: ["wait"], matchMultiple: false }],
    },
  ],
};

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
  await scene.bus.setUp({ limits: { ACTION: { messagesPerSubject: 1 } } });
  await activatePack(scene.bus, { version: pack, files: { v: 1, digest: pack.digest, files: [] } });
});
afterAll(() => scene.end());

/** The run that a message asked for, once its log begins. */
async function runOf(message: string): Promise<string> {
  let found: string | undefined;
  await until(async () => {
    for (const shard of shards)
      for await (const { record } of scene.bus.log.scan({ shard })) if (record.state?.answers === keyOf(message)) found = record.run;
    return found !== undefined;
  });
  return found ?? "";
}

async function cancel(run: string): Promise<void> {
  const replyTo = { platform: "slack", account: "A1", channel: "C1", message: "c" };
  const ask = { v: 1, kind: "cancel", key: `cancel/${run}`, run, asker: ana, replyTo, askedAt: new Date().toISOString() } as const;
  await scene.bus.publish(subjects.run.asked, ask, { id: messageIds.asked(ask.key) });
}

async function isCanceled(run: string): Promise<boolean> {
  return (await scene.bus.log.last(run))?.record.state?.status === "canceled";
}

async function recordOf(run: string) {
  return (await scene.bus.bucket(buckets.attempt).get(attemptKey({ run, task: "main", attempt: 1 })))?.value;
}

test("a run whose request finds no room ends when it is canceled, also by an engine that comes later, and nobody can begin it then", async () => {
  const before = await scene.startEngine();
  await scene.say("1", "wait");
  const first = await runOf("1");
  await scene.say("2", "wait");
  await scene.say("3", "wait");
  const [second, third] = [await runOf("2"), await runOf("3")];
  await cancel(second);
  await until(() => isCanceled(second));
  expect(await recordOf(second)).toMatchObject({ state: "revoked", cancel: true });
  await before.stop();
  await cancel(third);
  await scene.startEngine();
  await until(() => isCanceled(third));
  expect(await recordOf(third)).toMatchObject({ state: "revoked", cancel: true });
  expect(await isCanceled(first)).toBe(false);
});
