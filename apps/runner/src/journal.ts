import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
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

/** The runner's memory on disk: a file per attempt, from before it starts until its record says finished. */
export interface Journal {
  write(entry: JournalEntry): void;
  remove(attempt: AttemptRef): void;
  /** What an earlier life left. */
  entries(): JournalEntry[];
}

/** Synchronous on purpose: a small file takes 50 us this way and four times that through the thread pool. A file is whole or not there. */
export function openJournal(folder: string, log: Log): Journal {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pathOf = (attempt: AttemptRef) => join(folder, `${attemptKey(attempt)}.json`);
  return {
    write(entry) {
      const path = pathOf(entry.attempt);
      try {
        writeFileSync(`${path}.new`, JSON.stringify(entry), { mode: 0o600 });
        renameSync(`${path}.new`, path);
      } catch (error) {
        // A full disk costs the memory of a crash that may never come; stopping here would cost the attempt itself.
        log.error({ path, error: String(error) }, "the journal can't be written");
      }
    },
    remove(attempt) {
      rmSync(pathOf(attempt), { force: true });
    },
    entries() {
      return readdirSync(folder).flatMap((name) => {
        const path = join(folder, name);
        // Half written when its runner was killed: what it was to say is not known, and what stood before still stands.
        if (!name.endsWith(".json")) {
          rmSync(path, { force: true });
          return [];
        }
        const entry = read(path);
        if (entry !== undefined) return [entry];
        log.error({ path }, "a journal entry can't be read");
        return [];
      });
    },
  };
}

function read(path: string): JournalEntry | undefined {
  try {
    return JournalEntry.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}
