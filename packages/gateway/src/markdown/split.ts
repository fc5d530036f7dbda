import type { Blockquote, Code, List, Paragraph, PhrasingContent, RootContent, Table } from "mdast";
import { isBlock, words } from "./words.ts";

interface Splitting {
  readonly limit: number;
  readonly size: (blocks: readonly RootContent[]) => number;
  readonly most?: number;
}

/** Blocks shared out over parts of at most `limit`, as `size` counts; a part is only larger where not even one character of it fits. Cut between blocks
 *  first, then between items, rows and lines, then between words, and within a word only where that alone is too long. A code block goes
 *  on in a block of the same language, a table under the same head. Stops after `most` parts. */
export function split(blocks: readonly RootContent[], how: Splitting): RootContent[][] {
  const size = (block: RootContent) => how.size([block]);
  const parts: RootContent[][] = [];
  let part: RootContent[] = [];
  let room = how.limit;
  const close = () => {
    if (part.length > 0) parts.push(part);
    part = [];
    room = how.limit;
  };
  const todo = blocks.toReversed();
  for (let block = todo.pop(); block !== undefined && parts.length < (how.most ?? Infinity); block = todo.pop()) {
    const needs = size(block);
    if (needs <= room) {
      part.push(block);
      room -= needs + between;
      continue;
    }
    // Rather a new part than a cut, unless most of this one would stay empty.
    if (part.length > 0 && (room < how.limit / 2 || needs <= how.limit)) {
      close();
      todo.push(block);
      continue;
    }
    const { head, tail } = cut(block, { room, size, force: part.length === 0 });
    if (head !== undefined) part.push(head);
    close();
    todo.push(...tail.toReversed());
  }
  close();
  return how.most === undefined ? parts : parts.slice(0, how.most);
}

/** The most that any serializer puts between two blocks, in bytes of JSON. */
const between = 4;

interface Room {
  readonly room: number;
  readonly size: (block: RootContent) => number;
  /** Whether something must be taken, if need be more than fits: or it would never end. */
  readonly force: boolean;
}
interface Cut {
  readonly head?: RootContent;
  readonly tail: readonly RootContent[];
}

function cut(block: RootContent, at: Room): Cut {
  const whole: Cut = at.force ? { head: block, tail: [] } : { tail: [block] };
  if (!isBlock(block)) return whole;
  switch (block.type) {
    case "paragraph":
    case "heading":
      return cutText(block, at);
    case "code":
      return cutCode(block, at);
    case "list":
      return cutList(block, at);
    case "blockquote":
      return cutQuote(block, at);
    case "table":
      return cutTable(block, at);
    case "thematicBreak":
      return whole;
  }
}

function cutText(block: Extract<RootContent, { type: "paragraph" | "heading" }>, at: Room): Cut {
  const part = (children: PhrasingContent[]): typeof block => ({ ...block, children, position: undefined });
  const length = lengthOf(block.children);
  // Nothing is written in fewer than half as many units as it has characters.
  const most = largest(Math.min(length - 1, at.room * 2), (to) => at.size(part(sliced(block.children, 0, to))) <= at.room);
  if (most === 0) {
    const flat = block.children.some((child) => child.type !== "text");
    // An address that does not fit, or marks that leave no room: the words can be cut.
    if (flat) return { tail: [part([{ type: "text", value: words(block) }])] };
    if (!at.force) return { tail: [block] };
  }
  const flow = block.children.map(flat).join("");
  const to = boundary(flow, { most: Math.max(most, 1), force: at.force });
  // What was a space or the end of a line is now the end of a part.
  const from = to + (/^\s+/.exec(flow.slice(to, to + 1_000))?.[0].length ?? 0);
  return {
    head: part(sliced(block.children, 0, to)),
    tail: from >= length ? [] : [part(sliced(block.children, from, length))],
  };
}

/** The last place up to `most` where a line has ended, unless that leaves more than half unused, or else a word; in a word only if it alone is too long.
 *  @param at.force whether nothing stands before the text: a word that does not fit then fits nowhere */
function boundary(text: string, { most, force }: { most: number; force: boolean }): number {
  const lines = text.slice(0, text.lastIndexOf("\n", most) + 1).trimEnd().length;
  if (lines > 0 && lines >= most / 2) return lines;
  if (/\s/.test(text[most] ?? " ")) return most;
  const before = /^.*\s(?=\S*$)/s.exec(text.slice(0, most))?.[0] ?? "";
  const left = text.slice(most).search(/\s/);
  const word = (left < 0 ? text.length : most + left) - before.length;
  if (before.trimEnd() !== "" && !(force && word > most)) return before.trimEnd().length;
  return within(text, most);
}

/** Not between the halves of a surrogate pair. */
function within(text: string, at: number): number {
  if (!/^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(at - 1, at + 1))) return at;
  return at > 1 ? at - 1 : at + 1;
}

/** As many places to cut as an inline node has. */
function flat(node: PhrasingContent): string {
  if (node.type === "break") return "\n";
  if ("value" in node) return node.value;
  if ("children" in node) return node.children.map(flat).join("");
  return "\ufffc"; // an image: one piece
}

function lengthOf(nodes: readonly PhrasingContent[]): number {
  return nodes.reduce((sum, node) => sum + flat(node).length, 0);
}

