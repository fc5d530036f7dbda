import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { renderMarkdown } from "./markdown.ts";

const seen = (text: string) => stripVTControlCharacters(renderMarkdown(text, { colour: true }));

test("plain text comes out as it went in, code blocks without their fences", () => {
  expect(renderMarkdown("done **well**:\n```\na  *b*\n  \\* c\n```\nend", { colour: false })).toBe("done **well**:\na  *b*\n  \\* c\nend");
});

test("a longer fence may hold a shorter one", () => {
  expect(renderMarkdown("````\n```\nx\n```\n````", { colour: false })).toBe("```\nx\n```");
});

test("an escaped mark is the mark itself", () => {
  expect(renderMarkdown("2 \\* 3 \\* 4 in \\`x\\`", { colour: false })).toBe("2 * 3 * 4 in `x`");
  expect(seen("2 \\* 3 \\* 4")).toBe("2 * 3 * 4");
});

test.each([
  ["**yes** and `no`", "yes and no"],
  ["# Help", "Help"],
  ["- one\n- two", "• one\n• two"],
  ["see [the docs](https://x.test/a)", "see the docs (https://x.test/a)"],
  ["snake_case_name and 2 ** 3 ** 4", "snake_case_name and 2 ** 3 ** 4"],
  ["`**kept**`", "**kept**"],
  ["```\ncode\n```", "  code"],
])("on a terminal %j reads %j", (text, expected) => {
  expect(seen(text)).toBe(expected);
});

test("on a terminal emphasis has weight, and a command's output can't move the cursor or set the title", () => {
  expect(renderMarkdown("**b**", { colour: true })).toBe("\u001b[1mb\u001b[22m");
  expect(renderMarkdown("a\u001b[2Jb\u001b]0;title\u0007c\rd", { colour: true })).not.toMatch(/\[2J|title|\r/);
});
