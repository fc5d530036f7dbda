import { hash, type Receipt, type Send } from "@bellhop/contracts";
import type { Resolution, SendContext, SendResult } from "@bellhop/gateway";
import { compose, writeMatrix } from "@bellhop/gateway/markdown";
import { z } from "zod";
import { MatrixError, type MatrixClient } from "./sdk.ts";

/** Content of an m.room.message. */
export interface MatrixMessage extends Words {
  /** Under which our key stands: what {@link findSent} looks for. */
  "bellhop.key": string;
  "m.new_content"?: Words;
  "m.relates_to"?:
    | { rel_type: "m.thread"; event_id: string; is_falling_back: true; "m.in_reply_to": { event_id: string } }
    | { rel_type: "m.replace"; event_id: string };
}

interface Words {
  /** A bot's own way to speak: other bots never answer it. */
  msgtype: "m.notice";
  body: string;
  format: "org.matrix.custom.html";
  formatted_body: string;
  /** Empty, not absent: then the old rules that look for names and @room in the text are off. */
  "m.mentions": Record<string, never>;
}

/** An event may have 65,536 bytes, its envelope among them. */
const largest = 60_000;

export function toMatrix(send: Send, { edits }: Pick<SendContext, "edits"> = {}): MatrixMessage {
  const around = Buffer.byteLength(JSON.stringify(contentOf(send, { words: wordsOf({ text: "", html: "" }), edits })));
  // An edit says its words twice.
  const words = written(send.body.text, Math.floor((largest - around) / (edits === undefined ? 1 : 2)));
  return contentOf(send, { words, edits });
}

function contentOf(send: Send, { words, edits }: { words: Words; edits: string | undefined }): MatrixMessage {
  const { message, thread } = send.to;
  if (edits !== undefined) {
    return {
      ...words,
      body: `* ${words.body}`,
      formatted_body: `* ${words.formatted_body}`,
      "bellhop.key": send.key,
      "m.new_content": words,
      "m.relates_to": { rel_type: "m.replace", event_id: edits },
    };
  }
  return {
    ...words,
    "bellhop.key": send.key,
    ...(thread !== undefined && {
      "m.relates_to": {
        rel_type: "m.thread",
        event_id: thread,
        is_falling_back: true,
        "m.in_reply_to": { event_id: message ?? thread },
      },
    }),
  };
}

/** As one message: what is too long for that is cut, and says so. */
function written(markdown: string, bytes: number): Words {
  const composed = compose(markdown, { write: writeMatrix, limit: { n: bytes, unit: "bytes" }, most: 1 });
  const only = composed.kind === "file" ? composed.intro : composed.parts[0];
  // Clients do not show what is nothing, such as a quote with no words in it.
  return wordsOf(only === undefined || only.text.trim() === "" ? { text: " ", html: "&nbsp;" } : only);
}

function wordsOf({ text, html }: { text: string; html: string }): Words {
  return { msgtype: "m.notice", body: text, format: "org.matrix.custom.html", formatted_body: html, "m.mentions": {} };
}

/** One call: PUT …/send, as an edit where `about.edits` names what stands. The transaction id follows from the send, so the homeserver gives the
 *  event that it made at the first try to every other of the same device. The ref is the first event's id. */
export async function callMatrix(client: MatrixClient, send: Send, about: SendContext & { timeoutMs: number }): Promise<SendResult> {
  const { key, edits, timeoutMs } = about;
  const transaction = hash(key).slice(0, 32) + (edits === undefined ? "" : `.${send.revision}`);
  try {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(send.to.channel)}/send/m.room.message/${transaction}`;
    const answer: unknown = await client.doRequest("PUT", path, null, toMatrix(send, { edits }), timeoutMs);
    const { data } = Sent.safeParse(answer);
    return data === undefined
      ? { kind: "unsure", why: "the homeserver's answer names no event" }
      : { kind: "sent", ref: edits ?? data.event_id };
  } catch (error) {
    return resultOf(error);
  }
}

/** Looks for our own message with the send's key, from now back to when it was tried. Where the homeserver still knows the transaction, sending
 *  again would do; it forgets them after a while, and with the device. */
export async function findSent(
  client: MatrixClient,
  send: Send,
  { account, receipt, timeoutMs }: { account: string; receipt: Receipt; timeoutMs: number },
): Promise<Resolution> {
  // The receipt carries our clock, the bound is compared with the homeserver's: a generous hour between them costs a page at most.
  const oldest = Date.parse(receipt.at) - 3_600_000;
  try {
    for (let from: string | undefined; ;) {
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(send.to.channel)}/messages`;
      const answer: unknown = await client.doRequest("GET", path, { dir: "b", limit: 100, ...(from && { from }) }, null, timeoutMs);
      const { chunk, end } = Page.parse(answer);
      const found = chunk.find(({ sender, content }) => sender === account && keyOf(content) === send.key);
      if (found !== undefined) return { kind: "sent", ref: found.event_id };
      if (end === undefined || end === from || chunk.some(({ origin_server_ts }) => origin_server_ts < oldest))
        return { kind: "not-there" };
      from = end;
    }
  } catch (error) {
    const result = resultOf(error);
    if (result.kind === "refused") {
      return /^M_(FORBIDDEN|NOT_FOUND)/.test(result.why) ? { kind: "not-there" } : { kind: "unavailable", why: result.why };
    }
    const why = result.kind === "sent" ? "" : result.why;
    return { kind: "unavailable", why, ...("retryAfterMs" in result && { retryAfterMs: result.retryAfterMs }) };
  }
}

/** What a failed call tells about its message. */
export function resultOf(error: unknown): SendResult {
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
  const { code, connect } = Failure.safeParse(error).data ?? {};
  if (code !== undefined && (neverArrived.has(code) || connect === true)) return { kind: "unavailable", why: code };
  return { kind: "unsure", why: code ?? (error instanceof Error ? error.message : String(error)) };
}

const Sent = z.object({ event_id: z.string().min(1) });
const Page = z.object({
  chunk: z.array(
    z.object({ event_id: z.string(), sender: z.string(), origin_server_ts: z.number(), content: z.record(z.string(), z.unknown()) }),
  ),
  end: z.string().optional(),
});
const Response = z.object({ statusCode: z.number() });
/** As Node and the SDK's HTTP client throw it: `connect` says that a time-out struck before the connection stood. */
const Failure = z.object({ code: z.string().optional(), connect: z.boolean().optional() });

/** The connection was never made: no request was written. */
const neverArrived: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

/** Of an edit we would find the words, but not the message that they stand in. */
function keyOf(content: Record<string, unknown>): unknown {
  const relation = content["m.relates_to"];
  const isEdit = typeof relation === "object" && relation !== null && "rel_type" in relation && relation.rel_type === "m.replace";
  return isEdit ? undefined : content["bellhop.key"];
}
