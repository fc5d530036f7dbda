import { traceOf, type AttemptRef, type Command, type Outcome, type Run, type Task, type Timer } from "@bellhop/contracts";
import { kvUser } from "../kv/names.ts";
import { lostNotice } from "../reply/send.ts";
import { stateOf } from "../workflow/state.ts";
import { abandoned, next, say, unchanged } from "./ending.ts";
import type { Decision, DecideSettings, RunEvent } from "./event.ts";
import { mainTask } from "./main-task.ts";

/** A task of a run that something happens to. */
export interface Step<Event extends RunEvent = RunEvent> {
  run: Run;
  /** As attempts are named. */
  name: string;
  task: Task;
  event: Event;
  settings: DecideSettings;
}

/** An action that takes its runner down with it is not handed out for ever, repeatable or not. */
const attemptsAtMost = 10;

/** What becomes of a task whose runner was lost. @param over it ends so */
export function lose(step: Step<Extract<RunEvent, { kind: "lost" }>>, over: (outcome: Outcome) => Decision): Decision {
  const { run, name, task, event } = step;
  const again = !event.started || task.repeatable;
  const isCanceled = task.calledBack === true || (run.status === "canceling" && !cleansUp(run, name));
  if (again && isCanceled) return over({ status: "canceled" });
  if (again && task.attempt < attemptsAtMost) return handOutAgain(step);
  if (event.certain || again) return over(abandoned(run));
  if (task.lostSince !== undefined) return unchanged;
  const waiting: Run = { ...next(run, event), tasks: { ...run.tasks, [name]: { ...task, lostSince: event.at } } };
  return {
    kind: "changed",
    run: waiting,
    commands: [{ kind: "timer", timer: lateTimer(step, event.at) }, say(lostNotice(waiting, task.attempt, step.settings.lateResult))],
  };
}

/** Whether a task is part of what a workflow does once its end is certain: a cancel leaves it to end. */
export function cleansUp({ workflow, tasks }: Pick<Run, "workflow" | "tasks">, name: string): boolean {
  const cleaning = workflow && stateOf(workflow)?.cleaning;
  return cleaning !== undefined && tasks[name]?.calledBack !== true;
}

/** What has to be taken back of a task that waits for a late result. */
export function lateCleared(step: Step): Command[] {
  const { lostSince } = step.task;
  return lostSince === undefined ? [] : [{ kind: "clear-timer", timer: lateTimer(step, lostSince) }];
}

/** Whether this timer says that the result of a task has not come in time. */
export function isTooLate(step: Step, timer: string): boolean {
  return step.task.lostSince !== undefined && timer === lateName(step);
}

export function attemptOf({ run, name, task }: Pick<Step, "run" | "name" | "task">): AttemptRef {
  return { run: run.id, task: name, attempt: task.attempt };
}

/** Hands a task out to the runners of its pool. */
export function request(step: Pick<Step, "run" | "name" | "task">): Command {
  const { pool, action, digest, input, timeoutMs, repeatable, config, files } = step.task;
  const named = config === undefined ? {} : { config };
  const what = { pool, action, digest, input, timeoutMs, repeatable, ...named, ...(files === undefined ? {} : { files }) };
  const { asker, answers, depth } = step.run;
  const chain = depth === undefined ? {} : { depth };
  return { kind: "request", request: { v: 1, ...attemptOf(step), ...what, user: kvUser(asker), ...chain, trace: traceOf(answers) } };
}

function handOutAgain(step: Step): Decision {
  const { lostSince: _, ...task } = step.task;
  const fresh: Task = { ...task, attempt: task.attempt + 1 };
  const run: Run = { ...next(step.run, step.event), tasks: { ...step.run.tasks, [step.name]: fresh } };
  return { kind: "changed", run, commands: [request({ ...step, run, task: fresh }), ...lateCleared(step)] };
}

/** The only task of a run that is no workflow's had its timer named by the attempt alone, and has. */
function lateName({ name, task }: Step): string {
  return name === mainTask ? `late-${task.attempt}` : `late-${name}-${task.attempt}`;
}

function lateTimer(step: Step, since: string): Timer {
  return { v: 1, run: step.run.id, name: lateName(step), due: Date.parse(since) + step.settings.lateResult };
}
