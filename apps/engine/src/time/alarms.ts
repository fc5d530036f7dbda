import { Passing } from "@bellhop/bus";
import type { Engine } from "../engine.ts";

/** Wakes for each key when the wall clock shows its time. */
export interface Alarms {
  /** @param at epoch milliseconds; takes the place of the key's alarm before */
  set(key: string, at: number): void;
  clear(key: string): void;
  stop(): void;
}

/** What fails when it is woken is tried again.
 *  @param what in words, for the log */
export function startAlarms(
  { log, durations }: Pick<Engine, "log" | "durations">,
  what: string,
  wake: (key: string) => Promise<void>,
): Alarms {
  const waits = new Passing<string, NodeJS.Timeout>();
  let stopped = false;
  const wait = (key: string, ms: number, then: () => void) => {
    clearTimeout(waits.get(key));
    if (!stopped) waits.set(key, setTimeout(then, ms));
  };
  const arm = (key: string, at: number) => {
    const left = at - Date.now();
    // People set the wall clock, and it goes on while the machine sleeps.
    const then = () => (left > durations.clockLook ? arm(key, at) : void ring(key));
    wait(key, Math.min(Math.max(left, 0), durations.clockLook), then);
  };
  const ring = async (key: string): Promise<void> => {
    const own = waits.get(key);
    try {
      await wake(key);
    } catch (error) {
      log.warn({ key, error: String(error) }, `${what} could not be seen to, it is tried again`);
      // Who set it anew meanwhile knows better.
      if (waits.get(key) === own) wait(key, durations.publishRetry, () => void ring(key));
    }
  };
  return {
    set: arm,
    clear(key) {
      clearTimeout(waits.get(key));
      waits.delete(key);
    },
    stop() {
      stopped = true;
      for (const timer of waits.values()) clearTimeout(timer);
    },
  };
}
