/** Aborted at the first SIGINT or SIGTERM; a second one ends the process at once. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(1);
      stop.abort();
    });
  }
  return stop.signal;
}

/** Resolves when the signal is aborted, also when it was so before. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** Takes leave of what may not answer: what it would still put right, the next one puts right as after a kill. */
export async function leave(leaving: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, longestMs);
  try {
    await Promise.race([leaving, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const longestMs = 2_000;
