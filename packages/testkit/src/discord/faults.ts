import type { CallFault, EventFault, Plan } from "../slack/faults.ts";
import type { DiscordEvent } from "./events.ts";

export { FaultQueue, type CallFault, type EventFault, type PlannedFault } from "../slack/faults.ts";

/** The call as a fault's `when` sees it. */
export interface FaultyCall {
  /** "POST /channels/:id/messages": every id is `:id`, every emoji `:emoji`. */
  method: string;
  ids: readonly string[];
  body: unknown;
}

export type CallPlan = Plan<CallFault, FaultyCall> & { method?: string };
export type EventPlan = Plan<EventFault, DiscordEvent>;
