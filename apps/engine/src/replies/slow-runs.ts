import { Passing } from "@bellhop/bus";
import { acknowledgementOf } from "@bellhop/core";
import type { Log } from "@bellhop/service";
import type { RunWatch } from "../runs/run-book.ts";

/** Counts how long runs take, in memory: docs/decisions/0010. Runs that nobody would show a sign for are not counted. */
export function watchSlow(at: { afterMs: number; onSlow: (run: string) => Promise<unknown>; log: Log }): RunWatch {
  const { afterMs, onSlow, log } = at;
  const counting = new Passing<string, NodeJS.Timeout>();
  const stop = (run: string) => {
    clearTimeout(counting.get(run));
    counting.delete(run);
  };
  const fire = (run: string) => {
    counting.delete(run);
    onSlow(run).catch((error: unknown) => log.debug({ run, error: String(error) }, "a slow run was not acknowledged"));
  };
  return {
    seen(run) {
      if (run.endedAt !== undefined || acknowledgementOf(run) === undefined) stop(run.id);
      else if (!counting.has(run.id)) counting.set(run.id, setTimeout(fire, afterMs, run.id));
    },
    forgotten: stop,
  };
}
