import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { attemptKey, AttemptRef, ProblemData, Outcome } from "@bellhop/contracts";
import type { Log } from "@bellhop/service";
import { z } from "zod";
import { LeftFile } from "./desks.ts";

/** What a runner must know of an attempt after it was killed. Without `result`: it may have started. */
export const JournalEntry = z.object({
  v: z.literal(1),
  attempt: AttemptRef,
  action: z.string(),
  repeatable: z.boolean(),
  /** Of what asked for the run. */
  trace: z.string().optional(),
  /** How it ended, secrets masked; neither output nor files are in the object store yet, however large. */
  result: z
    .object({
      status: Outcome.shape.status,
      output: z.unknown().optional(),
      problem: ProblemData.optional(),
      files: z.array(LeftFile).optional(),
      ms: z.number().optional(),
    })
    .optional(),
});
export type JournalEntry = z.infer<typeof JournalEntry>;

const Line = z.union([JournalEntry, z.object({ v: z.literal(1), over: z.string() })]);

/** The runner's memory on disk: what stands between an attempt's start and its record that says finished. */
export interface Journal {
  /** When it returns, the entry survives this process. Replaces what stood there for the attempt. */
  write(entry: JournalEntry): void;
  /** Goes to disk with the next entry, or a moment later: should it never get there, the next life tells a result again that is known already. */
  remove(attempt: AttemptRef): void;
  /** What earlier lives left. */
  readonly left: readonly JournalEntry[];
  close(): void;
}

/** Opens the journal of a folder: a file of lines that is only appended to, and begun anew when it has grown. An append goes to the page cache in
 *  ten microseconds; handing it to another thread and back would cost ten times that, twice on the way of every attempt. */
export function openJournal(folder: string, log: Log): Journal {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const earlier = namesIn(folder);
  const left = readJournal(folder);
  const live = new Map(left.map((entry) => [attemptKey(entry.attempt), entry]));
  let removed = "";
  /** Whether the file lacks something, and may end in the midst of a line. */
  let torn = false;
  let tidying: NodeJS.Timeout | undefined;
  let file = begin();
  for (const name of earlier) rmSync(join(folder, name), { force: true });

  return {
    left,
    write(entry) {
      live.set(attemptKey(entry.attempt), entry);
      append(removed + lineOf(entry));
    },
    remove(attempt) {
      const over = attemptKey(attempt);
      live.delete(over);
      removed += lineOf({ v: 1, over });
      tidying ??= setTimeout(tidy, tidyAfterMs).unref();
    },
    close() {
      tidy();
      closeSync(file.fd);
    },
  };

  function tidy(): void {
    clearTimeout(tidying);
    tidying = undefined;
    if (removed !== "") append(removed);
  }

  function append(lines: string): void {
    try {
      if (!torn) file.bytes += writeWhole(file.fd, lines);
      if (torn || file.bytes > largest) turn();
      removed = "";
      torn = false;
    } catch (error) {
      torn = true;
      // A full disk costs the memory of a crash that may never come, until there is room again; stopping here would cost the attempt itself.
      log.error({ folder, error: String(error) }, "the journal can't be written");
    }
  }

  /** What still matters, in a file of its own; only then the old one goes. */
  function turn(): void {
    const old = file;
    file = begin();
    closeSync(old.fd);
    rmSync(old.path, { force: true });
  }

  function begin(): { path: string; fd: number; bytes: number } {
    const path = join(folder, `${Date.now()}-${randomBytes(4).toString("hex")}.log`);
    const fd = openSync(path, "a", 0o600);
    try {
      writeWhole(fd, [...live.values()].map(lineOf).join(""));
    } catch (error) {
      // Half of it would stand beside the old file for ever.
      closeSync(fd);
      rmSync(path, { force: true });
      throw error;
    }
    return { path, fd, bytes: 0 };
  }
}

/** The entries that are not over. A line cut short by a kill, and what can't be read, is passed over. */
export function readJournal(folder: string): JournalEntry[] {
  const entries = new Map<string, JournalEntry>();
  for (const name of namesIn(folder)) {
    for (const text of readFileSync(join(folder, name), "utf8").split("\n")) {
      const line = parsed(text);
      if (line === undefined) continue;
      if ("over" in line) entries.delete(line.over);
      else entries.set(attemptKey(line.attempt), line);
    }
  }
  return [...entries.values()];
}

const tidyAfterMs = 250;

/** Begun anew when it is larger, in bytes. */
const largest = 4 * 1024 * 1024;

function namesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".log"))
    .toSorted();
}

/** A disk that has some room takes some of it, and says no to the rest only when asked again.
 *  @returns its bytes
 *  @throws where not all of it was taken; what was stays */
function writeWhole(fd: number, text: string): number {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
  return bytes.length;
}

function lineOf(line: z.infer<typeof Line>): string {
  return `${JSON.stringify(line)}\n`;
}

function parsed(text: string): z.infer<typeof Line> | undefined {
  try {
    return Line.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
