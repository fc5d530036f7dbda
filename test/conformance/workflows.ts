import {
  compileWorkflow,
  eachItem,
  inspectWorkflow,
  readWorkflowText,
  rehearse,
  type RehearsedCall,
  type Workflow,
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

/** Rehearses a workflow as the tables were recorded: one action ends at a time, the oldest or the newest first. */
export function answer(given: Case): unknown {
  const asked = Definition.parse(given);
  const text = readWorkflowText(asked.definition);
  if (text.kind === "fault") return { status: "rejected", exception: { error: "ValueError", message: text.message } };
  const context = asked.app_ctx ?? {};
  const complaints = inspectWorkflow(text.document, { context: Object.keys(context), dialect: "orquesta" });
  if (complaints.length > 0) return { status: "rejected", inspection: complaints };
  const workflow = compileWorkflow(text.document);
  const { calls, ...rest } = rehearse(
    workflow,
    {
      input: asked.inputs ?? {},
      context,
      results: asked.script ?? {},
      order: asked.order === "lifo" ? "newest" : "oldest",
      asks: (asked.controls ?? []).map(({ after, request }) => ({ after, ask: request })),
    },
    { resultOf, functions: withoutStore },
  );
  return { ...rest, calls: calls.map((call) => recordedCall(workflow, call)) };
}

/** As the tables have it: tasks that have nothing to do have no status. */
function recordedCall(workflow: Workflow, { item, status, ...call }: RehearsedCall): unknown {
  if (call.action !== null) return { ...call, status, ...(item === undefined ? {} : { item_id: item }) };
  const { task, route, action } = call;
  return { task, route, action, ...(workflow.byName.get(task)?.items === undefined ? {} : { items: 0 }) };
}

const failure = { stdout: "", stderr: "boom", return_code: 1, succeeded: false, failed: true };

function resultOf({ action, input }: RehearsedCall, status: string): unknown {
  if (status !== "succeeded") return failure;
  const given: Readonly<Record<string, unknown>> = typeof input === "object" && input !== null ? { ...input } : {};
  const said = (stdout: unknown) => ({ stdout, stderr: "", return_code: 0, succeeded: true, failed: false });
  switch (action ?? "") {
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
