import { buckets, durables, streams } from "@bellhop/contracts";
import { jetstreamManager, RetentionPolicy, type JetStreamManager, StorageType } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "nats";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isDoable, isStuck } from "./plan.ts";
import { startScene, type Scene } from "./scene.ts";

let scene: Scene;
let nc: NatsConnection;
let manager: JetStreamManager;

beforeEach(async () => {
  scene = await startScene();
  nc = await connect({ servers: scene.nats.url });
  manager = await jetstreamManager(nc);
});
afterEach(async () => {
  await nc.close();
  await scene.end();
});

test("a new server gets everything in one go, and then nothing is left to do", async () => {
  for (const { name } of Object.values(streams)) await manager.streams.delete(name);
  const bus = await scene.connect();
  const before = await bus.plan();
  expect(before.filter(({ what, kind }) => what === "stream" && kind === "missing")).toHaveLength(Object.keys(streams).length);
  const { made, failed, findings } = await bus.apply();
  expect(failed).toEqual([]);
  expect(made.filter(({ what }) => what === "consumer")).toHaveLength(durables.ofShards().length);
  expect(findings.filter(({ kind }) => kind !== "right")).toEqual([]);
  expect(await bus.plan()).toEqual(findings);
});

test("several who apply at once end in the same state", async () => {
  await Promise.all(Object.values(streams).map(({ name }) => manager.streams.delete(name)));
  const several = await Promise.all([scene.connect(), scene.connect(), scene.connect()]);
  const all = await Promise.all(several.map((bus) => bus.apply({ limits: { SEND: { bytes: 1_000_000 } } })));
  for (const { failed, findings } of all) {
    expect(failed).toEqual([]);
    expect(findings.filter((finding) => isDoable(finding) || isStuck(finding))).toEqual([]);
  }
});

test("what an older release had otherwise is changed in place, and what it holds stays", async () => {
  const { message, run, send } = streams;
  const bucket = `KV_${buckets.member.name}`;
  await manager.streams.update(run.name, { max_age: 3_600_000_000_000, allow_direct: false, metadata: { team: "ops" } });
  await manager.streams.update(message.name, { duplicate_window: 1_000_000_000, subjects: ["message.received.>"] });
  await manager.streams.update(send.name, { max_bytes: 5_000_000 });
  nc.publish("run.changed.0.r", "kept");
  await nc.flush();
  const bus = await scene.connect();
  const findings = await bus.plan();
  const fields = (stream: string) =>
    findings.flatMap((one) => (one.stream === stream && one.kind === "differs" ? one.changes.map(({ field }) => field) : []));
  expect(fields(run.name).toSorted()).toEqual(["allow_direct", "max_age", "metadata"]);
  expect(fields(message.name).toSorted()).toEqual(["duplicate_window", "subjects"]);
  expect(fields(send.name)).toEqual([]);
  expect(fields(bucket)).toEqual([]);
  const { changed } = await bus.apply();
  expect(changed.map(({ name }) => name)).toEqual(expect.arrayContaining([run.name, message.name]));
  const { config, state } = await manager.streams.info(run.name);
  expect(config.metadata).toMatchObject({ team: "ops", bellhop: "stream" });
  expect(config.allow_direct).toBe(true);
  expect(state.messages).toBe(1);
});

test("limits are those of the configuration, and stay when it no longer names them", async () => {
  const bus = await scene.connect();
  await bus.setUp({ limits: { SEND: { bytes: 1_000_000, messages: 50 }, KV_receipt: { bytes: 2_000_000 } } });
  await bus.setUp();
  expect((await manager.streams.info("SEND")).config).toMatchObject({ max_bytes: 1_000_000, max_msgs: 50 });
  expect((await manager.streams.info("KV_receipt")).config.max_bytes).toBe(2_000_000);
  await bus.setUp({ limits: { SEND: { bytes: -1, messages: -1 } } });
  expect((await manager.streams.info("SEND")).config).toMatchObject({ max_bytes: -1, max_msgs: -1 });
});

test("what can't be changed in place is said, and everything else is done", async () => {
  const { run, dead } = streams;
  await manager.streams.delete(run.name);
  await manager.streams.add({ name: run.name, subjects: [...run.subjects], storage: StorageType.Memory });
  await manager.streams.delete(dead.name);
  await manager.streams.add({ name: "THEIRS", subjects: ["dead.letters.>"], retention: RetentionPolicy.Limits });
  const bus = await scene.connect();
  const { findings, failed } = await bus.apply({ replicas: 1 });
  expect(failed).toEqual([]);
  const stuck = findings.filter(isStuck);
  expect(stuck.map(({ name }) => name).toSorted()).toEqual([dead.name, run.name]);
  expect(findings.filter(isDoable)).toEqual([]);
  await expect(bus.setUp()).rejects.toMatchObject({
    code: "nats_set_up",
    message: expect.stringContaining("THEIRS takes dead.letters.>") as string,
  });
});

test("the server's refusal is told, not tried for ever", async () => {
  const bus = await scene.connect();
  const { failed } = await bus.apply({ limits: { SEND: { bytes: 1e15 } } });
  expect(failed).toMatchObject([{ name: "SEND", why: expect.any(String) as string }]);
});
