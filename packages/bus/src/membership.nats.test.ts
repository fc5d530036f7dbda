import { afterAll, beforeAll, expect, test } from "vitest";
import { buckets } from "@bellhop/contracts";
import type { JoinOptions, ProcessIdentity } from "./members.ts";
import { startScene, until, type Scene } from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await startScene({ factor: 0.1 });
});
afterAll(() => scene.end());

const terms: JoinOptions = { role: "engine", lengthMs: 1_000, renewalMs: 100 };

/** A member whose process stops dead: it renews no more and gives nothing back. */
async function dying(options: Partial<JoinOptions> = {}) {
  const bus = await scene.connect();
  const membership = await bus.join({ ...terms, ...options });
  return { membership, die: () => (membership as unknown as { stop(): void }).stop() };
}

test("of many that want it one holds it, and when that one dies another takes over", async () => {
  const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => dying()));
  if (first === undefined) throw new Error("nobody");
  const holds = await Promise.all([first, ...others].map((one) => one.membership.hold("shard.1")));
  expect(holds.filter((hold) => hold !== undefined)).toHaveLength(1);
  const all = [first, ...others];
  const winner = all[holds.findIndex((hold) => hold !== undefined)] ?? first;
  const watcher = all.find((one) => one !== winner)?.membership ?? first.membership;
  await until(() => watcher.holder("shard.1")?.id === winner.membership.id);
  expect(await watcher.hold("shard.1")).toBeUndefined();
  expect([watcher.held("shard."), watcher.held("sender.")]).toEqual([["shard.1"], []]);
  const { id, epoch } = winner.membership;
  // Counted from a renewal that was seen: one may be late, and the others count from the last.
  const renewed = Promise.withResolvers<void>();
  let renewals = 0;
  const watch = (await scene.connect()).bucket(buckets.member).watch("member.>", ({ value }) => {
    if (value?.id === id && ++renewals > 1) renewed.resolve();
  });
  await renewed.promise;
  watch.stop();
  const startedAt = performance.now();
  const over = new Promise<void>((resolve) => {
    watcher.onChange(() => {
      if (!watcher.isAlive(id, epoch)) resolve();
    });
  });
  winner.die();
  await over;
  expect(performance.now() - startedAt).toBeGreaterThan(terms.lengthMs - terms.renewalMs);
  expect(await watcher.hold("shard.1")).toMatchObject({ what: "shard.1" });
  await Promise.all(all.map((one) => one.membership.leave()));
});

test("who leaves frees what it held at once", async () => {
  const one = (await dying()).membership;
  const two = (await dying()).membership;
  await one.hold("shard.2");
  await until(() => two.members("engine").length === 2);
  await one.leave();
  await until(() => !two.isAlive(one.id, one.epoch));
  expect(await two.hold("shard.2")).toBeDefined();
  await two.leave();
});

test("a holder whose process is provably gone is over at once", async () => {
  const identity: ProcessIdentity = { boot: "b", pid: 1, started: "9" };
  let isGone = false;
  const one = await dying({ process: identity, lengthMs: 45_000, renewalMs: 10_000 });
  const two = (await dying({ isGone: (process) => isGone && process.started === identity.started, lengthMs: 45_000 })).membership;
  await one.membership.hold("shard.3");
  one.die();
  expect(await two.hold("shard.3")).toBeUndefined();
  isGone = true;
  expect(await two.hold("shard.3")).toBeDefined();
  await two.leave();
});

test("a second process of the same id takes it over, and the first one knows", async () => {
  const one = (await dying({ id: "runner-a" })).membership;
  await one.hold("shard.4");
  const two = (await dying({ id: "runner-a" })).membership;
  await one.lost;
  expect(two.isAlive("runner-a", one.epoch)).toBe(false);
  expect(two.isAlive("runner-a", two.epoch)).toBe(true);
  expect(await one.hold("shard.5")).toBeUndefined();
  expect(await two.hold("shard.4")).toBeDefined();
  await two.leave();
});

test("a server that is away for a moment ends nobody", async () => {
  const one = (await dying({ lengthMs: 30_000 })).membership;
  const two = (await dying({ lengthMs: 30_000 })).membership;
  await one.hold("shard.6");
  await until(() => two.holder("shard.6")?.id === one.id);
  await scene.nats.kill9();
  await scene.nats.restart();
  const beats = new Set<number>();
  const watch = (await scene.connect()).bucket(buckets.member).watch("member.>", ({ value, revision }) => {
    if (value?.id === one.id) beats.add(revision);
  });
  await until(() => beats.size >= 8);
  watch.stop();
  expect(two.holder("shard.6")?.id).toBe(one.id);
  await Promise.all([one.leave(), two.leave()]);
});

test("a lease that can't be renewed for its length is lost, and its record is cleaned away by others", async () => {
  const one = (await dying({ lengthMs: 150, renewalMs: 30 })).membership;
  await scene.nats.kill9();
  await one.lost;
  expect(one.isAlive(one.id, one.epoch)).toBe(false);
  await scene.nats.restart();
  const two = (await dying()).membership;
  const bucket = (await scene.connect()).bucket(buckets.member);
  let gone = false;
  const watch = bucket.watch("member.>", (entry) => {
    if (entry.value === undefined && entry.key.endsWith(one.id)) gone = true;
  });
  await until(() => gone);
  watch.stop();
  await two.leave();
});
