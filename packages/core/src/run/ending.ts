import { problem, type Command, type Outcome, type ProblemData, type Run, type RunStatus, type Send } from "@bellhop/contracts";
import { unacknowledge } from "../reply/acknowledge.ts";
import { cancelReply, finalReply } from "../reply/send.ts";
import type { Decision, RunEvent } from "./event.ts";
import { transitions } from "./life.ts";

export const unchanged: Decision = { kind: "unchanged", commands: [] };

/** So many event ids are remembered; a source that is redelivered was not acknowledged, so it is among the latest. */
const rememberedEvents = 64;

/** A problem's words are cut to so many characters in a record, whatever an action throws. */
const longestProblem = 2_000;

/** The run after an event. */
export function next(run: Run, event: RunEvent, status: RunStatus = run.status): Run {
  if (status !== run.status && !transitions[run.status].includes(status)) throw new Error(`no way from ${run.status} to ${status}`);
  return { ...run, revision: run.revision + 1, status, applied: [...run.applied, event.id].slice(-rememberedEvents) };
}

/** The end of a run, and what is said of it.
 *  @param at.run as it is after the event, all but its end
 *  @param at.output the outcome's output, loaded where it travelled by reference */
export function ended(at: { run: Run; event: RunEvent; outcome: Outcome; output?: unknown }): Extract<Decision, { kind: "changed" }> {
  const { event, outcome, output } = at;
  const { output: value, ...rest } = outcome;
  const run: Run = { ...at.run, status: outcome.status, ...(value === undefined ? {} : { output: value }), endedAt: event.at };
  const told = { ...rest, ...(rest.problem === undefined ? {} : { problem: brief(rest.problem) }) };
  const others = [...unacknowledge(at.run), ...cancelReplies(run)].map(say);
  if (run.parent !== undefined) return { kind: "changed", run, commands: [reported(run.parent, outcome), ...others], outcome: told };
  const { send, kept, press } = finalReply({ run, outcome, output });
  const pressed: Command[] = press === undefined ? [] : [{ kind: "press", press }];
  return { kind: "changed", run, commands: [...pressed, say(send), ...others], kept, outcome: told };
}

/** Those who asked to cancel it and wait for an answer of their own. */
export function cancelReplies(run: Run): Send[] {
  return (run.cancels ?? []).filter((one) => one.answers !== run.answers).map((one) => cancelReply(run, one));
}

/** What became of an attempt that no runner had. */
export function reported({ run, task, attempt }: { run: string; task: string; attempt: number }, outcome: Outcome): Command {
  return { kind: "finish", finished: { v: 1, run, task, attempt, runner: "", outcome } };
}

export function abandoned(run: Run): Outcome {
  return { status: "abandoned", problem: problem("action_abandoned", { run: run.id, action: run.action }).data };
}

export function say(send: Send): Command {
  return { kind: "send", send };
}

function brief({ message, hint, ...rest }: ProblemData): ProblemData {
  return { ...rest, message: message.slice(0, longestProblem), hint: hint.slice(0, longestProblem) };
}
