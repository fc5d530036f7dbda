import {
  holdsSealed,
  isFields,
  isSealed,
  problem,
  runId,
  shardOfKey,
  type ActionDefinition,
  type Command,
  type Outcome,
  type Problem,
  type Run,
  type RunAsked,
  type Task,
} from "@bellhop/contracts";
import { holdsSecret } from "../config/secrets.ts";
import { kvUser } from "../kv/names.ts";
import { ask as askPeople, withdraw } from "../inquiry/decide.ts";
import { taskNotify } from "../notify/of-task.ts";
import { isLimited } from "../policy/policies.ts";
import type { WorkflowCommand } from "../workflow/event.ts";
import { announced } from "./announce.ts";
import { askToPost } from "../post/ask.ts";
import { attemptOf, lateCleared, request } from "./attempt.ts";
import { fires } from "./firing.ts";
import { reported, say } from "./ending.ts";
import type { DecideSettings } from "./event.ts";
import { parametersOf } from "./parameters.ts";
import { aboveOf, entering, leavingTask } from "./pass.ts";
import { findAction, planRun } from "./plan.ts";
import { isWorkflow, workflowOf } from "./workflow-of.ts";

/** What a conductor wants done, in the making. */
interface HandingOut {
  /** What is out then. */
  tasks: Record<string, Task>;
  readonly commands: Command[];
  /** Fields of inputs to seal. */
  readonly secrets: { task: string; names: string[] }[];
  /** What waits for a person from now on, as the conductor names it. */
  readonly asking: { key: string; attempt: number }[];
  take(command: Exclude<WorkflowCommand, { kind: "end" }>): void;
  /** Hands out a task whose time has come. */
  begin(name: string): void;
  /** Has a task end, wherever it is. */
  callBack(name: string): void;
  /** Ends a task that may not begin. */
  refuse(name: string, outcome: Outcome): void;
}

/** Attempts are named by the conductor's key. Its own second attempt of a key is a name of its own, because attempts count those that were lost with their
 *  runner: `7`, an item of it `7.3`, both tried again `7-2`, `7.3-2`. */
function nameOf({ key, attempt }: { key: string; attempt: number }): string {
  return attempt === 1 ? key : `${key}-${attempt}`;
}

export function keyOf(name: string): { key: string; attempt: number } {
  const [key = "", attempt = "1"] = name.split("-");
  return { key, attempt: Number(attempt) };
}

