import { createRequire } from "node:module";
import type { Extension as FromMarkdownExtension } from "mdast-util-from-markdown";
import type { Nodes, PhrasingContent, Root, RootContent } from "mdast";
import type { Extension as SyntaxExtension } from "micromark-util-types";

/** Markdown as blocks: CommonMark with GitHub's tables, `~~`, task lists and bare links. What is written stays: a backslash and an entity are
 *  text, HTML is text, and so are definitions and footnotes. Takes any text, and never throws. */
export function parse(markdown: string): RootContent[] {
  const text = markdown.toWellFormed().replaceAll("\0", "\ufffd");
  if (text.trim() === "") return [];
  if (!mayHoldMarkup.test(text)) return paragraphs(text);
  if (text.length > longestParsed) return literally(text);
  if (!mayHoldMarkup.test(text.replace(marked, unmarked))) return paragraphs(text);
  if (nested.test(text)) return literally(text);
  const calm = markCount(text) <= mostMarks;
  let root = blocksOf(text, extensionsFor(text, { emphasis: calm }));
  // Blocks are the same with and without emphasis, and most of the marks may stand in code.
  if (!calm && mostMarksIn(root) <= mostMarks) root = blocksOf(text, extensionsFor(text, { emphasis: true }));
  return deeperThan(root, deepest) ? literally(text) : root.children;
}

function blocksOf(text: string, extensions: ReturnType<typeof extensionsFor>): Root {
  const { fromMarkdown } = (loaded.core ??= require("mdast-util-from-markdown"));
  return fromMarkdown(text, extensions);
}

// The parser's time grows with the square of some things, or worse, where a text is made for that: seconds in which the gateway could do nothing else.

/** Beyond this many characters a text is shown as it is. */
const longestParsed = 40_000;

/** Beyond this many marks in one paragraph its stars and underlines are shown as they are. */
const mostMarks = 500;

/** Nesting that nobody writes by hand; what walks the tree does so by recursion. */
const deepest = 40;
const nested = /^[ \t]*(?:>[ \t]*|(?:[-+*]|\d{1,9}[.)])[ \t]+){40}/m;

function markCount(text: string): number {
  return text.match(/\*+|_+|~~+/g)?.length ?? 0;
}

function mostMarksIn(node: Nodes): number {
  if (!("children" in node)) return 0;
  let sum = 0;
  let most = 0;
  for (const child of node.children) {
    if (child.type === "text") sum += markCount(child.value);
    else most = Math.max(most, mostMarksIn(child));
  }
  return Math.max(sum, most);
}

/** Whatever could make the parser see more than paragraphs of text. Saying yes too often only costs time. */
const mayHoldMarkup = new RegExp(
  [
    "[`*\\r\\t]", // code, emphasis, ends of lines
    "(?<![\\p{L}\\p{N}])_|_(?![\\p{L}\\p{N}])", // inside a word it is no emphasis
    "~~|\\]\\(", // deleted, links
    "<[a-z]", // links in brackets
    "https?:|www\\.|@",
    "^ | $", // indented code, hard breaks
    "^(?:[-+>=#|:~]|\\d{1,9}[.)])", // lists, quotes, headings, tables, fences
  ].join("|"),
  "imu",
);

/** Code and bold words whose marks can mean nothing else wherever they stand, as most replies have them: `code` on one line, and **bold** between spaces. */
const marked =
  /(?<!`)`(?<code>[^`\s](?:[^`\r\n\t]*[^`\s])?)`(?!`)|(?<=^|[\s(])\*\*(?<strong>[\p{L}\p{N}](?:[^*_~`\r\n\t]*[\p{L}\p{N}])?)\*\*(?=$|[\s.,:;!?)])/gu;

/** What stands there then is neither a letter nor a mark. */
function unmarked(_: string, code?: string, strong?: string): string {
  return code === undefined ? `\ufffd${strong}\ufffd` : "\ufffd";
}

function paragraphs(text: string): RootContent[] {
  return text
    .split(/\n{2,}/)
    .filter((value) => value !== "")
    .map((value) => ({ type: "paragraph", children: phrases(value.replace(/^\n|\n$/g, "")) }));
}

