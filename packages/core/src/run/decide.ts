import {
  durations,
  problem,
  traceOf,
  type Announcement,
  type Command,
  type Outcome,
  type ProblemData,
  type Run,
  type RunStatus,
  type Send,
  type Task,
} from "@bellhop/contracts";
import { acknowledge, acknowledgementOf, unacknowledge } from "../reply/acknowledge.ts";
import { mayShowOutput, wordingsApart } from "../reply/output.ts";
import { cancelReply, cancelUnderway, cancelUnknown, finalReply, lostNotice, standingReply, unclaimedNotice } from "../reply/send.ts";
import { roomWords } from "./announce.ts";
import type { Decision, RunEvent } from "./event.ts";
import { brokenBy, isOver, transitions } from "./life.ts";

/** Durations that decisions name, in milliseconds. */
export interface DecideSettings {
  lateResult: number;
}

/** The name of a run's only task, until workflows have more. */
export const mainTask = "main";

/** The life of a run: given its state (undefined before it was asked for) and an event, the new state and what is to be done. */
export function decide(run: Run | undefined, event: RunEvent, settings: DecideSettings = durations): Decision {
  if (run === undefined) return event.kind === "asked" ? begin(event) : notBegun(event);
  if (run.applied.includes(event.id)) return unchanged;
  const task = run.tasks[mainTask];
  if (task === undefined) throw new Error(`run ${run.id} has no task ${mainTask}`);
  const step: Step = { run, task, event, settings };
  switch (event.kind) {
    case "asked":
      return unchanged;
    case "finished":
      return finish(step, event);
    case "lost":
      return isOver(run.status) || event.attempt !== task.attempt ? unchanged : lose(step, event);
    case "unclaimed":
      return unclaimed(step, event);
    case "slow":
      return slow(step);
    case "printed":
      return printed(step);
    case "superseded":
      return isOver(run.status) || event.attempt !== task.attempt ? unchanged : supersede(step);
    case "cancel":
      return cancel(step, event);
    case "timer":
      return isOver(run.status) || event.name !== lateTimer(task) || task.lostSince === undefined ? unchanged : abandon(step);
    case "broken":
      return isOver(run.status) ? unchanged : breakOff(step, event.problem);
  }
}

type Of<Kind extends RunEvent["kind"]> = Extract<RunEvent, { kind: Kind }>;

interface Step {
  run: Run;
  task: Task;
  event: RunEvent;
  settings: DecideSettings;
}

const unchanged: Decision = { kind: "unchanged", commands: [] };

/** So many event ids are remembered; a source that is redelivered was not acknowledged, so it is among the latest. */
const rememberedEvents = 64;

/** So many who ask to cancel one run are answered when it is over; a record has to hold their replies. */
const cancelsAtMost = 10;

/** A problem's words are cut to so many characters in a record, whatever an action throws. */
const longestProblem = 2_000;

/** An action that takes its runner down with it is not handed out for ever, repeatable or not. */
const attemptsAtMost = 10;

function begin(event: Of<"asked">): Decision {
  const { plan } = event;
  const run: Run = {
    v: 1,
    id: event.run,
    revision: 1,
    status: "scheduled",
    action: plan.action,
    ...(plan.alias === undefined ? {} : { alias: plan.alias }),
    reply: plan.reply,
    asker: event.asker,
    replyTo: event.replyTo,
    answers: event.answers,
    tasks: { [mainTask]: plan.task },
    applied: [event.id],
    ...(event.reworded === undefined ? {} : { reworded: event.reworded }),
    ...(event.rule === undefined ? {} : { rule: event.rule, depth: event.depth ?? 0 }),
    askedAt: event.at,
  };
  const { announces } = plan.task;
  if (announces !== undefined) return announce(run, announces);
  return { kind: "changed", run, commands: [request(run, plan.task)] };
}

