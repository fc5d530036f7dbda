import { hash, problem, type Command, type Outcome, type Progress, type Run, type Value, type WorkflowRun } from "@bellhop/contracts";
import { pauseRefused, pauseReply } from "../reply/send.ts";
import { conduct } from "../workflow/conduct.ts";
import type { Workflow } from "../workflow/definition.ts";
import type { Conducted, WorkflowCommand, WorkflowEvent } from "../workflow/event.ts";
import { reasonOf, reasons } from "../workflow/reason.ts";
import type { WorkflowState } from "../workflow/state.ts";
import { isTooLate, lateCleared, lose } from "./attempt.ts";
import { canceled } from "./canceling.ts";
import { abandoned, ended, next, say, unchanged } from "./ending.ts";
import type { Decision, DecideSettings, RunEvent } from "./event.ts";
import { handingOut, keyOf } from "./handing-out.ts";
import { isOver } from "./life.ts";
import { progressOf } from "./progress.ts";
import { printed, slow, unclaimed } from "./signs.ts";
import { contextOf, workflowOf } from "./workflow-of.ts";

/** How many actions of one run are out at once, where its definition says no less: as many tasks stand in its state and commands in one record. */
const outAtOnce = 50;

type Of<Kind extends RunEvent["kind"]> = Extract<RunEvent, { kind: Kind }>;
type Changed = Extract<Decision, { kind: "changed" }>;
type WorkflowsRun = Run & { workflow: WorkflowRun };

/** Begins the run of a workflow, or has one that is over go on as a run of its own. @param run as it is asked for, with the workflow as its only task */
export function beginWorkflow(run: Run, event: Of<"asked">, settings: DecideSettings): Decision {
  const { again, plan } = event;
  const { catalog } = settings;
  const digests = Object.fromEntries(Array.from(catalog?.packs ?? [], ([name, { digest }]) => [name, digest]));
  const workflow: WorkflowRun = again?.of ?? { task: plan.task, catalog: digests, state: null };
  const begun: WorkflowsRun = { ...run, tasks: {}, workflow };
  const happening: WorkflowEvent =
    again === undefined
      ? { kind: "begin", at: event.at, input: plan.task.input, context: contextOf(run, plan.task.action), atOnce: outAtOnce }
      : { kind: "again", at: event.at, ...(again.tasks === undefined ? {} : { tasks: again.tasks }) };
  return advanced({ run: begun, event, settings }, happening);
}

/** The life of a workflow's run: what happens to it is told to its conductor, and what that says is done. */
export function decideWorkflow(run: WorkflowsRun, event: RunEvent, settings: DecideSettings): Decision {
  const at = { run, settings };
  if (isOver(run.status) && event.kind !== "cancel" && event.kind !== "pause" && event.kind !== "resume") return unchanged;
  switch (event.kind) {
    case "answered":
    case "asked":
    case "superseded":
      return unchanged;
    case "slow":
      return slow(run, event);
    case "printed":
      return printed(run, event);
    case "finished": {
      const { task, attempt, outcome } = event.finished;
      return finish({ ...at, event }, { task, attempt }, outcome, event.output);
    }
    case "broken":
      return event.attempt === undefined
        ? breakOff({ ...at, event }, { status: "failed", problem: event.problem })
        : finish({ ...at, event }, event.attempt, { status: "failed", problem: event.problem });
    case "lost": {
      const { task: name = "", attempt } = event;
      const task = run.tasks[name];
      if (task === undefined || task.attempt !== attempt || task.waits !== undefined) return unchanged;
      return lose({ run, name, task, event, settings }, (outcome) => finish({ ...at, event }, { task: name, attempt }, outcome));
    }
    case "unclaimed": {
      const task = run.tasks[event.task ?? ""];
      return task === undefined || task.attempt !== event.attempt || task.waits !== undefined
        ? unchanged
        : unclaimed(run, task.pool, event);
    }
    case "moved": {
      const task = run.tasks[event.task];
      if (task === undefined || task.attempt !== event.attempt) return unchanged;
      return advanced({ ...at, event }, { kind: "moved", at: event.at, ...keyOf(event.task), status: event.status });
    }
    case "cancel":
      return cancel({ ...at, event });
    case "pause":
    case "resume":
      return pause({ ...at, event });
    case "timer":
      return fire({ ...at, event });
  }
}

interface At<Event extends RunEvent = RunEvent> {
  run: WorkflowsRun;
  event: Event;
  settings: DecideSettings;
}

