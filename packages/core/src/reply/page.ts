import type { Body, Continuation } from "@bellhop/contracts";
import { afterLine, beginningOf, closed, openFence, type Unsaid } from "./fit.ts";
import { stacked } from "./table.ts";
import { codeBlock } from "./words.ts";

/** The next page of an answer that was too long to be said at once, and where the one after it begins.
 *  @param at.text the whole, as it was kept */
export function pageOf({ text, more, run }: { text: string; more: Continuation; run?: string }): { body: Body; more: Unsaid } {
  const { object, from, code } = more;
  const part = beginningOf(text.slice(from));
  const next = afterLine(text, from + part.length);
  const left = text.length - next;
  const shown = code === true ? codeBlock(part) : begunAnew(text.slice(0, from), part);
  const note = left === 0 ? "" : `… ${left} more characters${run === undefined ? "" : `: run \`${run}\``}. Say \`more\` to read on.`;
  return { body: { text: stacked([shown, note]), tone: "info" }, more: { object, from: next, left, ...(code === true ? { code } : {}) } };
}

/** Markdown that goes on in the middle: within a block of code, or below the head of a table. */
function begunAnew(before: string, part: string): string {
  const open = openFence(before);
  return closed(open === undefined ? `${part.startsWith("|") ? tableHead(before) : ""}${part}` : `${open}\n${part}`);
}

/** The first two lines of the table that a text ends within. */
function tableHead(before: string): string {
  const lines = before.trimEnd().split("\n");
  const above = lines.findLastIndex((line) => !line.startsWith("|"));
  return lines
    .slice(above + 1, above + 3)
    .map((line) => `${line}\n`)
    .join("");
}
