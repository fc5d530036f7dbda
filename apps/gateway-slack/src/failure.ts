import { unanswered, type SendResult } from "@bellhop/gateway";
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from "./sdk.ts";

export type Failure = Exclude<SendResult, { kind: "sent" }>;

/** What a failed call tells about what it wanted.
 *  @param lane the call's own, which has to wait when Slack has had enough of such calls */
export function failureOf(error: unknown, lane?: string): Failure {
  if (error instanceof WebAPIRateLimitedError) {
    return { kind: "unavailable", why: "ratelimited", retryAfterMs: error.retryAfter * 1000, ...(lane && { lane }) };
  }
  if (error instanceof WebAPIPlatformError) return answered(error.data);
  if (error instanceof WebAPIHTTPError) return httpFailure(error.statusCode);
  if (error instanceof WebAPIRequestError) return unanswered(error.original);
  // A 429 without its Retry-After is a plain error in the SDK.
  if (error instanceof Error && error.message.startsWith("Retry header"))
    return { kind: "unavailable", why: "ratelimited", ...(lane && { lane }) };
  return { kind: "unsure", why: error instanceof Error ? error.message : String(error) };
}

export function httpFailure(status: number): Failure {
  const why = `HTTP ${status}`;
  return status >= 500 || status === 408 ? { kind: "unsure", why } : { kind: "refused", why };
}

/** For calls after which nothing stands that people see, whatever became of them. */
export function surely(failure: Failure): Failure {
  return failure.kind === "unsure" ? { ...failure, kind: "unavailable" } : failure;
}

function answered(data: WebAPIPlatformError["data"]): Failure {
  const code = data.error;
  if (mayHaveWorked.has(code) || !/^[a-z_]+$/.test(code)) return { kind: "unsure", why: code };
  if (waits.has(code)) return { kind: "unavailable", why: code };
  const needed = "needed" in data ? String(data.needed) : "?";
  return { kind: "refused", why: code === "missing_scope" ? `missing_scope: ${needed}` : code };
}

/** Errors that Slack's pages describe as coming after part of the work was done. What is no code at all (a proxy's page) is no better. */
const mayHaveWorked: ReadonlySet<string> = new Set(["fatal_error", "internal_error"]);

/** Not done, and not for ever: Slack is busy, or our tokens are, until somebody gives us new ones. */
const waits: ReadonlySet<string> = new Set([
  "ratelimited",
  "rate_limited",
  "message_limit_exceeded",
  "service_unavailable",
  "request_timeout",
  "team_added_to_org",
  "invalid_auth",
  "not_authed",
  "token_revoked",
  "token_expired",
  "account_inactive",
]);
