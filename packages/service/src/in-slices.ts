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

/** What comes, with places where others may work: thousands that are there already come one after the other without any. */
export async function* paced<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item, void, void> {
  let until = performance.now() + slice;
  for await (const item of items) {
    yield item;
    if (performance.now() < until) continue;
    await setImmediate();
    until = performance.now() + slice;
  }
}
