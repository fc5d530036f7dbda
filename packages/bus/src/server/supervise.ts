import { mkdir, readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { problem, type Problem } from "@bellhop/contracts";
import { startNatsServer, type NatsServer, type StartOptions } from "./start.ts";

/** Its `config` says nothing of JetStream: that is said here. */
interface SuperviseOptions extends StartOptions {
  /** Lines for a person: it ended, it is back. */
  tell?: (line: string) => void;
  /** Bytes that are free for a folder: what its disk says, when not given. */
  free?: (folder: string) => Promise<number>;
  /** Milliseconds between two looks whether there is room again. */
  lookEvery?: number;
}

interface SupervisedServer {
  readonly port: number;
  readonly url: string;
  /** Of the server that runs now, or ran last. */
  readonly pid: number;
  /** Ends it for good. */
  stop(): Promise<void>;
  /** Resolves after `stop()`; rejects with the problem `nats_gave_up` after five failures in a minute. */
  readonly ended: Promise<void>;
}

/** Starts nats-server and starts it again, on the same port and store, whenever it ends by itself, and when there is room again on a disk that was full.
 *  Rejects when even the first start fails. */
export async function superviseNatsServer(at: SuperviseOptions): Promise<SupervisedServer> {
  const { tell = () => {}, free = freeBytes, lookEvery = 10_000, log, ...options } = at;
  const stopping = new AbortController();
  // Ended because there is room again, which is no failure of its own.
  let outdated: NatsServer | undefined;
  await mkdir(options.storeDir, { recursive: true, mode: 0o700 });
  let server = await begin();
  const { port, url } = server;
  const ended = watch();
  // Who does not look at `ended` still sees the line that says so.
  ended.catch(() => {});
  return {
    port,
    url,
    get pid() {
      return server.pid;
    },
    ended,
    async stop() {
      stopping.abort();
      await server.stop();
      await ended.catch(() => {});
    },
  };

  async function watch(): Promise<void> {
    let failures: number[] = [];
    for (;;) {
      const { signal, code, lastLines } = await server.exited;
      let why = `it ended (${signal ?? code})`;
      let words = lastLines;
      let failed = server !== outdated;
      for (;;) {
        if (stopping.signal.aborted) return;
        if (failed) {
          const next = afterFailure(failures, performance.now());
          failures = next.failures;
          if (next.kind === "give up") {
            const given = gaveUp(why, words);
            tell(`${given.message} ${given.hint}`);
            throw given;
          }
          tell(`nats-server: ${why}; starting it again on port ${port}`);
          await pause(next.pauseMs, stopping.signal);
          if (stopping.signal.aborted) return;
        }
        failed = true;
        const again = await begin(port).catch((error: unknown) => error);
        if (isServer(again)) {
          server = again;
          break;
        }
        why = again instanceof Error ? again.message : String(again);
        words = [];
      }
      if (stopping.signal.aborted) await server.stop();
      else tell(`nats-server is back on port ${port}`);
    }
  }

  async function begin(again?: number): Promise<NatsServer> {
    const full = Promise.withResolvers<void>();
    const take = (line: string) => {
      log?.(line);
      if (saysFull(line)) full.resolve();
    };
    const config = `${options.config ?? ""}\njetstream: { max_file_store: ${await mostBytes()} }\n`;
    const begun = await startNatsServer({ ...options, config, log: take, ...(again === undefined ? {} : { port: again }) });
    void full.promise.then(() => endWithRoom(begun)).catch((error: unknown) => tell(`nats-server: ${String(error)}`));
    return begun;
  }

  /** A server that is not told takes three quarters of what is free for all that it may have, with what it has already: one that has more than
   *  that would take nothing, and to start it anew would never help. */
  async function mostBytes(): Promise<number> {
    const { storeDir } = options;
    return (await bytesIn(storeDir)) + Math.floor((Math.max(await free(storeDir), leastRoom) / 4) * 3);
  }

  /** A stream that could not be written once is not written again, however much room there is, before its server is started anew. */
  async function endWithRoom(begun: NatsServer): Promise<void> {
    const { storeDir } = options;
    tell(`nats-server finds no room in ${storeDir} and takes nothing more; once ${leastRoom / 2 ** 20} MB are free it is started again`);
    do {
      await pause(lookEvery, stopping.signal);
      if (stopping.signal.aborted || server !== begun) return;
    } while ((await free(storeDir)) < leastRoom);
    outdated = begun;
    tell(`nats-server: there is room again; starting it again on port ${begun.port}`);
    await begun.stop();
  }
}

/** Whether a line of its log says that it takes nothing more: the disk is full, or what it may take is used up, three quarters of
 *  what was free at its start. */
export function saysFull(line: string): boolean {
  return /no space left on device|file resource limits exceeded|file resources, will be DISABLED/i.test(line);
}

/** Bytes: with less, a server that is started is soon as full as before. */
const leastRoom = 32 * 2 ** 20;

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}

const limit = 5;
const windowMs = 60_000;

/** What to do after a failure at `now` (milliseconds on any steady clock), given those before it. */
export function afterFailure(
  before: readonly number[],
  now: number,
): { failures: number[] } & ({ kind: "start"; pauseMs: number } | { kind: "give up" }) {
  const failures = [...before.filter((at) => now - at < windowMs), now];
  if (failures.length >= limit) return { kind: "give up", failures };
  return { kind: "start", failures, pauseMs: 50 * 3 ** (failures.length - 1) };
}

function gaveUp(why: string, words: readonly string[]): Problem {
  return problem("nats_gave_up", { count: limit, why: [why, ...words].join("\n  ") });
}

function isServer(value: unknown): value is NatsServer {
  return typeof value === "object" && value !== null && "exited" in value;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
