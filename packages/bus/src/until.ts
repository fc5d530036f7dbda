/** Below the time-out of a test, which would not say what it waited for. */
const patienceMs = 45_000;

/** For tests: looks often until it is so. @throws {Error} with what was waited for, where it takes too long */
export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`not so in ${patienceMs} ms: ${String(check)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
