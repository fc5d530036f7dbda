import { plainText } from "../alias/format.ts";

/** What people say about the access list, as they said it. */
export type AccessWords =
  | { kind: "allow" | "deny"; who: string; what: string[] }
  | { kind: "remove"; rule: string }
  | { kind: "list" | "changes" }
  /** May `who` run `what`, an action or a whole command? */
  | { kind: "ask"; who: string; what: string };

/** Reads a command about the access list, or undefined where it is none. */
export function parseAccess(command: string): AccessWords | undefined {
  const text = plainText(command).trim();
  const [word = "", ...rest] = text.split(/\s+/);
  switch (word.toLowerCase()) {
    case "allow":
      return { kind: "allow", ...names(rest) };
    case "deny":
    case "disallow":
      return { kind: "deny", ...names(rest) };
    case "access":
      return list(rest);
    case "why":
    case "may":
      return question(text);
    default:
      return undefined;
  }
}

function list([word, rule, more]: string[]): AccessWords | undefined {
  if (word === undefined) return { kind: "list" };
  if (word.toLowerCase() === "changes" && rule === undefined) return { kind: "changes" };
  if (word.toLowerCase() === "remove" && rule !== undefined && more === undefined) return { kind: "remove", rule: bare(rule) };
  return undefined;
}

/** `WHO [to] [run] WHAT, WHAT and WHAT`. */
function names(words: readonly string[]): { who: string; what: string[] } {
  const [first = "", second = "", third = ""] = words.map((word) => word.toLowerCase());
  const length = first !== "everyone" ? 1 : second === "here" ? 2 : second === "on" && third !== "" ? 3 : 1;
  const rest = words.slice(length);
  while (/^(?:to|run|use|say)$/i.test(rest[0] ?? "")) rest.shift();
  const what = rest.flatMap((word) => word.split(",")).filter((word) => word !== "" && word.toLowerCase() !== "and");
  return { who: words.slice(0, length).map(bare).join(" "), what: what.map(bare) };
}

function question(text: string): AccessWords | undefined {
  const [, mine] = /^why\s+(?:can't|cant|cannot|can\s+not|may)\s+i\s+(?:not\s+)?([^]+)$/i.exec(text) ?? [];
  if (mine !== undefined) return { kind: "ask", who: "me", what: asked(mine) };
  const [, who, what] = /^may\s+(\S+)\s+(?:run|use|say)\s+([^]+)$/i.exec(text) ?? [];
  return who === undefined || what === undefined ? undefined : { kind: "ask", who: bare(who), what: asked(what) };
}

function asked(what: string): string {
  const text = what.trim();
  const words = (text.endsWith("?") ? text.slice(0, -1) : text).trim();
  return words.replace(/^`([^`]*)`$/, "$1").replace(/^!\s*/, "");
}

/** A word without the code marks, escapes and punctuation that a chat put around it. */
function bare(word: string): string {
  let end = word.length;
  while (end > 0 && "`,".includes(word.charAt(end - 1))) end -= 1;
  return word.slice(word.startsWith("`") ? 1 : 0, end).replace(/\\([!-/:-@[-`{-~])/g, "$1");
}
