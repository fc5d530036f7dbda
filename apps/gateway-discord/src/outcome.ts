import { unanswered, type SendResult } from "@bellhop/gateway";
import { DiscordAPIError, HTTPError, RateLimitError, RESTJSONErrorCodes } from "./sdk.ts";

/** What a failed call tells about its message.
 *  @param lane which calls have to wait where Discord says that this one came too soon */
export function resultOf(error: unknown, lane?: string): Exclude<SendResult, { kind: "sent" }> {
  if (error instanceof RateLimitError) {
    const retryAfterMs = Math.max(1, Math.ceil(error.retryAfter));
    return { kind: "unavailable", why: "rate limited", retryAfterMs, ...(lane !== undefined && !error.global && { lane }) };
  }
  if (error instanceof DiscordAPIError) return answered(error);
  if (error instanceof HTTPError) return { kind: "unsure", why: `HTTP ${error.status}` };
  return unanswered(error);
}

/** Discord's own code of a refusal: …/docs/topics/opcodes-and-status-codes#json. */
export function refusalOf(error: unknown): number | undefined {
  return error instanceof DiscordAPIError && typeof error.code === "number" ? error.code : undefined;
}

/** Refused calls changed nothing. A token may be given anew; what is no answer of Discord's own (a proxy's page) is not a no for good. */
function answered({ status, code, message }: DiscordAPIError): Exclude<SendResult, { kind: "sent" }> {
  if (status === 408) return { kind: "unsure", why: "HTTP 408" };
  if (status === 401 || typeof code !== "number" || code === 0 || busy.has(code)) return { kind: "unavailable", why: `HTTP ${status}` };
  return { kind: "refused", why: `${code} ${message.replaceAll("\n", " ")}` };
}

/** A no that is none for good. */
const busy: ReadonlySet<number> = new Set([RESTJSONErrorCodes.CloudflareIsBlockingYourRequest, RESTJSONErrorCodes.APIResourceOverloaded]);
