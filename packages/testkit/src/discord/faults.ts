import type { CallFault as AnyCallFault, EventFault, Plan } from "../faults.ts";
import type { DiscordEvent } from "./events.ts";

export { FaultQueue, type EventFault, type PlannedFault } from "../faults.ts";

export type CallFault =
  | AnyCallFault
  /** Not done: 429 with `Retry-After` in seconds. */
  | { kind: "rate_limit"; retryAfter: number };

/** The call as a fault's `when` sees it. */
export interface FaultyCall {
  /** "POST /channels/:id/messages": every id is `:id`, every emoji `:emoji`. */
  method: string;
  ids: readonly string[];
  body: unknown;
}

export type CallPlan = Plan<CallFault, FaultyCall> & { method?: string };
export type EventPlan = Plan<EventFault, DiscordEvent>;
