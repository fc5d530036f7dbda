import { randomUUID } from "node:crypto";
import type { Address } from "@bellhop/contracts";
import type { SendResult } from "@bellhop/gateway";
import { z } from "zod";
import { failureOf, unavailableOr } from "./outcome.ts";
import { plainEmoji } from "./receive.ts";
import { MatrixError, type MatrixClient } from "./sdk.ts";
import { redact, transactionOf } from "./send.ts";

export interface GesturesOptions {
  client: () => MatrixClient;
  account: string;
  timeoutMs: number;
}

/** A gateway shows it again every four seconds. */
const typingMs = 10_000;
/** Reactions of ours that are remembered; the homeserver is asked for the others. */
const most = 1_000;

/** Reactions and typing. */
export class Gestures {
  private readonly options: GesturesOptions;
  /** By room, message and emoji: what stands, or the transaction of a try that nobody knows the end of. A reaction that was put on again after somebody
   *  took it back is another deed. */
  private readonly reactions = new Map<string, { event: string } | { event?: undefined; transaction: string }>();
  /** Until when we are shown to type, by room. */
  private readonly typing = new Map<string, number>();

  constructor(options: GesturesOptions) {
    this.options = options;
  }

  async react({ to, emoji, gone }: { to: Address; emoji: string; gone: boolean }): Promise<SendResult> {
    const { channel: room, message } = to;
    if (message === undefined) return { kind: "refused", why: "there is no message to react to" };
    const at = { room, message, emoji };
    return gone ? await this.takeBack(at) : await this.putOn(at);
  }

  /** Nobody waits for it, and it ends by itself. */
  async type({ channel: room }: Address): Promise<void> {
    this.typing.set(room, performance.now() + typingMs);
    await this.showTyping(room, { typing: true, timeout: typingMs });
  }

  /** Something was said there: a message alone does not end what is shown. */
  said(room: string): void {
    const until = this.typing.get(room);
    if (until === undefined) return;
    this.typing.delete(room);
    if (until > performance.now()) void this.showTyping(room, { typing: false }).catch(() => {});
  }

  private async putOn({ room, message, emoji }: Reaction): Promise<SendResult> {
    const { client, timeoutMs } = this.options;
    const name = `${room} ${message} ${plainEmoji(emoji)}`;
    const known = this.reactions.get(name);
    const transaction = known?.event === undefined ? (known?.transaction ?? randomUUID()) : randomUUID();
    if (known === undefined) this.remember(name, { transaction });
    try {
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.reaction/${transaction}`;
      const content = { "m.relates_to": { rel_type: "m.annotation", event_id: message, key: coloured(emoji) } };
      const { event_id: event } = Sent.parse(await client().doRequest("PUT", path, null, content, timeoutMs));
      this.remember(name, { event });
      return { kind: "sent", ref: event };
    } catch (error) {
      if (error instanceof MatrixError && error.errcode === "M_DUPLICATE_ANNOTATION") return { kind: "sent", ref: message };
      return failureOf(error);
    }
  }

  private async takeBack({ room, message, emoji }: Reaction): Promise<SendResult> {
    const { client, timeoutMs } = this.options;
    const name = `${room} ${message} ${plainEmoji(emoji)}`;
    let event = this.reactions.get(name)?.event;
    try {
      event ??= await this.find({ room, message, emoji });
    } catch (error) {
      return unavailableOr(error);
    }
    if (event === undefined) return { kind: "sent", ref: message };
    const result = await redact(client(), { room, event, transaction: transactionOf(`${event}/gone`), timeoutMs });
    if (result.kind === "sent") this.reactions.delete(name);
    return result;
  }

  /** Our own reaction, however many others there are. */
  private async find({ room, message, emoji }: Reaction): Promise<string | undefined> {
    const { client, account, timeoutMs } = this.options;
    const path = `/_matrix/client/v1/rooms/${encodeURIComponent(room)}/relations/${encodeURIComponent(message)}/m.annotation/m.reaction`;
    for (let from: string | undefined; ;) {
      let answer: unknown;
      try {
        answer = await client().doRequest("GET", path, { limit: 100, ...(from && { from }) }, null, timeoutMs);
      } catch (error) {
        // The message, or the room, is gone for us: so is what we put on it.
        if (failureOf(error).kind === "refused") return undefined;
        throw error;
      }
      const { chunk, next_batch: next } = Relations.parse(answer);
      const own = chunk.find(({ sender, content }) => sender === account && plainEmoji(content["m.relates_to"].key) === plainEmoji(emoji));
      if (own !== undefined || next === undefined || next === from) return own?.event_id;
      from = next;
    }
  }

  private remember(name: string, reaction: { event: string } | { transaction: string }): void {
    this.reactions.delete(name);
    this.reactions.set(name, reaction);
    const [oldest] = this.reactions.size > most ? this.reactions.keys() : [];
    if (oldest !== undefined) this.reactions.delete(oldest);
  }

  private async showTyping(room: string, body: { typing: boolean; timeout?: number }): Promise<void> {
    const { client, account, timeoutMs } = this.options;
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/typing/${encodeURIComponent(account)}`;
    await client().doRequest("PUT", path, null, body, timeoutMs);
  }
}

interface Reaction {
  room: string;
  message: string;
  emoji: string;
}

/** m.annotation asks for the coloured form where a character has a plain one as well. */
function coloured(emoji: string): string {
  return /^\p{Emoji}$/u.test(emoji) && !/^\p{Emoji_Presentation}$/u.test(emoji) ? `${emoji}\ufe0f` : emoji;
}

const Sent = z.object({ event_id: z.string().min(1) });
const Relations = z.object({
  chunk: z.array(
    z.object({
      event_id: z.string(),
      sender: z.string(),
      content: z.object({ "m.relates_to": z.object({ key: z.string() }) }),
    }),
  ),
  next_batch: z.string().optional(),
});