function phrases(text: string): PhrasingContent[] {
  const out: PhrasingContent[] = [];
  let from = 0;
  const say = (to: number) => to > from && out.push({ type: "text", value: text.slice(from, to) });
  for (const { index, 0: whole, groups } of text.matchAll(marked)) {
    say(index);
    from = index + whole.length;
    if (groups?.["code"] !== undefined) out.push({ type: "inlineCode", value: groups["code"] });
    else out.push({ type: "strong", children: [{ type: "text", value: groups?.["strong"] ?? "" }] });
  }
  say(text.length);
  return out;
}

/** One text, whatever it holds: serializers escape it. */
function literally(text: string): RootContent[] {
  return [{ type: "paragraph", children: [{ type: "text", value: text.replace(/\r\n?/g, "\n").trimEnd() }] }];
}

// Loaded at the first text that needs it: 3 MB and tens of milliseconds that a gateway which says only plain words never pays.
const require = createRequire(import.meta.url);

interface Loaded {
  core?: typeof import("mdast-util-from-markdown");
  base?: Extensions;
  table?: Extensions;
  strike?: Extensions;
  task?: Extensions;
  autolink?: Extensions;
}
interface Extensions {
  syntax: SyntaxExtension;
  tree: FromMarkdownExtension;
}
const loaded: Loaded = {};

/** Only what the text can need: each of them slows the parser down for every character. */
function extensionsFor(
  text: string,
  { emphasis }: { emphasis: boolean },
): { extensions: SyntaxExtension[]; mdastExtensions: FromMarkdownExtension[] } {
  const all = [(loaded.base ??= base())];
  if (text.includes("|")) all.push((loaded.table ??= table()));
  if (!emphasis) all.push({ syntax: { disable: { null: ["attention"] } }, tree: {} });
  else if (text.includes("~~")) all.push((loaded.strike ??= strike()));
  if (/\[[ x\t]\]/i.test(text)) all.push((loaded.task ??= task()));
  if (/(?<!\]\(|<)https?:|www\.|@/i.test(text)) all.push((loaded.autolink ??= autolink()));
  return { extensions: all.map(({ syntax }) => syntax), mdastExtensions: all.map(({ tree }) => tree) };
}

/** CommonMark less what would take away characters of what a command printed: escapes, entities, HTML, definitions. */
function base(): Extensions {
  return {
    syntax: { disable: { null: ["characterEscape", "characterReference", "hardBreakEscape", "htmlFlow", "htmlText", "definition"] } },
    tree: {
      exit: {
        // Lines of a paragraph keep their indentation: chats show it, and what commands print is made of it.
        linePrefix(token) {
          const parent = this.stack.at(-1);
          const last = parent !== undefined && "children" in parent ? parent.children.at(-1) : undefined;
          if (last?.type === "text" && last.value.endsWith("\n")) last.value += this.sliceSerialize(token);
        },
      },
    },
  };
}

function table(): Extensions {
  const syntax: typeof import("micromark-extension-gfm-table") = require("micromark-extension-gfm-table");
  const tree: typeof import("mdast-util-gfm-table") = require("mdast-util-gfm-table");
  return { syntax: syntax.gfmTable(), tree: tree.gfmTableFromMarkdown() };
}

function strike(): Extensions {
  const syntax: typeof import("micromark-extension-gfm-strikethrough") = require("micromark-extension-gfm-strikethrough");
  const tree: typeof import("mdast-util-gfm-strikethrough") = require("mdast-util-gfm-strikethrough");
  return { syntax: syntax.gfmStrikethrough({ singleTilde: false }), tree: tree.gfmStrikethroughFromMarkdown() };
}

function task(): Extensions {
  const syntax: typeof import("micromark-extension-gfm-task-list-item") = require("micromark-extension-gfm-task-list-item");
  const tree: typeof import("mdast-util-gfm-task-list-item") = require("mdast-util-gfm-task-list-item");
  return { syntax: syntax.gfmTaskListItem(), tree: tree.gfmTaskListItemFromMarkdown() };
}

function autolink(): Extensions {
  const syntax: typeof import("micromark-extension-gfm-autolink-literal") = require("micromark-extension-gfm-autolink-literal");
  const tree: typeof import("mdast-util-gfm-autolink-literal") = require("mdast-util-gfm-autolink-literal");
  return { syntax: syntax.gfmAutolinkLiteral(), tree: tree.gfmAutolinkLiteralFromMarkdown() };
}

function deeperThan(node: Nodes, levels: number): boolean {
  if (!("children" in node)) return false;
  return levels === 0 || node.children.some((child) => deeperThan(child, levels - 1));
}
