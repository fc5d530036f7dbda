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

function saidIn(result: unknown): string | undefined {
  if (typeof result !== "object" || result === null) return undefined;
  const { error, stderr } = result as { error?: unknown; stderr?: unknown };
  return [error, stderr].find((text): text is string => typeof text === "string" && text.trim() !== "")?.trim();
}
