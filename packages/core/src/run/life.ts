import type { Outcome, RunStatus } from "@bellhop/contracts";

const ends = ["succeeded", "failed", "timeout", "canceled", "abandoned"] as const satisfies readonly RunStatus[];

/** Where a run may go from each status. What leads nowhere is final. */
export const transitions: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  requested: ["scheduled", "delayed", "canceling", "failed", "canceled"],
  delayed: ["scheduled", "running", "pending", "canceling", ...ends],
  scheduled: ["running", "pending", "pausing", "paused", "canceling", ...ends],
  running: ["pending", "pausing", "paused", "canceling", ...ends],
  pending: ["running", "pausing", "paused", "resuming", "canceling", ...ends],
  pausing: ["running", "paused", "resuming", "canceling", ...ends],
  paused: ["running", "pausing", "resuming", "canceling", ...ends],
  resuming: ["running", "pending", "pausing", "paused", "canceling", ...ends],
  canceling: ends,
  succeeded: [],
  failed: [],
  timeout: [],
  canceled: [],
  abandoned: [],
};

/** Whether a run of this status has ended: then it is an outcome's. */
export function isOver(status: RunStatus): status is Outcome["status"] {
  return transitions[status].length === 0;
}

/** The event that ends a run because another, which `source` names, could not be dealt with. */
export function brokenBy(source: string): string {
  return `broken:${source}`;
}
