import type { AttemptRef } from "./action.ts";
import { shardCount } from "./limits.ts";
import type { Conversation } from "./message.ts";
import { hash, token } from "./token.ts";

/** Names a message for ever, whichever envelope it came in: platform/account/space/channel/native id, and `/e<revision>` for an edit. */
export function messageKey(parts: { platform: string; account: string; conversation: Conversation; id: string; edit?: string }): string {
  const { platform, account, conversation, id, edit } = parts;
  const names = [platform, account, conversation.space ?? "", conversation.channel, id].map(encodeURIComponent);
  return names.join("/") + (edit === undefined ? "" : `/e${encodeURIComponent(edit)}`);
}

/** The conversation a message belongs to, as one text: order is kept within it. Threads share their channel's order. */
export function conversationKey(parts: { platform: string; account: string; conversation: Conversation }): string {
  const { platform, account, conversation } = parts;
  return [platform, account, conversation.space ?? "", conversation.channel].map(encodeURIComponent).join("/");
}

/** The key of what is asked anew by the dead letter of that number: nothing that the first time left (a log, an answer) is under it. A letter that died
 *  again takes the place of the one before. */
export function replayKey(key: string, letter: number): string {
  return `${key.replace(/\/replay\d+$/, "")}/replay${letter}`;
}

/** Spreads keys over shards: 0 … shardCount - 1. */
export function shardOfKey(key: string): number {
  return Number.parseInt(hash(key).slice(0, 8), 16) % shardCount;
}

/** A run's id follows from what asked for it, so that a repeated ask names the same run: ten characters of time, fourteen of the key's
 *  hash, two of the shard it was born in, in Crockford's base 32; sorts by time like a ULID.
 *  @param parts.at when it was asked, ISO 8601, as the asking side said it (never a reader's clock) */
export function runId(parts: { key: string; at: string; shard: number }): string {
  const time = base32(BigInt(Date.parse(parts.at)), 10);
  const name = base32(BigInt(`0x${hash(parts.key)}`) & ((1n << 70n) - 1n), 14);
  return `${time}${name}${base32(BigInt(parts.shard), 2)}`;
}

/** The shard a run was born in and stays in; undefined where the text is no run id. */
export function shardOfRun(run: string): number | undefined {
  if (!/^[0-9A-HJKMNP-TV-Z]{26}$/.test(run)) return undefined;
  const shard = crockford.indexOf(run.charAt(24)) * 32 + crockford.indexOf(run.charAt(25));
  return shard < shardCount ? shard : undefined;
}

export function attemptKey(attempt: AttemptRef): string {
  return `${attempt.run}.${token(attempt.task)}.${attempt.attempt}`;
}

/** Where it stands how far a person has read: in the thread, if it is one, and in the room. */
export function bookmarkKeys(
  place: { platform: string; account: string; space?: string; channel: string; thread?: string },
  reader: string,
): string[] {
  const { platform, account, space = "", channel, thread } = place;
  const keyOf = (...names: string[]) =>
    [token(platform), token(account), token([space, channel, ...names].map(encodeURIComponent).join("/")), token(reader)].join(".");
  return thread === undefined ? [keyOf()] : [keyOf(thread), keyOf()];
}

/** Where it stands what a person is asked: in a thread, in a direct conversation, or in a room without threads. */
export function questionKey(
  place: { platform: string; account: string; space?: string; channel: string; thread?: string },
  about: { asker: string; direct: boolean },
): string {
  const { platform, account, space = "", channel, thread } = place;
  const names = [space, channel, ...(thread === undefined || about.direct ? [] : [thread])];
  return [token(platform), token(account), token(names.map(encodeURIComponent).join("/")), token(about.asker)].join(".");
}

/** Where the values lie that were set for a pack: for its unnamed configuration, or for an instance, whose name is a plain token. */
export function configKey({ pack, instance }: { pack: string; instance?: string }): string {
  return instance === undefined ? token(pack) : `${token(pack)}.${token(instance)}`;
}

/** The instance that a key of that pack is for: none where it is the unnamed one's. Undefined where it is another pack's. */
export function instanceOfKey(pack: string, key: string): { instance?: string } | undefined {
  const own = token(pack);
  if (key === own) return {};
  return key.startsWith(`${own}.`) ? { instance: key.slice(own.length + 1) } : undefined;
}

/** The id of what can be pressed for one purpose: four characters that people type, with a digit among them so that they are no word, and ten that make it
 *  one of its kind. Opaque: nothing can be learned from it, and nothing is decided by knowing it. */
export function pressId(purpose: string): string {
  const name = base32(BigInt(`0x${hash(`press/${purpose}`).slice(0, 32)}`) & ((1n << 130n) - 1n), 26);
  const at =
    Array.from({ length: 13 }, (_, start) => start).find((start) => /^(?=.*\d)(?=.*[A-Z])/.test(name.slice(start, start + 4))) ?? 0;
  return `${name.slice(at, at + 4)}-${name.slice(at + 4, at + 14)}`;
}

/** Where what is pressed is found: all that begin with the same four characters lie side by side. */
export function pressKey(id: string): string {
  return id.toUpperCase().split("-").map(token).join(".");
}

/** The id of the nth command of a step; message ids add the kind before it. */
export function commandId(parts: { run: string; revision: number; index: number }): string {
  return `${parts.run}/${parts.revision}/${parts.index}`;
}

/** The names under which JetStream drops repeats (`Nats-Msg-Id`). The kind stands first, because deduplication is per stream. */
export const messageIds = {
  received: (key: string) => `in:${key}`,
  edited: (key: string) => `edit:${key}`,
  deleted: (key: string) => `del:${key}`,
  reacted: (key: string) => `react:${key}`,
  pressed: (key: string) => `press:${key}`,
  submitted: (key: string) => `form:${key}`,
  requested: (attempt: AttemptRef) => `req:${attempt.run}/${attempt.task}/${attempt.attempt}`,
  finished: (attempt: AttemptRef) => `fin:${attempt.run}/${attempt.task}/${attempt.attempt}`,
  send: (send: { key: string; revision: number }) => `out:${send.key}/${send.revision}`,
  asked: (key: string) => `ask:${key}`,
  fired: (key: string) => `fire:${key}`,
  /** Of a dead letter that is published again. */
  replayed: (letter: number) => `replay:${letter}`,
  output: (attempt: AttemptRef, seq: number) => `txt:${attempt.run}/${attempt.task}/${attempt.attempt}/${seq}`,
} as const;

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

function base32(value: bigint, length: number): string {
  let out = "";
  for (let rest = value; out.length < length; rest >>= 5n) out = crockford.charAt(Number(rest & 31n)) + out;
  return out;
}
