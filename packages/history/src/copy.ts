import { closeSync, openSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";
import type { HistoryPlace } from "./history.ts";

/** Pages in one step: more than any file has. */
const everything = 2 ** 31 - 1;

/** Copies a history of SQLite as it is at one moment, also while it is written, into a file that is not there yet (mode 0600). */
export async function copyHistory(place: Extract<HistoryPlace, { kind: "sqlite" }>, file: string): Promise<void> {
  closeSync(openSync(file, "wx", 0o600));
  const db = new DatabaseSync(place.file, { timeout: 10_000 });
  try {
    // All in one step: in several, each commit of the writer would begin it anew. A writer waits for as long as it takes to read the file once.
    await backup(db, file, { rate: everything });
  } finally {
    db.close();
  }
}
