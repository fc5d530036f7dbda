import { Problem, problem, type ProblemData } from "@bellhop/contracts";
import type { z } from "zod";
import { isActionFailed, type ActionLog, type AnyAction } from "./action.ts";
import { attaching, type ActionFile, type Attached } from "./files.ts";
import { memoryKv, packKv, type KvHost } from "./kv.ts";

export { isAction, type ActionLog, type AnyAction } from "./action.ts";
export type { KvAnswer, KvAsk, KvHost } from "./kv.ts";
export { isAlias, type AnyAlias } from "./alias.ts";
export { isConfig, type AnyConfig } from "./config.ts";
export { isRule, type AnyRule } from "./rule.ts";
export { isSensor, type AnySensor } from "./sensor.ts";
export { runSensor, type SensorHost } from "./host-sensor.ts";
export { isWorkflow, type AnyWorkflow } from "./workflow.ts";
export { documentOf } from "./workflow-document.ts";
export { mediaType, mostAttached, safeName, type ActionFile, type Attached } from "./files.ts";

/** What a host gives to an action. `action` is its ref, `pack.name`, for the wording of problems. */
interface HostCall {
  readonly action: string;
  readonly input: Record<string, unknown>;
  readonly config?: Record<string, unknown>;
  readonly files?: readonly ActionFile[];
  /** Stores what the action attaches, before it returns. Absent: it can't attach anything. */
  readonly keep?: (file: Attached, bytes: Uint8Array) => void;
  /** The datastore. Absent: one that is empty, and forgets. */
  readonly kv?: KvHost;
  readonly log: ActionLog;
  readonly signal: AbortSignal;
}

/** How an action ended. `output` is JSON; a failure has one where the action kept a result. */
export type Executed = { kind: "succeeded"; output: unknown } | { kind: "failed"; problem: ProblemData; output?: unknown };

/** Carries an action out: checks the input, runs, checks the output. For runners; never throws for what pack code does. */
export async function executeAction(definition: AnyAction, call: HostCall): Promise<Executed> {
  try {
    return { kind: "succeeded", output: await carryOut(definition, call) };
  } catch (thrown) {
    if (thrown instanceof Problem) return { kind: "failed", problem: thrown.data };
    const kept = isActionFailed(thrown) ? thrown : undefined;
    const why = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
    const failed = problem("action_failed", { action: call.action, why, next: kept?.hint ?? "" }).data;
    return kept?.result === undefined
      ? { kind: "failed", problem: failed }
      : { kind: "failed", problem: failed, output: json(kept.result) };
  }
}

/** The same with what was thrown left as it is: Problems for input and output, pack code's own errors for the rest. For tests of packs. */
export async function carryOut(definition: AnyAction, call: HostCall): Promise<unknown> {
  const input = await definition.input.safeParseAsync(call.input);
  if (!input.success) throw inputProblem(definition, call, input.error);
  const config = await checkedConfig(definition, call);
  const { attach, close } = attaching(call);
  let output: unknown;
  try {
    output = await definition.spec.run({
      input: input.data,
      config,
      files: call.files ?? [],
      attach,
      kv: packKv(call.kv ?? memoryKv(new Map())),
      log: call.log,
      signal: call.signal,
    });
  } finally {
    close();
  }
  if (definition.output === undefined) return checkedJson(call.action, output);
  const checked = await definition.output.safeParseAsync(output);
  if (!checked.success) throw outputProblem(call.action, checked.error.issues.map(misfit).join("; "));
  return checkedJson(call.action, checked.data);
}

function inputProblem(definition: AnyAction, call: HostCall, error: z.ZodError): Problem {
  const issue = error.issues[0];
  const parameter = String(issue?.path[0] ?? "input");
  if (issue?.path.length === 1 && call.input[parameter] === undefined) {
    const description = definition.input.shape[parameter]?.description ?? "";
    return problem("parameter_missing", { action: call.action, parameter, description }, { cause: error });
  }
  const secret = definition.spec.secrets?.includes(parameter) === true;
  const found = secret ? "that value" : short(call.input[parameter]);
  const expected = issue === undefined ? "another value" : describe({ ...issue, path: issue.path.slice(1) } as z.core.$ZodIssue);
  return problem("parameter_invalid", { action: call.action, parameter, found, expected }, { cause: error });
}

/** The host has checked them as far as their JSON Schema says: what zod alone knows is known here. */
async function checkedConfig({ spec }: AnyAction, { action, config = {} }: HostCall): Promise<Record<string, unknown>> {
  if (spec.config === undefined) return config;
  const { schema, secrets } = spec.config;
  const checked = await schema.safeParseAsync(config);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  const name = String(issue?.path[0] ?? "");
  const value = config[name];
  const pack = action.split(".")[0] ?? action;
  const expected = issue === undefined ? "another value" : describe({ ...issue, path: issue.path.slice(1) } as z.core.$ZodIssue);
  const found = value === undefined ? "missing" : secrets.includes(name) ? "what was given" : short(value);
  const next = `\`bellhop pack config ${pack}\` shows where it comes from.`;
  throw problem("pack_config_invalid", { name, pack, instance: "", found, where: "", expected, next }, { cause: checked.error });
}

function outputProblem(action: string, why: string): Problem {
  return problem("output_invalid", { action, why, pack: action.split(".")[0] ?? action });
}

/** What would have been right, e.g. `seconds: at least 0`. */
function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join(".");
  return path === "" ? expectedOf(issue) : `${path}: ${expectedOf(issue)}`;
}

function misfit(issue: z.core.$ZodIssue): string {
  return `${issue.path.map(String).join(".") || "it"} should be ${expectedOf(issue)}`;
}

function expectedOf(issue: z.core.$ZodIssue): string {
  // The pack's author found better words.
  if (!/^(Invalid|Too small|Too big)\b/.test(issue.message)) return issue.message;
  if (issue.code === "invalid_type") return words[issue.expected] ?? issue.expected;
  if (issue.code === "invalid_value")
    return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "invalid_format")
    return words[issue.format] ?? (issue.pattern === undefined ? issue.message : `text that fits ${issue.pattern}`);
  if (issue.code !== "too_small" && issue.code !== "too_big") return issue.message;
  const bound = issue.code === "too_small" ? issue.minimum : issue.maximum;
  const most =
    issue.code === "too_small"
      ? issue.inclusive === false
        ? "more than"
        : "at least"
      : issue.inclusive === false
        ? "less than"
        : "at most";
  const unit = issue.origin === "string" ? " characters" : issue.origin === "array" || issue.origin === "set" ? " items" : "";
  return `${most} ${bound}${unit}`;
}

const words: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "fields (name: value)",
  record: "fields (name: value)",
  url: "a URL",
  email: "an email address",
  uuid: "a UUID",
  datetime: "a date and time (ISO 8601)",
  date: "a date (YYYY-MM-DD)",
};

function checkedJson(action: string, output: unknown): unknown {
  try {
    return json(output);
  } catch (error) {
    throw outputProblem(action, error instanceof Error ? error.message : String(error));
  }
}

/** As it will be stored: dates are texts, what JSON leaves out is gone, nothing is null. */
function json(value: unknown): unknown {
  const text: string | undefined = JSON.stringify(value);
  return text === undefined ? null : JSON.parse(text);
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
