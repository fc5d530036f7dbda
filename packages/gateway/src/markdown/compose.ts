import type { RootContent } from "mdast";
import { parse } from "./parse.ts";
import { split } from "./split.ts";
import type { Mention, Write, Written } from "./written.ts";

export interface Limit {
  readonly n: number;
  /** chars: code points. utf16: JavaScript's length. bytes: of all texts of a part as JSON. */
  readonly unit: "chars" | "utf16" | "bytes";
}

interface Composing<W extends Written> {
  readonly write: Write<W>;
  /** What one message may hold. */
  readonly limit: Limit;
  readonly mentions?: readonly Mention[];
  /** More parts than this are a file. */
  readonly most?: number;
}

type Composed<W extends Written> =
  /** Messages to send in this order; none where the text says nothing. */
  | { readonly kind: "parts"; readonly parts: readonly W[] }
  /** Too long for a chat: one message, and the whole text, as it was written, as a file beside it. */
  | { readonly kind: "file"; readonly name: string; readonly text: string; readonly intro: W };

/** Markdown as messages of one platform. */
export function compose<W extends Written>(markdown: string, { write, limit, mentions = [], most = 5 }: Composing<W>): Composed<W> {
  const blocks = parse(markdown);
  if (blocks.length === 0) return { kind: "parts", parts: [] };
  const whole = write(blocks, mentions);
  if (sizeOf(whole, limit.unit) <= limit.n) return { kind: "parts", parts: [whole] };
  const size = (some: readonly RootContent[]) => sizeOf(write(some, mentions), limit.unit);
  const parts = split(blocks, { limit: limit.n, size, most: most + 1 });
  if (parts.length <= most) return { kind: "parts", parts: parts.map((part) => write(part, mentions)) };
  return { kind: "file", name: "reply.md", text: markdown, intro: intro() };

  function intro(): W {
    const note: RootContent = {
      type: "paragraph",
      children: [{ type: "text", value: `… cut here: ${markdown.length} characters in all` }],
    };
    const [first = []] = split(blocks, { limit: limit.n - size([note]) - 4, size, most: 1 });
    return write([...first, note], mentions);
  }
}

function sizeOf(written: Written, unit: Limit["unit"]): number {
  let sum = 0;
  for (const text of [written.text, "html" in written && typeof written.html === "string" ? written.html : ""]) {
    if (unit === "utf16") sum += text.length;
    else if (unit === "bytes") sum += text === "" ? 0 : Buffer.byteLength(JSON.stringify(text));
    else for (const _ of text) sum += 1;
  }
  return sum;
}
