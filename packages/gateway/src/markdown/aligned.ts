import type { Table } from "mdast";
import { words } from "./words.ts";

/** A table as lines of equal width, for a typeface of equal widths. */
export function aligned(table: Table): string {
  const rows = table.children.map((row) => row.children.map((cell) => cell.children.map(words).join("").replace(/\s+/g, " ").trim()));
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) => Math.max(3, ...rows.map((row) => width(row[column] ?? ""))));
  const line = (cells: readonly string[]) =>
    widths
      .map((size, column) => padded(cells[column] ?? "", { size, align: table.align?.[column] ?? "left" }))
      .join(" | ")
      .trimEnd();
  const rule = widths.map((size) => "-".repeat(size)).join("-+-");
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line)].join("\n");
}

function padded(text: string, { size, align }: { size: number; align: "left" | "right" | "center" }): string {
  const room = size - width(text);
  const before = align === "right" ? room : align === "center" ? Math.floor(room / 2) : 0;
  return " ".repeat(before) + text + " ".repeat(room - before);
}

/** Columns a text takes: East Asian letters and emoji take two, marks that join the letter before take none. */
function width(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let columns = 0;
  for (const char of text) columns += /[\p{M}\p{Cf}]/u.test(char) ? 0 : wide.test(char) ? 2 : 1;
  return columns;
}

const wide = /[\p{Emoji_Presentation}\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}\p{sc=Katakana}\uff01-\uff60\u3000-\u303e]/u;
