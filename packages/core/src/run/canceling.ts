import type { Run } from "@bellhop/contracts";
import { cancelReply, cancelUnderway } from "../reply/send.ts";
import { next, say, unchanged } from "./ending.ts";
import type { Decision, RunEvent } from "./event.ts";
import { isOver } from "./life.ts";

/** So many who ask to cancel one run are answered when it is over; a record has to hold their replies. */
const cancelsAtMost = 10;

/** Takes note of who asked to cancel a run. What is to be done for it is another's to say. */
export function canceled(run: Run, event: Extract<RunEvent, { kind: "cancel" }>): Decision {
  const { asker, replyTo, answers, quiet = false } = event;
  const cancels = run.cancels ?? [];
  if (cancels.some((one) => one.answers === answers)) return unchanged;
  // A reaction has the run's own reply for an answer.
  if (isOver(run.status)) return { kind: "unchanged", commands: quiet || answers === run.answers ? [] : [say(cancelReply(run, event))] };
  if (quiet) return run.status === "canceling" ? unchanged : { kind: "changed", run: next(run, event, "canceling"), commands: [] };
  if (cancels.length >= cancelsAtMost) return { kind: "unchanged", commands: [say(cancelUnderway(run, event))] };
  const canceling = { ...next(run, event, "canceling"), cancels: [...cancels, { asker, replyTo, answers }] };
  return { kind: "changed", run: canceling, commands: [] };
}
