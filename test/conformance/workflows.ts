import {
  compileWorkflow,
  conduct,
  contextOf,
  eachItem,
  inspectWorkflow,
  readWorkflowText,
  type Conducted,
  type TaskState,
  type Workflow,
  type WorkflowCommand,
  type WorkflowEvent,
  type WorkflowState,
} from "@bellhop/core";
import { Fault, str, writeJson, type HostFunction } from "@bellhop/expression";
import { z } from "zod";
import type { Case } from "./kinds.ts";

const Scripted = z.object({
  status: z.enum(["succeeded", "failed", "timeout", "canceled", "abandoned", "paused", "pending"]),
  result: z.unknown().optional(),
});
const Definition = z.object({
  definition: z.string(),
  inputs: z.record(z.string(), z.unknown()).nullish(),
  app_ctx: z.record(z.string(), z.unknown()).nullish(),
  script: z.record(z.string(), z.array(Scripted.nullable())).nullish(),
  order: z.enum(["fifo", "lifo"]).nullish(),
  controls: z.array(z.object({ after: z.number(), request: z.enum(["pause", "resume", "cancel"]) })).nullish(),
});
type Definition = z.infer<typeof Definition>;
type Run = Extract<WorkflowCommand, { kind: "run" }>;

/** Runs a workflow as the tables were recorded: one action ends at a time, the oldest or the newest first. */
export function answer(given: Case): unknown {
  const asked = Definition.parse(given);
  const text = readWorkflowText(asked.definition);
  if (text.kind === "fault") return { status: "rejected", exception: { error: "ValueError", message: text.message } };
  const context = asked.app_ctx ?? {};
  const complaints = inspectWorkflow(text.document, { context: Object.keys(context), dialect: "orquesta" });
  if (complaints.length > 0) return { status: "rejected", inspection: complaints };
  const driver = new Driver(compileWorkflow(text.document), asked);
  driver.begin(asked.inputs ?? {}, context);
  driver.work();
  return driver.answer();
}

const at = "2025-01-01T00:00:00.000Z";

class Driver {
  readonly #workflow: Workflow;
  readonly #asked: Definition;
  readonly #out: { readonly run: Run; readonly call: Record<string, unknown> }[] = [];
  readonly #calls: Record<string, unknown>[] = [];
  readonly #completions = new Map<string, number>();
  #state: WorkflowState | undefined;

  constructor(workflow: Workflow, asked: Definition) {
    this.#workflow = workflow;
    this.#asked = asked;
  }

  begin(input: Readonly<Record<string, unknown>>, context: Readonly<Record<string, unknown>>): void {
    this.#step({ kind: "begin", at, input, context });
  }

  work(): void {
    const controls = [...(this.#asked.controls ?? [])];
    for (let done = 0; ;) {
      const [control] = controls;
      if (control !== undefined && (control.after <= done || this.#out.length === 0)) {
        controls.shift();
        this.#step({ kind: "asked", at, what: control.request });
        continue;
      }
      const next = this.#asked.order === "lifo" ? this.#out.pop() : this.#out.shift();
      if (next === undefined) return;
      this.#finish(next.run, next.call);
      done += 1;
    }
  }

  answer(): unknown {
    const state = this.#state;
    if (state === undefined) throw new Error("it has not begun");
    const calls = [...this.#calls, ...this.#idle(Array.from(eachItem(state.sequence)))];
    return { status: state.status, output: state.output, errors: state.errors, calls, context: contextOf(this.#workflow, state) };
  }

  #step(event: WorkflowEvent): void {
    const before = this.#state;
    const { state, commands }: Conducted = conduct(this.#workflow, before, event, withoutStore);
    // As between two processes.
    this.#state = JSON.parse(JSON.stringify(state)) as WorkflowState;
    for (const command of commands) {
      if (command.kind !== "run") continue;
      const { task, route, action, input, item, delayMs } = command;
      const call: Record<string, unknown> = {
        task,
        route,
        action,
        input,
        ...(item === undefined ? {} : { item_id: item }),
        ...(delayMs === undefined ? {} : { delay: delayMs / 1000 }),
      };
      this.#calls.push(call);
      this.#out.push({ run: command, call });
    }
  }

  #finish({ key, attempt, task, item, action, input }: Run, call: Record<string, unknown>): void {
    const name = item === undefined ? task : `${task}#${item}`;
    const count = this.#completions.get(name) ?? 0;
    this.#completions.set(name, count + 1);
    const script = this.#asked.script ?? {};
    const scripted = (script[name] ?? script[task])?.[count] ?? { status: "succeeded" as const };
    const { status } = scripted;
    call["status"] = status;
    const result = "result" in scripted ? scripted.result : status === "succeeded" ? resultOf(action, input) : failure;
    if (status === "paused" || status === "pending") this.#step({ kind: "moved", at, key, attempt, status });
    else this.#step({ kind: "finished", at, key, attempt, status, result });
  }

  /** Tasks that have nothing to do are not asked for. */
  #idle(sequence: readonly TaskState[]): Record<string, unknown>[] {
    return sequence.flatMap(({ task, route, items, attempt }) => {
      const definition = this.#workflow.byName.get(task);
      if (definition === undefined) return [];
      const none = items?.list.length === 0;
      if (definition.action !== undefined && !none) return [];
      return Array.from({ length: attempt }, () => ({ task, route, action: null, ...(none ? { items: 0 } : {}) }));
    });
  }
}

const failure = { stdout: "", stderr: "boom", return_code: 1, succeeded: false, failed: true };

function resultOf(action: string, input: unknown): unknown {
  const given: Readonly<Record<string, unknown>> = typeof input === "object" && input !== null ? { ...input } : {};
  const said = (stdout: unknown) => ({ stdout, stderr: "", return_code: 0, succeeded: true, failed: false });
  switch (action) {
    case "core.noop":
      return { return_code: 0, succeeded: true, failed: false };
    case "core.echo":
      return said(typeof given["message"] === "string" ? given["message"] : pythonJson(given["message"] ?? null));
    case "core.local":
    case "core.local_sudo":
    case "core.remote":
      return said(`ran: ${str(given["cmd"] ?? null)}`);
    default:
      return { result: { action, input }, stdout: "", stderr: "", exit_code: 0 };
  }
}

/** The tables were recorded without the store of executions that the original's `task()` asks. */
function withoutStore({ routes, sequence }: WorkflowState): Readonly<Record<string, HostFunction>> {
  const task: HostFunction = ([given, on], named) => {
    const name = given ?? named["task_name"];
    if (Number(on ?? named["route"] ?? 0) >= routes.length) throw new Fault("IndexError", "list index out of range");
    if (typeof name === "string" && !Array.from(eachItem(sequence)).some((known) => known.task === name))
      throw new Fault("ExpressionEvaluationException", `Unable to find task execution for "${name}".`);
    throw new Fault("ConnectionFailure", "there is no store of executions");
  };
  return { task };
}

/** As Python writes it, with sorted keys. */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (typeof value !== "object" || value === null) {
    return writeJson(value).replaceAll(/[\u0080-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
  }
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${pythonJson(key)}: ${pythonJson(inner)}`).join(", ")}}`;
}
