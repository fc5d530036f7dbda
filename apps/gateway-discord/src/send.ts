import { hash, type Receipt, type Send } from "@bellhop/contracts";
import type { Resolution, SendContext, SendResult } from "@bellhop/gateway";
import { DiscordAPIError, HTTPError, RateLimitError, Routes, type REST } from "discord.js";
import { z } from "zod";
import { inMessages, sameText } from "./markdown.ts";
import { snowflakeAt } from "./receive.ts";

/** The body of one POST to a channel's messages. */
export interface DiscordMessage {
  content: string;
  nonce: string;
  enforce_nonce: true;
  allowed_mentions: { parse: never[]; replied_user: false };
  flags: number;
  message_reference?: { message_id: string; fail_if_not_exists: false };
}

/** A send as its messages: one, or as many as a long text needs. The nonce is the same for every try and every wording of a part. */
export function toDiscord(send: Send): DiscordMessage[] {
  return inMessages(send.body.text).map((content, part) => ({
    content,
    nonce: hash(`${send.key}/${part}`).slice(0, longestNonce),
    enforce_nonce: true,
    allowed_mentions: nobody,
    flags: suppressEmbeds,
    // The first part shows what it answers, in direct conversations too: it is how we know it again. What was deleted meanwhile is answered all the same.
    ...(part === 0 && send.to.message !== undefined && { message_reference: { message_id: send.to.message, fail_if_not_exists: false } }),
  }));
}

export interface Sender {
  /** The ref is the message's id; of a send in several parts, their ids with commas between them. */
  send(send: Send, about: SendContext): Promise<SendResult>;
  /** Looks where the send would stand: our own message, in answer to the same one, with the same words. */
  resolve(send: Send, receipt: Receipt): Promise<Resolution>;
}

/** @param at.patienceMs how long a later part of a send waits for its turn when Discord says that we post too fast */
export function createSender(at: { rest: REST; account: string; patienceMs: number; pause: (ms: number) => Promise<unknown> }): Sender {
  const { rest, account, patienceMs, pause } = at;
  /** By the send's key: parts that stand of a send that is not through. */
  const standing = new Map<string, string[]>();

  return {
    async send(send, { key, edits }) {
      const parts = toDiscord(send);
      if (edits !== undefined) return reword(send, parts, edits.split(","));
      const known = standing.get(key) ?? [];
      const result = await postFrom(send, parts, known);
      if (result.kind === "sent" || result.kind === "refused") standing.delete(key);
      return result;
    },

    async resolve(send, receipt) {
      const parts = toDiscord(send);
      try {
        const found = await look(send, parts, Date.parse(receipt.at));
        if (found.length === parts.length) {
          standing.delete(send.key);
          return { kind: "sent", ref: found.join() };
        }
        // Whatever is still on its way has the same nonce as what is posted now: Discord drops the later of the two for some minutes.
        if (found.length > 0) standing.set(send.key, found);
        return { kind: "not-there" };
      } catch (error) {
        const result = resultOf(error);
        if (result.kind === "refused") return gone.test(result.why) ? { kind: "not-there" } : { kind: "unavailable", why: result.why };
        return result.kind === "sent" ? { kind: "unsure", why: "" } : { ...result, kind: "unavailable" };
      }
    },
  };

  /** Posts what does not stand yet, one part after the other. */
  async function postFrom(send: Send, parts: readonly DiscordMessage[], known: readonly string[]): Promise<SendResult> {
    const refs = known.slice(0, parts.length);
    for (const part of parts.slice(refs.length)) {
      const result = refs.length === 0 ? await postOne(send, part) : await patiently(() => postOne(send, part));
      if (result.kind === "sent") {
        refs.push(result.ref);
        continue;
      }
      if (refs.length === 0) return result;
      standing.set(send.key, refs);
      const why = `part ${refs.length + 1} of ${parts.length}: ${result.why}`;
      // What stands in part is not "surely nothing": the next try finds out how far we came.
      return result.kind === "refused" ? { kind: "refused", why } : { kind: "unsure", why };
    }
    return { kind: "sent", ref: refs.join() };
  }

  async function postOne({ to, revision }: Send, body: DiscordMessage): Promise<SendResult> {
    try {
      const answer = Posted.safeParse(await rest.post(Routes.channelMessages(to.channel), { body }));
      if (!answer.success) return { kind: "unsure", why: "Discord's answer names no message" };
      const { id, content } = answer.data;
      // An earlier wording got through after all: Discord keeps that one for the nonce.
      if (revision > 1 && !sameText(content, body.content)) return await patch(to.channel, id, body);
      return { kind: "sent", ref: id };
    } catch (error) {
      return resultOf(error);
    }
  }

  /** Edits can be made twice: whatever happens in between, the next try does them all again. */
  async function reword(send: Send, parts: readonly DiscordMessage[], refs: readonly string[]): Promise<SendResult> {
    const { channel } = send.to;
    for (const [index, part] of parts.slice(0, refs.length).entries()) {
      const result = await patiently(() => patch(channel, refs[index] ?? "", part));
      if (result.kind !== "sent") return result;
    }
    for (const ref of refs.slice(parts.length)) {
      const result = await patiently(() => removeOne(channel, ref));
      if (result.kind !== "sent") return result;
    }
    if (parts.length <= refs.length) return { kind: "sent", ref: refs.slice(0, parts.length).join() };
    return lengthen(send, parts, refs);
  }

  /** The new wording needs more messages than the old one: those that an earlier try posted are not posted again. */
  async function lengthen(send: Send, parts: readonly DiscordMessage[], refs: readonly string[]): Promise<SendResult> {
    try {
      const later = await ownMessages(send.to.channel, refs.at(-1) ?? "0");
      const stand = [...refs, ...inOrder(parts.slice(refs.length), later)];
      const result = await postFrom(send, parts, stand);
      standing.delete(send.key);
      return result;
    } catch (error) {
      return resultOf(error);
    }
  }

  async function patch(channel: string, id: string, { content, allowed_mentions }: DiscordMessage): Promise<SendResult> {
    try {
      await rest.patch(Routes.channelMessage(channel, id), { body: { content, allowed_mentions } });
      return { kind: "sent", ref: id };
    } catch (error) {
      return resultOf(error);
    }
  }

  async function removeOne(channel: string, id: string): Promise<SendResult> {
    try {
      await rest.delete(Routes.channelMessage(channel, id));
    } catch (error) {
      const result = resultOf(error);
      if (result.kind !== "refused" || !result.why.startsWith("10008 ")) return result;
    }
    return { kind: "sent", ref: id };
  }

  /** The parts that stand, from the first on. */
  async function look({ to }: Send, parts: readonly DiscordMessage[], at: number): Promise<string[]> {
    // An answer stands after what it answers. The receipt carries our clock, the bound is compared with Discord's: a generous hour between them.
    const since = snowflakeAt(at - 3_600_000);
    const after = to.message !== undefined && BigInt(to.message) > BigInt(since) ? to.message : since;
    return inOrder(parts, await ownMessages(to.channel, after));
  }

  /** Everything of ours after that message, oldest first. */
  async function ownMessages(channel: string, after: string): Promise<Found[]> {
    const own: Found[] = [];
    for (let from = after; ;) {
      const query = new URLSearchParams({ after: from, limit: String(largestPage) });
      const page = Page.parse(await rest.get(Routes.channelMessages(channel), { query })).sort((a, b) =>
        BigInt(a.id) < BigInt(b.id) ? -1 : 1,
      );
      own.push(...page.filter(({ author }) => author.id === account));
      const last = page.at(-1);
      if (last === undefined || page.length < largestPage) return own;
      from = last.id;
    }
  }

  /** Again for as long as Discord only says "slower", which it says before it does anything. */
  async function patiently(call: () => Promise<SendResult>): Promise<SendResult> {
    for (let left = patienceMs; ;) {
      const result = await call();
      if (result.kind !== "unavailable" || result.retryAfterMs === undefined || result.retryAfterMs > left) return result;
      left -= result.retryAfterMs;
      await pause(result.retryAfterMs);
    }
  }
}

