/** The rows of the first Markdown table in a text, by the table's headings; none where there is no table. */
export function rowsIn(text: string): Record<string, string>[] {
  const lines = text.split("\n");
  const rule = lines.findIndex((line, index) => index > 0 && /^\|(?:\s*:?-+:?\s*\|)+\s*$/.test(line) && lines[index - 1]?.startsWith("|"));
  if (rule < 0) return [];
  const names = cellsOf(lines[rule - 1] ?? "");
  const after = lines.slice(rule + 1);
  const end = after.findIndex((line) => !line.startsWith("|"));
  return after.slice(0, end < 0 ? after.length : end).map((line) => {
    const cells = cellsOf(line);
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ""]));
  });
}

/** A bar within a cell is escaped, also within code. */
function cellsOf(line: string): string[] {
  const inner = line.trim().replace(/^\||(?<!\\)\|$/g, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}
