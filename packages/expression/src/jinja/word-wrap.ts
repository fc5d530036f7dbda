import { Fault } from "../error.ts";

/** Lines of at most `width` characters, as Python's textwrap cuts them: blanks where a line is cut go, the others stay. */
export function wordWrap(
  text: string,
  { width, breakLong, breakHyphens }: { width: number; breakLong: boolean; breakHyphens: boolean },
): string[] {
  if (width <= 0) throw new Fault("ValueError", `invalid width ${width} (must be > 0)`);
  const chunks = (text.match(breakHyphens ? words : simpleWords) ?? []).reverse();
  const lines: string[] = [];
  while (chunks.length > 0) {
    const line: string[] = [];
    let length = 0;
    if (lines.length > 0 && (chunks.at(-1) ?? "").trim() === "") chunks.pop();
    for (let chunk = chunks.at(-1); chunk !== undefined && length + chunk.length <= width; chunk = chunks.at(-1)) {
      line.push(chunk);
      length += chunk.length;
      chunks.pop();
    }
    const long = chunks.at(-1);
    if (long !== undefined && long.length > width) {
      const room = Math.max(1, width - length);
      if (breakLong) {
        const hyphen = breakHyphens && long.length > room ? long.lastIndexOf("-", room - 1) : -1;
        const cut = hyphen > 0 && /[^-]/.test(long.slice(0, hyphen)) ? hyphen + 1 : width - length;
        line.push(long.slice(0, cut));
        chunks[chunks.length - 1] = long.slice(cut);
      } else if (line.length === 0) line.push(chunks.pop() ?? "");
    }
    if ((line.at(-1) ?? "").trim() === "") line.pop();
    if (line.length > 0) lines.push(line.join(""));
  }
  return lines;
}

const simpleWords = /[\t\n\v\f\r ]+|[^\t\n\v\f\r ]+/g;
/** A word may be cut after a hyphen between letters, and before and after a dash of several. */
const words =
  /[\t\n\v\f\r ]+|(?<=[\w!"'&.,?])-{2,}(?=\w)|[^\t\n\v\f\r ]+?(?:-(?:(?<=[^\d\W]{2}-)|(?<=[^\d\W]-[^\d\W]-))(?=[^\d\W]-?[^\d\W])|(?=[\t\n\v\f\r ]|$)|(?<=[\w!"'&.,?])(?=-{2,}\w))/g;
