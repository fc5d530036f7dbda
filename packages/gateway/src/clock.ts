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

/** Resolves after that time, or as soon as one of the signals is aborted. */
export function pause(clock: Clock, ms: number, ...signals: readonly AbortSignal[]): Promise<void> {
  if (ms <= 0 || signals.some(({ aborted }) => aborted)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      for (const signal of signals) signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    for (const signal of signals) signal.addEventListener("abort", done);
  });
}
