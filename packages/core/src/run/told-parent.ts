import type { Command, Run } from "@bellhop/contracts";
import type { RunEvent } from "./event.ts";

/** A run that is part of another tells it how it stands; of its end it tells otherwise. */
export function toldParent(before: Run, after: Run, event: RunEvent): Command[] {
  const { parent, status, id, asker, replyTo, revision } = after;
  if (parent === undefined || status === before.status || !isTold(status)) return [];
  // That it runs is what its parent takes it for.
  if ((event.kind === "asked" || event.kind === "gate") && status === "running") return [];
  const about = { key: `${id}/moved/${revision}`, run: parent.run, asker, replyTo, askedAt: event.at };
  return [{ kind: "ask", ask: { v: 2, kind: "moved", ...about, task: parent.task, attempt: parent.attempt, status } }];
}

type Told = Extract<Run["status"], "running" | "pending" | "pausing" | "paused" | "resuming" | "canceling">;

function isTold(status: Run["status"]): status is Told {
  return ["running", "pending", "pausing", "paused", "resuming", "canceling"].includes(status);
}