/** @param at.at when the step is made, ISO 8601 */
export function handingOut(run: Run, { at, settings }: { at: string; settings: DecideSettings }): HandingOut {
  const out: HandingOut = {
    tasks: { ...run.tasks },
    commands: [],
    secrets: [],
    asking: [],
    take(command) {
      switch (command.kind) {
        case "run":
          return take(command);
        case "cancel":
          return out.callBack(nameOf(command));
        case "pause":
        case "resume":
          return ask(nameOf(command), command.kind);
        case "timer":
          return setTimer(`wf-${command.name}`, command.afterMs);
        case "clear":
          return clearTimer(`wf-${command.name}`);
      }
    },
    begin(name) {
      const { [name]: task } = out.tasks;
      if (task === undefined) return;
      const { waits: _, ...ready } = task;
      handOut(name, ready);
    },
    callBack(name) {
      const task = out.tasks[name];
      if (task === undefined || task.waits === "result") return;
      const attempt = attemptOf({ run, name, task });
      if (task.waits === "run") return ask(name, "cancel");
      if (task.waits === undefined) {
        out.tasks[name] = { ...task, calledBack: true };
        return void out.commands.push({ kind: "cancel", attempt });
      }
      if (task.waits === "gate") return out.refuse(name, { status: "canceled" });
      if (task.waits === "delayed") clearTimer(delayOf(name));
      if (task.waits === "pending") out.commands.push(...withdraw(run, name, task));
      told(name, task, { status: "canceled" });
    },
    refuse(name, outcome) {
      const { [name]: task } = out.tasks;
      if (task === undefined) return;
      const { pass: _, ...left } = task;
      out.commands.push(...leavingTask({ run, name, task }));
      told(name, left, outcome);
    },
  };
  return out;

  function take(command: Extract<WorkflowCommand, { kind: "run" }>): void {
    const name = nameOf(command);
    const planned = plan(command);
    if (planned.kind === "refused") return told(name, nothing(command.action), { status: "failed", problem: planned.problem.data });
    if (planned.secrets.length > 0) out.secrets.push({ task: name, names: planned.secrets });
    const task = telling(planned.task, command.task);
    if (command.delayMs === undefined || command.delayMs <= 0) return handOut(name, task);
    out.tasks[name] = { ...task, waits: "delayed" };
    setTimer(delayOf(name), command.delayMs);
  }

  /** With whoever is told of its end. */
  function telling({ notify: own, ...task }: Task, name: string): Task {
    if (run.workflow === undefined) return task;
    const { task: parent } = run.workflow;
    const notify = taskNotify({
      workflow: workflowOf(parent.action, settings),
      parent,
      task: name,
      own: own ?? definitionOf(task.action)?.notify,
    });
    return notify === undefined ? task : { ...task, notify };
  }

  function definitionOf(action: string): ActionDefinition | undefined {
    return settings.catalog?.actions.get(action);
  }

  function plan({ action, input }: { action: string; input: unknown }): PlannedTask {
    const { catalog, places, open, datastore, checkTriggers } = settings;
    const user = kvUser(run.asker);
    if (catalog === undefined) throw new Error("a workflow is decided with the packs that its run has");
    const given = input ?? {};
    if (!isFields(given)) {
      const found = JSON.stringify(input).slice(0, 80);
      const expected = "names and values";
      return { kind: "refused", problem: problem("parameter_invalid", { action, parameter: "input", found, expected }) };
    }
    if (isWorkflow(action, settings)) return planChild(action, given);
    const planned = planRun({
      catalog,
      action,
      input: given,
      places: { ...places, here: run.replyTo },
      open,
      sealed: true,
      datastore,
      user,
      checkTriggers,
    });
    return planned.kind === "refused" ? planned : { kind: "planned", task: planned.plan.task, secrets: planned.plan.secrets };
  }

  /** Its own run checks what it is given. */
  function planChild(ref: string, input: Record<string, unknown>): PlannedTask {
    const { catalog, open } = settings;
    const found = catalog === undefined ? undefined : findAction(catalog, ref);
    if (found === undefined || found.kind === "refused")
      return found ?? { kind: "refused", problem: problem("run_unknown", { run: run.id }) };
    const { action } = found;
    const parameters = parametersOf(action);
    const secrets = Object.keys(input).filter((name) => holdsSecret(parameters[name] ?? {}));
    const digest = catalog?.packs.get(action.pack)?.digest ?? "";
    // Sealed as a whole, and not around another seal.
    const plain = secrets.filter((name) => open !== undefined && !isSealed(input[name]) && holdsSealed(input[name]));
    const given = { ...input, ...Object.fromEntries(plain.map((name) => [name, open?.(input[name])])) };
    return { kind: "planned", secrets, task: { ...nothing(ref), digest, pool: action.pool, input: given } };
  }

  function handOut(name: string, task: Task): void {
    const { action, input, attempt } = task;
    // The run of a sub-workflow asks for its own pass.
    if (task.pass === undefined && isLimited(settings.policies?.(action)) && !isWorkflow(action, settings)) {
      out.tasks[name] = { ...task, waits: "gate", pass: attempt };
      const secrets = out.secrets.find(({ task: of }) => of === name)?.names;
      return void out.commands.push(entering({ run, name, attempt, action, input, secrets, at, settings }));
    }
    out.tasks[name] = task;
    if (task.announces !== undefined) {
      const { output, sends } = announced(run, `${run.id}/${name}/announcement`, task.announces);
      out.commands.push(...sends.map(say));
      told(name, task, { status: "succeeded", output: { inline: output } });
    } else if (task.fires !== undefined) {
      const { output, command } = fires({ run, key: `${run.id}/${name}/${attempt}`, firing: task.fires, at });
      out.commands.push(command);
      told(name, task, { status: "succeeded", output: { inline: output } });
    } else if (task.posts !== undefined) {
      const { posts } = task;
      out.tasks[name] = { ...task, waits: "result" };
      out.commands.push(askToPost({ run, name, task: { ...task, posts }, at }));
    } else if (task.asks !== undefined) {
      out.tasks[name] = { ...task, waits: "pending" };
      out.commands.push(...askPeople(run, name, task, at));
      out.asking.push(keyOf(name));
    } else if (isWorkflow(task.action, settings)) startChild(name, task);
    else out.commands.push(request({ run, name, task }));
  }

  function startChild(name: string, task: Task): void {
    const key = `${run.id}/${name}/${task.attempt}`;
    const child = runId({ key, at, shard: shardOfKey(key) });
    const { asker, replyTo, workflow, depth, alias } = run;
    const whole = run.parent?.whole ?? { action: run.action, ...(alias === undefined ? {} : { alias }) };
    const parent = { ...attemptOf({ run, name, task }), catalog: workflow?.catalog ?? {}, within: [run.id, ...aboveOf(run)], whole };
    const { action, input } = task;
    out.tasks[name] = { ...task, waits: "run", child };
    const ask: RunAsked = {
      v: 2,
      kind: "start",
      key,
      run: child,
      action,
      input,
      parent,
      asker,
      replyTo,
      ...(depth === undefined ? {} : { depth }),
      askedAt: at,
    };
    out.commands.push({ kind: "ask", ask });
  }

  function ask(name: string, kind: "cancel" | "pause" | "resume"): void {
    const { waits, child, attempt } = out.tasks[name] ?? {};
    if (waits !== "run" || child === undefined) return;
    const { asker, replyTo, id, revision } = run;
    const key = `${id}/${name}/${attempt}/${kind}/${revision}`;
    out.commands.push({ kind: "ask", ask: { v: 2, kind, key, run: child, parent: { run: id }, asker, replyTo, askedAt: at } });
  }

  /** Its result is known without anybody having worked: it comes as every result does, so that no step grows with what it leads to. */
  function told(name: string, task: Task, outcome: Parameters<typeof reported>[1]): void {
    out.tasks[name] = { ...task, waits: "result" };
    out.commands.push(...lateClearedOf(name, task), reported(attemptOf({ run, name, task }), outcome));
  }

  function lateClearedOf(name: string, task: Task): Command[] {
    return lateCleared({ run, name, task, event: { kind: "slow", id: "", at }, settings });
  }

  function setTimer(name: string, afterMs: number): void {
    out.commands.push({ kind: "timer", timer: { v: 1, run: run.id, name, due: Date.parse(at) + Math.max(0, Math.round(afterMs)) } });
  }

  function clearTimer(name: string): void {
    out.commands.push({ kind: "clear-timer", timer: { v: 1, run: run.id, name, due: Date.parse(at) } });
  }
}

type PlannedTask = { kind: "planned"; task: Task; secrets: string[] } | { kind: "refused"; problem: Problem };

function delayOf(name: string): string {
  return `delay-${name}`;
}

/** A task that no runner will have. */
function nothing(action: string): Task {
  return { action, digest: "", pool: "default", input: {}, timeoutMs: 1, repeatable: false, attempt: 1 };
}
