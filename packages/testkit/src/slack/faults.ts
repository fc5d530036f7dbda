import type { SlackEvent } from "./events.ts";

/** What becomes of one Web API call. "Done" means that the room has changed and people see it. */
export type CallFault =
  /** The connection breaks before Slack has read the call: nothing is done. */
  | { kind: "lose_request" }
  /** Done, then the connection breaks: the caller can't know. */
  | { kind: "lose_answer" }
  /** Done, then answered with an HTTP error (500 unless told). */
  | { kind: "error_after"; status?: number }
  /** Not done, answered with an HTTP error (503 unless told). */
  | { kind: "unavailable"; status?: number }
  /** Done after `ms`, whether or not the caller still waits; then answered. */
  | { kind: "hold"; ms: number }
  /** Not done: 429 with `Retry-After` in seconds. */
  | { kind: "rate_limit"; retryAfter: number };

/** What becomes of one event on its way to the sockets. */
export type EventFault =
  /** Two envelopes with one event_id, the second marked as a retry though the first may have been acknowledged. */
  | { kind: "twice" }
  /** After the event that follows it, or after `ms` (200 unless told) when none follows. */
  | { kind: "late"; ms?: number }
  /** Never: what catching up by conversations.history is for. */
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

/** The call as a fault's `when` sees it. */
export interface FaultyCall {
  method: string;
  args: Readonly<Record<string, string>>;
}

export type CallPlan = Plan<CallFault, FaultyCall> & { method?: string };
export type EventPlan = Plan<EventFault, SlackEvent>;

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
