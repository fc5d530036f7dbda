import { problem, toProblem } from "@bellhop/contracts";
import type { Log, Service } from "@bellhop/service";

const windowMs = 60_000;

export interface KeepOptions {
  name: string;
  start: () => Promise<Service>;
  log: Log;
  /** The file that the part logs to, for the person who has to find out why it fails. */
  logFile: string;
  /** A line for the person: it failed and is started anew. */
  tell: (line: string) => void;
  /** So many failures in a minute are the end of it; 5 when not given. */
  limit?: number;
  /** Before the nth restart in a row, in milliseconds. */
  pauseMs?: (failures: number) => number;
  now?: () => number;
}

/** A service that is started again when it fails, with growing pauses, and fails itself after so many failures in a minute. The first start is awaited:
 *  what can't even start once is the caller's to hear. */
export async function keepRunning(options: KeepOptions): Promise<Service> {
  const { name, start, log, logFile, tell, pauseMs = backoff, limit = 5, now = () => performance.now() } = options;
  const stop = Promise.withResolvers<void>();
  let stopping = false;
  let current: Service | undefined = await start();
  const ended = watch();
  // Unhandled only when nobody looks at `failed`, which is the caller's choice.
  ended.catch(() => {});
  return {
    async stop() {
      stopping = true;
      stop.resolve();
      await current?.stop();
    },
    failed: ended,
  };

  async function watch(): Promise<never> {
    let failures: number[] = [];
    for (;;) {
      const error = await failureOf(current);
      // Stopped by us: what ends now ends as it should.
      if (stopping) return await new Promise<never>(() => {});
      const at = now();
      failures = [...failures.filter((earlier) => at - earlier < windowMs), at];
      log.error({ part: name, failures: failures.length, problem: toProblem(error).data }, "a part failed");
      const why = toProblem(error).message;
      if (failures.length >= limit) throw problem("part_gave_up", { part: name, count: limit, why, log: logFile }, { cause: error });
      tell(`the ${name} failed and is started anew: ${why}`);
      await current
        ?.stop()
        .catch((cause: unknown) => log.warn({ part: name, problem: toProblem(cause).data }, "stopping after a failure failed"));
      current = undefined;
      await Promise.race([stop.promise, sleep(pauseMs(failures.length))]);
      if (stopping) continue;
      current = await start().catch((cause: unknown) => brokenStart(cause));
      if (stopping) await current.stop();
    }
  }

  async function failureOf(service: Service | undefined): Promise<unknown> {
    if (service === undefined) return await new Promise(() => {});
    return await service.failed.catch((error: unknown) => error);
  }
}

function brokenStart(cause: unknown): Service {
  const failed = Promise.reject<never>(cause);
  failed.catch(() => {});
  return { stop: async () => {}, failed };
}

function backoff(failures: number): number {
  return Math.min(5_000, 100 * 2 ** failures);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
