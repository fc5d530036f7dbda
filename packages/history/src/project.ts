import {
  identityOf,
  masked,
  shardOfRun,
  type Command,
  type Outcome,
  Run,
  type RunRecord,
  textWithCards,
  type Value,
  WorkflowRun,
} from "@bellhop/contracts";
import type { RunRow, StepRow } from "./schema.ts";

/** What one record of the log says about its run, before the run has its place. */
export interface Projected {
  run: Omit<RunRow, "n">;
  step: Omit<StepRow, "n">;
}

const longestReply = 4_000;
const longestAbout = 200;

/** The rows of a record. Undefined where it is no run's: a message that led to an answer alone. Each record carries the whole state, and what the end brings stands
 *  in the last one, so the highest revision says everything about a run. */
export function project(entry: { record: RunRecord; sequence: number }): Projected | undefined {
  const { record, sequence } = entry;
  const { state, revision } = record;
  if (state === undefined || shardOfRun(record.run) === undefined) return undefined;
  const tasks = Object.values(tasksOf(record, state));
  const attempt = Math.max(1, ...tasks.map((task) => task.attempt));
  const at = Date.parse(record.at);
  return {
    run: { id: record.run, revision, attempts: attempt, ...whoAndWhere(record, state), ...result(record, state) },
    step: {
      revision,
      sequence,
      at,
      event: record.event.kind,
      status: state.status,
      attempt,
      commands: JSON.stringify(record.commands.map((command) => ({ kind: command.kind, about: about(command) }))),
      tasks: record.progress === undefined || record.progress.length === 0 ? null : JSON.stringify(record.progress),
    },
  };
}

type WhoAndWhere =
  | "status"
  | "action"
  | "alias"
  | "parent"
  | "config"
  | "answers"
  | `person${string}`
  | "platform"
  | "account"
  | "space"
  | "channel"
  | "thread"
  | "room";

function whoAndWhere(record: RunRecord, state: Run): Pick<Projected["run"], Extract<keyof Projected["run"], WhoAndWhere>> {
  const { asker, replyTo } = state;
  return {
    status: state.status,
    action: state.action,
    alias: state.alias ?? null,
    parent: state.parent?.run ?? null,
    config: Object.values(tasksOf(record, state)).find((task) => task.config !== undefined)?.config ?? null,
    answers: state.answers,
    person: identityOf(asker),
    person_platform: asker.platform,
    person_space: asker.space ?? null,
    person_id: asker.id,
    person_name: asker.name ?? null,
    room: `${replyTo.platform}:${replyTo.space === undefined ? "" : `${replyTo.space}/`}${replyTo.channel}`,
    platform: replyTo.platform,
    account: replyTo.account,
    space: replyTo.space ?? null,
    channel: replyTo.channel,
    thread: replyTo.thread ?? null,
  };
}

function result(record: RunRecord, state: Run) {
  const outcome: Outcome | undefined = record.outcome;
  const ended = state.endedAt === undefined ? null : Date.parse(state.endedAt);
  const ms = outcome?.ms === undefined ? null : Math.round(outcome.ms);
  return {
    asked_at: Date.parse(state.askedAt),
    started_at: ended === null || ms === null ? null : ended - ms,
    ended_at: ended,
    ms,
    problem: outcome?.problem === undefined ? null : JSON.stringify(outcome.problem),
    reply: finalWords(record),
    input: JSON.stringify(masked(inputOf(record, state))),
    ...output(state.output),
  };
}

/** Of a workflow its first record says what it was asked with, and those that hold it whole. What lies apart reads null. */
function inputOf(record: RunRecord, state: Run): unknown {
  const { held } = record;
  const whole = held?.kind === "whole" ? held.value : undefined;
  const workflow =
    typeof whole === "object" && whole !== null && "workflow" in whole ? WorkflowRun.safeParse(whole.workflow).data : undefined;
  return workflow?.task.input ?? Object.assign({}, ...Object.values(tasksOf(record, state)).map((task) => task.input));
}

/** Of a run with a large input they are held, as a workflow is. */
function tasksOf({ held }: RunRecord, { tasks }: Run): Run["tasks"] {
  const whole = held?.kind === "whole" ? held.value : undefined;
  const isWorkflow = typeof whole !== "object" || whole === null || "workflow" in whole;
  return (isWorkflow ? undefined : TheTasks.safeParse(whole).data?.tasks) ?? tasks;
}

const TheTasks = Run.pick({ tasks: true });

function output(value: Value | undefined) {
  if (value === undefined) return { output: null, output_object: null, output_bytes: null };
  if ("ref" in value) return { output: null, output_object: value.ref.object, output_bytes: value.ref.bytes };
  return { output: JSON.stringify(masked(value.inline) ?? null), output_object: null, output_bytes: null };
}

function finalWords({ commands, state }: RunRecord): string | null {
  for (const command of commands) {
    if (command.kind === "send" && command.send.final && command.send.answers === state?.answers)
      return cut(textWithCards(command.send.body), longestReply);
  }
  return null;
}

function about(command: Command): string {
  switch (command.kind) {
    case "request":
      return `${command.request.action}, attempt ${command.request.attempt}, pool ${command.request.pool}`;
    case "send": {
      const { gesture, body } = command.send;
      if (gesture === undefined) return cut(body.text, longestAbout);
      return gesture.kind === "typing" ? "typing" : `${gesture.emoji}${gesture.gone === true ? " taken back" : ""}`;
    }
    case "ask":
      return `${command.ask.kind} ${command.ask.run}`;
    case "fire":
      return command.event.trigger;
    case "question":
      return command.question.over ?? command.question.lacks[0] ?? "";
    case "press":
      return command.press.over ?? `${command.press.id}, ${command.press.means.length} choices`;
    case "cancel":
      return `attempt ${command.attempt.attempt}`;
    case "finish":
      return `${command.finished.outcome.status} ${command.finished.run}`;
    case "timer":
      return `${command.timer.name}, due ${new Date(command.timer.due).toISOString()}`;
    case "clear-timer":
      return command.timer.name;
    case "schedule":
      return `${command.schedule.id}, ${cut(command.schedule.when, longestAbout)}`;
    case "unschedule":
      return command.schedule;
    case "enter":
    case "leave":
      return command.action;
  }
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`;
}
