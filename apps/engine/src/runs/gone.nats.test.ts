import { attemptKey, buckets, scaled, type ActionRequested, type Timer } from "@bellhop/contracts";
import type { Bus } from "@bellhop/bus";
import { silentLog } from "@bellhop/service";
import { there } from "@bellhop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { timerKey } from "./apply.ts";
import { startScene, until, type Scene } from "../testing.ts";
import { startTimers } from "../time/timers.ts";

let scene: Scene;
/** Takes no part: what is stored by it is as the disk would have it. */
let bus: Bus;
beforeAll(async () => {
  scene = await startScene({ lateResult: 5_000 });
  ({ bus } = scene);
  await scene.startEngine();
});
afterAll(() => scene.end());

/** What a person asked for just now; the request is taken off its queue, and nobody says that they have it. */
async function requested(id: string, sentAt = new Date().toISOString()): Promise<ActionRequested> {
  const before = scene.requests.length;
  await scene.say(id, "greet Ana", { sentAt });
  await until(() => scene.requests.length > before);
  return there(scene.requests[before]);
}

async function finalOf({ run }: ActionRequested) {
  await until(() => scene.sends.some((send) => send.run === run && send.final));
  return there(scene.sends.find((send) => send.run === run && send.final));
}

test("a result that was stored, and is in its queue no more without having led to anything, ends its run", async () => {
  const request = await requested("told");
  const { run, task, attempt } = request;
  const sentAt = new Date().toISOString();
  const record = { v: 1, run, task, attempt, runner: "r1", epoch: "gone", state: "finished", repeatable: false, at: sentAt } as const;
  await bus.bucket(buckets.attempt).create(attemptKey(request), record);
  expect((await finalOf(request)).body.text).toContain("abandoned");
  expect((await bus.log.last(run))?.record.state?.status).toBe("abandoned");
});

test("a request that nobody claimed and that is in its queue no more is made again, and the first can't be claimed any more", async () => {
  const request = await requested("unclaimed");
  await until(() => scene.requests.some(({ run, attempt }) => run === request.run && attempt === 2));
  expect((await bus.bucket(buckets.attempt).get(attemptKey(request)))?.value.state).toBe("revoked");
  await scene.finish({ ...request, attempt: 2 }, { text: "Hello Ana" });
  expect((await finalOf(request)).body.text).toBe("Hello Ana");
});

test("what was asked for so long ago that its record may be gone by its age is not begun again", async () => {
  const request = await requested("old", "2026-01-01T00:00:00.000Z");
  expect((await finalOf(request)).body.text).toContain("abandoned");
  expect(scene.requests.filter(({ run }) => run === request.run)).toHaveLength(1);
});

test("a timer that is set anew while its step is written fires for its new time too", async () => {
  const durations = scaled(0.1);
  const membership = await bus.join({ role: "engine", lengthMs: durations.lease, renewalMs: durations.leaseRenewal });
  const timers = bus.bucket(buckets.timer);
  // Of a shard that no engine has.
  const shard = 99;
  const key = timerKey({ run: "r", name: "soon" }).replace(/^\d+/, `${shard}`);
  const timer: Timer = { v: 1, run: "r", name: "soon", due: Date.now() };
  const fired: string[] = [];
  const questions = { keep: async () => {} };
  const book = {
    find: async () => undefined,
    async step(_: string, { id }: { id: string }) {
      fired.push(id);
      if (fired.length === 1) await timers.put(key, { ...timer, due: Date.now() + 50 });
      return "done" as const;
    },
  };
  const started = startTimers({ bus, membership, book, questions, durations, log: silentLog }, shard);
  await timers.put(key, timer);
  await until(async () => fired.length === 2 && (await timers.get(key)) === undefined);
  started.stop();
  await membership.leave();
  expect(fired).toEqual(["timer:soon", "timer:soon"]);
});
