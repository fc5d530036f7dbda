import type { RunStatus } from "@bellhop/contracts";

/** Where a run may go from each status. What leads nowhere is final. */
export const transitions: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  requested: ["scheduled", "canceling", "failed", "canceled"],
  scheduled: ["running", "canceling", "succeeded", "failed", "timeout", "canceled", "abandoned"],
  running: ["canceling", "succeeded", "failed", "timeout", "canceled", "abandoned"],
  canceling: ["succeeded", "failed", "timeout", "canceled", "abandoned"],
  succeeded: [],
  failed: [],
  timeout: [],
  canceled: [],
  abandoned: [],
};

export function isOver(status: RunStatus): boolean {
  return transitions[status].length === 0;
}

/** The event that ends a run because another, which `source` names, could not be dealt with. */
export function brokenBy(source: string): string {
  return `broken:${source}`;
}
