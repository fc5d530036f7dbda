import { styleText } from "node:util";
import type { RunStatus } from "@bellhop/contracts";
import type { PastRun, PastRunInFull, Step } from "@bellhop/history";
import { harmless, renderMarkdown } from "../terminal/markdown.ts";
import { taskLines } from "./task-lines.ts";

/** How runs are shown: `colour` and `width` of a terminal; without a width nothing is cut. */
export interface Look {
  colour: boolean;
  width?: number;
}

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

/** A line for each run, below a line of titles. */
export function runTable(runs: readonly PastRun[], look: Look): string[] {
  const rows = runs.map((run) => [
    run.id.slice(-shortId),
    run.status,
    clock(run.askedAt),
    run.ms === undefined ? "" : duration(run.ms),
    run.person.name ?? run.person.id,
    room(run),
    [run.action, inputLine(run.input), run.config === undefined ? "" : `config=${run.config}`].filter((part) => part !== "").join(" "),
  ]);
  const titles = ["RUN", "STATUS", "ASKED", "TOOK", "BY", "IN", "ACTION"];
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join("  ");
  const fit = (text: string) => (look.width === undefined || text.length <= look.width ? text : `${text.slice(0, look.width - 1)}…`);
  return [
    paint(look, "dim", fit(line(titles))),
    ...rows.map((row, index) => {
      const text = fit(harmless(line(row)));
      const status = runs[index]?.status;
      if (status === undefined) return text;
      const at = (widths[0] ?? 0) + 2;
      return text.slice(0, at) + paint(look, colours[status], text.slice(at, at + status.length)) + text.slice(at + status.length);
    }),
  ];
}

/** Everything about one run.
 *  @param children runs of its sub-workflows, and of theirs */
export function runText(run: PastRunInFull, look: Look, children: ReadonlyMap<string, PastRunInFull> = new Map()): string {
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
    ...field("asked", stamp(run.askedAt)),
    ...field("started", run.startedAt === undefined ? undefined : stamp(run.startedAt)),
    ...field("ended", run.endedAt === undefined ? undefined : stamp(run.endedAt)),
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

/** What a step did: for people, of a workflow's what became of its tasks. */
export function stepLine(step: Pick<Step, "at" | "event" | "status" | "commands" | "tasks">): string {
  const { at, event, status, commands, tasks = [] } = step;
  const became = tasks.map(({ name, status: how, why }) => `${name} ${how}${why === undefined ? "" : ` (${why.split("\n", 1)[0] ?? ""})`}`);
  const wanted = commands.map(({ kind, about }) => `${kind} ${about.split("\n", 1)[0] ?? ""}`.trim());
  return harmless(`${stamp(at)}  ${event.padEnd(10)} ${status.padEnd(10)} ${(became.length > 0 ? became : wanted).join("; ")}`).trimEnd();
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

/** `14:03:07` of today, else `03-01 14:03`, else with the year, in this machine's time zone. */
function clock(iso: string, now = new Date()): string {
  const local = stamp(iso);
  if (local.slice(0, 10) === stamp(now.toISOString()).slice(0, 10)) return local.slice(11, 19);
  return local.slice(0, 4) === String(now.getFullYear()) ? local.slice(5, 16) : local.slice(0, 16);
}

/** `2026-03-01 14:03:07.120`, in this machine's time zone. */
function stamp(iso: string): string {
  const time = new Date(iso);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 23).replace("T", " ");
}

function duration(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}
