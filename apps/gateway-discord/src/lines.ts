/** Does things one after another for each name, and names side by side. */
export interface Lines {
  /** Resolves when it is done. */
  add(name: string, task: () => Promise<void>): Promise<void>;
  /** Nothing is being done, and nothing waits. */
  isIdle(): boolean;
}

/** @param failed what a task throws; the next one goes on all the same */
export function createLines(failed: (error: unknown) => void): Lines {
  const lines = new Map<string, Promise<void>>();
  return {
    add(name, task) {
      const before = lines.get(name) ?? Promise.resolve();
      const done = before
        .then(task)
        .catch(failed)
        .finally(() => lines.get(name) === done && lines.delete(name));
      lines.set(name, done);
      return done;
    },
    isIdle: () => lines.size === 0,
  };
}

/** Does tasks as they come, at most so many at a time. */
export function createSlots(most: number): (task: () => Promise<void>) => Promise<void> {
  const waiting: (() => void)[] = [];
  let free = most;
  return async (task) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
