import { RE2JS } from "re2js";

export interface Pairs {
  /** The command without its trailing pairs. */
  rest: string;
  pairs: [key: string, value: string][];
}

const pair = `(?:^|\\s+)\\s*(\\S+?)\\s*=(""|''|"(.+?)"|'(.+?)'|(\\{.+?\\})|(\\S+))`;
const trailing = RE2JS.compile(`^(.*?)((?:${pair.replace(/\((?!\?)/g, "(?:")}\\s*)*)$`, RE2JS.DOTALL);
const each = RE2JS.compile(pair, RE2JS.DOTALL);

/** Cuts `key=value` pairs off the end as StackStorm does: a key is any text without spaces, and text equal to the cut is cut everywhere. */
export function strictPairs(command: string): Pairs {
  const match = trailing.matcher(command);
  const tail = match.matches() ? (match.group(2) ?? "") : "";
  if (tail === "") return { rest: command, pairs: [] };
  const pairs: Pairs["pairs"] = [];
  const found = each.matcher(tail);
  while (found.find()) {
    const value = found.group(3) ?? found.group(4) ?? found.group(5) ?? found.group(6) ?? "";
    pairs.push([found.group(1) ?? "", value]);
  }
  return { rest: command.replaceAll(tail, ""), pairs };
}

/** Cuts trailing pairs as a person means them: a key is a name, what stands in quotes is one word, and braces are balanced. A URL with a
 *  query, or `x=1` within quotes, is no pair. */
export function chatPairs(command: string): Pairs {
  if (!command.includes("=")) return { rest: command, pairs: [] };
  const words = wordsOf(command);
  const pairs: Pairs["pairs"] = [];
  let end = command.length;
  for (const word of words.toReversed()) {
    const [, key, value] = /^([\p{L}_][\p{L}\p{N}_.-]*)=([\s\S]+)$/u.exec(word.text) ?? [];
    if (key === undefined || value === undefined) break;
    pairs.unshift([key, unquoted(value)]);
    end = word.start;
  }
  return { rest: command.slice(0, end), pairs };
}

/** Words between white space. A quote that opens a word or a pair's value, and closes before white space or the end, holds it together; so do braces. */
function wordsOf(command: string): { text: string; start: number }[] {
  const words: { text: string; start: number }[] = [];
  const groupEnd = groupsOf(command);
  let at = 0;
  while (at < command.length) {
    if (/\s/.test(command.charAt(at))) {
      at++;
      continue;
    }
    const start = at;
    const key = /^[\p{L}_][\p{L}\p{N}_.-]*=/u.exec(command.slice(at, at + 80));
    if (key) at += key[0].length;
    at = groupEnd(at) ?? at;
    while (at < command.length && !/\s/.test(command.charAt(at))) at++;
    words.push({ text: command.slice(start, at), start });
  }
  return words;
}

/** Where the group ends that a quote or brace opens at a place; each character is looked at a few times at most, however many groups never end. */
function groupsOf(command: string): (start: number) => number | undefined {
  const endless = new Set<string>();
  const closes = new Map<number, number>();
  const braces: Record<string, number[]> = { "}": [], "]": [] };
  for (let at = 0; at < command.length; at++) {
    const character = command.charAt(at);
    if (character === "{") braces["}"]?.push(at);
    else if (character === "[") braces["]"]?.push(at);
    else {
      const open = braces[character]?.pop();
      if (open !== undefined) closes.set(open, at + 1);
    }
  }
  return (start) => {
    const open = command.charAt(start);
    if (open !== '"' && open !== "'") return closes.get(start);
    if (endless.has(open)) return undefined;
    for (let close = command.indexOf(open, start + 1); close >= 0; close = command.indexOf(open, close + 1)) {
      if (close + 1 === command.length || /\s/.test(command.charAt(close + 1))) return close + 1;
    }
    endless.add(open);
    return undefined;
  };
}

/** The text without the quotes around it, if it stands in quotes. */
export function unquoted(text: string): string {
  const quote = text.charAt(0);
  return text.length >= 2 && (quote === '"' || quote === "'") && text.endsWith(quote) ? text.slice(1, -1) : text;
}
