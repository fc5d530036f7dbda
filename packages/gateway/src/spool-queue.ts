import { setTimeout as pause } from "node:timers/promises";
import { limits, problem, toProblem } from "@bellhop/contracts";
import type { Log } from "@bellhop/service";
import { z } from "zod";
import { atMost } from "./at-most.ts";
import { FileOnDisk } from "./files.ts";
import { HeardSchema } from "./heard.ts";
import { createSpoolFile, takeOverSpoolFiles } from "./spool-file.ts";

/** Something heard, or a file that came with it. */
export const Spooled = z.union([HeardSchema, FileOnDisk]);
export type Spooled = z.infer<typeof Spooled>;

/** What waits on the disk, published in order: first what gateways that are gone had heard, then what this one hears. */
export interface SpoolQueue {
  readonly isBusy: boolean;
  /** Resolves when it is on the disk. @throws Problem spool_unavailable */
  put(entry: Spooled): Promise<void>;
  /** Resolves when nothing waits. Rejects when the queue is closed before. */
  emptied(): Promise<void>;
  pathForFile(): string;
  close(options: { withinMs: number }): Promise<void>;
}

interface SpoolQueueOptions {
  folder: string;
  /** Called in order, many at a time. Rejects with what is to be tried again, or with what no repeat can mend. */
  publish: (entry: Spooled) => Promise<void>;
  /** Bytes. */
  limit?: number;
  log: Log;
}

export async function openSpoolQueue({ folder, publish, limit = limits.spool, log }: SpoolQueueOptions): Promise<SpoolQueue> {
  const own = await createSpoolFile(folder);
  const earlier = await takeOverSpoolFiles(folder);
  /** Bytes of the files that came with messages and wait, by their path. */
  const besides = new Map<string, number>();
  let full = false;
  let busy: PromiseWithResolvers<void> | undefined;
  const closing = new AbortController();
  if (earlier.length > 0) {
    log.info({ files: earlier.length, bytes: held() }, "publishing what gateways that are gone had heard");
    begin();
  }

  function held(): number {
    const sizes = [...[...earlier, own].map(({ bytes }) => bytes), ...besides.values()];
    return sizes.reduce((sum, bytes) => sum + bytes, 0);
  }

  function begin(): void {
    if (busy !== undefined) return;
    busy = Promise.withResolvers();
    busy.promise.catch(() => {});
    void keepDraining();
  }

  /** A disk that can't be read is tried again: what lies on it was promised. */
  async function keepDraining(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        return await drain();
      } catch (error) {
        if (!closing.signal.aborted) log.error({ why: toProblem(error).message }, "the spool can't be read");
      }
      await rest();
    }
  }

  async function drain(): Promise<void> {
    let looked = false;
    while (!closing.signal.aborted) {
      const file = earlier[0] ?? own;
      const lines = await file.next();
      if (lines.length > 0) {
        looked = false;
        if (await publishAll(lines)) file.advance();
      } else if (file !== own) {
        await file.close();
        earlier.shift();
      } else if (!looked) {
        // Another gateway of this folder may have died while NATS was away.
        earlier.push(...(await takeOverSpoolFiles(folder)));
        looked = true;
      } else if (own.isEmpty) return await end();
    }
  }

  async function end(): Promise<void> {
    log.info({}, "everything that was heard is in NATS again");
    full = false;
    busy?.resolve();
    busy = undefined;
    // What can't be taken out is only published again by whoever comes next.
    await own.clear().catch((error: unknown) => log.warn({ why: toProblem(error).message }, "the spool can't be emptied"));
  }

  /** False when the queue was closed before all of them were published. */
  async function publishAll(lines: readonly string[]): Promise<boolean> {
    let together: Spooled[] = [];
    for (const entry of lines.map(read)) {
      if (entry === undefined) continue;
      together.push(entry);
      // A message that refers to a file comes after it.
      if (entry.kind === "file") {
        if (!(await publishTogether(together))) return false;
        besides.delete(entry.path);
        together = [];
      }
    }
    return await publishTogether(together);
  }

  async function publishTogether(entries: readonly Spooled[]): Promise<boolean> {
    let left = entries;
    while (left.length > 0) {
      const results = await Promise.allSettled(left.map(publish));
      left = left.filter((_, index) => {
        const result = results[index];
        return result?.status === "rejected" && isPassing(result.reason);
      });
      if (closing.signal.aborted) return left.length === 0;
      if (left.length > 0) await rest();
    }
    return true;
  }

  function isPassing(reason: unknown): boolean {
    const { code, message } = toProblem(reason);
    if (code === "nats_unreachable" || code === "nats_denied") return true;
    log.error({ why: message }, "what was heard can't be stored, and is dropped");
    return false;
  }

  function read(line: string): Spooled | undefined {
    try {
      return Spooled.parse(JSON.parse(line));
    } catch (error) {
      log.error({ why: toProblem(error).message }, "a line of the spool is damaged, and is dropped");
      return undefined;
    }
  }

  async function rest(): Promise<void> {
    await pause(1_000, undefined, { signal: closing.signal }).catch(() => {});
  }

  return {
    get isBusy() {
      return busy !== undefined;
    },
    async put(entry) {
      const line = JSON.stringify(entry);
      const more = entry.kind === "file" ? entry.bytes : 0;
      if (closing.signal.aborted) throw problem("spool_unavailable", { why: "this gateway stops" });
      if (held() + Buffer.byteLength(line) + 1 + more > limit) {
        if (!full) log.error({ bytes: held(), limit }, "the spool is full: what is heard from now on is not taken");
        full = true;
        throw problem("spool_unavailable", { why: `the ${limit} bytes it may take are full` });
      }
      if (busy === undefined) log.warn({}, "NATS can't take what is heard: it goes to the disk");
      begin();
      try {
        if (entry.kind === "file") besides.set(entry.path, more);
        await own.append(line);
      } catch (error) {
        if (entry.kind === "file") besides.delete(entry.path);
        const why = error instanceof Error ? error.message : String(error);
        log.error({ why }, "what is heard can't be written to the disk");
        throw problem("spool_unavailable", { why }, { cause: error });
      }
    },
    emptied: () => busy?.promise ?? Promise.resolve(),
    pathForFile: () => own.beside(),
    async close({ withinMs }) {
      if (busy !== undefined) await atMost(Promise.allSettled([busy.promise]), withinMs);
      closing.abort();
      busy?.reject(problem("spool_unavailable", { why: "this gateway stops" }));
      for (const file of [...earlier, own]) await file.close();
    },
  };
}
