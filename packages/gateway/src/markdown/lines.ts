import type { Blockquote, Code, List, ListItem, Nodes, PhrasingContent, RootContent } from "mdast";
import { aligned } from "./aligned.ts";
import { addressed, isBlock, isInline, linkable, says, words } from "./words.ts";
import { apart, pieces, type Mention, type Written } from "./written.ts";

export type Mark = "strong" | "emphasis" | "delete";

/** What differs between chats whose messages are lines of marked text. */
export interface Dialect {
  /** @param paired whether a mark has a partner somewhere in the block: where a platform knows no escape, that matters */
  text(value: string, paired: (sign: string) => boolean): string;
  mark(kind: Mark, inner: string): string;
  code(value: string): string;
  /** @param language absent where there is none, or none that the author meant as one */
  fence(value: string, language?: string): string;
  /** An address that {@link linkable} let through. */
  link(url: string): string;
  /** Undefined where the id is none of the platform's. */
  mention(id: string): string | undefined;
  heading(depth: number, inner: string): string;
  readonly bullet: string;
  /** Keeps a line of text from being read as a block. */
  lineStart(line: string): string;
  /** Whether a quote can hold code blocks. */
  readonly quotesCode: boolean;
  /** Whether marks count only at the edges of words. */
  readonly marksAtEdges: boolean;
}

/** Writes blocks as lines. */
export function writeLines(blocks: readonly RootContent[], mentions: readonly Mention[], dialect: Dialect): Written {
  const known = mentions.filter(({ platformId }) => dialect.mention(platformId) !== undefined);
  const at: At = {
    dialect,
    mentions: new Map(known.map(({ token, platformId }) => [token, platformId])),
    pinged: new Set(),
    open: new Set(),
  };
  return {
    text: chunks(blocks, at)
      .map(({ text, gap }) => gap + text)
      .join(""),
    mentions: [...at.pinged],
  };
}

interface At {
  readonly dialect: Dialect;
  readonly mentions: ReadonlyMap<string, string>;
  readonly pinged: Set<string>;
  readonly open: Set<Mark>;
}

/** Some lines. `fixed` ones are shown at the margin whatever they stand in: an indented code block would not be verbatim. */
interface Chunk {
  readonly text: string;
  readonly fixed?: true;
  readonly gap: "" | "\n" | "\n\n";
}

function chunks(blocks: readonly RootContent[], at: At): Chunk[] {
  const out: Chunk[] = [];
  blocks.forEach((block, index) => {
    const before = blocks[index - 1];
    for (const [inner, chunk] of chunksOf(block, at).entries()) {
      const gap = inner > 0 ? chunk.gap : before === undefined ? "" : adjacent(before, block) ? "\n" : "\n\n";
      if (chunk.text !== "") out.push({ ...chunk, gap: out.length === 0 ? "" : gap });
    }
  });
  return out;
}

/** As the author spaced them. */
function adjacent(before: RootContent, after: RootContent): boolean {
  return before.position !== undefined && after.position !== undefined && after.position.start.line === before.position.end.line + 1;
}

function chunksOf(block: RootContent, at: At): Chunk[] {
  if (!isBlock(block)) return [{ text: prose([{ type: "text", value: words(block) }], at), gap: "\n" }];
  switch (block.type) {
    case "paragraph":
      return [{ text: prose(block.children, at), gap: "\n" }];
    case "heading":
      return [{ text: at.dialect.heading(block.depth, title(block.children, at)), gap: "\n" }];
    case "code":
      return code(block, at);
    case "blockquote":
      return quote(block, at);
    case "list":
      return list(block, at);
    case "table":
      return [{ text: at.dialect.fence(aligned(block)), fixed: true, gap: "\n" }];
    case "thematicBreak":
      return [{ text: "———", gap: "\n" }];
  }
}

function prose(children: readonly PhrasingContent[], at: At): string {
  const text = inline(children, at, pairedIn(children));
  return text.includes("\n")
    ? text
        .split("\n")
        .map((line) => at.dialect.lineStart(line))
        .join("\n")
    : at.dialect.lineStart(text);
}

/** Bold as a whole, on one line. */
function title(children: readonly PhrasingContent[], at: At): string {
  at.open.add("strong");
  const text = inline(children, at, (sign) => sign === "*" || pairedIn(children)(sign)).replaceAll("\n", " ");
  at.open.delete("strong");
  return text;
}

function code(node: Code, at: At): Chunk[] {
  const info = [node.lang, node.meta].filter(Boolean).join(" ");
  if (node.value === "" && info !== "") return [{ text: at.dialect.fence(info), fixed: true, gap: "\n" }];
  const language = isLanguage(info);
  const fence: Chunk = { text: at.dialect.fence(node.value, language ? info : undefined), fixed: true, gap: "\n" };
  // Not a language, but words that somebody wrote beside the fence.
  return language || info === "" ? [fence] : [{ text: prose([{ type: "text", value: info }], at), gap: "\n" }, fence];
}

