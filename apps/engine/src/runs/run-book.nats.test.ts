import { connectBus, type Bus } from "@bellhop/bus";
import { messageIds, runId, scaled, shardOfKey, shardOfRun, type ActionFinished, type Command, type Run } from "@bellhop/contracts";
import { decide, type RunEvent } from "@bellhop/core";
import { silentLog } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RunBook } from "./run-book.ts";
import { ana } from "../testing.ts";

let nats: TestNats;
let bus: Bus;

beforeAll(async () => {
  nats = await startNats();
  bus = await connectBus({ url: nats.url, name: "test", durations: scaled(0.1), log: silentLog });
  await bus.setUp();
});
afterAll(async () => {
  await bus.drain();
  await nats.stop();
});

const settings = { lateResult: 30_000 };
const replyTo = { platform: "slack", account: "A1", channel: "C1", message: "1.1" };

/** The memory of one engine. */
function book(): RunBook {
  return new RunBook({ bus, apply: async () => {}, settings: () => settings, seal: (value) => value });
}

const task = { action: "a.step", digest: "d1", pool: "default", input: {}, timeoutMs: 60_000, repeatable: true, attempt: 1 };

async function begun(by: RunBook, key: string, more: Partial<Run> = {}): Promise<string> {
  const at = new Date().toISOString();
  const id = runId({ key, at, shard: shardOfKey(key) });
  const plan = { action: "a.step", reply: { enabled: true }, secrets: [], task };
  const asked: RunEvent = { id: key, at, kind: "asked", run: id, plan, asker: ana, replyTo, answers: key };
  const decision = decide(undefined, asked, settings);
  if (decision.kind !== "changed") throw new Error("it begins");
  const commands: Command[] = [...decision.commands];
  await by.open(id, async () => ({
    event: asked,
    intake: { key, catalog: {}, verdict: "run" },
    state: { ...decision.run, ...more },
    commands,
  }));
  return id;
}

test("a result counts also for an engine that lost its shard, and does not know of the attempt", async () => {
  const [before, now] = [book(), book()];
  const run = await begun(before, "m1");
  const at = new Date().toISOString();
  await now.step(run, { kind: "lost", id: "lost", at, attempt: 1, runner: "r1", started: true, certain: true });
  expect((await now.find(run))?.tasks).toMatchObject({ main: { attempt: 2 } });
  const finished: ActionFinished = { v: 1, run, task: "main", attempt: 2, runner: "r2", outcome: { status: "succeeded" } };
  await before.step(run, { kind: "finished", id: messageIds.finished(finished), at, finished, output: undefined });
  expect((await bus.log.last(run))?.record.state).toMatchObject({ status: "succeeded" });
});

test("a result that comes again changes nothing, and is taken", async () => {
  const one = book();
  const run = await begun(one, "m2");
  const finished: ActionFinished = { v: 1, run, task: "main", attempt: 1, runner: "r1", outcome: { status: "succeeded" } };
  const event = { kind: "finished", id: messageIds.finished(finished), at: new Date().toISOString(), finished, output: undefined } as const;
  for (let time = 0; time < 2; time++) expect(await one.step(run, event)).toBe("done");
  expect(await bus.log.records(run, { from: 1 })).toHaveLength(2);
});

test("a run that lives long is written whole again before its log ages, and goes on as it was", async () => {
  const [one, other] = [book(), book()];
  const run = await begun(one, "m3");
  const shard = shardOfRun(run) ?? 0;
  expect(await one.renew(shard, "2000-01-01T00:00:00.000Z")).toBe(0);
  const later = new Date(Date.now() + 60_000).toISOString();
  expect(await one.renew(shard, later)).toBe(1);
  const [first, second, ...more] = await bus.log.records(run, { from: 1 });
  expect(more).toEqual([]);
  expect(second?.record).toMatchObject({ revision: 2, event: { kind: "renewed" }, commands: [] });
  expect(second?.record.state).toEqual({ ...first?.record.state, revision: 2 });
  const finished: ActionFinished = { v: 1, run, task: "main", attempt: 1, runner: "r1", outcome: { status: "succeeded" } };
  const event = { kind: "finished", id: messageIds.finished(finished), at: later, finished, output: undefined } as const;
  await other.step(run, event);
  expect((await bus.log.last(run))?.record).toMatchObject({ revision: 3, state: { status: "succeeded" } });
  expect(await one.renew(shard, later)).toBe(0);
});

test("a workflow without its packs is canceled, whatever comes together with that", async () => {
  const one = new RunBook({
    bus,
    apply: async () => {},
    seal: (value) => value,
    async settings(_, { toEnd }) {
      if (!toEnd) throw new Error("its packs are gone");
      return settings;
    },
  });
  const tasks = { first: task, second: task };
  const run = await begun(one, "m4", { tasks, workflow: { task, catalog: { a: "d1" }, state: null } });
  const at = new Date().toISOString();
  const [first, second] = Object.keys(tasks).map((name) => {
    const finished: ActionFinished = { v: 1, run, task: name, attempt: 1, runner: "r1", outcome: { status: "succeeded" } };
    return one.step(run, { kind: "finished", id: messageIds.finished(finished), at, finished, output: undefined });
  });
  const cancel = one.step(run, { kind: "cancel", id: "c4", at, asker: ana, replyTo, answers: "c4" });
  await expect(first).rejects.toThrow("its packs are gone");
  expect(await Promise.all([second, cancel])).toEqual(["done", "done"]);
  expect((await bus.log.last(run))?.record.state).toMatchObject({ status: "canceled" });
});
