import { toProblem } from "@bellhop/contracts";
import type { PastRun } from "@bellhop/history";
import type { Env } from "@bellhop/service";
import { waitingRuns } from "../policy/at-gates.ts";
import { withBus } from "../with-bus.ts";

/** Why runs wait, or what is part of them does, by their ids: nothing where nothing runs that could say it. */
export async function waitingHere(env: Env): Promise<ReadonlyMap<string, string>> {
  try {
    return await withBus(env, "bellhop runs", waitingRuns);
  } catch (error) {
    if (["not_running", "nats_unreachable"].includes(toProblem(error).code)) return new Map();
    throw error;
  }
}

/** Whether a run may wait at a gate: as a whole, or as a workflow with a part of it. */
export function mayWait(status: PastRun["status"]): boolean {
  return status === "delayed" || status === "running" || status === "scheduled";
}
