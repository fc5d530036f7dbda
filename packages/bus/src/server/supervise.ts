import { problem, type Problem } from "@bellhop/contracts";
import { startNatsServer, type NatsServer, type StartOptions } from "./start.ts";

interface SuperviseOptions extends StartOptions {
  /** Lines for a person: it ended, it is back. */
  tell?: (line: string) => void;
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

/** Starts nats-server and starts it again, on the same port and store, whenever it ends by itself. Rejects when even the first start fails. */
export async function superviseNatsServer({ tell = () => {}, ...options }: SuperviseOptions): Promise<SupervisedServer> {
  let server = await startNatsServer(options);
  const { port, url } = server;
  const stopping = new AbortController();
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
      for (;;) {
        if (stopping.signal.aborted) return;
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
        const again = await startNatsServer({ ...options, port }).catch((error: unknown) => error);
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
