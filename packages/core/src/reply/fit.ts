import { hash, type FileRef } from "@bellhop/contracts";
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

/** A text short enough for a chat; where something had to be left out, the whole goes beside it as a file.
 *  @param at.whole what `text` is the beginning of, where it is less than all already
 *  @param at.plain the same as a file says it */
export function fitted(at: { text: string; whole?: string; run: string; plain: (text: string) => string }): {
  text: string;
  file?: FileRef;
  kept?: KeptText;
} {
  const { text, whole = text, run, plain } = at;
  if (fits(text) && whole === text) return { text };
  const file = fileOf(plain(whole));
  if (fits(text)) return { text: stacked([text, `All of it is in \`${file.ref.name}\`: run \`${run}\``]), file: file.ref, kept: file.kept };
  const cut = beginningOf(text);
  const fence = (cut.match(/^`{3,}.*$/gm) ?? []).length % 2 === 1 ? "\n```" : "";
  const more = `… ${whole.length - cut.length} more characters, all of it in \`${file.ref.name}\`: run \`${run}\``;
  return { text: stacked([`${cut}${fence}`, more]), file: file.ref, kept: file.kept };
}

export function fits(text: string): boolean {
  return text.length <= longestText && (text.length * largestCharacter <= largestText || bytesOf(JSON.stringify(text)) <= largestText);
}

/** Up to the end of a line, where one ends not far from the limit. */
function beginningOf(text: string): string {
  let length = longestText;
  while (!fits(text.slice(0, length))) length = Math.floor(length * 0.8);
  const line = text.lastIndexOf("\n", length);
  if (line > length * 0.9) return text.slice(0, line);
  // Never between the two halves of one character.
  return Array.from(text.slice(0, length)).slice(0, -1).join("");
}

function fileOf(whole: string): { ref: FileRef; kept: KeptText } {
  const output = fencedAlone(whole);
  const text = output ?? whole;
  const object = hash(text);
  const kind = output === undefined ? { name: "reply.md", type: "text/markdown" } : { name: "output.txt", type: "text/plain" };
  return { ref: { ...kind, bytes: bytesOf(text), object }, kept: { object, text } };
}

export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
