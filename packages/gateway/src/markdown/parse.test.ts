import fc from "fast-check";
import { expect, it } from "vitest";
import { parse } from "./parse.ts";
import { anyText } from "./texts.ts";
import { words } from "./words.ts";

/** The blocks without their places. */
function shape(markdown: string): unknown {
  return JSON.parse(JSON.stringify(parse(markdown), (key, value: unknown) => (key === "position" ? undefined : value)));
}

it.each([
  ["a backslash", "\\\\host\\_share \\d\\. a\\\nb"],
  ["an entity", "a &amp; b &#42;"],
  ["HTML", "<div>\n<!channel> <@U1>\n</div>"],
  ["a definition", "[a]: <b>"],
  ["a footnote", "a[^1]\n\n[^1]: words"],
  ["a reference", "[a][b] ![c][d] [e]"],
  ["indentation", "a:\n  b:\n    c"],
  ["one tilde", "~5 or ~6~"],
])("keeps %s as it is written", (_, text) => {
  expect(parse(text).map(words).join("\n\n")).toBe(text);
});

it("sees the same in plain words, code and bold words without the parser", () => {
  const plain = fc.array(
    fc.constantFrom(
      "a",
      "B9",
      "_",
      ".",
      ",",
      "(",
      ")",
      "&",
      "\\",
      "[",
      "]",
      ":",
      "-",
      "#",
      "=",
      "+",
      "1.",
      "'",
      " ",
      "\n",
      "\n\n",
      "é",
      "<",
      "3",
      "!",
      "`",
      "**",
      "`a b`",
      "`_*x*_ <b> @c`",
      "**a b**",
      "**é**",
      "*",
    ),
    { maxLength: 12 },
  );
  let short = 0;
  fc.assert(
    fc.property(plain, (pieces) => {
      const text = pieces.join("");
      // Only the parser tells where things stood.
      if (text.trim() === "" || parse(text).some(({ position }) => position !== undefined)) return;
      short++;
      // A backtick at the end, alone in its paragraph, takes the long way and changes nothing else.
      const long = shape(`${text}\n\n\``);
      expect([...(shape(text) as unknown[]), { type: "paragraph", children: [{ type: "text", value: "`" }] }]).toEqual(long);
    }),
    { numRuns: 4_000 },
  );
  expect(short).toBeGreaterThan(400);
});

it("takes any text", () => {
  fc.assert(
    fc.property(anyText, (text) => void parse(text)),
    { numRuns: 500 },
  );
});

it("shows emphasis in a text whose code is full of stars", () => {
  expect(parse(`**a**\n\n\`\`\`\n${"*a_ ".repeat(2_000)}\n\`\`\``)[0]).toMatchObject({ children: [{ type: "strong" }] });
});

it.each([
  "`",
  "[",
  "**a",
  "> ",
  "- ",
  "1. ",
  ">",
  "![",
  "_a*",
  "*a",
  "~~a",
  "|a\n",
  "<a ",
  "](",
  "`` ` ",
  "http://a ",
  "a@b",
  "* a\n  ",
  "[a](",
  "<!--",
  "www.",
])("takes no seconds for a text made for that: %j", (piece) => {
  const before = performance.now();
  parse(piece.repeat(Math.floor(40_000 / piece.length)));
  expect(performance.now() - before).toBeLessThan(20_000);
});
