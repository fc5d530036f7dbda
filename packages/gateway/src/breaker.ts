import type { Clock } from "./clock.ts";

/** Whether a platform is called, after what its last calls gave. */
export type Breaker =
  | { readonly kind: "closed"; readonly failures: number }
  /** It rests until then. */
  | { readonly kind: "open"; readonly until: number; readonly pauseMs: number }
  /** One call is out to see whether it is back. */
  | { readonly kind: "trying"; readonly pauseMs: number };

interface BreakerLimits {
  readonly pauseMs: number;
  readonly longestPauseMs: number;
}

export const closed: Breaker = { kind: "closed", failures: 0 };

/** In a row, after which the platform is left alone. */
export const failuresToOpen = 5;

export type Verdict =
  /** The platform answered, if only to say no. */
  | "up"
  | "down"
  /** The call was not made. */
  | "none";

/** @returns undefined when no call may go now */
export function letGo(breaker: Breaker, now: number): { breaker: Breaker; tries: boolean } | undefined {
  if (breaker.kind === "closed") return { breaker, tries: false };
  if (breaker.kind === "trying" || now < breaker.until) return undefined;
  return { breaker: { kind: "trying", pauseMs: breaker.pauseMs }, tries: true };
}

/** @param call.tries whether it is the one that was let go to try */
export function judge(breaker: Breaker, call: { verdict: Verdict; tries: boolean; now: number }, limits: BreakerLimits): Breaker {
  const { verdict, tries, now } = call;
  if (verdict === "up") return closed;
  if (breaker.kind === "closed") {
    if (verdict === "none") return breaker;
    const failures = breaker.failures + 1;
    return failures < failuresToOpen ? { kind: "closed", failures } : open(limits.pauseMs, now);
  }
  // Of a call that began before the platform was left alone nothing new is learned.
  if (!tries || breaker.kind === "open") return breaker;
  return verdict === "none"
    ? { kind: "open", until: now, pauseMs: breaker.pauseMs }
    : open(Math.min(limits.longestPauseMs, breaker.pauseMs * 2), now);
}

function open(pauseMs: number, now: number): Breaker {
  return { kind: "open", until: now + pauseMs, pauseMs };
}

/** The breaker of one account, for those who wait. */
export interface Gate {
  readonly isClosed: boolean;
  /** To be told of once what became of the call; undefined when no call may go now. */
  enter(): ((verdict: Verdict) => void) | undefined;
  /** Resolves when it is worth entering again. */
  opening(over: AbortSignal): Promise<void>;
}

export function createGate(at: { clock: Clock; limits: BreakerLimits; onChange: (isClosed: boolean) => void }): Gate {
  const { clock, limits, onChange } = at;
  let breaker = closed;
  const waiting = new Set<() => void>();
  let cancel = () => {};

  function become(next: Breaker): void {
    if (next === breaker) return;
    const changed = (next.kind === "closed") !== (breaker.kind === "closed");
    breaker = next;
    cancel();
    if (next.kind === "open") wakeAt(next.until);
    if (next.kind === "closed") wake();
    if (changed) onChange(next.kind === "closed");
  }

  /** Timers may ring a moment early: whoever was woken then would find it open still, and nobody would wake them again. */
  function wakeAt(until: number): void {
    cancel = clock.after(until - clock.now(), () => (clock.now() < until ? wakeAt(until) : wake()));
  }

  function wake(): void {
    for (const done of waiting) done();
  }

  return {
    get isClosed() {
      return breaker.kind === "closed";
    },
    enter() {
      const gone = letGo(breaker, clock.now());
      if (gone === undefined) return undefined;
      const { tries } = gone;
      become(gone.breaker);
      return (verdict) => become(judge(breaker, { verdict, tries, now: clock.now() }, limits));
    },
    opening(over) {
      if (over.aborted || breaker.kind === "closed" || (breaker.kind === "open" && clock.now() >= breaker.until)) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          waiting.delete(done);
          over.removeEventListener("abort", done);
          resolve();
        };
        waiting.add(done);
        over.addEventListener("abort", done);
      });
    },
  };
}