export function isLanguage(info: string): boolean {
  return /^[a-z][a-z0-9+#.-]{0,19}$/.test(info);
}

function quote(node: Blockquote, at: At): Chunk[] {
  const inside = chunks(node.children, at);
  const runs: Chunk[] = [];
  for (const chunk of inside) {
    const loose = chunk.fixed === true && !at.dialect.quotesCode && chunk.text.startsWith("```");
    const last = runs.at(-1);
    if (loose) runs.push({ text: chunk.text, fixed: true, gap: "\n" });
    else if (last === undefined || !last.text.startsWith(">")) runs.push({ text: quoted(chunk.text), fixed: true, gap: "\n" });
    else runs[runs.length - 1] = { ...last, text: `${last.text}${chunk.gap.slice(1) && "\n>"}\n${quoted(chunk.text)}` };
  }
  return runs;
}

function quoted(text: string): string {
  return text.replace(/^/gm, "> ");
}

function list(node: List, at: At): Chunk[] {
  return node.children.flatMap((item, index) => {
    const marker = node.ordered ? `${(node.start ?? 1) + index}. ` : at.dialect.bullet;
    return listItem(item, marker, at);
  });
}

function listItem(item: ListItem, marker: string, at: At): Chunk[] {
  const box = typeof item.checked === "boolean" ? (item.checked ? "☑ " : "☐ ") : "";
  const [first, ...rest] = chunks(item.children, at);
  const pad = " ".repeat(marker.length);
  const lead = marker + box;
  if (first === undefined) return [{ text: lead.trimEnd(), gap: "\n" }];
  const head: Chunk[] = first.fixed
    ? [
        { text: lead.trimEnd(), gap: "\n" },
        { ...first, gap: "\n" },
      ]
    : [{ text: lead + indented(first.text, pad), gap: "\n" }];
  return [
    ...head,
    ...rest.map((chunk): Chunk => (chunk.fixed ? { ...chunk, gap: "\n" } : { text: pad + indented(chunk.text, pad), gap: "\n" })),
  ];
}

function indented(text: string, pad: string): string {
  return text.replaceAll("\n", `\n${pad}`);
}

function inline(children: readonly PhrasingContent[], at: At, paired: Paired): string {
  let out = "";
  children.forEach((child, index) => {
    const piece = phrase(child, at, paired);
    if (piece === "") return;
    const isMark = child.type === "strong" || child.type === "emphasis" || child.type === "delete" || child.type === "inlineCode";
    const after = children[index + 1];
    // Two marks that meet would be read as another one, and two words as a name.
    const last = out.at(-1) ?? "";
    if (
      last === "@" ||
      last === "<" ||
      (marks.has(last) && last === piece[0]) ||
      (isMark && at.dialect.marksAtEdges && /[\p{L}\p{N}]$/u.test(out))
    )
      out += apart;
    out += piece;
    if (isMark && at.dialect.marksAtEdges && after !== undefined && /^[\p{L}\p{N}]/u.test(marked(after))) out += apart;
  });
  return out;
}

const marks: ReadonlySet<string> = new Set(["*", "_", "~", "`", "|"]);

function phrase(node: PhrasingContent, at: At, paired: Paired): string {
  const { dialect } = at;
  if (!isInline(node)) return dialect.text(words(node), paired);
  switch (node.type) {
    case "text":
      return text(node.value, at, paired);
    case "strong":
    case "emphasis":
    case "delete": {
      if (at.open.has(node.type)) return inline(node.children, at, paired);
      at.open.add(node.type);
      const inner = inline(node.children, at, paired);
      at.open.delete(node.type);
      return inner.trim() === "" ? inner : dialect.mark(node.type, inner);
    }
    case "inlineCode":
      return dialect.code(node.value.replaceAll("\n", " "));
    case "break":
      return "\n";
    case "link":
    case "image": {
      const url = linkable(node.url);
      const shown = url === undefined ? dialect.text(node.url, paired) : dialect.link(url);
      const label = node.type === "image" ? (node.alt ?? "") : node.children.map(words).join("");
      if (says(label, node.url) && !node.title) return shown;
      const title = node.title ? dialect.text(node.title.replaceAll("\n", " "), paired) : node.title;
      return addressed(
        node.type === "image" ? text(label, at, paired) : inline(node.children, at, paired),
        { url: node.url, title },
        shown,
      );
    }
  }
}

function text(value: string, at: At, paired: Paired): string {
  if (at.mentions.size === 0) return at.dialect.text(value, paired);
  return pieces(value, at.mentions)
    .map((piece) => {
      if (piece.id === undefined) return at.dialect.text(piece.value, paired);
      at.pinged.add(piece.id);
      return at.dialect.mention(piece.id) ?? "";
    })
    .join("");
}

type Paired = (sign: string) => boolean;

function pairedIn(children: readonly PhrasingContent[]): Paired {
  let whole: string | undefined;
  const known = new Map<string, boolean>();
  return (sign) => {
    whole ??= children.map(marked).join("");
    const is = known.get(sign) ?? whole.indexOf(sign) !== whole.lastIndexOf(sign);
    known.set(sign, is);
    return is;
  };
}

/** Words with marks, as a reader who knows no escapes sees them. */
function marked(node: Nodes): string {
  if (node.type === "inlineCode") return `\`${node.value}\``;
  if (!("children" in node)) return words(node);
  const inner = node.children.map(marked).join("");
  const mark = node.type === "strong" ? "*" : node.type === "emphasis" ? "_" : node.type === "delete" ? "~" : "";
  return mark + inner + mark;
}
