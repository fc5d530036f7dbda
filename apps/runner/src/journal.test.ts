import { appendFileSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { silentLog } from "@bellhop/service";
import { openJournal, readJournal, type JournalEntry } from "./journal.ts";

const fresh = () => mkdtempSync(join(tmpdir(), "journal-"));
const entry = (run: string, more: Partial<JournalEntry> = {}): JournalEntry => ({
  v: 1,
  attempt: { run, task: "main", attempt: 1 },
  action: "test.noop",
  repeatable: false,
  ...more,
});
const done = { status: "succeeded", output: 1 } as const;

test("what was written and not removed is left for the next life, in its last wording", async () => {
  const folder = fresh();
  const journal = await openJournal(folder, silentLog);
  await Promise.all(["A", "B", "C"].map((run) => journal.write(entry(run))));
  journal.remove(entry("A").attempt);
  await journal.write(entry("B", { result: done }));
  // No close: a killed process does not either.
  expect(readJournal(folder)).toEqual([entry("B", { result: done }), entry("C")]);
  const next = await openJournal(folder, silentLog);
  expect(next.left).toEqual([entry("B", { result: done }), entry("C")]);
  expect(readdirSync(folder)).toHaveLength(1);
  await Promise.all([journal.close(), next.close()]);
});

test("a line that was cut short hides nothing else", async () => {
  const folder = fresh();
  const journal = await openJournal(folder, silentLog);
  await journal.write(entry("A"));
  await journal.close();
  appendFileSync(join(folder, readdirSync(folder)[0] ?? ""), '{"v":1,"over":"A.ma');
  expect(readJournal(folder)).toEqual([entry("A")]);
});

test("a journal that has grown begins anew with what still matters", async () => {
  const folder = fresh();
  const journal = await openJournal(folder, silentLog);
  await journal.write(entry("A"));
  const large = { status: "succeeded", output: "x".repeat(1024 * 1024) } as const;
  for (const run of ["B", "C", "D", "E", "F"]) {
    await journal.write(entry(run, { result: large }));
    journal.remove(entry(run).attempt);
  }
  await journal.close();
  expect(readJournal(folder)).toEqual([entry("A")]);
  expect(readdirSync(folder)).toHaveLength(1);
});
