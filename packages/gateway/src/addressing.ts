import type { Conversation, Message } from "@bellhop/contracts";

/** How a command begins where others talk, too. */
export interface Prefixes {
  readonly general: string;
  /** By `platform:channel`. */
  readonly rooms: Readonly<Record<string, string>>;
}

export const usualPrefixes: Prefixes = { general: "!", rooms: {} };

export function prefixIn(prefixes: Prefixes, at: { platform: string; conversation: Conversation }): string {
  return prefixes.rooms[`${at.platform}:${at.conversation.channel}`] ?? prefixes.general;
}

/** A text that calls us. */
export interface Called {
  readonly how: Exclude<Message["addressed"], "prompt">;
  /** The command without the call. */
  readonly text: string;
}

/** How a text calls us; undefined where it does not.
 *  @param at.text as a person reads it
 *  @param at.mentioned given where the text begins with a mention of us, `length` characters long (0 where it was taken off already). A mention further
 *  on is none: there somebody may just be talking about the bot, and half a sentence is no command
 *  @param at.direct whether everything said there is said to us
 *  @param at.awaited whether its author was asked something there: then it needs no call */
export function callOf(at: {
  text: string;
  mentioned: { readonly length: number } | undefined;
  direct: boolean;
  awaited?: boolean;
  prefix: string;
}): Called | undefined {
  const { text, mentioned, direct, awaited = false, prefix } = at;
  const said = (mentioned === undefined ? text : text.slice(mentioned.length).replace(separators, "")).trim();
  const rest = afterPrefix(said, prefix);
  const command = rest === undefined ? said : rest.replace(separators, "");
  if (command === "") return mentioned === undefined ? undefined : { how: "mention", text: "help" };
  if (mentioned !== undefined) return { how: "mention", text: command };
  if (direct) return { how: "direct", text: command };
  if (rest !== undefined && isCall(rest, prefix)) return { how: "prefix", text: command };
  return awaited ? { how: "answer", text: said } : undefined;
}

const separators = /^[\s:,]+/;

/** Phones begin a line with a capital letter. A word ends where it ends: "bellhops" is another one. */
function afterPrefix(said: string, prefix: string): string | undefined {
  const sign = prefix.trimEnd();
  if (said.slice(0, sign.length).toLowerCase() !== sign.toLowerCase()) return undefined;
  const rest = said.slice(sign.length);
  return isWord(prefix) && rest !== "" && !separators.test(rest) ? undefined : rest;
}

/** In a room a sign touches its command and stands once: "!!" and "! no" are talk. */
function isCall(rest: string, prefix: string): boolean {
  return isWord(prefix) || !(/^[\s:,]/.test(rest) || rest.startsWith(prefix.trimEnd().slice(-1)));
}

function isWord(prefix: string): boolean {
  return /[\p{L}\p{N}\s]$/u.test(prefix);
}
