import { runId, wireVersion, type RunRecord } from "@bellhop/contracts";
import { connect } from "nats";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Bus } from "./bus.ts";
import type { LogEntry } from "./kept.ts";
import { startScene, type Scene } from "./scene.ts";

let scene: Scene;
let bus: Bus;
beforeAll(async () => {
  scene = await startScene({ factor: 0.1 });
  bus = await scene.connect();
});
afterAll(() => scene.end());

const at = "2026-01-01T00:00:00.000Z";
const idOf = (key: string, shard = 3) => runId({ key, at, shard });

function record(run: string, revision: number, event = "e"): RunRecord {
  return { v: 1, run, revision, event: { id: `${event}${revision}`, kind: "finished" }, commands: [], at };
}

test("twenty writers of one step: one appends, the others learn of a conflict", async () => {
  const run = idOf("race");
  const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => bus.log.append(record(run, 1, `w${n}-`), { after: 0 })));
  expect(outcomes.filter((outcome) => outcome.kind === "appended")).toHaveLength(1);
  const winner = outcomes.findIndex((outcome) => outcome.kind === "appended");
  expect((await bus.log.last(run))?.record.event.id).toBe(`w${winner}-1`);
});

test("over a killed server each step of a log is appended once", async () => {
  const runs = Array.from({ length: 40 }, (_, n) => idOf(`kill${n}`, 5));
  const write = async (run: string) => {
    let after = 0;
    for (let revision = 1; revision <= 10; revision++) {
      const outcome = await bus.log.append(record(run, revision), { after });
      if (outcome.kind === "conflict") throw new Error(`a conflict with nobody at ${run}/${revision}`);
      after = outcome.sequence;
    }
  };
  const writing = Promise.all(runs.map(write));
  await scene.nats.kill9();
  await scene.nats.restart();
  await writing;
  const all: LogEntry[] = [];
  for await (const entry of bus.log.scan({ shard: 5, from: 1 })) all.push(entry);
  expect(all).toHaveLength(400);
  const last: LogEntry[] = [];
  for await (const entry of bus.log.scan({ shard: 5 })) last.push(entry);
  expect(last.map((entry) => entry.record.revision)).toEqual(runs.map(() => 10));
  expect(await bus.log.lastSequence()).toBe(all.at(-1)?.sequence);
});

test("a log is read from both its ends", async () => {
  const run = idOf("ends");
  const first = await bus.log.append(record(run, 1), { after: 0 });
  if (first.kind === "conflict") throw new Error("a conflict with nobody");
  await bus.log.append(record(run, 2), { after: first.sequence });
  expect(await bus.log.first(run)).toMatchObject({ sequence: first.sequence, record: { revision: 1 } });
  expect((await bus.log.last(run))?.record.revision).toBe(2);
});

test("a log that only a newer program can read is a problem that passes, and does not hide the others of its shard", async () => {
  const [newer, other] = [idOf("newer", 7), idOf("other", 7)];
  await bus.log.append(record(newer, 1), { after: 0 });
  const nc = await connect({ servers: scene.nats.url });
  await nc.request(`run.changed.7.${newer}`, JSON.stringify({ ...record(newer, 2), v: wireVersion + 1 }));
  await nc.close();
  await bus.log.append(record(other, 1), { after: 0 });
  await expect(bus.log.last(newer)).rejects.toMatchObject({ code: "version_newer", retry: true });
  const read: string[] = [];
  const left: number[] = [];
  for await (const entry of bus.log.scan({ shard: 7, onNewer: (sequence) => left.push(sequence) })) read.push(entry.record.run);
  expect([read, left.length]).toEqual([[other], 1]);
  const all = async () => {
    for await (const entry of bus.log.scan({ shard: 7 })) read.push(entry.record.run);
  };
  await expect(all()).rejects.toMatchObject({ code: "version_newer" });
});

test("an unknown run and an empty shard have nothing to tell", async () => {
  expect(await bus.log.last(idOf("never"))).toBeUndefined();
  expect(await bus.log.first(idOf("never"))).toBeUndefined();
  expect(await bus.log.last("no id at all")).toBeUndefined();
  for await (const entry of bus.log.scan({ shard: 9 })) expect(entry).toBeUndefined();
});

test("a record over the limit is refused", async () => {
  const run = idOf("large");
  const large = { ...record(run, 1), outcome: { status: "succeeded" as const, output: { inline: "x".repeat(70_000) } } };
  await expect(bus.log.append(large, { after: 0 })).rejects.toMatchObject({ code: "message_too_large" });
});
