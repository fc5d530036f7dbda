import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { open, rm, writeFile, type FileHandle } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { attemptKey, AttemptRef, ProblemData, Outcome } from "@bellhop/contracts";
import type { Log } from "@bellhop/service";
import { z } from "zod";

/** What a runner must know of an attempt after it was killed. Without `result`: it may have started. */
export const JournalEntry = z.object({
  v: z.literal(1),
  attempt: AttemptRef,
  action: z.string(),
  repeatable: z.boolean(),
  /** How it ended, secrets masked; the output is not yet in the object store, however large. */
  result: z
    .object({
      status: Outcome.shape.status,
      output: z.unknown().optional(),
      problem: ProblemData.optional(),
      ms: z.number().optional(),
    })
    .optional(),
});
export type JournalEntry = z.infer<typeof JournalEntry>;

const Line = z.union([JournalEntry, z.object({ v: z.literal(1), over: z.string() })]);

/** The runner's memory on disk: what stands between an attempt's start and its record that says finished. */
export interface Journal {
  /** Resolves when the entry would survive this process. Replaces what stood there for the attempt. */
  write(entry: JournalEntry): Promise<void>;
  remove(attempt: AttemptRef): void;
  /** What earlier lives left. */
  readonly left: readonly JournalEntry[];
  close(): Promise<void>;
}

/** Opens the journal of a folder: a file of lines that is only appended to, and begun anew when it has grown. Lines that come while others are being
 *  written go out together, so that a busy disk delays attempts but never the process. */
export async function openJournal(folder: string, log: Log): Promise<Journal> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const earlier = namesIn(folder);
  const left = readJournal(folder);
  const live = new Map(left.map((entry) => [attemptKey(entry.attempt), entry]));
  let waiting: string[] = [];
  let flushing: Promise<void> | undefined;
  let file = await begin();
  for (const name of earlier) await rm(join(folder, name), { force: true });

  return {
    left,
    write(entry) {
      live.set(attemptKey(entry.attempt), entry);
      return append(lineOf(entry));
    },
    remove(attempt) {
      const over = attemptKey(attempt);
      live.delete(over);
      void append(lineOf({ v: 1, over }));
    },
    async close() {
      while (flushing !== undefined) await flushing;
      await file.handle.close();
    },
  };

  async function append(line: string): Promise<void> {
    waiting.push(line);
    // The flush that is under way has taken its lines: the next one takes this.
    if (flushing !== undefined) await flushing;
    await (flushing ??= flush().finally(() => (flushing = undefined)));
  }

  async function flush(): Promise<void> {
    const lines = waiting.join("");
    waiting = [];
    if (lines === "") return;
    try {
      await file.handle.appendFile(lines);
      file.bytes += Buffer.byteLength(lines);
      if (file.bytes > largest) await turn();
    } catch (error) {
      // A full disk costs the memory of a crash that may never come; stopping here would cost the attempt itself.
      log.error({ folder, error: String(error) }, "the journal can't be written");
    }
  }

  /** What still matters, in a file of its own; only then the old one goes. */
  async function turn(): Promise<void> {
    const old = file;
    file = await begin();
    await old.handle.close();
    await rm(old.path, { force: true });
  }

  async function begin(): Promise<{ path: string; handle: FileHandle; bytes: number }> {
    const path = join(folder, `${Date.now()}-${randomBytes(4).toString("hex")}.log`);
    const text = [...live.values()].map(lineOf).join("");
    await writeFile(path, text, { mode: 0o600 });
    return { path, handle: await open(path, "a"), bytes: 0 };
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

/** Begun anew when it is larger, in bytes. */
const largest = 4 * 1024 * 1024;

function namesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".log"))
    .toSorted();
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
