import { unanswered, type SendResult } from "@bellhop/gateway";
import { z } from "zod";
import { MatrixError } from "./sdk.ts";

/** What the failure of a call tells: it was refused, or nobody knows. */
export type Failure = Exclude<SendResult, { kind: "sent" }>;

/** What a failed call tells about what it asked for. */
export function failureOf(error: unknown): Failure {
  if (error instanceof MatrixError) {
    const { errcode, statusCode, retryAfterMs, error: words } = error;
    const why = words ? `${errcode}: ${words}` : errcode;
    if (statusCode === 429 || errcode === "M_LIMIT_EXCEEDED") return { kind: "unavailable", why, retryAfterMs };
    // Our token is no good until somebody gives us a new one.
    if (statusCode === 401) return { kind: "unavailable", why };
    return statusCode >= 500 ? { kind: "unsure", why } : { kind: "refused", why };
  }
  // An answer without the API's own words: a proxy's page.
  const { data: response } = Response.safeParse(error);
  if (response !== undefined) {
    const why = `HTTP ${response.statusCode}`;
    if (response.statusCode === 429) return { kind: "unavailable", why };
    return response.statusCode >= 500 || response.statusCode === 408 ? { kind: "unsure", why } : { kind: "refused", why };
  }
  const failure = unanswered(error);
  return NeverConnected.safeParse(error).success ? { kind: "unavailable", why: failure.why } : failure;
}

/** The same of a call that stands for nothing that people see: it may be made again. */
export function unavailableOr(error: unknown): Exclude<Failure, { kind: "unsure" }> {
  const failure = failureOf(error);
  return failure.kind === "unsure" ? { kind: "unavailable", why: failure.why } : failure;
}

const Response = z.object({ statusCode: z.number() });
/** A time-out as the SDK's HTTP client tells it, where it struck before the connection stood. */
const NeverConnected = z.object({ connect: z.literal(true) });
