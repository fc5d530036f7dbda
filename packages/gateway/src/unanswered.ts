import type { SendResult } from "./adapter.ts";

/** What a call tells that failed without an answer: whether anything of it can have arrived. */
export function unanswered(error: unknown): Extract<SendResult, { kind: "unavailable" | "unsure" }> {
  const code = codeOf(error);
  if (code !== undefined && neverArrived.has(code)) return { kind: "unavailable", why: code };
  if (error instanceof Error && gaveUp.has(error.name)) return { kind: "unsure", why: "no answer in time" };
  return { kind: "unsure", why: code ?? (error instanceof Error ? error.message : String(error)) };
}

/** The connection was never made: no request was written. */
const neverArrived: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** What a signal makes of a call: ours, or AbortSignal.timeout's. */
const gaveUp: ReadonlySet<string> = new Set(["AbortError", "TimeoutError"]);

/** As Node tells it, or within what fetch makes of it. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  return "cause" in error ? codeOf(error.cause) : undefined;
}
