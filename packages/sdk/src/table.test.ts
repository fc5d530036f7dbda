import { expect, test } from "vitest";
import { code, table } from "./table.ts";

const rows = [
  { name: "api", count: 3, note: "a|b" },
  { name: "x`y", count: undefined, note: "two\nlines" },
];

test("a table has a heading for each column, numbers to the right, and no cell that breaks it", () => {
  expect(table(rows, { Name: ({ name }) => code(name), Count: ({ count }) => count, Note: ({ note }) => note }).split("\n")).toEqual([
    "| Name | Count | Note |",
    "| --- | ---: | --- |",
    "| `api` | 3 | a\\|b |",
    "| `` x`y `` |  | two lines |",
  ]);
});

test("a table without rows is its heading", () => {
  expect(table([], { Name: () => "never", Count: () => 1 })).toBe("| Name | Count |\n| --- | --- |");
});