/** Inline nodes from one place to another, with the marks that stand around them. */
function sliced(nodes: readonly PhrasingContent[], from: number, to: number): PhrasingContent[] {
  const out: PhrasingContent[] = [];
  let start = 0;
  for (const node of nodes) {
    const length = flat(node).length;
    const [low, high] = [Math.max(0, from - start), Math.min(length, to - start)];
    start += length;
    if (low >= high) continue;
    if (low === 0 && high === length) out.push(node);
    else if ("value" in node) out.push({ ...node, value: node.value.slice(low, high) });
    else if ("children" in node) out.push({ ...node, children: sliced(node.children, low, high) });
  }
  return out;
}

function cutCode(block: Code, at: Room): Cut {
  const part = (value: string): Code => ({ ...block, value, position: undefined });
  const most = largest(Math.min(block.value.length - 1, at.room * 2), (to) => at.size(part(block.value.slice(0, to))) <= at.room);
  if (most === 0 && !at.force) return { tail: [block] };
  const line = block.value[most] === "\n" ? most : block.value.lastIndexOf("\n", most - 1);
  if (line > 0) return { head: part(block.value.slice(0, line)), tail: [part(block.value.slice(line + 1))] };
  // A new part, before a line is broken that would fit there.
  if (!at.force) return { tail: [block] };
  const space = block.value.slice(0, most).search(/\s\S*$/) + 1;
  const to = space > 0 ? space : within(block.value, Math.max(most, 1));
  return { head: part(block.value.slice(0, to)), tail: to < block.value.length ? [part(block.value.slice(to))] : [] };
}

function cutList(block: List, at: Room): Cut {
  const part = (children: List["children"], skipped = 0): List => ({
    ...block,
    children,
    position: undefined,
    ...(block.ordered && { start: (block.start ?? 1) + skipped }),
  });
  const most = largest(block.children.length - 1, (to) => at.size(part(block.children.slice(0, to))) <= at.room);
  if (most > 0) return { head: part(block.children.slice(0, most)), tail: [part(block.children.slice(most), most)] };
  const [item, ...rest] = block.children;
  const [first, ...more] = item?.children ?? [];
  if (item === undefined || first === undefined) return at.force ? { head: block, tail: [] } : { tail: [block] };
  const wrap = (child: RootContent) => part([{ ...item, children: [child as typeof first] }]);
  // What is left of an item goes on without a bullet: it is no item of its own.
  const others = [...more, ...(rest.length === 0 ? [] : [part(rest, 1)])];
  if (at.size(wrap(first)) <= at.room) return { head: wrap(first), tail: others };
  const { head, tail } = cut(first, { ...at, size: (child) => at.size(wrap(child)) });
  if (head !== undefined) return { head: wrap(head), tail: [...tail, ...others] };
  return at.force ? { tail: [...tail, ...others] } : { tail: [block] };
}

function cutQuote(block: Blockquote, at: Room): Cut {
  const part = (children: readonly RootContent[]): Blockquote => ({
    ...block,
    children: children as Blockquote["children"],
    position: undefined,
  });
  const most = largest(block.children.length - 1, (to) => at.size(part(block.children.slice(0, to))) <= at.room);
  if (most > 0) return { head: part(block.children.slice(0, most)), tail: [part(block.children.slice(most))] };
  const [first, ...more] = block.children;
  if (first === undefined) return at.force ? { head: block, tail: [] } : { tail: [block] };
  const { head, tail } =
    at.size(part([first])) <= at.room ? { head: first, tail: [] } : cut(first, { ...at, size: (child) => at.size(part([child])) });
  if (head === undefined && !at.force) return { tail: [block] };
  const left = [...tail, ...more];
  return { ...(head !== undefined && { head: part([head]) }), tail: left.length === 0 ? [] : [part(left)] };
}

function cutTable(block: Table, at: Room): Cut {
  const [head, ...rows] = block.children;
  const part = (children: Table["children"]): Table => ({
    ...block,
    children: head === undefined ? children : [head, ...children],
    position: undefined,
  });
  const most = largest(rows.length - 1, (to) => at.size(part(rows.slice(0, to))) <= at.room);
  if (most > 0) return { head: part(rows.slice(0, most)), tail: [part(rows.slice(most))] };
  if (!at.force) return { tail: [block] };
  // Not one row fits under the head: its cells become lines.
  const [row, ...more] = rows;
  const shown: Paragraph[] = (row ?? head)?.children.map((cell) => ({ type: "paragraph", children: cell.children })) ?? [];
  const names = row === undefined ? [] : (head?.children.map((cell) => ({ type: "text", value: words(cell) }) as const) ?? []);
  const lines = shown.map((line, column): Paragraph => {
    const name = names[column];
    return name === undefined || name.value === ""
      ? line
      : { ...line, children: [{ type: "text", value: `${name.value}: ` }, ...line.children] };
  });
  // The head's own words that no cell stands under.
  const spare = names.slice(shown.length).map((name): Paragraph => ({ type: "paragraph", children: [name] }));
  return { tail: [...lines, ...spare, ...(more.length === 0 ? [] : [part(more)])] };
}

/** The largest of 0…most that fits, where whatever fits has smaller ones that fit. */
function largest(most: number, fits: (n: number) => boolean): number {
  let low = 0;
  let high = Math.max(0, most);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
