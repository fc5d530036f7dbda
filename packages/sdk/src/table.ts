/** What stands in one place of a {@link table}: nothing for undefined and null. */
export type Cell = string | number | boolean | null | undefined;

/** Rows as a Markdown table, which every chat shows as one: a heading above each column, columns of numbers to the right.
 *
 *      import { code, table } from "@bellhop/sdk";
 *
 *      const streams = [{ name: "MESSAGE", messages: 12 }];
 *      table(streams, { Stream: ({ name }) => code(name), Messages: ({ messages }) => messages });
 *
 *  A text may hold Markdown. Bars and ends of lines in it do no harm; what should be shown exactly as it is goes through {@link code}. */
export function table<Row>(rows: readonly Row[], columns: Readonly<Record<string, (row: Row) => Cell>>): string {
  const cells = rows.map((row) => Object.values(columns).map((column) => column(row)));
  const rule = Object.keys(columns).map((_, index) => {
    const filled = cells.map((row) => row[index]).filter((value) => value !== undefined && value !== null);
    return filled.length > 0 && filled.every((value) => typeof value === "number") ? "---:" : "---";
  });
  return [Object.keys(columns), rule, ...cells].map((line) => `| ${line.map(written).join(" | ")} |`).join("\n");
}

/** Text as code in Markdown, exactly as it is: nothing in it becomes markup. */
export function code(text: string): string {
  const runs = Array.from(text.matchAll(/`+/g), ([run]) => run.length);
  const fence = "`".repeat(Math.max(0, ...runs) + 1);
  const pad = runs.length > 0 ? " " : "";
  return `${fence}${pad}${text}${pad}${fence}`;
}

function written(value: Cell): string {
  // A bar ends a cell even within code, unless it is escaped.
  return String(value ?? "")
    .replace(/\s+/g, " ")
    .trim()
    .replaceAll("|", "\\|");
}
