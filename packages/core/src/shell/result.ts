import { problem, type ProblemData } from "@bellhop/contracts";
import { installHint, missingProgram } from "./missing.ts";

/** How a command ended. */
export interface CommandEnd {
  /** The action's ref. */
  readonly action: string;
  readonly stdout: string;
  readonly stderr: string;
  /** There are secrets in what it printed: it is not quoted. */
  readonly unquoted?: boolean;
  /** 0: it succeeded. Below 0: a signal ended it. */
  readonly returnCode: number;
  /** Why it failed, in words. Absent: its code, and the last line that it wrote. */
  readonly why?: string;
  /** Where its code says nothing, e.g. `it was ended by SIGTERM`; the last line that it wrote is added. */
  readonly how?: string;
  /** What else the result says of the end: the command itself had no word in it. */
  readonly error?: string;
  /** What to do about it. */
  readonly next?: string;
}

type CommandResult =
  | { status: "succeeded"; output: Record<string, unknown> }
  | { status: "failed"; output: Record<string, unknown>; problem: ProblemData };

/** What a command that has ended gives: StackStorm's result, and the reason where it failed. */
export function commandResult(end: CommandEnd): CommandResult {
  const { action, returnCode, stdout, stderr, error } = end;
  const output = {
    failed: returnCode !== 0,
    succeeded: returnCode === 0,
    return_code: returnCode,
    stdout: parsed(withoutNewline(stdout)),
    stderr: withoutNewline(stderr),
    ...(error === undefined ? {} : { error }),
  };
  if (returnCode === 0) return { status: "succeeded", output };
  const missing = end.why === undefined ? missingProgram(end) : undefined;
  const why = missing === undefined ? (end.why ?? said(end)) : `${missing} is not on the runner's machine`;
  const next = end.next ?? (missing === undefined ? "" : installHint(missing));
  return { status: "failed", output, problem: problem("action_failed", { action, why, next }).data };
}

/** Each value of a pack's configuration as `BELLHOP_CONFIG_<name>`: texts as they are, the rest as JSON. */
export function configEnvironment(config: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [`BELLHOP_CONFIG_${name.replaceAll(/\W/g, "_")}`, textOf(value)]),
  );
}

/** What a shell kind's program finds in its environment about the action that it works for, and its pack's configuration. */
export function commandEnvironment(at: {
  pack: string;
  run: string;
  config?: Readonly<Record<string, unknown>>;
  folders: { files: string; attach: string };
}): Record<string, string> {
  return {
    ...configEnvironment(at.config ?? {}),
    ST2_ACTION_PACK_NAME: at.pack,
    ST2_ACTION_EXECUTION_ID: at.run,
    ST2_ACTION_DEBUG: "False",
    BELLHOP_FILES: at.folders.files,
    BELLHOP_ATTACH: at.folders.attach,
  };
}

/** Every parameter of a script as `BELLHOP_PARAM_<name>`: texts as they are, the rest as JSON. */
export function parameterEnvironment(
  parameters: Readonly<Record<string, unknown>>,
  input: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const given = Object.keys(parameters).filter((name) => input[name] !== undefined && input[name] !== null);
  return Object.fromEntries(given.map((name) => [`BELLHOP_PARAM_${name}`, textOf(input[name])]));
}

/** What the parameter `env` of a shell kind asks for. */
export function givenEnvironment(env: unknown): Record<string, string> {
  if (typeof env !== "object" || env === null) return {};
  const given = Object.entries(env).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, textOf(value)]));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function said({ returnCode, how = `exit code ${returnCode}`, stdout, stderr, unquoted = false }: CommandEnd): string {
  const line = lastLine(stderr) ?? (unquoted ? undefined : lastLine(stdout));
  return line === undefined ? how : `${how}: ${line}`;
}

function lastLine(text: string): string | undefined {
  const line = text.trimEnd().split("\n").at(-1)?.trim();
  return line === undefined || line === "" ? undefined : line.slice(0, 300);
}

function withoutNewline(text: string): string {
  return text.endsWith("\n") ? text.slice(0, text.endsWith("\r\n") ? -2 : -1) : text;
}

/** StackStorm gives templates the parsed value where the whole output is JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
