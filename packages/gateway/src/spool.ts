import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bus } from "@bellhop/bus";
import { problem, type Durations } from "@bellhop/contracts";
import type { Log } from "@bellhop/service";
import { putFile } from "./files.ts";
import type { Heard } from "./adapter.ts";
import { publishHeard } from "./heard.ts";
import { openSpoolQueue, type Spooled } from "./spool-queue.ts";

/** The way from a gateway into NATS. What NATS can't take now goes to this disk instead, and then everything after it, until the disk has nothing left:
 *  what was given first is stored first. Publishing twice does no harm, so what is in doubt is published again. */
export interface Spool {
  /** Resolves when it is in NATS or on the disk. @throws Problem spool_unavailable, or one that no repeat can mend */
  store(entry: Spooled): Promise<void>;
  /** Resolves when everything given so far is in NATS. Rejects when the spool is closed before. */
  settled(): Promise<void>;
  /** Calls back for what has to wait because its queue is full, and for all that is given after it until the disk has nothing left.
   *  @param listener.stored resolves once it waits no more, or rejects @returns takes it away */
  onFull(listener: (heard: Heard, stored: Promise<void>) => void): () => void;
  /** Where a file that is to be stored may lie. */
  pathForFile(): string;
  /** What is left then is published by whoever comes next. */
  close(): Promise<void>;
}

interface SpoolOptions {
  bus: Bus;
  /** The installation's. Without it there is no disk, and everything waits for NATS. */
  folder?: string;
  /** Bytes on the disk; `limits.spool` when not given. */
  limit?: number;
  durations: Durations;
  log: Log;
}

interface Unconfirmed {
  readonly entry: Spooled;
  /** When it goes to the disk, on the monotonic clock. */
  readonly due: number;
  readonly published: Promise<void>;
  /** Tells whoever gave it. */
  readonly told: PromiseWithResolvers<void>;
  diverted: boolean;
}

/** @throws Problem config_invalid where the folder can't be used */
export async function openSpool({ bus, folder, limit, durations, log }: SpoolOptions): Promise<Spool> {
  const fullListeners = new Set<(heard: Heard, stored: Promise<void>) => void>();
  let isFull = false;
  const publish = (entry: Spooled) => {
    if (entry.kind === "file") return putFile(bus, entry);
    const stored: Promise<void> = publishHeard(bus, entry, () => noRoom(entry, stored));
    return stored;
  };
  const queue = folder === undefined ? undefined : await openSpoolQueue({ folder, publish, limit, log }).catch(unusable(folder));
  /** On their way, in the order they were given. */
  const unconfirmed = new Set<Unconfirmed>();
  let watch: NodeJS.Timeout | undefined;

  function noRoom(heard: Heard, stored: Promise<void>): void {
    if (!isFull) void settled().then(() => (isFull = false), ignore);
    isFull = true;
    for (const listener of fullListeners) listener(heard, stored);
  }

  async function settled(): Promise<void> {
    await Promise.allSettled([...unconfirmed].map(({ published }) => published));
    await queue?.emptied();
  }

  function send(entry: Spooled): Promise<void> {
    const published = publish(entry);
    const one: Unconfirmed = {
      entry,
      due: performance.now() + patienceFor(entry),
      published,
      told: Promise.withResolvers(),
      diverted: false,
    };
    unconfirmed.add(one);
    published.finally(() => unconfirmed.delete(one)).then(one.told.resolve, one.told.reject);
    if (queue !== undefined) watch ??= setTimeout(lookForOverdue, durations.spoolAfter);
    return one.told.promise;
  }

  function lookForOverdue(): void {
    watch = undefined;
    let next = Infinity;
    for (const { due } of unconfirmed) next = Math.min(next, due);
    if (next <= performance.now()) divert();
    else if (next < Infinity) watch = setTimeout(lookForOverdue, next - performance.now());
  }

  /** A large file takes its time although nothing is wrong. */
  function patienceFor(entry: Spooled): number {
    return durations.spoolAfter * (entry.kind === "file" ? 1 + entry.bytes / 1_000_000 : 1);
  }

  /** To the disk with all that is on its way. It goes on, but nobody waits for it any more; where the disk has no room, NATS is waited for as before. */
  function divert(): void {
    for (const one of unconfirmed) {
      if (one.diverted) continue;
      one.diverted = true;
      queue?.put(one.entry).then(one.told.resolve, () => (one.diverted = false));
    }
  }

  return {
    async store(entry) {
      if (queue === undefined || (!queue.isBusy && bus.status().connected)) return await send(entry);
      divert();
      await queue.put(entry);
      if (isFull && entry.kind !== "file") noRoom(entry, settled());
    },
    settled,
    onFull(listener) {
      fullListeners.add(listener);
      return () => fullListeners.delete(listener);
    },
    pathForFile: () => queue?.pathForFile() ?? join(tmpdir(), `bellhop-${randomUUID()}`),
    async close() {
      clearTimeout(watch);
      await queue?.close({ withinMs: bus.status().connected ? durations.drain : 0 });
    },
  };
}

function unusable(folder: string): (error: unknown) => never {
  return (cause) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw problem("config_invalid", { count: 1, faults: `  BELLHOP_FOLDER: nothing can be kept in ${folder}: ${why}` }, { cause });
  };
}

const ignore = () => {};
