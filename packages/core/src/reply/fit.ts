import { hash, type Continuation, type FileRef } from "@bellhop/contracts";
import { stacked } from "./table.ts";
import { fencedAlone } from "./words.ts";

/** A text that a reply refers to. It has to lie in the object store `values`, under its SHA-256, before the reply is stored. */
export interface KeptText {
  readonly object: string;
  readonly text: string;
}

/** A reply above so many characters, or bytes as JSON, is cut, so that a step's record stays small. */
const longestText = 8_000;
const largestText = 16_000;
/** What one character may take: \u0000. */
const largestCharacter = 6;

/** What of a kept text was not said. */
export type Unsaid = Pick<Continuation, "object" | "from" | "left" | "code">;

interface Fitted {
  text: string;
  /** The whole, where it is shown as a file. */
  file?: FileRef;
  kept?: KeptText;
  more?: Unsaid;
}

/** A text short enough for a chat; where something had to be left out, it says how to read on, and the whole goes beside it as a file.
 *  @param at.whole what `text` is the beginning of, where it is less than all already
 *  @param at.plain the same as a file says it
 *  @param at.beside whether files can be shown where it is said */
export function fitted(at: { text: string; whole?: string; run: string; plain: (text: string) => string; beside: boolean }): Fitted {
  const { text, whole = text, run, plain, beside } = at;
  if (fits(text) && whole === text) return { text };
  const { ref, kept } = fileOf(plain(whole));
  const shown = fits(text) ? text : beginningOf(text);
  const more = unsaid(kept, { shown: plain(shown), code: ref.name === outputFile });
  const where = beside ? `, all of it in \`${ref.name}\`` : "";
  const note = `… ${more.left} more characters${where}: run \`${run}\`. Say \`more\` to read on.`;
  return {
    text: stacked([closed(shown), note]),
    ...(beside ? { file: ref } : {}),
    kept,
    more,
  };
}

/** Where a kept text goes on after what was shown of it: a fence may stand before that, or other words at its end. */
function unsaid({ object, text }: KeptText, { shown, code }: { shown: string; code: boolean }): Unsaid {
  const begun = code ? shown.slice(shown.indexOf("\n") + 1) : shown;
  let same = 0;
  while (same < begun.length && begun[same] === text[same]) same += 1;
  const from = same < begun.length ? text.lastIndexOf("\n", same - 1) + 1 : afterLine(text, same);
  return { object, from, left: text.length - from, ...(code ? { code } : {}) };
}

export function fits(text: string): boolean {
  return text.length <= longestText && (text.length * largestCharacter <= largestText || bytesOf(JSON.stringify(text)) <= largestText);
}

/** As much as one reply may say, up to the end of a line where one ends not far from the limit. */
export function beginningOf(text: string): string {
  if (fits(text)) return text;
  let length = longestText;
  while (!fits(text.slice(0, length))) length = Math.floor(length * 0.8);
  const line = text.lastIndexOf("\n", length);
  if (line > length * 0.9) return text.slice(0, line);
  // Never between the two halves of one character.
  return Array.from(text.slice(0, length)).slice(0, -1).join("");
}

/** The same place, or the next line where it is the end of one. */
export function afterLine(text: string, at: number): number {
  return text[at] === "\n" ? at + 1 : at;
}

/** The line that opened a block of code which the text does not close. */
export function openFence(text: string): string | undefined {
  let open: { line: string; marks: number } | undefined;
  for (const [line, marks = ""] of text.matchAll(/^(`{3,}).*$/gm)) {
    if (open === undefined) open = { line, marks: marks.length };
    else if (marks.length >= open.marks && line.trimEnd() === marks) open = undefined;
  }
  return open?.line;
}

/** A text whose last block of code is closed. */
export function closed(text: string): string {
  const [marks] = /^`+/.exec(openFence(text) ?? "") ?? [];
  return marks === undefined ? text : `${text}\n${marks}`;
}

const outputFile = "output.txt";

function fileOf(whole: string): { ref: FileRef; kept: KeptText } {
  const output = fencedAlone(whole);
  const text = output ?? whole;
  const object = hash(text);
  const kind = output === undefined ? { name: "reply.md", type: "text/markdown" } : { name: outputFile, type: "text/plain" };
  return { ref: { ...kind, bytes: bytesOf(text), object }, kept: { object, text } };
}

export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
