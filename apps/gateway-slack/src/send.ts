import type { Receipt, Send } from "@bellhop/contracts";
import type { Resolution, SendContext, SendResult } from "@bellhop/gateway";
import { compose, writeSlack, type Limit } from "@bellhop/gateway/markdown";
import { webApi, type types } from "@slack/bolt";

/** Arguments of chat.postMessage; with a `ts`, of chat.update. With blocks the text is what notifications show. */
export interface SlackMessage {
  channel: string;
  text: string;
  blocks?: types.KnownBlock[];
  thread_ts?: string;
  metadata: { event_type: typeof metadataType; event_payload: { key: string; revision: number } };
  link_names: false;
  unfurl_links: false;
  unfurl_media: false;
}

/** Under which our key stands in a message's metadata: what {@link findSent} looks for. */
export const metadataType = "bellhop_send";

/** Slack cuts a post at 40,000 characters by itself, and refuses an update from 4,000 bytes on. */
const longest: Record<"post" | "update", Limit> = { post: { n: 39_000, unit: "utf16" }, update: { n: 3_900, unit: "bytes" } };

export function toSlack(send: Send, as: "post" | "update" = "post"): SlackMessage {
  const { text, blocks } = written(send.body.text, longest[as]);
  return {
    channel: send.to.channel,
    text: text || " ",
    // Said even where there are none: an edit must not leave the table of the wording before.
    ...(blocks === undefined && as === "post" ? {} : { blocks: blocks ?? [] }),
    ...(send.to.thread === undefined ? {} : { thread_ts: send.to.thread }),
    metadata: { event_type: metadataType, event_payload: { key: send.key, revision: send.revision } },
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
  };
}

/** As one message: what is too long for that is cut, and says so. */
function written(markdown: string, limit: Limit): { text: string; blocks?: types.KnownBlock[] } {
  const composed = compose(markdown, { write: writeSlack, limit, most: 1 });
  return composed.kind === "file" ? composed.intro : (composed.parts[0] ?? { text: "" });
}

/** One call: chat.postMessage, or chat.update where `about.edits` names what stands. The ref is the message's ts. */
export async function callSlack(client: webApi.WebClient, send: Send, about: SendContext): Promise<SendResult> {
  try {
    if (about.edits === undefined) {
      const { ts } = await client.chat.postMessage(toSlack(send));
      return ts === undefined ? { kind: "unsure", why: "Slack's answer names no message" } : { kind: "sent", ref: ts };
    }
    const { channel, text, blocks, metadata } = toSlack(send, "update");
    await client.chat.update({ channel, text, blocks, metadata, ts: about.edits });
    return { kind: "sent", ref: about.edits };
  } catch (error) {
    return resultOf(error);
  }
}

/** Looks for our own message with the send's key where it would stand: in its thread, or in the conversation since it was tried. */
export async function findSent(client: webApi.WebClient, send: Send, receipt: Receipt): Promise<Resolution> {
  const { channel, thread } = send.to;
  // The receipt carries our clock, the bound is compared with Slack's: a generous hour between them costs a page at most.
  const oldest = String(Math.floor(Date.parse(receipt.at) / 1000) - 3_600);
  const shared = { channel, oldest, limit: 200, include_all_metadata: true };
  try {
    for (let cursor: string | undefined; ;) {
      const page = thread
        ? await client.conversations.replies({ ...shared, ts: thread, cursor })
        : await client.conversations.history({ ...shared, cursor });
      const found = page.messages?.find((message) => keyOf(message.metadata) === send.key);
      if (found?.ts !== undefined) return { kind: "sent", ref: found.ts };
      cursor = page.response_metadata?.next_cursor || undefined;
      if (cursor === undefined) return { kind: "not-there" };
    }
  } catch (error) {
    const result = resultOf(error);
    if (result.kind === "refused") return gone.has(result.why) ? { kind: "not-there" } : { kind: "unavailable", why: result.why };
    return {
      kind: "unavailable",
      why: result.kind === "sent" ? "" : result.why,
      ...("retryAfterMs" in result && { retryAfterMs: result.retryAfterMs }),
    };
  }
}

/** What a failed call tells about its message. */
export function resultOf(error: unknown): SendResult {
  if (error instanceof webApi.WebAPIRateLimitedError) {
    return { kind: "unavailable", why: "ratelimited", retryAfterMs: error.retryAfter * 1000 };
  }
  if (error instanceof webApi.WebAPIPlatformError) return answered(error.data.error);
  if (error instanceof webApi.WebAPIHTTPError) {
    const why = `HTTP ${error.statusCode}`;
    return error.statusCode >= 500 || error.statusCode === 408 ? { kind: "unsure", why } : { kind: "refused", why };
  }
  if (error instanceof webApi.WebAPIRequestError) {
    const why = codeOf(error.original) ?? error.original.name;
    return neverArrived.has(why) ? { kind: "unavailable", why } : { kind: "unsure", why };
  }
  // A 429 without its Retry-After is a plain error in the SDK.
  if (error instanceof Error && error.message.startsWith("Retry header")) return { kind: "unavailable", why: "ratelimited" };
  return { kind: "unsure", why: error instanceof Error ? error.message : String(error) };
}

function answered(code: string): SendResult {
  if (mayHaveWorked.has(code) || !/^[a-z_]+$/.test(code)) return { kind: "unsure", why: code };
  return waits.has(code) ? { kind: "unavailable", why: code } : { kind: "refused", why: code };
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

/** Where the conversation is gone, so is whatever was sent there. */
const gone: ReadonlySet<string> = new Set(["channel_not_found", "thread_not_found", "not_in_channel"]);

/** The connection was never made: no request was written. */
const neverArrived: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  return "cause" in error ? codeOf(error.cause) : undefined;
}

function keyOf(metadata: { event_type?: string; event_payload?: unknown } | undefined): unknown {
  const payload = metadata?.event_type === metadataType ? metadata.event_payload : undefined;
  return typeof payload === "object" && payload !== null && "key" in payload ? payload.key : undefined;
}
