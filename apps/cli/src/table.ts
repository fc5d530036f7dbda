import { styleText } from "node:util";
import { visible } from "./dead/visible.ts";
import { hasColour } from "./report.ts";

/** Rows below their titles, for whoever reads standard output: on a terminal as wide as that. What others wrote can't move the cursor. */
export function printTable(titles: readonly string[], rows: readonly (readonly string[])[]): void {
  const { stdout } = process;
  stdout.write(
    `${tableLines(titles, rows, { colour: hasColour(stdout), ...(stdout.isTTY ? { width: stdout.columns } : {}) }).join("\n")}\n`,
  );
}

export function tableLines(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  { colour, width }: { colour: boolean; width?: number },
): string[] {
  const cells = rows.map((row) => row.map(visible));
  const widths = titles.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const [head = "", ...lines] = [titles, ...cells]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => (width === undefined || line.length <= width ? line : `${line.slice(0, width - 1)}…`));
  return [colour ? styleText("dim", head, { validateStream: false }) : head, ...lines];
}
