/** What becomes of one call. "Done" means that the room has changed and people see it. */
export type CallFault =
  /** The connection breaks before the platform has read the call: nothing is done. */
  | { kind: "lose_request" }
  /** Done, then the connection breaks: the caller can't know. */
  | { kind: "lose_answer" }
  /** Done, then answered with an HTTP error (500 unless told). */
  | { kind: "error_after"; status?: number }
  /** Not done, answered with an HTTP error as a proxy gives it (503 unless told). */
  | { kind: "unavailable"; status?: number }
  /** Done after `ms`, whether or not the caller still waits; then answered. */
  | { kind: "hold"; ms: number };

/** What becomes of one event on its way to the sockets. */
export type EventFault =
  /** Told twice: by Slack under one event_id, the second marked as a retry though the first may have been acknowledged. */
  | { kind: "twice" }
  /** After the event that follows it, or after `ms` (200 unless told) when none follows. */
  | { kind: "late"; ms?: number }
  /** Never: what catching up is for. */
  | { kind: "lost" };

/** A fault that waits for the next `times` (1 unless told) calls or events that fit it. */
export interface Plan<F, S> {
  fault: F;
  times?: number;
  when?: (subject: S) => boolean;
}

export interface PlannedFault {
  /** How often it has struck. */
  hits(): number;
  /** Strikes no more. */
  cancel(): void;
}

/** Faults in the order they were planned; each subject meets at most one. */
export class FaultQueue<F, S> {
  private readonly waiting: { fault: F; left: number; hits: number; when: (subject: S) => boolean }[] = [];

  plan({ fault, times = 1, when = () => true }: Plan<F, S>): PlannedFault {
    const entry = { fault, left: times, hits: 0, when };
    this.waiting.push(entry);
    return {
      hits: () => entry.hits,
      cancel: () => {
        entry.left = 0;
      },
    };
  }

  take(subject: S): F | undefined {
    const entry = this.waiting.find(({ left, when }) => left > 0 && when(subject));
    if (!entry) return undefined;
    entry.left -= 1;
    entry.hits += 1;
    return entry.fault;
  }
}

/** A platform that can't be reached, until each outage is over.
 *  @param cut breaks the connections that stand when one begins */
export function createOutages(cut: () => void): { any: () => boolean; begin: () => { end(): void } } {
  const running = new Set<symbol>();
  return {
    any: () => running.size > 0,
    begin() {
      const outage = Symbol("outage");
      running.add(outage);
      cut();
      return { end: () => void running.delete(outage) };
    },
  };
}
