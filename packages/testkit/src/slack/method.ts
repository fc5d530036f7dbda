import { parseJson } from "./call.ts";
import type { Change, Channel, StoredMessage, Workspace } from "./state.ts";

export type Args = Readonly<Record<string, string>>;
export type Answer = { ok: boolean } & Record<string, unknown>;

/** What a method may touch. */
export interface Surroundings {
  workspace: Workspace;
  /** Tells the app's sockets and whoever waits for a message. */
  announce: (change: Change) => void;
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
  if (!Array.isArray(parsed) || !parsed.every(isObject)) throw new Refusal(refusal);
  return parsed.length > 0 ? parsed : undefined;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The message, or `refusal`; a tombstone is no message any more. */
export function messageOf(channel: Channel, ts: string | undefined, refusal: string): StoredMessage {
  const message = channel.messages.get(ts ?? "");
  if (!message || message.tombstone) throw new Refusal(refusal);
  return message;
}
