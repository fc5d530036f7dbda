import { problem, type Command, type Outcome, type Progress, type Run, type Task, type WorkflowRun } from "@bellhop/contracts";
import { noticesOf } from "../notify/notices.ts";
import type { KeptText } from "../reply/fit.ts";
import { pauseRefused, pauseReply } from "../reply/send.ts";
import { kvNames, kvUser } from "../kv/names.ts";
import { conduct } from "../workflow/conduct.ts";
import type { WorkflowKv } from "../workflow/draft.ts";
import type { Workflow } from "../workflow/definition.ts";
import { at as itemAt } from "../workflow/list.ts";
import type { Conducted, WorkflowCommand, WorkflowEvent } from "../workflow/event.ts";
import { stateOf } from "../workflow/state.ts";
import { isTooLate, lateCleared, lose } from "./attempt.ts";
import { canceled } from "./canceling.ts";
import { abandoned, ended, next, say, unchanged } from "./ending.ts";
import type { Decision, DecideSettings, RunEvent } from "./event.ts";
import { handingOut, keyOf } from "./handing-out.ts";
import { isOver } from "./life.ts";
import { leavingTask } from "./pass.ts";
import { progressOf } from "./progress.ts";
import { printed, slow, unclaimed } from "./signs.ts";
import { toldParent } from "./told-parent.ts";
import { workflowEnded } from "./workflow-ending.ts";
import { contextOf, workflowOf } from "./workflow-of.ts";

/** How many actions of one run are out at once, where its definition says no less: as many tasks stand in its state and commands in one record. */
const outAtOnce = 50;

type Of<Kind extends RunEvent["kind"]> = Extract<RunEvent, { kind: Kind }>;
type WorkflowsRun = Run & { workflow: WorkflowRun };

/** Begins the run of a workflow, or has one that is over go on as a run of its own.
 *  @param at.run as it is asked for, or as it waited
 *  @param at.task the workflow, as it was planned */
export function beginWorkflow(at: {
  run: Run;
  task: Task;
  again?: Of<"asked">["again"];
  event: RunEvent;
  settings: DecideSettings;
}): Decision {
  const { run, task, again, event, settings } = at;
  const { refused: _, ...workflow } = again?.of ?? run.workflow ?? workflowRun(task, settings);
  const begun: WorkflowsRun = { ...run, tasks: {}, workflow };
  const happening: WorkflowEvent =
    again === undefined
      ? { kind: "begin", at: event.at, input: task.input, context: contextOf(run, task.action), atOnce: outAtOnce }
      : { kind: "again", at: event.at, ...(again.tasks === undefined ? {} : { tasks: again.tasks }) };
  return advanced({ run: begun, event, settings }, happening);
}

/** What a run of a workflow holds before its first step. */
export function workflowRun(task: Task, { catalog }: DecideSettings): WorkflowRun {
  const digests = Object.fromEntries(Array.from(catalog?.packs ?? [], ([name, { digest }]) => [name, digest]));
  return { task, catalog: digests, state: null };
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
    case "gate":
      return atGate({ ...at, event });
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
  const cleared = [...lateCleared({ run, name, task, event, settings }), ...leavingTask({ run, name, task }, outcome.status)];
  const result = output ?? (outcome.problem === undefined ? null : { error: outcome.problem.message, code: outcome.problem.code });
  const { status } = outcome;
  const { commands, kept } = tellOf(at, { name, task, outcome, output });
  const happened: WorkflowEvent = { kind: "finished", at: event.at, ...keyOf(name), status, result };
  const heard = { ...run, tasks, workflow: refusedBy(run.workflow, outcome) };
  const decision = advanced({ ...at, run: heard }, happened, [...cleared, ...commands]);
  return decision.kind === "unchanged" || kept.length === 0 ? decision : { ...decision, kept: [...kept, ...(decision.kept ?? [])] };
}

/** The first task that was canceled for a reason is why its workflow is, unless somebody asked for that, or it cleans up. */
function refusedBy(workflow: WorkflowRun, { status, problem: refused }: Outcome): WorkflowRun {
  if (status !== "canceled" || refused === undefined || workflow.refused !== undefined) return workflow;
  const state = stateOf(workflow);
  return state?.asked === "cancel" || state?.cleaning !== undefined ? workflow : { ...workflow, refused };
}

/** Tells of the end of a task, where somebody is told. */
function tellOf(
  { run, event, settings }: At,
  { name, task, outcome, output }: { name: string; task: Task; outcome: Outcome; output: unknown },
): { commands: Command[]; kept: readonly KeptText[] } {
  const { notify, action, input, child } = task;
  if (notify === undefined) return { commands: [], kept: [] };
  const { catalog, datastore, places = {}, waitsFor = () => false } = settings;
  const telling = { places, datastore, waitsFor, kindOf: (ref: string) => catalog?.actions.get(ref)?.kind };
  const ended = {
    action,
    input,
    name,
    outcome,
    ...(child === undefined ? {} : { run: child }),
    ...(output === undefined ? {} : { output }),
  };
  return noticesOf({ notify, run, ended, at: event.at, telling });
}