/** Tells the conductor what became of an attempt that is out. */
function finish(at: At, { task: name, attempt }: { task: string; attempt: number }, outcome: Outcome, output?: unknown): Decision {
  const { run, event, settings } = at;
  const { [name]: task, ...tasks } = run.tasks;
  if (task === undefined || task.attempt !== attempt) return unchanged;
  const cleared = lateCleared({ run, name, task, event, settings });
  const result = output ?? (outcome.problem === undefined ? null : { error: outcome.problem.message, code: outcome.problem.code });
  const { status } = outcome;
  return advanced({ ...at, run: { ...run, tasks } }, { kind: "finished", at: event.at, ...keyOf(name), status, result }, cleared);
}

/** One step of the conductor, and what it wants done. What the conductor can't cope with ends the run: nobody waits for it. */
function advanced(at: At, happened: WorkflowEvent, first: Command[] = []): Decision {
  const { run, event, settings } = at;
  let heard: Conducted;
  let workflow: Workflow;
  try {
    workflow = workflowOf(run.workflow.task.action, settings);
    heard = conduct(workflow, (run.workflow.state ?? undefined) as WorkflowState | undefined, happened);
  } catch (error) {
    const why = problem("workflow_broken", { action: run.action, run: run.id, why: String(error) });
    return breakOff(at, { status: "failed", problem: why.data });
  }
  if (heard.refused !== undefined) return { kind: "unchanged", commands: [], refused: heard.refused };
  // What ended left the run's tasks, whatever the conductor makes of it.
  const isHeard = heard.state !== run.workflow.state || heard.commands.length > 0 || happened.kind === "finished" || first.length > 0;
  if (!isHeard) return unchanged;
  const out = handingOut(run, { at: event.at, settings });
  let { state } = heard;
  let end: Extract<WorkflowCommand, { kind: "end" }> | undefined;
  const take = (commands: readonly WorkflowCommand[]) => {
    for (const command of commands) {
      if (command.kind === "end") end = command;
      else out.take(command);
    }
  };
  take(heard.commands);
  for (const asked of out.asking) {
    const moved = conduct(workflow, state, { kind: "moved", at: event.at, ...asked, status: "pending" });
    state = moved.state;
    take(moved.commands);
  }
  const status = isOver(state.status) ? undefined : state.status;
  const after: WorkflowsRun = { ...remembering(run, event, status), tasks: out.tasks, workflow: { ...run.workflow, state } };
  const progress = progressOf({ workflow, before: run.workflow.state as WorkflowState | null, after: state, tasks: out.tasks });
  const commands = [...first, ...out.commands];
  const secrets = out.secrets.length === 0 ? {} : { secrets: out.secrets };
  if (end !== undefined) return over({ run: after, event, end, isChain: workflow.chain, commands, progress });
  return { kind: "changed", run: after, commands: [...commands, ...toldParent(run, after, event)], progress, ...secrets };
}

function over(at: {
  run: WorkflowsRun;
  event: RunEvent;
  end: Extract<WorkflowCommand, { kind: "end" }>;
  isChain: boolean;
  commands: Command[];
  progress: Progress[];
}): Changed {
  const { run, event, end, isChain, commands, progress } = at;
  const { status, output, errors } = end;
  // A chain's output has the form of its result.
  const result = isChain ? output : { output, ...(errors.length === 0 ? {} : { errors }) };
  const { value, kept } = valueOf(result);
  const why = reasons(errors)
    .map((entry) => (entry.task_id === undefined ? reasonOf(entry) : `${entry.task_id}: ${reasonOf(entry)}`))
    .join(" ");
  const failed = status === "succeeded" || status === "canceled" || errors.length === 0;
  const outcome: Outcome = {
    status,
    output: value,
    ms: Math.max(0, Date.parse(event.at) - Date.parse(run.askedAt)),
    ...(failed
      ? {}
      : { problem: problem("workflow_failed", { action: run.action, run: run.id, status, why: why.slice(0, longestWhy) }).data }),
  };
  const decision = ended({ run, event, outcome, output: result });
  return { ...decision, commands: [...commands, ...decision.commands], kept: [...kept, ...(decision.kept ?? [])], progress };
}

const longestWhy = 500;

/** Ends a run whose conductor has no say in it any more: what is out is called back. */
function breakOff(at: At, outcome: Outcome): Decision {
  const { run, event, settings } = at;
  const out = handingOut(run, { at: event.at, settings });
  for (const name of Object.keys(run.tasks)) out.callBack(name);
  const decision = ended({ run: { ...remembering(run, event), tasks: {} }, event, outcome });
  return { ...decision, commands: [...out.commands, ...decision.commands] };
}

