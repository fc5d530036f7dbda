import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { tableLines } from "./table.ts";

const titles = ["NAME", "STATE", "SAYS"];
const rows = [
  ["deploy.on_push", "on", "A push to main is deployed, wherever it came from"],
  ["deploy.nightly", "off until 14:03:07", ""],
];

test("columns stand below their titles, and nothing is cut for a program", () => {
  expect(tableLines({ titles, rows, look: { colour: false } })).toEqual([
    "NAME            STATE               SAYS",
    "deploy.on_push  on                  A push to main is deployed, wherever it came from",
    "deploy.nightly  off until 14:03:07",
  ]);
});

test.each([
  [60, "deploy.on_push  on                  A push to main is deplo…", "deploy.nightly  off until 14:03:07"],
  [46, "deploy.on_push  on              A push to mai…", "deploy.nightly  off until 14:…  "],
  [36, "deploy.on_push  on            A pus…", "deploy.nightly  off until 1…"],
])("on a terminal of %s columns the widest give way, and then the line ends", (width, first, second) => {
  const [, one = "", two = ""] = tableLines({ titles, rows, look: { colour: false, width } });
  expect([one, two]).toEqual([first, second.trimEnd()]);
  expect(one).toHaveLength(width);
});

test("colours take no room, and a cell is coloured only where there are colours", () => {
  const paint = (cell: string, { row, column }: { row: number; column: number }) =>
    row === 0 && column === 1 ? `\u001b[32m${cell}\u001b[39m` : cell;
  const plain = tableLines({ titles, rows, look: { colour: false, width: 46 }, paint });
  const coloured = tableLines({ titles, rows, look: { colour: true, width: 46 }, paint });
  expect(coloured.map(stripVTControlCharacters)).toEqual(plain);
  expect(coloured[1]).toContain("\u001b[32mon");
});

test("columns stand below each other whatever is written in them, and no character is halved", () => {
  const written = [
    ["東京", "🚀 deployed", "x"],
    ["wien", "Grüße aus Wien, wo es regnet", "y"],
  ];
  expect(tableLines({ titles: ["HOST", "SAYS", "N"], rows: written, look: { colour: false, width: 26 } })).toEqual([
    "HOST  SAYS               N",
    "東京  🚀 deployed        x",
    "wien  Grüße aus Wien, …  y",
  ]);
});

test("what others wrote can't move the cursor", () => {
  expect(tableLines({ titles: ["NAME"], rows: [["a\u001b[2Jb\nc"]], look: { colour: false } })[1]).toBe("a\\u{1b}[2Jb\\u{a}c");
});
