import { problem, type Outcome, type Run, type Task } from "@bellhop/contracts";
import { isLimited } from "../policy/policies.ts";
import { delayedNotice, pauseRefused } from "../reply/send.ts";
import { canceled } from "./canceling.ts";
import { workflowRun } from "./conducting.ts";
import { ended, next, say, superseded, unchanged } from "./ending.ts";
import type { Decision, DecideSettings, RunEvent } from "./event.ts";
import { mainTask } from "./main-task.ts";
import { entering, ownAttempt } from "./pass.ts";
import { slow } from "./signs.ts";
import { isWorkflow } from "./workflow-of.ts";

type Of<Kind extends RunEvent["kind"]> = Extract<RunEvent, { kind: Kind }>;

interface Waiting<Event extends RunEvent = RunEvent> {
  readonly run: Run;
  readonly event: Event;
  readonly settings: DecideSettings;
}

/** A run that is asked for and may not begin yet: it waits for its time, or for a pass. Undefined where nothing holds it. */
export function holdBack(at: Waiting & { task: Task; again: Of<"asked">["again"] }): Decision | undefined {
  const { run, task, again, event, settings } = at;
  const delayMs = run.retry?.delayMs ?? 0;
  if (delayMs <= 0 && !isLimited(settings.policies?.(run.action))) return undefined;
  const gate: Run["gate"] = again === undefined ? {} : { again: [...(again.tasks ?? [])] };
  const held: Pick<Run, "tasks" | "workflow"> = isWorkflow(run.action, settings)
    ? { tasks: {}, workflow: again?.of ?? workflowRun(task, settings) }
    : { tasks: { [mainTask]: { ...task, waits: "gate" as const } } };
  const delayed: Run = { ...run, ...held, status: "delayed", gate };
  if (delayMs <= 0) return atGate({ run: delayed, event, settings });
  const timer = { v: 1, run: run.id, name: delayTimer, due: Date.parse(event.at) + delayMs } as const;
  return { kind: "changed", run: { ...delayed, gate: { ...gate, waits: "time" } }, commands: [{ kind: "timer", timer }] };
}

/** The life of a run that has not begun. @param setOut begins it */
export function waitAtGate(at: Waiting, setOut: (at: Waiting & { task: Task; again: Of<"asked">["again"] }) => Decision): Decision {
  const { run, event, settings } = at;
  switch (event.kind) {
    case "timer": {
      if (event.name !== delayTimer || run.gate?.waits !== "time") return unchanged;
      const due = { ...at, run: next(run, event) };
      return isLimited(settings.policies?.(run.action)) ? atGate(due) : goOn(due, setOut);
    }
    case "gate":
      return event.task !== mainTask || event.attempt !== ownAttempt || run.gate?.waits !== "gate"
        ? unchanged
        : heard({ ...at, event }, setOut);
    case "finished":
      // Somebody took it back before anybody could begin it.
      return event.finished.task === mainTask && event.finished.outcome.status === "canceled"
        ? over(at, { status: "canceled" })
        : unchanged;
    case "broken":
      return over(at, { status: "failed", problem: event.problem });
    case "cancel": {
      const known = canceled(run, event);
      if (known.kind === "unchanged") return known;
      return ended({ run: known.run, event, outcome: { status: "canceled" } });
    }
    case "superseded":
      return superseded(run, event);
    case "slow":
      return slow(run, event);
    case "pause":
    case "resume":
      return { kind: "unchanged", commands: event.quiet === true ? [] : [say(pauseRefused(run, event, "it has not begun"))] };
    case "asked":
    case "answered":
    case "lost":
    case "moved":
    case "printed":
    case "unclaimed":
      return unchanged;
  }
}

function heard(at: Waiting<Of<"gate">>, setOut: Parameters<typeof waitAtGate>[1]): Decision {
  const { run, event } = at;
  const { verdict } = event;
  switch (verdict.kind) {
    case "inside":
      return goOn({ ...at, run: next(run, event) }, setOut);
    case "refused":
      return over(at, { status: verdict.status, problem: verdict.problem });
    case "waits": {
      const { why, place } = verdict;
      const told = run.gate?.why !== undefined;
      const waiting: Run = { ...next(run, event), gate: { ...run.gate, why, place } };
      // Who asked for the whole is told of the whole; a rule waits for no answer.
      const isHeard = !told && run.parent === undefined && run.rule === undefined;
      return { kind: "changed", run: waiting, commands: isHeard ? [say(delayedNotice(waiting, { why, place }))] : [] };
    }
  }
}

/** Begins the work. @param at.run after the event */
function goOn(at: Waiting, setOut: Parameters<typeof waitAtGate>[1]): Decision {
  const { run, event } = at;
  const { again, asked } = run.gate ?? {};
  const planned = run.workflow?.task ?? run.tasks[mainTask];
  if (planned === undefined) throw new Error("a run that waits knows what for");
  const { waits: _, ...task } = planned;
  const begun: Run = { ...run, status: "scheduled", tasks: { [mainTask]: task }, gate: asked === undefined ? {} : { asked } };
  const of =
    again === undefined || run.workflow === undefined ? undefined : { of: run.workflow, ...(again.length === 0 ? {} : { tasks: again }) };
  const decision = setOut({ ...at, run: begun, task, again: of });
  if (decision.kind === "changed") return decision;
  const why = problem("run_not_again", { run: run.id, why: decision.refused ?? "nothing is left to do" });
  return ended({ run: begun, event, outcome: { status: "failed", problem: why.data } });
}

function atGate({ run, event, settings }: Waiting): Decision {
  const input = (run.workflow?.task ?? run.tasks[mainTask])?.input ?? {};
  const enter = entering({ run, name: mainTask, attempt: ownAttempt, action: run.action, input, at: event.at, settings });
  return { kind: "changed", run: { ...run, gate: { ...run.gate, waits: "gate", asked: true } }, commands: [enter] };
}

function over({ run, event }: Waiting, outcome: Outcome): Decision {
  return ended({ run: next(run, event), event, outcome });
}

const delayTimer = "retry";