function cancel(at: At<Of<"cancel">>): Decision {
  const { run, event } = at;
  const heard = canceled(run, event);
  if (heard.kind === "unchanged" || run.status === "canceling") return heard;
  const noted = heard.run.cancels === undefined ? run : { ...run, cancels: heard.run.cancels };
  const decision = advanced({ ...at, run: noted }, { kind: "asked", at: event.at, what: "cancel" });
  if (decision.kind === "changed") return decision;
  // It has failed already and waits for what is out, or cleans up, which is left to end. Who asked is told in the end all the same.
  const { tasks, workflow } = run;
  const out = handingOut(run, { at: event.at, settings: at.settings });
  if ((workflow.state as WorkflowState | null)?.cleaning === undefined) for (const name of Object.keys(tasks)) out.callBack(name);
  return { ...heard, run: { ...heard.run, status: run.status, tasks: out.tasks }, commands: out.commands };
}

function pause(at: At<Of<"pause" | "resume">>): Decision {
  const { run, event } = at;
  const { kind, quiet = false } = event;
  const refused = (why: string): Decision => ({ kind: "unchanged", commands: quiet ? [] : [say(pauseRefused(run, event, why))] });
  if (isOver(run.status)) return refused("it is over");
  const decision = advanced(at, { kind: "asked", at: event.at, what: kind });
  if (decision.kind === "unchanged") return refused(decision.refused ?? (kind === "pause" ? "it pauses already" : "it is not paused"));
  return quiet ? decision : { ...decision, commands: [...decision.commands, say(pauseReply(run, event))] };
}

function fire(at: At<Of<"timer">>): Decision {
  const { run, event, settings } = at;
  const due = /^(wf|delay)-(.+)$/s.exec(event.name);
  if (due?.[1] === "wf") return advanced(at, { kind: "due", at: event.at, timer: due[2] ?? "" });
  if (due?.[1] === "delay") {
    const name = due[2] ?? "";
    if (run.tasks[name]?.waits !== "delayed") return unchanged;
    const out = handingOut(run, { at: event.at, settings });
    out.begin(name);
    const [asked] = out.asking;
    const begun = { ...at, run: { ...run, tasks: out.tasks } };
    if (asked !== undefined) return advanced(begun, { kind: "moved", at: event.at, ...asked, status: "pending" }, out.commands);
    return { kind: "changed", run: { ...remembering(run, event), tasks: out.tasks }, commands: out.commands };
  }
  for (const [name, task] of Object.entries(run.tasks)) {
    if (isTooLate({ run, name, task, event, settings }, event.name))
      return finish(at, { task: name, attempt: task.attempt }, abandoned(run));
  }
  return unchanged;
}

/** The run after an event. Of a task that is not out, and of a timer that is not set, nothing is heard twice: their ids need not be remembered. */
function remembering(run: WorkflowsRun, event: RunEvent, status: Run["status"] = run.status): WorkflowsRun {
  const moved = { ...run, revision: run.revision + 1, status };
  return ["finished", "timer", "moved"].includes(event.kind) ? moved : { ...moved, applied: next(run, event).applied };
}

/** A run that is part of another tells it how it stands; of its end it tells otherwise. */
function toldParent(before: Run, after: Run, event: RunEvent): Command[] {
  const { parent, status, id, asker, replyTo, revision } = after;
  if (parent === undefined || status === before.status || !isTold(status)) return [];
  // That it runs is what its parent takes it for.
  if (event.kind === "asked" && status === "running") return [];
  const about = { key: `${id}/moved/${revision}`, run: parent.run, asker, replyTo, askedAt: event.at };
  return [{ kind: "ask", ask: { v: 2, kind: "moved", ...about, task: parent.task, attempt: parent.attempt, status } }];
}

type Told = Extract<Run["status"], "running" | "pending" | "pausing" | "paused" | "resuming" | "canceling">;

function isTold(status: Run["status"]): status is Told {
  return ["running", "pending", "pausing", "paused", "resuming", "canceling"].includes(status);
}

/** What is large lies in the object store, under its hash. */
function valueOf(result: unknown): { value: Value; kept: { object: string; text: string }[] } {
  const text = JSON.stringify(result);
  const bytes = new TextEncoder().encode(text).length;
  if (bytes <= largestInline) return { value: { inline: result }, kept: [] };
  const object = hash(text);
  return { value: { ref: { object, bytes } }, kept: [{ object, text }] };
}

/** Two of them and the reply share the last record of a sub-workflow. */
const largestInline = 8 * 1024;
