/** Results on their way: told in the background, so that a hand is free for work as soon as its work is done. */
export interface Settling {
  /** Takes one over. Resolves at once while there are few; with too many, when one of them is told. */
  add(telling: Promise<void>): Promise<void>;
  /** Resolves when all are told. */
  settled(): Promise<void>;
}

/** @param most results on their way before the next attempt has to wait: memory stays bounded when NATS is slow */
export function openSettling(most: number): Settling {
  const telling = new Set<Promise<void>>();
  return {
    async add(one) {
      const tracked = one.finally(() => telling.delete(tracked));
      telling.add(tracked);
      if (telling.size > most) await Promise.race(telling);
    },
    async settled() {
      while (telling.size > 0) await Promise.allSettled(telling);
    },
  };
}
