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
  return shardOfHash(hash(key));
}

function shardOfHash(hashed: string): number {
  return Number.parseInt(hashed.slice(0, 8), 16) % shardCount;
}

/** A shard for what may be anywhere, and comes from many sides: what comes within a fifth of a second shares one. nats-server writes the state of every consumer that delivered
 *  something to a file of its own, up to ten times a second, so that many shards at once cost it more than the messages do: docs/decisions/0056.
 *  @param at ISO 8601 */
export function shardOfMoment(at: string): number {
  return (Math.floor(Date.parse(at) / shardTurnMs) * shardStep) % shardCount;
}

const shardTurnMs = 200;

/** Engines hold shards that lie side by side: so those of one turn and of the next are seldom the same engine's. It has no divisor in common with their number, so that all have their turn. */
const shardStep = 7;

/** A run's id follows from what asked for it, so that a repeated ask names the same run: ten characters of time, fourteen of the key's
 *  hash, two of the shard it was born in, in Crockford's base 32; sorts by time like a ULID.
 *  @param parts.at when it was asked, ISO 8601, as the asking side said it (never a reader's clock)
 *  @param parts.shard that of its key, where it is not given */
export function runId(parts: { key: string; at: string; shard?: number | undefined }): string {
  const hashed = hash(parts.key);
  const { shard = shardOfHash(hashed) } = parts;
  return base32(Date.parse(parts.at).toString(16), 10) + base32(hashed, 14) + base32(shard.toString(16), 2);
}

/** The shard a run was born in and stays in; undefined where the text is no run id. */
export function shardOfRun(run: string): number | undefined {
  if (!/^[0-9A-HJKMNP-TV-Z]{26}$/.test(run)) return undefined;
  const shard = crockford.indexOf(run.charAt(24)) * 32 + crockford.indexOf(run.charAt(25));
  return shard < shardCount ? shard : undefined;
}

/** The key of an attempt in the bucket `attempt`. */
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
  const name = base32(hash(`press/${purpose}`).slice(0, 32), 26);
  const at =
    Array.from({ length: 13 }, (_, start) => start).find((start) => /^(?=.*\d)(?=.*[A-Z])/.test(name.slice(start, start + 4))) ?? 0;
  return `${name.slice(at, at + 4)}-${name.slice(at + 4, at + 14)}`;
}

/** Where what is pressed is found: all that begin with the same four characters lie side by side. */
export function pressKey(id: string): string {
  return id.toUpperCase().split("-").map(token).join(".");
}

/** What people call a schedule by: six characters, with a digit among them.
 *  @param nth for the next id, where another has this one */
export function scheduleId(message: string, nth = 0): string {
  return pressId(`schedule/${message}/${nth}`).replace("-", "").slice(0, 6);
}

/** Where a schedule is kept: on the shard of its conversation. */
export function scheduleKey(schedule: { id: string; account: string; conversation: Conversation; replyTo: { platform: string } }): string {
  const { id, account, conversation, replyTo } = schedule;
  return `${shardOfKey(conversationKey({ platform: replyTo.platform, account, conversation }))}.${id}`;
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
  /** Its sender chose the key, and not every text can stand in a header. */
  fired: (key: string) => `fire:${token(key)}`,
  /** Of a dead letter that is published again. */
  replayed: (letter: number) => `replay:${letter}`,
  output: (attempt: AttemptRef, seq: number) => `txt:${attempt.run}/${attempt.task}/${attempt.attempt}/${seq}`,
} as const;

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The last characters of a hexadecimal number in base 32, ten digits at a time: so many still count exactly, and whole numbers of any length take many times as long. */
function base32(hexadecimal: string, length: number): string {
  let out = "";
  for (let end = hexadecimal.length; out.length < length; end -= 10) {
    let rest = end > 0 ? Number.parseInt(hexadecimal.slice(Math.max(0, end - 10), end), 16) : 0;
    for (let digit = 0; digit < 8; digit++) {
      out = crockford.charAt(rest % 32) + out;
      rest = Math.floor(rest / 32);
    }
  }
  return out.slice(-length);
}
