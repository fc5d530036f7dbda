import type { Address, Announcement, Command, Firing, Outcome, Run, Task } from "@bellhop/contracts";
import { ask } from "../inquiry/decide.ts";
import { askToPost } from "../post/ask.ts";
import { finalReply } from "../reply/send.ts";
import { announced } from "./announce.ts";
import { holdBack } from "./at-gate.ts";
import { request } from "./attempt.ts";
import { beginWorkflow } from "./conducting.ts";
import { say } from "./ending.ts";
import type { Decision, DecideSettings, RunEvent } from "./event.ts";
import { fires } from "./firing.ts";
import { mainTask } from "./main-task.ts";
import { leaving } from "./pass.ts";
import { isWorkflow } from "./workflow-of.ts";

/** The first step of a run: its work is handed out, unless it waits for its time or for what policies say. */
export function begin(event: Extract<RunEvent, { kind: "asked" }>, settings: DecideSettings): Decision {
  const { plan, again, retry } = event;
  const run: Run = {
    v: 1,
    id: event.run,
    revision: 1,
    status: "scheduled",
    action: plan.action,
    ...(plan.alias === undefined ? {} : { alias: plan.alias }),
    reply: settings.runPage === undefined ? plan.reply : { ...plan.reply, page: settings.runPage.replaceAll("{run}", event.run) },
    asker: event.asker,
    replyTo: plan.reply.inRoom === true ? roomOf(event.replyTo) : event.replyTo,
    answers: event.answers,
    tasks: { [mainTask]: plan.task },
    applied: [event.id],
    ...(event.parent === undefined ? {} : { parent: event.parent }),
    ...(event.reworded === undefined ? {} : { reworded: event.reworded }),
    ...(event.rule === undefined ? {} : { rule: event.rule }),
    ...(event.depth === undefined ? {} : { depth: event.depth }),
    ...(retry === undefined ? {} : { retry }),
    askedAt: event.at,
  };
  return holdBack({ run, task: plan.task, again, event, settings }) ?? setOut({ run, task: plan.task, again, event, settings });
}

/** Beside the command, unless that stands in a thread itself. */
function roomOf({ thread, ...room }: Address): Address {
  return thread === undefined || thread === room.message ? room : { ...room, thread };
}

/** Hands out the work of a run, or does it where that is the engine's own. @param at.task as it was planned, its secrets sealed */
export function setOut(at: {
  run: Run;
  task: Task;
  again?: Extract<RunEvent, { kind: "asked" }>["again"];
  event: RunEvent;
  settings: DecideSettings;
}): Decision {
  const { run, task, event, settings } = at;
  if (isWorkflow(run.action, settings)) return beginWorkflow(at);
  const { announces, posts, fires: firing, asks } = task;
  if (announces !== undefined) return announce(run, announces, event.at);
  if (posts !== undefined) return post(run, { ...task, posts }, event.at);
  if (firing !== undefined) return fire(run, firing, event.at);
  if (asks !== undefined) return askPeople(run, task, event.at);
  return { kind: "changed", run, commands: [request({ run, name: mainTask, task })] };
}

/** What is said is kept by the same record as that it was asked for. */
function announce(run: Run, announcement: Announcement, at: string): Decision {
  const { output, sends } = announced(run, `${run.id}/announcement`, announcement);
  return atOnce(run, { output, commands: sends.map(say), at });
}

function fire(run: Run, firing: Firing, at: string): Decision {
  const { output, command } = fires({ run, key: `${run.id}/${mainTask}/1`, firing, at });
  return atOnce(run, { output, commands: [command], at });
}

/** Begins and ends in one step: no runner takes part. */
function atOnce(
  run: Run,
  { output, commands, at }: { output: Record<string, unknown>; commands: readonly Command[]; at: string },
): Decision {
  const over: Run = { ...run, status: "succeeded", output: { inline: output }, endedAt: at };
  const outcome: Outcome = { status: "succeeded", output: { inline: output } };
  const { send: reply, kept } = finalReply({ run: over, outcome, output });
  const all = [...commands, say(reply), ...leaving(run, outcome.status)];
  return { kind: "changed", run: over, commands: all, kept, outcome: { status: "succeeded" } };
}

/** The shard of the message's name says it, and tells what became of it. */
function post(run: Run, task: Task & Required<Pick<Task, "posts">>, at: string): Decision {
  const tasks = { [mainTask]: { ...task, waits: "result" as const } };
  return { kind: "changed", run: { ...run, tasks }, commands: [askToPost({ run, name: mainTask, task, at })] };
}

/** Until somebody answers, no runner takes part. */
function askPeople(run: Run, task: Task, at: string): Decision {
  const waiting: Task = { ...task, waits: "pending" };
  return { kind: "changed", run: { ...run, status: "pending", tasks: { [mainTask]: waiting } }, commands: ask(run, mainTask, waiting, at) };
}
