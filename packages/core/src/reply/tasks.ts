import { pressId, type Choice, type Meaning, type Press, type Run, type Send } from "@bellhop/contracts";
import { stateOf, type TaskState, type TaskStatus, type WorkflowState } from "../workflow/state.ts";
import { each } from "../workflow/list.ts";
import { reasonOf } from "../workflow/reason.ts";

/** Whether a workflow's reply shows how its tasks fare while it runs. A whisper can't be reworded everywhere, a prompt is a place for results, and a run that is part of
 *  another is seen as its task. */
export function mayShowTasks({ workflow, parent, reply, replyTo }: Run): boolean {
  return (
    workflow !== undefined &&
    parent === undefined &&
    reply.enabled &&
    reply.live !== false &&
    reply.whisper !== true &&
    replyTo.platform !== "terminal" &&
    replyTo.platform !== "rule"
  );
}

/** What stands below the last word on a workflow: how its tasks fared, and for one that failed a button that goes on where it did. */
export function tasksEnded(run: Run): { text: string; button?: { choices: Send["body"]["choices"]; press: Press } } {
  const state = run.workflow && stateOf(run.workflow);
  if (state === undefined) return { text: "" };
  const text = taskLines(state).join("\n");
  const again = run.status === "failed" || run.status === "timeout" || run.status === "abandoned";
  return again && mayShowTasks(run) ? { text, button: buttonsOf(run) } : { text };
}

/** More are folded. */
const linesShown = 15;

/** A line for each task, in the order in which they began. Of a long workflow those that went well are counted, the last of them shown.
 *  @param waiting those that policies let not begin */
export function taskLines(state: WorkflowState, waiting: ReadonlySet<TaskState> = new Set()): string[] {
  const tasks = [...each(state.sequence)].filter((task) => task.of === undefined && !engineWords.has(task.task));
  const lineOf = (task: TaskState) => taskLine(task, state, waiting.has(task));
  if (tasks.length <= linesShown) return tasks.map(lineOf);
  const plain = tasks.filter(({ status }) => status === "succeeded");
  const folded = new Set(plain.slice(0, Math.max(0, tasks.length - linesShown + 1)));
  const left = tasks.filter((task) => !folded.has(task));
  // Of very many that are all at work or failed, the last ones.
  const shown = left.slice(-(linesShown - 1));
  const others = left.length - shown.length;
  return [`${marks.succeeded} ${folded.size} tasks${others === 0 ? "" : `, and ${others} that are not done`}`, ...shown.map(lineOf)];
}

/** What stands where a task could. */
const engineWords = new Set(["noop", "fail", "continue", "retry"]);

function taskLine(task: TaskState, state: WorkflowState, isWaiting: boolean): string {
  const { status, items, attempt, startedAt, endedAt } = task;
  const took = endedAt === undefined ? "" : ` · ${duration(Date.parse(endedAt) - Date.parse(startedAt))}`;
  const counted = items === undefined ? "" : ` · ${items.statuses.succeeded ?? 0} of ${items.list.length}`;
  const tried = attempt > 1 ? ` · attempt ${attempt}` : "";
  const word = isWaiting ? "waits for its turn" : words[status];
  const waits = endedAt === undefined && word !== undefined ? ` · ${word}` : "";
  const entry = state.errors.findLast(({ task_id: id, route = 0 }) => id === task.task && route === task.route);
  const why = entry && reasonOf(entry);
  const failed = why === undefined || status === "succeeded" || status === "running" ? "" : `: ${firstLine(why)}`;
  return `${marks[status]} ${task.task}${counted}${tried}${took}${waits}${failed}`;
}

const marks: Readonly<Record<TaskStatus, string>> = {
  running: "⏳",
  pending: "🙋",
  pausing: "⏸",
  paused: "⏸",
  resuming: "⏳",
  retrying: "🔁",
  canceling: "⏹",
  succeeded: "✅",
  failed: "❌",
  timeout: "⌛",
  abandoned: "❌",
  canceled: "⏹",
};

const words: Readonly<Partial<Record<TaskStatus, string>>> = {
  pending: "waits for an answer",
  pausing: "pauses",
  paused: "paused",
  retrying: "tries again",
  canceling: "is being canceled",
};

const longestWhy = 160;

function firstLine(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  return line.length > longestWhy ? `${line.slice(0, longestWhy - 1).toWellFormed()}…` : line;
}

/** What can be pressed in which state. Each has an id of its own, so that a press of what just went away means what it said. */
export function buttonsOf(run: Run): { choices: NonNullable<Send["body"]["choices"]>; press: Press } {
  const over = run.endedAt !== undefined;
  const paused = run.status === "paused" || run.status === "pausing";
  const state = over ? "over" : paused ? "paused" : "running";
  const id = pressId(`${run.id}/tasks/${state}`);
  const short = id.slice(0, 4);
  const button = (label: string, word: string, style?: "primary" | "danger"): Choice => ({
    kind: "button",
    label,
    words: `${word} ${short}`,
    ...(style === undefined ? {} : { style }),
  });
  const offers: Readonly<Record<typeof state, readonly (readonly [Choice, Meaning, string[]])[]>> = {
    running: [
      [button("Pause", "pause"), { kind: "pause", run: run.id }, ["pause"]],
      [button("Cancel", "cancel", "danger"), { kind: "cancel", run: run.id }, ["cancel"]],
    ],
    paused: [
      [button("Resume", "resume", "primary"), { kind: "resume", run: run.id }, ["resume"]],
      [button("Cancel", "cancel", "danger"), { kind: "cancel", run: run.id }, ["cancel"]],
    ],
    over: [[button("Go on from what failed", "again", "primary"), { kind: "again", run: run.id }, ["again"]]],
  };
  const offered = offers[state];
  return {
    choices: { press: id, items: offered.map(([item]) => item) },
    press: { v: 1, id, means: offered.map(([, meaning]) => meaning), words: offered.map(([, , typed]) => typed), to: run.replyTo },
  };
}

function duration(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}
