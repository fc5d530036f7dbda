import { compose, parse, split, writeDiscord } from "@bellhop/gateway/markdown";

/** Characters of one message. */
const longest = 2_000;

/** Messages of one reply; what is left over is cut off, and the last one says so. */
const most = 10;

/** A reply's Markdown as the texts of its messages. Never nothing, which Discord refuses. */
export function inMessages(markdown: string): string[] {
  const composed = compose(markdown, { write: writeDiscord, limit: { n: longest, unit: "utf16" }, most });
  const texts = composed.kind === "parts" ? composed.parts.map(({ text }) => text) : shortened(markdown);
  const shown = texts.filter((text) => text.trim() !== "");
  return shown.length > 0 ? shown : ["(empty)"];
}

/** What a message says, however Discord or we put it: for comparing what we said with what stands. */
export function sameText(one: string, other: string): boolean {
  const bare = (text: string) => text.replaceAll("\u200b", "").replace(/\s+/g, " ").trim();
  return bare(one) === bare(other);
}

function shortened(markdown: string): string[] {
  const parts = split(parse(markdown), { limit: longest, size: (blocks) => writeDiscord(blocks, []).text.length, most: most - 1 });
  return [...parts.map((part) => writeDiscord(part, []).text), `… cut here: ${markdown.length} characters in all`];
}
