import { stripVTControlCharacters, styleText } from "node:util";

/** How replies look: `colour` for a terminal, without it plain text that a program can read. */
export interface Look {
  colour: boolean;
}

/** A reply's CommonMark as a terminal shows it: code indented and dim, emphasis as weight, links with their address beside them. Plain: the
 *  same text with its marks, code blocks without their fences, so that a block's content comes out as it went in. */
export function renderMarkdown(text: string, look: Look): string {
  const out: string[] = [];
  let fence: string | undefined;
  for (const line of text.split("\n")) {
    const mark = /^ {0,3}(`{3,}|~{3,})[^`]*$/.exec(line)?.[1];
    if (fence !== undefined) {
      if (mark !== undefined && mark[0] === fence[0] && mark.length >= fence.length && line.trim() === mark) fence = undefined;
      else out.push(look.colour ? styled("dim", `  ${harmless(line)}`) : line);
    } else if (mark !== undefined) fence = mark;
    else out.push(look.colour ? inline(block(harmless(line))) : unescaped(line));
  }
  return out.join("\n");
}

/** Output of a command may hold sequences that move the cursor or rename the window; only its text is shown. */
export function harmless(line: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  return stripVTControlCharacters(line).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}

function block(line: string): string {
  const heading = /^#{1,6} +(.*?)(?: +#+)?$/.exec(line)?.[1];
  if (heading !== undefined) return styled("bold", heading);
  return line.replace(/^( *)[-*+] +/, "$1• ").replace(/^> ?/, "│ ");
}

function inline(line: string): string {
  // Code first and by itself: marks within it are text.
  return line
    .split(/(`+)(?!`)([^]*?[^`])\1(?!`)/)
    .map((part, index) => (index % 3 === 0 ? emphasis(part) : index % 3 === 2 ? styled("cyan", part.replace(/^ (.*) $/, "$1")) : ""))
    .join("");
}

function emphasis(text: string): string {
  return unescaped(
    text
      .replace(/(?<!\\)\[([^\]]+)\]\(([^)\s]+)\)/g, (_, label: string, url: string) => (label === url ? url : `${label} (${url})`))
      .replace(/(?<![\\*])\*\*(?=\S)(.+?)(?<=[^\s\\])\*\*/g, (_, inner: string) => styled("bold", inner))
      .replace(/(?<![\w\\*])([*_])(?=[^\s*_])(.+?)(?<=[^\s\\*_])\1(?![\w*])/g, (_, _mark: string, inner: string) =>
        styled("italic", inner),
      ),
  );
}

function unescaped(text: string): string {
  return text.replace(/\\([!-/:-@[-`{-~])/g, "$1");
}

function styled(format: Parameters<typeof styleText>[0], text: string): string {
  // Whether there are colours was decided once, by the caller: see Look.
  return styleText(format, text, { validateStream: false });
}
