/** What people wait for on a fake platform. Each looks again after every change of a room, a socket, or the log of calls. */
export interface Waits<Message> {
  /** The first message of any room that fits, now or within the time (45 s unless told); then fails and tells what the rooms hold. */
  waitForMessage(predicate: (message: Message) => boolean, timeoutMs?: number): Promise<Message>;
  /** Fails after the time, 45 s unless told. */
  waitUntil(condition: () => boolean, timeoutMs?: number): Promise<void>;
}

export interface Watch<Message> {
  readonly waits: Waits<Message>;
  /** Called after each change. */
  readonly looking: Set<() => void>;
  readonly changed: () => void;
}

/** @param messages those of all rooms, as people see them */
export function createWatch<Message>(messages: () => readonly Message[]): Watch<Message> {
  const looking = new Set<() => void>();
  const waitFor = <Found>({ look, timeoutMs, failure }: { look: () => Found | undefined; timeoutMs: number; failure: () => string }) =>
    new Promise<Found>((resolve, reject) => {
      const timer = setTimeout(() => {
        looking.delete(again);
        reject(new Error(failure()));
      }, timeoutMs);
      const again = () => {
        const found = look();
        if (found === undefined) return;
        clearTimeout(timer);
        looking.delete(again);
        resolve(found);
      };
      looking.add(again);
      again();
    });
  return {
    looking,
    // A copy: whoever found something leaves, and others come.
    changed: () => [...looking].forEach((look) => look()),
    waits: {
      waitForMessage: (predicate, timeoutMs = 45_000) =>
        waitFor({
          look: () => messages().find(predicate),
          timeoutMs,
          failure: () => `No such message in ${timeoutMs} ms. The rooms hold: ${JSON.stringify(messages(), undefined, 1)}`,
        }),
      async waitUntil(condition, timeoutMs = 45_000) {
        const failure = () => `Not so in ${timeoutMs} ms: ${String(condition)}`;
        await waitFor({ look: () => condition() || undefined, timeoutMs, failure });
      },
    },
  };
}