/** Begins and ends in one step: no runner takes part, and what is said is kept by the same record as that it was asked for. */
function announce(run: Run, { to, text, only }: Announcement): Decision {
  const { platform, account } = to;
  const output = { channel: roomWords(to), account, message: text };
  const ended: Run = { ...run, status: "succeeded", output: { inline: output }, endedAt: run.askedAt };
  const outcome: Outcome = { status: "succeeded", output: { inline: output } };
  const { send: reply, kept } = finalReply({ run: ended, outcome, output });
  const key = `${run.id}/announcement`;
  const whisper = only === undefined ? {} : { only };
  const about = { key, revision: 1, run: run.id, final: true, refusalTo: run.replyTo };
  const send: Send = { v: 1, ...about, platform, account, to, body: { text, tone: "info" }, ...whisper };
  return { kind: "changed", run: ended, commands: [send, reply].map(say), kept, outcome: { status: "succeeded" } };
}

function notBegun(event: RunEvent): Decision {
  if (event.kind !== "cancel" || event.run === undefined) return unchanged;
  return { kind: "unchanged", commands: [say(cancelUnknown(event.run, event))] };
}

function finish(step: Step, { id, finished, output }: Of<"finished">): Decision {
  const { run, task } = step;
  if (finished.attempt !== task.attempt || finished.task !== mainTask) return unchanged;
  if (!isOver(run.status)) return end(step, finished.outcome, output);
  // What ended the run so took back its request too, which may be reported as a result of the same name.
  if (!run.applied.includes(brokenBy(id)) || finished.outcome.status === "canceled") return unchanged;
  // It was a dead letter, and the run ended for that: what it says takes the place of the failure that was told.
  const { key, revision } = standingReply(run);
  const reopened: Run = { ...run, status: "running", acknowledged: undefined, shown: undefined, reworded: { key, revision: revision + 1 } };
  return end({ ...step, run: reopened }, finished.outcome, output);
}

function end(step: Step, outcome: Outcome, output: unknown): Decision {
  const { run, task, event } = step;
  const { output: value, ...rest } = outcome;
  const { lostSince, ...settled } = task;
  const ended: Run = {
    ...next(run, event, outcome.status),
    tasks: { ...run.tasks, [mainTask]: settled },
    ...(value === undefined ? {} : { output: value }),
    endedAt: event.at,
  };
  const { send, kept } = finalReply({ run: ended, outcome, output });
  const commands: Command[] = [send, ...unacknowledge(run), ...cancelReplies(ended)].map(say);
  if (lostSince !== undefined) commands.push({ kind: "clear-timer", timer: timer(step, lostSince) });
  return {
    kind: "changed",
    run: ended,
    commands,
    kept,
    outcome: { ...rest, ...(rest.problem === undefined ? {} : { problem: brief(rest.problem) }) },
  };
}

/** Ends a run that nobody began, without a word about it: the run of the new words speaks. Who asked to cancel it has their answer. */
function supersede(step: Step): Decision {
  const { run, event } = step;
  const ended: Run = { ...next(run, event, "canceled"), superseded: true, endedAt: event.at };
  const commands = [...unacknowledge(run), ...cancelReplies(ended)].map(say);
  return { kind: "changed", run: ended, commands, outcome: { status: "canceled" } };
}

function cancelReplies(run: Run): Send[] {
  return (run.cancels ?? []).filter((one) => one.answers !== run.answers).map((one) => cancelReply(run, one));
}

function lose(step: Step, event: Of<"lost">): Decision {
  const { run, task } = step;
  const again = !event.started || task.repeatable;
  if (again && run.status === "canceling") return end(step, { status: "canceled" }, undefined);
  if (again && task.attempt < attemptsAtMost) return handOutAgain(step);
  if (event.certain || again) return abandon(step);
  if (task.lostSince !== undefined) return unchanged;
  const waiting: Run = { ...next(run, event), tasks: { ...run.tasks, [mainTask]: { ...task, lostSince: event.at } } };
  return {
    kind: "changed",
    run: waiting,
    commands: [{ kind: "timer", timer: timer(step, event.at) }, say(lostNotice(waiting, task.attempt, step.settings.lateResult))],
  };
}

function handOutAgain(step: Step): Decision {
  const { lostSince, ...task } = step.task;
  const fresh: Task = { ...task, attempt: task.attempt + 1 };
  const run: Run = { ...next(step.run, step.event), tasks: { ...step.run.tasks, [mainTask]: fresh } };
  const commands: Command[] = [request(run, fresh)];
  if (lostSince !== undefined) commands.push({ kind: "clear-timer", timer: timer(step, lostSince) });
  return { kind: "changed", run, commands };
}

