import type { ListItem, PhrasingContent, RootContent, Table } from "mdast";
import { isLanguage, writeLines, type Dialect } from "./lines.ts";
import { addressed, isBlock, isInline, linkable, says, spelled, words } from "./words.ts";
import { apart, pieces, type Mention, type Write, type Written } from "./written.ts";

/** `text` is the event's `body`. */
interface MatrixWritten extends Written {
  /** `formatted_body`, format org.matrix.custom.html. */
  readonly html: string;
}

/** Matrix's subset of HTML, and the plain body. Send it with `m.mentions: { user_ids: mentions }` even where that is empty: it switches off what older
 *  push rules find in the words. Mention ids are of users, @erin:example.org. */
export const writeMatrix: Write<MatrixWritten> = (blocks, mentions) => {
  const { text, mentions: pinged } = writeLines(blocks, mentions, plain);
  const users = new Map(mentions.filter(({ platformId }) => isUser(platformId)).map(({ token, platformId }) => [token, platformId]));
  return { text, html: blocks.map((block) => html(block, users)).join(""), mentions: pinged };
};

type Users = ReadonlyMap<Mention["token"], Mention["platformId"]>;

const plain: Dialect = {
  text: tame,
  mark: (kind, inner) => (kind === "strong" ? `**${inner}**` : kind === "emphasis" ? `*${inner}*` : `~~${inner}~~`),
  code: (value) => (value.includes("`") ? fenced(value, { least: 2, around: " " }) : `\`${value}\``),
  fence: (value, language = "") => fenced(value, { least: 3, around: "\n", language }),
  link: (url) => tame(spelled(url)),
  mention: (id) => (isUser(id) ? id : undefined),
  heading: (depth, inner) => `${"#".repeat(depth)} ${inner}`,
  bullet: "- ",
  lineStart: (line) => line,
  quotesCode: true,
  marksAtEdges: false,
};

function fenced(value: string, { least, around, language = "" }: { least: number; around: string; language?: string }): string {
  const ticks = "`".repeat(Math.max(least, ...Array.from(value.matchAll(/`+/g), ([run]) => run.length + 1)));
  return ticks + language + around + value + around + ticks;
}

function isUser(id: string): boolean {
  return /^@[^\s:<>"'&]+:[\w.:[\]-]+$/.test(id) && id.length <= 255;
}

/** No room is called, and no address of a person or room becomes a pill. */
function tame(text: string): string {
  return text.replace(/@(?=room)/gi, `@${apart}`).replace(/matrix(?=\.to|:)/gi, `$&${apart}`);
}

function html(block: RootContent, users: Users): string {
  if (!isBlock(block)) return `<p>${prose(words(block))}</p>`;
  switch (block.type) {
    case "paragraph":
      return `<p>${inline(block.children, users)}</p>`;
    case "heading":
      return `<h${block.depth}>${inline(block.children, users)}</h${block.depth}>`;
    case "code": {
      const info = [block.lang, block.meta].filter(Boolean).join(" ");
      if (block.value === "") return `<pre><code>${escaped(info)}\n</code></pre>`;
      if (isLanguage(info)) return `<pre><code class="language-${escaped(info)}">${escaped(block.value)}\n</code></pre>`;
      return `${info === "" ? "" : `<p>${prose(info)}</p>`}<pre><code>${escaped(block.value)}\n</code></pre>`;
    }
    case "blockquote":
      return `<blockquote>${block.children.map((child) => html(child, users)).join("")}</blockquote>`;
    case "list": {
      const items = block.children.map((item) => listItem(item, users)).join("");
      if (!block.ordered) return `<ul>${items}</ul>`;
      return `<ol${block.start === 1 || typeof block.start !== "number" ? "" : ` start="${block.start}"`}>${items}</ol>`;
    }
    case "table":
      return table(block, users);
    case "thematicBreak":
      return "<hr>";
  }
}

/** Matrix allows no check box. Paragraphs of short items stand without their tags, as items are shown elsewhere. */
function listItem(item: ListItem, users: Users): string {
  const box = typeof item.checked === "boolean" ? (item.checked ? "☑ " : "☐ ") : "";
  const [first, ...rest] = item.children;
  const lead = first?.type === "paragraph" && !item.spread ? inline(first.children, users) : first === undefined ? "" : html(first, users);
  return `<li>${box}${lead}${rest.map((child) => html(child, users)).join("")}</li>`;
}

function table(node: Table, users: Users): string {
  const [head, ...body] = node.children.map((row) => row.children.map((cell) => inline(cell.children, users)));
  const row = (cells: readonly string[], tag: "th" | "td") => `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
  const rows = body.length === 0 ? "" : `<tbody>${body.map((cells) => row(cells, "td")).join("")}</tbody>`;
  return `<table><thead>${row(head ?? [], "th")}</thead>${rows}</table>`;
}

function inline(children: readonly PhrasingContent[], users: Users): string {
  return children.map((child) => phrase(child, users)).join("");
}

function phrase(node: PhrasingContent, users: Users): string {
  if (!isInline(node)) return prose(words(node));
  switch (node.type) {
    case "text":
      return mentioning(node.value, users);
    case "strong":
      return `<strong>${inline(node.children, users)}</strong>`;
    case "emphasis":
      return `<em>${inline(node.children, users)}</em>`;
    case "delete":
      return `<del>${inline(node.children, users)}</del>`;
    case "inlineCode":
      return `<code>${escaped(node.value)}</code>`;
    case "break":
      return "<br>";
    case "link":
    case "image": {
      const url = linkable(node.url);
      const shown = url === undefined || toMatrix(url) ? prose(node.url) : `<a href="${escaped(url)}">${prose(spelled(node.url))}</a>`;
      const label = node.type === "image" ? (node.alt ?? "") : node.children.map(words).join("");
      if (says(label, node.url) && !node.title) return shown;
      const title = node.title ? prose(node.title) : node.title;
      return addressed(node.type === "image" ? mentioning(label, users) : inline(node.children, users), { url: node.url, title }, shown);
    }
  }
}

/** Clients make pills, which look like mentions, of links that lead there. */
function toMatrix(url: string): boolean {
  return /^https?:/i.test(url) && /(?:^|\.)matrix\.to\.?$/i.test(new URL(url).hostname);
}

function mentioning(text: string, users: Users): string {
  return pieces(text, users)
    .map(({ value, id }) =>
      id === undefined ? prose(value) : `<a href="https://matrix.to/#/${escaped(encodeURIComponent(id))}">${escaped(id)}</a>`,
    )
    .join("");
}

/** Text with its lines and indentation, which HTML would fold. */
function prose(text: string): string {
  return escaped(tame(text)).replace(/\n( *)/g, (_, spaces: string) => `<br>${"&nbsp;".repeat(spaces.length)}`);
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
