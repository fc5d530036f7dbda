import { fieldsOf } from "@bellhop/contracts";
import { installHint, missingProgram } from "../shell/missing.ts";
import type { LogEntry } from "./state.ts";

/** Why a task failed, for people: what its action said, where the log points to its result. */
export function reasonOf({ message, result }: Pick<LogEntry, "message" | "result">): string {
  return message.startsWith("Execution failed.") ? (saidIn(result) ?? message) : message;
}

/** Of all that went wrong what tells people most: that a workflow was told to fail follows from something else. */
export function reasons(errors: readonly LogEntry[]): readonly LogEntry[] {
  const told = errors.filter(({ task_id: task }) => task !== "fail");
  return told.length === 0 ? errors : told;
}

/** What an action that failed said of it, as far as its result tells. */
export function saidIn(result: unknown): string | undefined {
  const { error, stderr, return_code: returnCode } = fieldsOf(result);
  const missing = typeof returnCode === "number" && typeof stderr === "string" ? missingProgram({ returnCode, stderr }) : undefined;
  if (missing !== undefined) return `${missing} is not on the runner's machine. ${installHint(missing)}`;
  return [error, stderr].find((text): text is string => typeof text === "string" && text.trim() !== "")?.trim();
}