function abandon(step: Step): Decision {
  const { run } = step;
  const why = problem("action_abandoned", { run: run.id, action: run.action });
  return end(step, { status: "abandoned", problem: why.data }, undefined);
}

function breakOff(step: Step, why: Of<"broken">["problem"]): Decision {
  const decision = end(step, { status: "failed", problem: why }, undefined);
  // Whoever still has the request must not begin work whose failure the person was told.
  decision.commands.push({ kind: "cancel", attempt: attemptOf(step.run, step.task) });
  return decision;
}

function unclaimed(step: Step, { attempt, runners }: Of<"unclaimed">): Decision {
  const { run, task, event } = step;
  const told = run.told ?? [];
  if (isOver(run.status) || run.status === "canceling" || attempt !== task.attempt || told.includes("unclaimed")) return unchanged;
  const informed: Run = { ...next(run, event), told: [...told, "unclaimed"] };
  return { kind: "changed", run: informed, commands: [say(unclaimedNotice(informed, { pool: task.pool, runners }))] };
}

function slow({ run, task, event }: Step): Decision {
  const as = isOver(run.status) || run.status === "canceling" || task.lostSince !== undefined ? undefined : acknowledgementOf(run);
  if (as === undefined) return unchanged;
  const acknowledged: Run = { ...next(run, event), acknowledged: as };
  return { kind: "changed", run: acknowledged, commands: [say(acknowledge(run, as))] };
}

/** From now on its reply shows what it prints. The revisions for that are set apart in the state, so that the final reply comes after them whoever decides it. */
function printed({ run, event }: Step): Decision {
  if (isOver(run.status) || run.shown !== undefined || !mayShowOutput(run)) return unchanged;
  const { key, revision } = standingReply(run);
  const shown: Run = { ...next(run, event), shown: { from: revision }, reworded: { key, revision: revision + wordingsApart } };
  return { kind: "changed", run: shown, commands: [] };
}

function cancel(step: Step, event: Of<"cancel">): Decision {
  const { run, task } = step;
  const cancels = run.cancels ?? [];
  if (cancels.some((one) => one.answers === event.answers)) return unchanged;
  // A reaction has the run's own reply for an answer.
  if (isOver(run.status)) return { kind: "unchanged", commands: event.answers === run.answers ? [] : [say(cancelReply(run, event))] };
  if (cancels.length >= cancelsAtMost) return { kind: "unchanged", commands: [say(cancelUnderway(run, event))] };
  const { asker, replyTo, answers } = event;
  const canceling: Run = {
    ...next(run, event, run.status === "canceling" ? undefined : "canceling"),
    cancels: [...cancels, { asker, replyTo, answers }],
  };
  return { kind: "changed", run: canceling, commands: [{ kind: "cancel", attempt: attemptOf(run, task) }] };
}

function brief({ message, hint, ...rest }: ProblemData): ProblemData {
  return { ...rest, message: message.slice(0, longestProblem), hint: hint.slice(0, longestProblem) };
}

function next(run: Run, event: RunEvent, status?: RunStatus): Run {
  if (status !== undefined && !transitions[run.status].includes(status)) throw new Error(`no way from ${run.status} to ${status}`);
  return {
    ...run,
    revision: run.revision + 1,
    status: status ?? run.status,
    applied: [...run.applied, event.id].slice(-rememberedEvents),
  };
}

function say(send: Send): Command {
  return { kind: "send", send };
}

function attemptOf(run: Run, task: Task): { run: string; task: string; attempt: number } {
  return { run: run.id, task: mainTask, attempt: task.attempt };
}

function request(run: Run, task: Task): Command {
  const { pool, action, digest, input, timeoutMs, repeatable, config, files } = task;
  const named = config === undefined ? {} : { config };
  const what = { pool, action, digest, input, timeoutMs, repeatable, ...named, ...(files === undefined ? {} : { files }) };
  return { kind: "request", request: { v: 1, ...attemptOf(run, task), ...what, trace: traceOf(run.answers) } };
}

function lateTimer(task: Task): string {
  return `late-${task.attempt}`;
}

function timer({ run, task, settings }: Step, since: string): { v: 1; run: string; name: string; due: number } {
  return { v: 1, run: run.id, name: lateTimer(task), due: Date.parse(since) + settings.lateResult };
}
