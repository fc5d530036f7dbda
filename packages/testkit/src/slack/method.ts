import { isFields } from "@bellhop/contracts";
import { parseJson } from "./call.ts";
import type { Change, Channel, StoredMessage, Workspace } from "./state.ts";

export type Args = Readonly<Record<string, string>>;
export type Answer = { ok: boolean } & Record<string, unknown>;

/** What a method may touch. */
export interface Surroundings {
  workspace: Workspace;
  /** Tells the app's sockets and whoever waits for a message. */
  announce: (change: Change) => void;
  /** Tells whoever looks at calls. */
  changed: () => void;
  /** Does what Slack does after it has answered. */
  later: (act: () => void) => void;
  /** A fresh WebSocket address, good for one connection. */
  openLink: () => string;
  /** The workspace has taken the app's tokens back. */
  revoked: () => boolean;
}

export interface Method {
  required: readonly string[];
  /** The answer without its `ok`, or a thrown Refusal. */
  run: (world: Surroundings, args: Args) => Record<string, unknown>;
}

/** `{ok: false, error: code}`, thrown so that a look-up deep in a method can refuse for it. */
export class Refusal extends Error {
  readonly code: string;
  readonly notes: readonly string[];
  /** Beside the code, in the answer. */
  more: Readonly<Record<string, string>> = {};

  constructor(code: string, ...notes: string[]) {
    super(code);
    this.code = code;
    this.notes = notes;
  }
}

/** Conversations are named by id. A public channel the bot is not in can be found, a private one can't. */
export function channelOf({ channels, bot }: Workspace, id: string | undefined): Channel {
  const channel = channels.get(id ?? "");
  const visible = channel && (channel.kind === "channel" || channel.members.has(bot.userId));
  if (!visible) throw new Refusal("channel_not_found"); // chat.postMessage, conversations.history, …: "Value passed for channel was invalid."
  return channel;
}

export function threadOf(channel: Channel, threadTs: string | undefined): string | undefined {
  if (!threadTs) return undefined;
  if (!isTs(threadTs)) throw new Refusal("invalid_thread_ts", `${threadTs} is not a valid thread_ts`); // seen in jenkinsci/slack-plugin#584
  const parent = channel.messages.get(threadTs);
  if (!parent) throw new Refusal("thread_not_found");
  return parent.threadTs ?? parent.ts; // a reply's ts leads to its root: threads do not nest
}

/** conversations.history, "Only user tokens can access public channels they are not in", and chat.postMessage. */
export function mustBeIn({ bot }: Workspace, channel: Channel): void {
  if (!channel.members.has(bot.userId)) throw new Refusal("not_in_channel");
}

export function isTs(text: string | undefined): boolean {
  return /^\d{1,10}\.\d{6}$/.test(text ?? "");
}

export function isTrue(text: string | undefined): boolean {
  return text === "true" || text === "1";
}

/** A JSON array of objects, absent when the argument is. */
export function listOf(text: string | undefined, refusal: string): Record<string, unknown>[] | undefined {
  if (!text) return undefined;
  const parsed = parseJson(text);
  if (!Array.isArray(parsed) || !parsed.every(isFields)) throw new Refusal(refusal);
  return parsed.length > 0 ? parsed : undefined;
}

/** The message, or `refusal`; a tombstone is no message any more. */
export function messageOf(channel: Channel, ts: string | undefined, refusal: string): StoredMessage {
  const message = channel.messages.get(ts ?? "");
  if (!message || message.tombstone) throw new Refusal(refusal);
  return message;
}

/** One page of a list, and what to ask the next one with. */
export function pageOf<T>(
  all: readonly T[],
  args: Args,
  { limit: usual, most, cursorTo }: { limit: number; most: number; cursorTo: (item: T) => string },
): { items: T[]; next?: string } {
  const limit = args.limit ? Math.min(Number(args.limit), most) : usual;
  if (!Number.isInteger(limit) || limit < 1) throw new Refusal("invalid_limit"); // users.conversations: "Value passed for limit is not understood."
  const start = args.cursor ? all.findIndex((item) => cursorTo(item) === args.cursor) : 0;
  if (start < 0) throw new Refusal("invalid_cursor"); // conversations.history, conversations.replies, users.conversations
  const next = all[start + limit];
  return { items: all.slice(start, start + limit), next: next && cursorTo(next) };
}
