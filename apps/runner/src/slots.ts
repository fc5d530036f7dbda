/** Bounds the work of a runner. */
export interface Slots {
  /** Does the task as soon as a slot is free, first come first served. */
  work<Result>(task: () => Promise<Result>): Promise<Result>;
  /** How many attempts to have in hand now, those included that are being claimed while others work. */
  inHand(): number;
}

/** While tasks are short, the next ones are claimed beside them, because claiming takes as long as they do. When tasks are long nothing is claimed
 *  that would only wait here: it could be another runner's work. */
export function openSlots(at: { slots: number; shortMs: number }): Slots {
  const { slots, shortMs } = at;
  const waiting: (() => void)[] = [];
  let free = slots;
  /** Moving average of how long tasks take, in milliseconds. The first ones have to prove that they are short. */
  let average = shortMs * 2;

  const take = () => {
    if (free > 0) {
      free -= 1;
      return Promise.resolve();
    }
    return new Promise<void>((resolve) => waiting.push(resolve));
  };

  return {
    async work(task) {
      await take();
      const from = performance.now();
      try {
        return await task();
      } finally {
        average += (performance.now() - from - average) / 8;
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
    inHand: () => (average < shortMs ? slots * 2 : slots),
  };
}
