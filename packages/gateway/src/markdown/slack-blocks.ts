import type { RootContent, Table } from "mdast";
import { split } from "./split.ts";
import { words } from "./words.ts";
import { apart } from "./written.ts";

export type SlackBlock = SlackSection | SlackTable;

interface SlackSection {
  readonly type: "section";
  readonly text: { readonly type: "mrkdwn"; readonly text: string; readonly verbatim: true };
  readonly expand: true;
}

interface SlackTable {
  readonly type: "table";
  readonly rows: { readonly type: "raw_text"; readonly text: string }[][];
  readonly column_settings: { readonly align: "left" | "center" | "right"; readonly is_wrapped: true }[];
}

/** The same message with its table as a table. Undefined where it has none that Slack takes: one per message, within the limits below; then the
 *  text shows it as code.
 *  @param write blocks as mrkdwn */
export function slackBlocks(blocks: readonly RootContent[], write: (blocks: readonly RootContent[]) => string): SlackBlock[] | undefined {
  const at = blocks.findIndex(({ type }) => type === "table");
  const table = blocks[at];
  if (table?.type !== "table" || blocks.findLastIndex(({ type }) => type === "table") !== at) return undefined;
  const shown = tableBlock(table);
  if (shown === undefined) return undefined;
  const sections = (some: readonly RootContent[]): SlackBlock[] =>
    split(some, { limit: limits.section, size: (part) => write(part).length }).map((part) => ({
      type: "section",
      // Verbatim: or Slack would look for names in it.
      text: { type: "mrkdwn", text: write(part), verbatim: true },
      expand: true,
    }));
  const all = [...sections(blocks.slice(0, at)), shown, ...sections(blocks.slice(at + 1))];
  return all.length <= limits.blocks ? all : undefined;
}

/** As Slack's reference of blocks has them (section, table, chat.postMessage); that of characters stands at its data table. */
const limits = { section: 3_000, blocks: 50, rows: 100, columns: 20, characters: 10_000 } as const;

function tableBlock(table: Table): SlackTable | undefined {
  const cells = table.children.map((row) => row.children.map((cell) => cell.children.map(words).join("").trim()));
  const columns = Math.max(...cells.map((row) => row.length));
  const characters = cells.flat().reduce((sum, cell) => sum + cell.length, 0);
  if (cells.length > limits.rows || columns > limits.columns || characters > limits.characters) return undefined;
  return {
    type: "table",
    // Every cell has at least a character, and every row a cell for every column.
    rows: cells.map((row) =>
      Array.from({ length: columns }, (_, column) => ({
        type: "raw_text",
        text: (row[column] || " ").replace(/<(?=[!@#])/g, `<${apart}`),
      })),
    ),
    column_settings: Array.from({ length: columns }, (_, column) => ({ align: table.align?.[column] ?? "left", is_wrapped: true })),
  };
}
