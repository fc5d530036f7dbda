import {
  problem,
  runId,
  shardOfKey,
  shardOfRun,
  type Command,
  type Outcome,
  type ProblemData,
  type Retry,
  type Run,
  type RunStatus,
  type Send,
} from "@bellhop/contracts";
import { unacknowledge } from "../reply/acknowledge.ts";
import { cancelReply, finalReply, standingReply } from "../reply/send.ts";
import type { Decision, RunEvent } from "./event.ts";
import { transitions } from "./life.ts";
import { leaving } from "./pass.ts";

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
 *  @param at.output the outcome's output, loaded where it travelled by reference
 *  @param at.retry the further try that takes its place, and answers for it */
export function ended(at: {
  run: Run;
  event: RunEvent;
  outcome: Outcome;
  output?: unknown;
  retry?: Omit<Retry, "reworded"> | undefined;
}): Extract<Decision, { kind: "changed" }> {
  const { event, outcome, output, retry } = at;
  const { output: value, ...rest } = outcome;
  const run: Run = { ...at.run, status: outcome.status, ...(value === undefined ? {} : { output: value }), endedAt: event.at };
  const told = { ...rest, ...(rest.problem === undefined ? {} : { problem: brief(rest.problem) }) };
  // Nothing cools down from what is tried again: the next try would be kept out by it.
  const left = leaving(run, run.gate?.waits === undefined && retry === undefined ? outcome.status : undefined);
  const others = [...[...unacknowledge(at.run), ...cancelReplies(run)].map(say), ...left];
  if (run.parent !== undefined) return { kind: "changed", run, commands: [reported(run.parent, outcome), ...others], outcome: told };
  if (retry !== undefined) return tryAgain({ run, event, retry, outcome: told, others });
  const { send, kept, press } = finalReply({ run, outcome, output });
  const pressed: Command[] = press === undefined ? [] : [{ kind: "press", press }];
  return { kind: "changed", run, commands: [...pressed, say(send), ...others], kept, outcome: told };
}

/** Ends a run that nobody began, without a word about it: the run of the new words speaks. Who asked to cancel it has their answer. */
export function superseded(run: Run, event: RunEvent): Decision {
  const over: Run = { ...next(run, event, "canceled"), superseded: true, endedAt: event.at };
  const commands = [...[...unacknowledge(run), ...cancelReplies(over)].map(say), ...leaving(run)];
  return { kind: "changed", run: over, commands, outcome: { status: "canceled" } };
}

/** Ends without a word. The next try is born in the same shard: whoever serves that has this run at hand. */
function tryAgain(at: {
  run: Run;
  event: RunEvent;
  retry: Omit<Retry, "reworded">;
  outcome: Outcome;
  others: Command[];
}): Extract<Decision, { kind: "changed" }> {
  const { run, event, retry, outcome, others } = at;
  const key = `${run.id}/retry`;
  const retried = runId({ key, at: event.at, shard: shardOfRun(run.id) ?? shardOfKey(run.id) });
  const { key: reply, revision } = standingReply(run);
  const { asker, replyTo } = run;
  const about = { key, run: retried, of: run.id, asker, replyTo, askedAt: event.at };
  const ask = { v: 2, kind: "again", ...about, retry: { ...retry, reworded: { key: reply, revision } } } as const;
  return { kind: "changed", run: { ...run, retried }, commands: [{ kind: "ask", ask }, ...others], outcome };
}

/** Those who asked to cancel it and wait for an answer of their own. */
function cancelReplies(run: Run): Send[] {
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
