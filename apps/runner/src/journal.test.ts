import { spawnSync } from "node:child_process";
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

test("a full disk costs what was written then; once there is room all that still matters stands there, in one file", () => {
  const folder = fresh();
  const script = `
    import { openJournal, readJournal } from ${JSON.stringify(new URL("journal.ts", import.meta.url).href)};
    const errors = [];
    const journal = openJournal(${JSON.stringify(folder)}, { error: ({ error }) => errors.push(error) });
    const entry = (run) => ({ v: 1, attempt: { run, task: "main", attempt: 1 }, action: "test.noop", repeatable: false });
    for (let n = 0; n < 100; n++) journal.write(entry(String(n)));
    const full = errors.length;
    for (let n = 1; n < 99; n++) journal.remove(entry(String(n)).attempt);
    journal.write(entry("room again"));
    journal.write(entry("and after"));
    console.log(JSON.stringify({ full, after: errors.length - full }));
    process.kill(process.pid, "SIGKILL");
  `;
  // To whoever writes it, a file that may have so much alone is on a disk that is full: its last line is written in part.
  const limited = 'ulimit -f 8; exec "$0" --input-type=module -e "$1"';
  const { stdout } = spawnSync("sh", ["-c", limited, process.execPath, script], { encoding: "utf8" });
  const { full, after } = JSON.parse(stdout) as { full: number; after: number };
  expect(full).toBeGreaterThan(10);
  expect(after).toBe(0);
  expect(readJournal(folder).map(({ attempt: { run } }) => run)).toEqual(["0", "99", "room again", "and after"]);
  expect(readdirSync(folder)).toHaveLength(1);
});
