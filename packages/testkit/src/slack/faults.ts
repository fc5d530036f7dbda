import type { CallFault as AnyCallFault, EventFault, Plan } from "../faults.ts";
import type { SlackEvent } from "./events.ts";

export { FaultQueue, type EventFault, type PlannedFault } from "../faults.ts";

export type CallFault =
  | AnyCallFault
  /** Not done: 429 with `Retry-After` in seconds. */
  | { kind: "rate_limit"; retryAfter: number };

/** The call as a fault's `when` sees it. */
export interface FaultyCall {
  method: string;
  args: Readonly<Record<string, string>>;
}

export type CallPlan = Plan<CallFault, FaultyCall> & { method?: string };
export type EventPlan = Plan<EventFault, SlackEvent>;
