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

test("what was written and not removed is left for the next life, in its last wording", () => {
  const folder = fresh();
  const journal = openJournal(folder, silentLog);
  for (const run of ["A", "B", "C"]) journal.write(entry(run));
  journal.remove(entry("A").attempt);
  journal.write(entry("B", { result: done }));
  // No close: a killed process does not either.
  expect(readJournal(folder)).toEqual([entry("B", { result: done }), entry("C")]);
  const next = openJournal(folder, silentLog);
  expect(next.left).toEqual([entry("B", { result: done }), entry("C")]);
  expect(readdirSync(folder)).toHaveLength(1);
  journal.close();
  next.close();
});

test("a line that was cut short hides nothing else", () => {
  const folder = fresh();
  const journal = openJournal(folder, silentLog);
  journal.write(entry("A"));
  journal.close();
  appendFileSync(join(folder, readdirSync(folder)[0] ?? ""), '{"v":1,"over":"A.ma');
  expect(readJournal(folder)).toEqual([entry("A")]);
});

test("a journal that has grown begins anew with what still matters", () => {
  const folder = fresh();
  const journal = openJournal(folder, silentLog);
  journal.write(entry("A"));
  const large = { status: "succeeded", output: "x".repeat(1024 * 1024) } as const;
  for (const run of ["B", "C", "D", "E", "F"]) {
    journal.write(entry(run, { result: large }));
    journal.remove(entry(run).attempt);
  }
  journal.close();
  expect(readJournal(folder)).toEqual([entry("A")]);
  expect(readdirSync(folder)).toHaveLength(1);
});
