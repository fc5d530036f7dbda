/** Time that never jumps, for everything that waits. */
export interface Clock {
  /** Milliseconds since some moment. */
  now(): number;
  /** @returns takes the call back */
  after(ms: number, call: () => void): () => void;
}

export const monotonic: Clock = {
  now: () => performance.now(),
  after(ms, call) {
    // Node takes no longer ones; whoever waits so long looks again.
    const timer = setTimeout(call, Math.min(ms, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
};

/** Resolves after that time, or as soon as it is over. */
export function pause(clock: Clock, ms: number, over: AbortSignal): Promise<void> {
  return wait(clock, ms, over).ended;
}

/** A pause that can be ended. */
export function wait(clock: Clock, ms: number, over: AbortSignal): { readonly ended: Promise<void>; readonly end: () => void } {
  if (ms <= 0 || over.aborted) return { ended: Promise.resolve(), end: () => {} };
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const end = () => {
    cancel();
    over.removeEventListener("abort", end);
    resolve();
  };
  const cancel = clock.after(ms, end);
  over.addEventListener("abort", end);
  return { ended, end };
}
