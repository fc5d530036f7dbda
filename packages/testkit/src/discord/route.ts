import { isFields } from "@bellhop/contracts";
import type { Change, Channel, Permission, StoredMessage, World } from "./state.ts";

/** What a route may touch. */
export interface Surroundings {
  world: World;
  /** Tells the bot's sessions and whoever waits for a message. */
  announce: (change: Change) => void;
  /** Tells whoever looks. */
  changed: () => void;
  /** How long an interaction may stay without an answer, in ms. */
  pressMs: number;
  /** Where the gateway is, `ws://…`. */
  gatewayUrl: () => string;
  /** The bot's token was taken back. */
  revoked: () => boolean;
  /** How long a nonce is remembered, in ms. */
  nonceMs: number;
  /** The largest file that may be sent, in bytes. */
  fileLimit: number;
}

/** One REST call, its path taken apart. */
export interface Call {
  /** "POST /channels/:id/messages": ids and emoji replaced, the version left out. */
  route: string;
  ids: readonly string[];
  query: URLSearchParams;
  /** Undefined for a call without one; of a form with files, what stands in its `payload_json`. */
  body: unknown;
  /** By the `n` of `files[n]`. */
  files: ReadonlyMap<number, Upload>;
  /** Of the whole request. */
  bytes: number;
}

export interface Upload {
  name: string;
  type: string;
  content: Uint8Array;
}

export interface Answer {
  status: number;
  /** Absent for 204. */
  body?: unknown;
  /** What a file's address gives instead. */
  file?: { type: string; content: Uint8Array };
}

export interface Route {
  run: (at: Surroundings, call: Call) => Answer;
}

/** An error as …/docs/reference#error-messages shows it, thrown so that a look-up deep in a route can refuse for it. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: Record<string, unknown>;

  constructor(status: number, code: number, message: string, errors?: Record<string, unknown>) {
    super(message);
    this.status = status;
    this.body = { message, code, ...(errors && { errors }) };
  }
}

/** Codes and messages: …/docs/topics/opcodes-and-status-codes#json. */
export const refusals = {
  unauthorized: () => new Refusal(401, 0, "401: Unauthorized"),
  notFound: () => new Refusal(404, 0, "404: Not Found"),
  wrongMethod: () => new Refusal(405, 0, "405: Method Not Allowed"),
  unknownChannel: () => new Refusal(404, 10_003, "Unknown Channel"),
  unknownGuild: () => new Refusal(404, 10_004, "Unknown Guild"),
  unknownMessage: () => new Refusal(404, 10_008, "Unknown Message"),
  unknownUser: () => new Refusal(404, 10_013, "Unknown User"),
  unknownWebhook: () => new Refusal(404, 10_015, "Unknown Webhook"),
  unknownInteraction: () => new Refusal(404, 10_062, "Unknown interaction"),
  alreadyAcknowledged: () => new Refusal(400, 40_060, "Interaction has already been acknowledged."),
  invalidWebhookToken: () => new Refusal(401, 50_027, "Invalid Webhook Token"),
  unknownEmoji: () => new Refusal(400, 10_014, "Unknown Emoji"),
  missingAccess: () => new Refusal(403, 50_001, "Missing Access"),
  tooManyFiles: () => new Refusal(400, 30_015, "Maximum number of attachments in a message reached (10)"),
  tooManyReactions: () => new Refusal(400, 30_010, "Maximum number of reactions reached (20)"),
  tooLarge: () => new Refusal(413, 40_005, "Request entity too large"),
  notTheAuthor: () => new Refusal(403, 50_005, "Cannot edit a message authored by another user"),
  empty: () => new Refusal(400, 50_006, "Cannot send an empty message"),
  closedToUs: () => new Refusal(403, 50_007, "Cannot send messages to this user"),
  wrongChannelType: () => new Refusal(400, 50_024, "Cannot execute action on this channel type"),
  missingPermissions: () => new Refusal(403, 50_013, "Missing Permissions"),
  archived: () => new Refusal(400, 50_083, "Thread is archived"),
  badJson: () => new Refusal(400, 50_109, "The request body contains invalid JSON."),
  replyNeedsHistory: () => new Refusal(400, 160_002, "Cannot reply without permission to read message history"),
  threadExists: () => new Refusal(400, 160_004, "A thread has already been created for this message"),
  form: (field: string, code: string, message: string) =>
    new Refusal(400, 50_035, "Invalid Form Body", nested(field.split("."), { _errors: [{ code, message }] })),
} as const;

/** The channel, if the bot can see it. */
export function channelOf({ channels }: World, id: string | undefined): Channel {
  const channel = channels.get(id ?? "");
  if (!channel) throw refusals.unknownChannel();
  if (channel.denied.has("ViewChannel")) throw refusals.missingAccess();
  return channel;
}

export function messageOf(channel: Channel, id: string | undefined): StoredMessage {
  const message = channel.messages.get(id ?? "");
  if (!message) throw refusals.unknownMessage();
  return message;
}

export function mustBeAllowed(channel: Channel, permission: Permission): void {
  if (channel.denied.has(permission)) throw refusals.missingPermissions();
}

export function isSnowflake(value: unknown): value is string {
  return typeof value === "string" && /^\d{17,20}$/.test(value);
}

export function bodyOf({ body }: Call): Record<string, unknown> {
  if (!isFields(body)) throw refusals.form("", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType");
  return body;
}

function nested(path: readonly string[], leaf: Record<string, unknown>): Record<string, unknown> {
  const [first, ...rest] = path;
  return first === undefined || first === "" ? leaf : { [first]: nested(rest, leaf) };
}