/** One step of the conductor, and what it wants done. What the conductor can't cope with ends the run: nobody waits for it. */
function advanced(at: At, happened: WorkflowEvent, first: Command[] = []): Decision {
  const { run, event, settings } = at;
  const brought = { kv: kvOf(run, settings) };
  let heard: Conducted;
  let workflow: Workflow;
  try {
    workflow = workflowOf(run.workflow.task.action, settings);
    heard = conduct(workflow, stateOf(run.workflow), happened, brought);
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
    const moved = conduct(workflow, state, { kind: "moved", at: event.at, ...asked, status: "pending" }, brought);
    state = moved.state;
    take(moved.commands);
  }
  const status = isOver(state.status) ? undefined : state.status;
  const after: WorkflowsRun = { ...remembering(run, event, status), tasks: out.tasks, workflow: { ...run.workflow, state } };
  const progress = progressOf({ workflow, before: stateOf(run.workflow), after: state, happened, tasks: out.tasks });
  const commands = [...first, ...out.commands];
  const secrets = out.secrets.length === 0 ? {} : { secrets: out.secrets };
  if (end !== undefined) return workflowEnded({ run: after, event, end, isChain: workflow.chain, commands, progress, settings });
  return { kind: "changed", run: after, commands: [...commands, ...toldParent(run, after, event)], progress, ...secrets };
}

/** The datastore as whoever asked for the run sees it, and the pack of its workflow. */
function kvOf({ asker, workflow }: WorkflowsRun, { datastore, open }: DecideSettings): WorkflowKv | undefined {
  if (datastore === undefined) return undefined;
  const [pack] = workflow.task.action.split(".");
  const names = kvNames(datastore, { user: kvUser(asker), pack, instance: workflow.task.config });
  return { names, seal: (value) => datastore.seal(value), open: open === undefined ? undefined : names.opener("the run", open) };
}

/** Ends a run whose conductor has no say in it any more: what is out is called back. */
function breakOff(at: At, outcome: Outcome): Decision {
  const { run, event, settings } = at;
  const out = handingOut(run, { at: event.at, settings });
  for (const name of Object.keys(run.tasks)) out.callBack(name);
  const left = Object.entries(run.tasks).flatMap(([name, task]) => leavingTask({ run, name, task }, "canceled"));
  const decision = ended({ run: { ...remembering(run, event), tasks: {} }, event, outcome });
  return { ...decision, commands: [...out.commands, ...left, ...decision.commands] };
}

function cancel(at: At<Of<"cancel">>): Decision {
  const { run, event } = at;
  const heard = canceled(run, event);
  if (heard.kind === "unchanged") return heard;
  const noted = heard.run.cancels === undefined ? run : { ...run, cancels: heard.run.cancels };
  if (at.settings.catalog === undefined) return breakOff({ ...at, run: noted }, { status: "canceled" });
  if (run.status === "canceling") return heard;
  const decision = advanced({ ...at, run: noted }, { kind: "asked", at: event.at, what: "cancel" });
  if (decision.kind === "changed") return decision;
  // It has failed already and waits for what is out, or cleans up, which is left to end. Who asked is told in the end all the same.
  const { tasks, workflow } = run;
  const out = handingOut(run, { at: event.at, settings: at.settings });
  if (stateOf(workflow)?.cleaning === undefined) for (const name of Object.keys(tasks)) out.callBack(name);
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

/** How a task fares that needs a pass. */
function atGate(at: At<Of<"gate">>): Decision {
  const { run, event, settings } = at;
  const { task: name, attempt, verdict } = event;
  const task = run.tasks[name];
  if (task === undefined || task.pass !== attempt || task.waits !== "gate") return unchanged;
  const out = handingOut(run, { at: event.at, settings });
  const step = (status: string, why?: string): Decision => {
    const about = { task: name, name: nameOf(run, name), action: task.action, attempt: task.attempt };
    const progress: Progress[] = [{ ...about, status, ...(why === undefined ? {} : { why }) }];
    return { kind: "changed", run: { ...remembering(run, event), tasks: out.tasks }, commands: out.commands, progress };
  };
  switch (verdict.kind) {
    case "waits":
      return step("delayed", verdict.why);
    case "refused":
      out.refuse(name, { status: verdict.status, problem: verdict.problem });
      return step("delayed", verdict.problem.message);
    case "inside": {
      out.begin(name);
      const [asked] = out.asking;
      if (asked === undefined) return step("running");
      const begun = { ...at, run: { ...run, tasks: out.tasks } };
      return advanced(begun, { kind: "moved", at: event.at, ...asked, status: "pending" }, out.commands);
    }
  }
}

/** The definition's name for a task that is out. */
function nameOf({ workflow }: WorkflowsRun, name: string): string {
  const state = stateOf(workflow);
  const place = Number(keyOf(name).key.split(".")[0]);
  return (state === undefined ? undefined : itemAt(state.sequence, place)?.task) ?? name;
}

/** The run after an event. Of a task that is not out, and of a timer that is not set, nothing is heard twice: their ids need not be remembered. */
function remembering(run: WorkflowsRun, event: RunEvent, status: Run["status"] = run.status): WorkflowsRun {
  const moved = { ...run, revision: run.revision + 1, status };
  return ["finished", "timer", "moved"].includes(event.kind) ? moved : { ...moved, applied: next(run, event).applied };
}
