import { durations, problem, type Outcome, type Run } from "@bellhop/contracts";
import { withdraw } from "../inquiry/decide.ts";
import { inquire } from "../inquiry/step.ts";
import { cancelUnknown, pauseRefused, standingReply } from "../reply/send.ts";
import { waitAtGate } from "./at-gate.ts";
import { attemptOf, isTooLate, lateCleared, lose, type Step } from "./attempt.ts";
import { begin, setOut } from "./begin.ts";
import { canceled } from "./canceling.ts";
import { decideWorkflow } from "./conducting.ts";
import { abandoned, ended, next, say, superseded, unchanged } from "./ending.ts";
import type { Decision, DecideSettings, RunEvent } from "./event.ts";
import { brokenBy, isOver } from "./life.ts";
import { mainTask } from "./main-task.ts";
import { retryOf } from "./retry.ts";
import { printed, slow, unclaimed } from "./signs.ts";

/** The life of a run: given its state (undefined before it was asked for) and an event, the new state and what is to be done. */
export function decide(run: Run | undefined, event: RunEvent, settings: DecideSettings = durations): Decision {
  if (run === undefined) return event.kind === "asked" ? begin(event, settings) : notBegun(event);
  if (run.applied.includes(event.id)) return unchanged;
  const inquired = inquire(run, event);
  if (inquired !== undefined) return inquired;
  if (run.gate?.waits !== undefined && !isOver(run.status)) return waitAtGate({ run, event, settings }, setOut);
  if (run.workflow !== undefined) return decideWorkflow({ ...run, workflow: run.workflow }, event, settings);
  const task = run.tasks[mainTask];
  if (task === undefined) return isOver(run.status) ? unchanged : lostWhole(run, event);
  const step = { run, name: mainTask, task, settings };
  switch (event.kind) {
    case "asked":
    case "moved":
    case "answered":
    case "gate":
      return unchanged;
    case "finished":
      return finish({ ...step, event });
    case "lost": {
      const lost = { ...step, event };
      return isOver(run.status) || event.attempt !== task.attempt ? unchanged : lose(lost, (outcome) => end(lost, outcome));
    }
    case "unclaimed":
      return event.attempt === task.attempt ? unclaimed(run, task.pool, event) : unchanged;
    case "slow":
      return slow(run, event);
    case "printed":
      return printed(run, event);
    case "superseded":
      return isOver(run.status) || event.attempt !== task.attempt ? unchanged : superseded(run, event);
    case "cancel":
      return cancel({ ...step, event });
    case "pause":
    case "resume":
      return { kind: "unchanged", commands: event.quiet === true ? [] : [say(pauseRefused(run, event))] };
    case "timer":
      return isOver(run.status) || !isTooLate({ ...step, event }, event.name) ? unchanged : end({ ...step, event }, abandoned(run));
    case "broken":
      return isOver(run.status) ? unchanged : breakOff({ ...step, event });
  }
}

type Of<Kind extends RunEvent["kind"]> = Extract<RunEvent, { kind: Kind }>;

/** Of a workflow's run whose values are gone from the store only this much is left: that it was to end. */
function lostWhole(run: Run, event: RunEvent): Decision {
  const why = problem("workflow_broken", { action: run.action, run: run.id, why: "what it held is not kept any more." });
  return ended({ run: next(run, event), event, outcome: { status: "failed", problem: why.data } });
}

function notBegun(event: RunEvent): Decision {
  if (event.kind !== "cancel" || event.run === undefined || event.quiet === true) return unchanged;
  return { kind: "unchanged", commands: [say(cancelUnknown(event.run, event))] };
}

function finish(step: Step<Of<"finished">>): Decision {
  const { run, task, event } = step;
  const { id, finished, output } = event;
  if (finished.attempt !== task.attempt || finished.task !== mainTask) return unchanged;
  if (!isOver(run.status)) return end(step, finished.outcome, output);
  // What ended the run so took back its request too, which may be reported as a result of the same name.
  if (!run.applied.includes(brokenBy(id)) || finished.outcome.status === "canceled") return unchanged;
  // It was a dead letter, and the run ended for that: what it says takes the place of the failure that was told.
  const { key, revision } = standingReply(run);
  const reopened: Run = { ...run, status: "running", acknowledged: undefined, shown: undefined, reworded: { key, revision: revision + 1 } };
  return end({ ...step, run: reopened }, finished.outcome, output);
}

function end(step: Step, outcome: Outcome, output?: unknown): Extract<Decision, { kind: "changed" }> {
  const { run, task, event, settings } = step;
  const { lostSince: _, ...settled } = task;
  const over = { ...next(run, event, outcome.status), tasks: { ...run.tasks, [mainTask]: settled } };
  const retry = event.kind === "finished" ? retryOf({ run, outcome, settings }) : undefined;
  const decision = ended({ run: over, event, outcome, output, retry });
  return { ...decision, commands: [...decision.commands, ...lateCleared(step)] };
}

function breakOff(step: Step<Of<"broken">>): Decision {
  const decision = end(step, { status: "failed", problem: step.event.problem });
  // Whoever still has the request must not begin work whose failure the person was told.
  const { run, task } = step;
  return { ...decision, commands: [...decision.commands, ...withdraw(run, mainTask, task), { kind: "cancel", attempt: attemptOf(step) }] };
}

function cancel(step: Step<Of<"cancel">>): Decision {
  const { run, task, event } = step;
  const known = canceled(run, event);
  if (known.kind === "unchanged") return known;
  return { ...known, commands: [...withdraw(run, mainTask, task), { kind: "cancel", attempt: attemptOf(step) }] };
}
