import { styleText } from "node:util";
import { visible } from "./dead/visible.ts";
import { hasColour } from "./report.ts";
import { cut, padded, widthOf } from "./width.ts";

/** How something is shown: `colour` and `width` of a terminal; without a width nothing is cut. */
export interface Look {
  colour: boolean;
  width?: number;
}

/** How standard output is shown to whoever reads it. */
export function lookOf({ stdout } = process): Look {
  return { colour: hasColour(stdout), ...(stdout.isTTY ? { width: stdout.columns } : {}) };
}

/** Rows below their titles, for whoever reads standard output. */
export function printTable(titles: readonly string[], rows: readonly (readonly string[])[]): void {
  process.stdout.write(`${tableLines({ titles, rows, look: lookOf() }).join("\n")}\n`);
}

/** What others wrote can't move the cursor. Where the terminal is too narrow, wide columns give way to each other, and then the line ends; the first column
 *  stays, since by it people name a row.
 *  @param at.paint colours a cell where there are colours */
export function tableLines(at: {
  titles: readonly string[];
  rows: readonly (readonly string[])[];
  look: Look;
  paint?: (cell: string, where: { row: number; column: number }) => string;
}): string[] {
  const { titles, look, paint = (cell: string) => cell } = at;
  const rows = at.rows.map((row) => row.map(visible));
  const widest = titles.map((title, column) => rows.reduce((most, row) => Math.max(most, widthOf(row[column] ?? "")), widthOf(title)));
  const widths = look.width === undefined ? widest : narrowed(widest, look.width);
  const laid = (row: readonly string[]) => {
    const last = row.findLastIndex((cell) => cell !== "");
    const cells = row.slice(0, last + 1).map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === last ? cut(cell, width) : padded(cut(cell, width), width);
    });
    return look.width === undefined ? cells : within(cells, look.width);
  };
  const head = laid(titles).join(between);
  return [
    look.colour ? styleText("dim", head, { validateStream: false }) : head,
    ...rows.map((row, index) =>
      laid(row)
        .map((cell, column) => (look.colour ? paint(cell, { row: index, column }) : cell))
        .join(between),
    ),
  ];
}

const between = "  ";
/** What is cut to less says nothing. */
const least = 12;

/** Takes from the widest column until all of them fit, or none is wide. */
function narrowed(widths: readonly number[], width: number): number[] {
  const fitting = [...widths];
  const total = () => fitting.reduce((sum, one) => sum + between.length + one, -between.length);
  while (total() > width) {
    const most = Math.max(...fitting.slice(1));
    if (most <= least) break;
    fitting[fitting.lastIndexOf(most)] = most - 1;
  }
  return fitting;
}

/** The cells of a line that ends at a width. */
function within(cells: readonly string[], width: number): string[] {
  const shown: string[] = [];
  let left = width;
  for (const cell of cells) {
    const taken = widthOf(cell);
    if (taken > left) return left > 3 ? [...shown, cut(cell, left)] : shown;
    shown.push(cell);
    left -= taken + between.length;
  }
  return shown;
}
