import { limits, type Command, type Run, type RunRecord, type Task } from "@bellhop/contracts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Kept } from "./apart.ts";
import { commandsIn, isLong, readRecords, writeLongRecord, writeRecord, type Written } from "./run-record.ts";

const at = "2026-01-01T00:00:00.000Z";
const replyTo = { platform: "slack", account: "A", channel: "C" };
const task: Task = { action: "a.b", digest: "d", pool: "default", input: {}, timeoutMs: 1, repeatable: false, attempt: 1 };

function runOf(state: unknown, more: Partial<Run> = {}): Run {
  const asker = { platform: "slack", id: "U", kind: "human" as const };
  const workflow = { task, catalog: {}, state };
  return {
    v: 1,
    id: "R",
    revision: 1,
    status: "running",
    action: "a.b",
    reply: { enabled: true },
    asker,
    replyTo,
    answers: "m",
    tasks: {},
    applied: [],
    askedAt: at,
    workflow,
    ...more,
  };
}

function recordOf(run: Run, commands: Command[] = []): RunRecord {
  return { v: 1, run: run.id, revision: run.revision, event: { id: "e", kind: "finished" }, state: run, commands, at };
}

/** A log and what lies apart from it, as they are once each step was written. */
function log() {
  const records: { record: RunRecord; sequence: number }[] = [];
  const objects = new Map<string, string>();
  const puts: Kept[] = [];
  let before: { run: Run; written: Written } | undefined;
  return {
    records,
    objects,
    puts,
    write: (run: Run, commands: Command[] = []) => {
      const sequence = (records.length + 1) * 10;
      const { record, kept, written } = writeRecord(recordOf(run, commands), before);
      for (const one of kept) objects.set(one.object, one.text);
      puts.push(...kept);
      records.push({ record: JSON.parse(JSON.stringify(record)) as RunRecord, sequence });
      if (written !== undefined) before = { run, written: { ...written, from: written.from ?? sequence } };
      return record;
    },
    read: async () => {
      const { held } = records.at(-1)?.record ?? {};
      const from = held?.kind === "changes" ? held.from : records.at(-1)?.sequence;
      return await readRecords(
        records.filter(({ sequence }) => sequence >= (from ?? 0)),
        async ({ object }) => objects.get(object),
      );
    },
  };
}

test("a run that is no workflow's is written as it ever was", () => {
  const { workflow: _, ...run } = runOf({});
  const record = recordOf({ ...run, tasks: { main: task } });
  expect(writeRecord(record)).toEqual({ record, json: JSON.stringify(record), kept: [] });
});

test("of a run with a large input, and of what asks for many, a record stays within its limit and says all the same", async () => {
  const { write, records, objects } = log();
  const { workflow: _, ...run } = runOf({});
  const large = { ...run, tasks: { main: { ...task, input: { text: "ä".repeat(100_000), n: 1 } } } };
  const commands = Array.from({ length: 1_000 }, (_, n): Command => ({
    kind: "cancel",
    attempt: { run: "R".repeat(60), task: `${n}`, attempt: 1 },
  }));
  const load = async ({ object }: { object: string }) => objects.get(object);
  for (const record of [write(large), write(large, commands)]) {
    expect(JSON.stringify(record).length).toBeLessThan(limits.logRecord);
    expect(record.v).toBe(2);
  }
  expect(await readRecords(records.slice(1), load)).toMatchObject({ run: large, commands });
  const asks = writeRecord({ ...recordOf(large, commands), state: undefined });
  for (const { object, text } of asks.kept) objects.set(object, text);
  expect(JSON.stringify(asks.record).length).toBeLessThan(limits.logRecord);
  expect(await commandsIn(asks.record, load)).toEqual(commands);
});

test("what asks for thousands is written a little at a time, and is the same as at once", () => {
  const commands = Array.from({ length: 2_000 }, (_, index): Command => ({
    kind: "cancel",
    attempt: { run: "R", task: `ä${index}`, attempt: 1 },
  }));
  const { state: _, ...record } = recordOf(runOf({}), commands);
  expect(isLong(record)).toBe(true);
  const steps = writeLongRecord(record);
  let pauses = 0;
  let step = steps.next();
  for (; step.done !== true; pauses += 1) step = steps.next();
  expect(pauses).toBe(commands.length);
  expect(step.value).toEqual(writeRecord(record));
  expect(isLong({ ...record, commands: commands.slice(0, 10) })).toBe(false);
});

test("the first record of a workflow's run holds it whole, the next what changed", async () => {
  const { write, records, read } = log();
  write(runOf({ sequence: ["a"] }));
  const second = runOf({ sequence: ["a", "b"] }, { revision: 2, tasks: { "1": task } });
  write(second);
  expect(records.map(({ record }) => [record.v, record.held?.kind, record.state?.tasks])).toEqual([
    [2, "whole", {}],
    [2, "changes", {}],
  ]);
  expect((await read()).run).toEqual(second);
});

test("a large value lies apart, once however many steps carry it", async () => {
  const { write, puts, read } = log();
  const large = "x".repeat(10_000);
  write(runOf({ a: large }));
  write(runOf({ a: large, b: { c: large } }, { revision: 2 }));
  const third = runOf({ b: { c: large }, d: [large, 1] }, { revision: 3 });
  expect(JSON.stringify(write(third)).length).toBeLessThan(3_000);
  expect(puts).toHaveLength(1);
  expect((await read()).run).toEqual(third);
});

test("however much there is of small things, a record stays small", async () => {
  const { write, read } = log();
  const many = Array.from({ length: 1_000 }, (_, n) => ({ task: `task ${n}`, big: n % 100 === 0 ? `${n}`.repeat(3_000) : n }));
  const commands = many.map((_, n): Command => ({ kind: "cancel", attempt: { run: "R", task: `${n}`, attempt: 1 } }));
  const run = runOf({ many });
  expect(JSON.stringify(write(run, commands)).length).toBeLessThan(10_000);
  expect(await read()).toMatchObject({ run, commands });
});

test("now and then a step is written whole, so that no log is long to read", async () => {
  const { write, records, read } = log();
  let state: Record<string, number> = {};
  for (let revision = 1; revision <= 1_000; revision++) {
    state = { ...state, [`task${revision}`]: revision };
    write(runOf(state, { revision }));
  }
  const wholes = records.filter(({ record }) => record.held?.kind === "whole").length;
  expect(wholes).toBeGreaterThan(3);
  expect(wholes).toBeLessThan(20);
  expect((await read()).run.workflow?.state).toEqual(state);
});

describe("whatever the steps", () => {
  test("the log says what the run was", async () => {
    const values = fc.array(fc.dictionary(fc.string(), fc.oneof(fc.jsonValue(), fc.string({ minLength: 5_000, maxLength: 9_000 }))), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(values, async (states) => {
        const { write, read } = log();
        states.forEach((state, index) => write(runOf(state, { revision: index + 1 })));
        const { run } = await read();
        expect(JSON.stringify(run.workflow?.state)).toBe(JSON.stringify(states.at(-1)));
      }),
      { numRuns: 50 },
    );
  });
});

test("what is not kept any more is a problem that says so", async () => {
  const { write, records } = log();
  write(runOf({ a: "x".repeat(10_000) }));
  await expect(readRecords(records, async () => undefined)).rejects.toMatchObject({ code: "value_gone" });
});
