import { styleText } from "node:util";
import type { RunStatus } from "@bellhop/contracts";
import type { PastRun, PastRunInFull, Step } from "@bellhop/history";
import { tableLines, type Look } from "../table.ts";
import { harmless, renderMarkdown } from "../terminal/markdown.ts";
import { clock, duration, fineStamp } from "../times.ts";
import { taskLines } from "./task-lines.ts";

/** So much of an id tells runs apart. */
const shortId = 10;

const colours = {
  requested: "cyan",
  scheduled: "cyan",
  delayed: "cyan",
  running: "cyan",
  pending: "magenta",
  pausing: "yellow",
  paused: "yellow",
  resuming: "cyan",
  canceling: "yellow",
  succeeded: "green",
  failed: "red",
  timeout: "red",
  canceled: "yellow",
  abandoned: "red",
} as const satisfies Record<RunStatus, string>;

/** A line for each run, below a line of titles. @param waiting why runs wait for policies, by their ids */
export function runTable(runs: readonly PastRun[], look: Look, waiting: ReadonlyMap<string, string> = new Map()): string[] {
  const rows = runs.map((run) => [
    run.id.slice(-shortId),
    run.status,
    clock(run.askedAt),
    run.ms === undefined ? "" : duration(run.ms),
    run.person.name ?? run.person.id,
    room(run),
    [run.action, inputLine(run.input), run.config === undefined ? "" : `config=${run.config}`, asNote(waiting.get(run.id))]
      .filter((part) => part !== "")
      .join(" "),
  ]);
  return tableLines({
    titles: ["RUN", "STATUS", "ASKED", "TOOK", "BY", "IN", "ACTION"],
    rows,
    look,
    paint: (cell, { row, column }) => {
      const status = runs[row]?.status;
      return column === 1 && status !== undefined ? cell.replace(status, (text) => paint(look, colours[status], text)) : cell;
    },
  });
}

/** Everything about one run.
 *  @param children runs of its sub-workflows, and of theirs
 *  @param waits why it has not begun */
export function runText(
  run: PastRunInFull,
  look: Look,
  { children = new Map(), waits }: { children?: ReadonlyMap<string, PastRunInFull>; waits?: string | undefined } = {},
): string {
  const field = (name: string, value: string | undefined) =>
    value === undefined || value === "" ? [] : [`  ${paint(look, "dim", name.padEnd(8))} ${harmless(value)}`];
  const block = (name: string, text: string | undefined) =>
    text === undefined || text === "" ? [] : [`  ${paint(look, "dim", name)}`, ...text.split("\n").map((line) => `    ${harmless(line)}`)];
  const { person, where } = run;
  return [
    `${run.id}  ${harmless(run.action)}  ${paint(look, colours[run.status], run.status)}`,
    ...field("by", `${person.name ?? person.id} (${person.platform}:${person.space === undefined ? "" : `${person.space}/`}${person.id})`),
    ...field("in", `${room(run)}${where.thread === undefined ? "" : `, thread ${where.thread}`}, as ${where.account}`),
    ...field("alias", run.alias),
    ...field("config", run.config),
    ...field("part of", run.parent),
    ...field("event", eventOf(run.answers)),
    ...field("asked", fineStamp(run.askedAt)),
    ...field("started", run.startedAt === undefined ? undefined : fineStamp(run.startedAt)),
    ...field("waits", waits),
    ...field("ended", run.endedAt === undefined ? undefined : fineStamp(run.endedAt)),
    ...field("took", run.ms === undefined ? undefined : `${duration(run.ms)}${run.attempts > 1 ? `, attempt ${run.attempts}` : ""}`),
    ...block(
      "input",
      Object.entries(run.input)
        .map(([name, value]) => `${name}: ${asText(value)}`)
        .join("\n"),
    ),
    ...block("problem", run.problem === undefined ? undefined : `${run.problem.message}\n${run.problem.hint}`.trim()),
    ...block("reply", run.reply === undefined ? undefined : renderMarkdown(run.reply, look)),
    ...block("output", outputText(run)),
    ...tasksText(run, look, children),
    `  ${paint(look, "dim", "steps")}`,
    ...run.steps.map((step) => `    ${stepLine(step)}`),
  ].join("\n");
}

/** The event that a rule made the run of. */
function eventOf(answers: string): string | undefined {
  return /^event\/([0-9A-Z]{26})\//.exec(answers)?.[1];
}

function asNote(text: string | undefined): string {
  return text === undefined ? "" : `(${text})`;
}

/** What a step did: for people, of a workflow's what became of its tasks. */
export function stepLine(step: Pick<Step, "at" | "event" | "status" | "commands" | "tasks">): string {
  const { at, event, status, commands, tasks = [] } = step;
  const became = tasks.map(({ name, status: how, why }) => `${name} ${how}${why === undefined ? "" : ` (${why.split("\n", 1)[0] ?? ""})`}`);
  const wanted = commands.map(({ kind, about }) => `${kind} ${about.split("\n", 1)[0] ?? ""}`.trim());
  return harmless(
    `${fineStamp(at)}  ${event.padEnd(10)} ${status.padEnd(10)} ${(became.length > 0 ? became : wanted).join("; ")}`,
  ).trimEnd();
}

export function paint({ colour }: Look, format: "dim" | (typeof colours)[RunStatus], text: string): string {
  return colour ? styleText(format, text, { validateStream: false }) : text;
}

/** A workflow's tasks in the order in which they began, below a task those of its own run. */
function tasksText(run: PastRunInFull, look: Look, children: ReadonlyMap<string, PastRunInFull>): string[] {
  const lines = taskLines({ run, children, now: Date.now() }).map(
    ({ indent, name, status, ms, about }) =>
      `    ${"  ".repeat(indent)}${harmless(name)}  ${paint(look, colourOf(status), status)}${ms === undefined ? "" : `  ${duration(ms)}`}${harmless(about)}`,
  );
  return lines.length === 0 ? [] : [`  ${paint(look, "dim", "tasks")}`, ...lines];
}

function colourOf(status: string): "dim" | (typeof colours)[RunStatus] {
  const known: Readonly<Record<string, (typeof colours)[RunStatus] | undefined>> = colours;
  return known[status] ?? "yellow";
}

function outputText(run: PastRunInFull): string | undefined {
  if (run.outputRef !== undefined)
    return `${run.outputRef.bytes} bytes: \`bellhop runs show ${run.id.slice(-shortId)} --output\` prints them`;
  return run.output === undefined || run.output === null ? undefined : asText(run.output);
}

/** A text as it is, anything else as JSON. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, undefined, 2);
}

function inputLine(input: Record<string, unknown>): string {
  return Object.entries(input)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ")
    .replaceAll(/\s+/g, " ");
}

function room({ where }: PastRun): string {
  return `${where.platform}:${where.space === undefined ? "" : `${where.space}/`}${where.channel}`;
}