/** What a failed call tells about its message. */
export function resultOf(error: unknown): SendResult {
  if (error instanceof RateLimitError) {
    return { kind: "unavailable", why: "rate limited", retryAfterMs: Math.max(1, Math.ceil(error.retryAfter)) };
  }
  if (error instanceof DiscordAPIError) return answered(error);
  if (error instanceof HTTPError) return { kind: "unsure", why: `HTTP ${error.status}` };
  const code = codeOf(error);
  if (code !== undefined && neverArrived.has(code)) return { kind: "unavailable", why: code };
  if (error instanceof Error && error.name === "AbortError") return { kind: "unsure", why: "no answer in time" };
  return { kind: "unsure", why: code ?? (error instanceof Error ? error.message : String(error)) };
}

/** Refused calls changed nothing. A token may be given anew; what is no answer of Discord's own (a proxy's page) is not a no for good. */
function answered({ status, code, message }: DiscordAPIError): SendResult {
  if (status === 408) return { kind: "unsure", why: "HTTP 408" };
  if (status === 401 || typeof code !== "number" || code === 0 || busy.has(code)) return { kind: "unavailable", why: `HTTP ${status}` };
  return { kind: "refused", why: `${code} ${message.replaceAll("\n", " ")}` };
}

const longestNonce = 25;
const largestPage = 100;
const suppressEmbeds = 1 << 2;
const nobody: DiscordMessage["allowed_mentions"] = { parse: [], replied_user: false };

const Posted = z.object({ id: z.string(), content: z.string() });

const Page = z.array(
  z.object({
    id: z.string(),
    author: z.object({ id: z.string() }),
    content: z.string(),
    message_reference: z.object({ message_id: z.string().optional() }).optional(),
  }),
);
type Found = z.infer<typeof Page>[number];

/** For each part, from the first on, the first message after the one before that has its words and answers the same message; it ends at the first part that
 *  is not there. What answered a message that was deleted is no answer any more. */
function inOrder(parts: readonly DiscordMessage[], messages: readonly Found[]): string[] {
  const found: string[] = [];
  let from = 0;
  for (const part of parts) {
    const at = messages.findIndex(
      ({ content, message_reference }, index) =>
        index >= from &&
        sameText(content, part.content) &&
        [undefined, part.message_reference?.message_id].includes(message_reference?.message_id),
    );
    const message = messages[at];
    if (message === undefined) break;
    found.push(message.id);
    from = at + 1;
  }
  return found;
}

/** Where the conversation is gone or closed to us, so is whatever was sent there: Unknown Channel, Missing Access, Missing Permissions. */
const gone = /^(10003|50001|50013) /;

/** Internal network error, API overloaded, resource overloaded: …/topics/opcodes-and-status-codes#json. */
const busy: ReadonlySet<number> = new Set([40_333, 130_000]);

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
