/** More columns than this, or longer cells, are no table that a chat can show. */
const columnsAtMost = 8;
const longestCell = 80;

type Cell = string | number | boolean | null | undefined;

/** A list of flat records as a Markdown table, or undefined where it is none.
 *  @param rows shown at most; how many more there are is said below */
export function wordTable(value: unknown, rows: number): string | undefined {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isFlat)) return undefined;
  const names = [...new Set(value.flatMap((record) => Object.keys(record)))];
  if (names.length === 0 || names.length > columnsAtMost || names.some((name) => !fits(name))) return undefined;
  const shown = value.slice(0, rows);
  const numbers = names.map((name) => value.every((record) => isNumber(record[name])) && value.some((record) => !isNothing(record[name])));
  const lines = [
    line(names.map(cell)),
    line(numbers.map((right) => (right ? "---:" : "---"))),
    ...shown.map((record) => line(names.map((name) => cell(record[name])))),
  ];
  const table = lines.join("\n");
  const left = value.length - shown.length;
  return left === 0 ? table : stacked([table, `… ${left} more ${left === 1 ? "row" : "rows"}`]);
}

/** Texts one below the other. What stands right under a table would be one more row of it. */
export function stacked(parts: readonly string[]): string {
  let text = "";
  for (const part of parts.filter((one) => one !== "")) {
    const between = text === "" ? "" : text.slice(text.lastIndexOf("\n") + 1).startsWith("|") ? "\n\n" : "\n";
    text += between + part;
  }
  return text;
}

function isFlat(record: unknown): record is Record<string, Cell> {
  return typeof record === "object" && record !== null && !Array.isArray(record) && Object.values(record).every(fits);
}

function fits(value: unknown): value is Cell {
  if (typeof value === "string") return value.length <= longestCell && !/[\r\n]/.test(value.trim());
  return typeof value !== "object" || value === null;
}

function isNumber(value: Cell): boolean {
  return typeof value === "number" || isNothing(value);
}

function isNothing(value: Cell): boolean {
  return value === undefined || value === null;
}

function cell(value: Cell): string {
  // A bar ends a cell even within code, unless it is escaped.
  return value === undefined || value === null ? "" : String(value).trim().replaceAll("|", "\\|");
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
