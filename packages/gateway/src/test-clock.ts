import type { Clock } from "./clock.ts";

/** A clock that a test moves. */
export interface TestClock extends Clock {
  /** Lets so much time pass, with everything that is due in it, in its order. */
  advance(ms: number): Promise<void>;
  /** Milliseconds until something is due; 0 where nothing is waited for. */
  untilNext(): number;
}

export function testClock(): TestClock {
  let now = 0;
  const timers = new Set<{ due: number; call: () => void }>();
  /** What was waited for goes on in between. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    now: () => now,
    after(ms, call) {
      const timer = { due: now + ms, call };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    untilNext: () => (timers.size === 0 ? 0 : Math.max(0, Math.min(...[...timers].map(({ due }) => due)) - now)),
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const next = [...timers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
        if (next === undefined) break;
        timers.delete(next);
        now = Math.max(now, next.due);
        next.call();
        await settle();
      }
      now = end;
    },
  };
}
