import { attemptKey, type ActionRequested } from "@bellhop/contracts";
import type { Claim } from "./attempts.ts";
import type { EndReason } from "./kinds/kind.ts";

/** An attempt this process works on. */
export interface Held {
  readonly request: ActionRequested;
  /** Changes as its record does. */
  readonly claim: Claim;
  readonly signal: AbortSignal;
  /** Milliseconds on the monotonic clock. */
  readonly since: number;
  /** Ends it from outside. The first reason counts. */
  end(reason: EndReason): void;
}

/** What is in hand: the one place that cancel, isolation and drain look at. */
export interface Hand {
  has(request: ActionRequested): boolean;
  take(request: ActionRequested, claim: Claim): Held;
  drop(held: Held): void;
  all(): Held[];
}

export function emptyHand(): Hand {
  const held = new Map<string, Held>();
  return {
    has: (request) => held.has(attemptKey(request)),
    take(request, claim) {
      const controller = new AbortController();
      const taken: Held = {
        request,
        claim,
        signal: controller.signal,
        since: performance.now(),
        end: (reason) => controller.abort(reason),
      };
      held.set(attemptKey(request), taken);
      return taken;
    },
    drop: ({ request }) => void held.delete(attemptKey(request)),
    all: () => [...held.values()],
  };
}
