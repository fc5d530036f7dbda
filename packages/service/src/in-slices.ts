import { setImmediate } from "node:timers/promises";

/** Milliseconds that nothing else has to wait for longer. */
const slice = 5;

/** Does work that says by itself where it can be interrupted, a few milliseconds at a time. */
export async function inSlices<Result>(steps: Generator<unknown, Result, void>): Promise<Result> {
  for (;;) {
    const until = performance.now() + slice;
    do {
      const step = steps.next();
      if (step.done === true) return step.value;
    } while (performance.now() < until);
    await setImmediate();
  }
}
