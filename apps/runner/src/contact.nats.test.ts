import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { buckets, scaled } from "@bellhop/contracts";
import { startScene, type Scene } from "./testing.ts";

let scene: Scene;
beforeAll(async () => {
  // A tenth: what takes 12 s in earnest takes 1.2 s here.
  scene = await startScene({ factor: 0.1 });
});
afterEach(async () => await scene.clear());
afterAll(async () => await scene.end());

const epoch = async (id: string) => (await scene.bus.bucket(buckets.member).get(`member.${id}`))?.value.epoch;

test("out of contact, a runner ends what may be repeated, goes on with the rest, and comes back in a new life", async () => {
  await scene.runner({ id: "lone", pools: ["lone"] });
  const before = await epoch("lone");
  const files = { once: scene.file(), ended: scene.file() };
  const cmd = (file: string) => `echo started >> ${file}; sleep 3; echo done >> ${file}`;
  const once = await scene.request("shell", { cmd: cmd(files.once) }, { pool: "lone" });
  const ended = await scene.request("shell", { cmd: cmd(files.ended) }, { pool: "lone", repeatable: true });
  await expect.poll(() => [files.once, files.ended].map(scene.lines), { timeout: 30_000 }).toEqual([["started"], ["started"]]);

  await scene.nats.kill9();
  // Longer than isolation, shorter than the work.
  await new Promise((go) => setTimeout(go, scene.durations.runnerIsolation * 1.5));
  await scene.nats.restart();

  expect((await scene.result(once)).outcome.status).toBe("succeeded");
  expect(scene.lines(files.once)).toEqual(["started", "done"]);
  expect(scene.lines(files.ended)).toEqual(["started"]);
  // The ended one says nothing; its record names a life that is over, by which engines see that it is lost.
  expect(scene.results.some(({ run }) => run === ended.run)).toBe(false);
  expect(await scene.record(ended)).toMatchObject({ state: "started", epoch: before });
  await expect.poll(() => scene.record(once)).toMatchObject({ state: "finished" });
  await expect.poll(() => epoch("lone")).not.toBe(before);

  const next = await scene.request("noop", {}, { pool: "lone" });
  expect((await scene.result(next)).outcome.status).toBe("succeeded");
  expect((await scene.record(next))?.epoch).toBe(await epoch("lone"));
});

test("a short outage ends nothing", async () => {
  // At its full length: a server takes longer to start where the machine has much to do, and that is no long outage.
  await scene.runner({ id: "short", pools: ["short"], durations: scaled(1) });
  const before = await epoch("short");
  const file = scene.file();
  const request = await scene.request("shell", { cmd: `echo started >> ${file}; sleep 0.5` }, { pool: "short", repeatable: true });
  await expect.poll(() => scene.lines(file), { timeout: 30_000 }).toEqual(["started"]);
  await scene.nats.kill9();
  await scene.nats.restart();
  expect((await scene.result(request)).outcome.status).toBe("succeeded");
  expect(await epoch("short")).toBe(before);
});

test("stopping waits for what is in hand, and takes nothing new", async () => {
  const service = await scene.runner({ id: "leaving", pools: ["leaving"], concurrency: 1 });
  const file = scene.file();
  const inHand = await scene.request("shell", { cmd: `echo started >> ${file}; sleep 0.2` }, { pool: "leaving" });
  await expect.poll(() => scene.lines(file), { timeout: 30_000 }).toEqual(["started"]);
  const waiting = await scene.request("noop", {}, { pool: "leaving" });
  await service.stop();
  expect((await scene.result(inHand)).outcome.status).toBe("succeeded");
  expect(await scene.record(waiting)).toBeUndefined();
  await scene.runner({ id: "following", pools: ["leaving"] });
  expect(await scene.result(waiting)).toMatchObject({ runner: "following", outcome: { status: "succeeded" } });
});

test("what does not end while its runner stops is told as abandoned, unless it may be repeated", async () => {
  const service = await scene.runner({ id: "hasty", pools: ["hasty"] });
  const files = [scene.file(), scene.file()];
  const cmd = (file: string | undefined) => `echo started >> ${file}; sleep 300`;
  const once = await scene.request("shell", { cmd: cmd(files[0]) }, { pool: "hasty" });
  const repeatable = await scene.request("shell", { cmd: cmd(files[1]) }, { pool: "hasty", repeatable: true });
  await expect.poll(() => files.map(scene.lines), { timeout: 30_000 }).toEqual([["started"], ["started"]]);
  await service.stop();
  expect((await scene.result(once)).outcome).toMatchObject({ status: "abandoned", problem: { code: "action_abandoned" } });
  expect(scene.results.some(({ run }) => run === repeatable.run)).toBe(false);
  expect(await scene.record(repeatable)).toMatchObject({ state: "started" });
  expect(await epoch("hasty")).toBeUndefined();
});

test("two runners of one folder have names of their own and share the work", async () => {
  await Promise.all([scene.runner({ pools: ["shared"], concurrency: 2 }), scene.runner({ pools: ["shared"], concurrency: 2 })]);
  const requests = await Promise.all(Array.from({ length: 12 }, () => scene.request("shell", { cmd: "sleep 0.1" }, { pool: "shared" })));
  const results = await Promise.all(requests.map(scene.result));
  expect(new Set(results.map(({ runner }) => runner)).size).toBe(2);
  expect(results.map(({ outcome }) => outcome.status)).toEqual(requests.map(() => "succeeded"));
});
