import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sameText, toDiscordMarkdown } from "./markdown.ts";

const shown = (markdown: string) => toDiscordMarkdown(markdown).join("\n---\n");

describe("Markdown for Discord", () => {
  it.each([
    ["**bold** _it_ ~~no~~ [docs](https://x.example)", "**bold** _it_ ~~no~~ [docs](https://x.example)"],
    ["# Title\n- one\n  - two\n> said", "# Title\n- one\n  - two\n> said"],
    ["@everyone @here a@b", "@\u200beveryone @\u200bhere a@b"],
    ["<@1> <@!2> <@&3> <#4> </run:5>", "<\u200b@1> <\u200b@!2> <\u200b@&3> <\u200b#4> <\u200b/run:5>"],
    ["<:yes:1> <a:no:2> <t:3:R> <id:browse>", "<\u200b:yes:1> <\u200ba:no:2> <\u200bt:3:R> <\u200bid:browse>"],
    ["a < b, <div>, </div>, <https://x.example>", "a < b, <div>, </div>, <https://x.example>"],
    ["a || b ||| c", "a |\u200b| b |\u200b|\u200b| c"],
    ["\\<@1>", "\\<\u200b@1>"],
    ["`<@1> ||` <@1>", "`<@1> ||` <\u200b@1>"],
    ["a ` b\n`<@1>`", "a \\` b\n`<@1>`"],
    ["\\`<@1>`", "\\`<\u200b@1>\\`"],
    ["a ``` open <@1>", "a \\`\\`\\` open <\u200b@1>"],
    ["``a`b`` ```c``` ````d``e````", "``a`b`` `c` ``d`\u200b`e``"],
    ["```ts\nif (a < b) { <@1> }\n```\nd", "```ts\nif (a < b) { <@1> }\n```\nd"],
    ["~~~sh x=1\n```\n~~~", "```sh\n`\u200b``\n```"],
    ["````\n```x```\n````", "```\n`\u200b``x`\u200b``\n```"],
    ["a\n```\n\n```\nb", "a\nb"],
    ["```\nopen", "```\nopen\n```"],
    ["  \n\n", "(empty)"],
    ["", "(empty)"],
  ])("shows %j as %j", (markdown, expected) => {
    expect(shown(markdown)).toBe(expected);
  });

  it("splits at lines, and opens the fence again", () => {
    const code = Array.from({ length: 120 }, (_, n) => `line ${n} ${"x".repeat(30)}`);
    const parts = toDiscordMarkdown(`before\n\`\`\`sql\n${code.join("\n")}\n\`\`\`\nafter`);
    expect(parts.length).toBeGreaterThan(2);
    for (const [index, part] of parts.entries()) {
      expect(part.length).toBeLessThanOrEqual(2_000);
      if (index > 0) expect(part.startsWith("```sql\n")).toBe(true);
      expect(part.split("```")).toHaveLength(3);
    }
    const lines = parts.flatMap((part) => part.split("\n")).filter((line) => !line.startsWith("```"));
    expect(lines).toEqual(["before", ...code, "after"]);
  });

  it("splits a line that is too long between words, and within a word only where it must", () => {
    const words = Array.from({ length: 900 }, (_, n) => `word${n}`);
    const parts = toDiscordMarkdown(words.join(" "));
    expect(parts.flatMap((part) => part.trim().split(" "))).toEqual(words);
    const smiles = "😀".repeat(1_500);
    const cut = toDiscordMarkdown(`x${smiles}`);
    expect(cut.join("")).toBe(`x${smiles}`);
    expect(cut.every((part) => part.isWellFormed())).toBe(true);
  });

  it("cuts off what would fill the room, and says how much", () => {
    const parts = toDiscordMarkdown("word ".repeat(10_000));
    expect(parts).toHaveLength(10);
    expect(parts.at(-1)).toMatch(/^… \(cut here: \d+ more characters\)$/);
  });

  it.each([
    "`".repeat(60_000),
    "<@".repeat(60_000),
    "||".repeat(30_000),
    "` `` ".repeat(12_000),
    "\\`".repeat(30_000),
    "a\n".repeat(30_000),
  ])("takes its time in proportion to the text: %#", (text) => {
    const before = performance.now();
    toDiscordMarkdown(text);
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});

const pieces = [
  ..."` < > @ # & ! | \\ \n : / 1 a * _ ~ -".split(" "),
  " ",
  ..."``` ```` ~~~ ```ts \n```\n `` || @everyone @here <@1> <@!1> <@&1> <#1> <a:x:1> <t:1> <id:home> </x:1> \\` word".split(" "),
  "\u200b",
];
const anyText = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join("")),
  fc.string({ unit: "grapheme" }),
);
const limits = fc.record({ longest: fc.integer({ min: 40, max: 300 }), most: fc.constant(1_000) });

describe("any text", () => {
  it("pings nobody and shows nobody's name", () => {
    fc.assert(
      fc.property(anyText, limits, (text, at) => {
        for (const part of toDiscordMarkdown(text, at)) expect(tokensSeenIn(part), part).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("fits, and is never nothing", () => {
    fc.assert(
      fc.property(anyText, limits, (text, at) => {
        const parts = toDiscordMarkdown(text, at);
        expect(parts.length).toBeGreaterThan(0);
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(at.longest);
          expect(part.trim()).not.toBe("");
        }
      }),
      { numRuns: 500 },
    );
  });

  it("keeps every word and every line of code", () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,12}$/);
    const line = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(" "));
    const block = fc.oneof(
      line,
      fc.array(line, { minLength: 1, maxLength: 12 }).map((lines) => `\`\`\`\n${lines.join("\n")}\n\`\`\``),
    );
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 12 }), limits, (blocks, at) => {
        const wordsOf = (text: string) =>
          text
            .replaceAll("```", " ")
            .split(/\s+/)
            .filter((found) => found !== "");
        expect(wordsOf(toDiscordMarkdown(blocks.join("\n"), at).join("\n"))).toEqual(wordsOf(blocks.join("\n")));
      }),
      { numRuns: 200 },
    );
  });
});

it("takes two spellings of one text for the same", () => {
  expect(sameText("a\n\nb ", "a b")).toBe(true);
  expect(sameText("@\u200bhere", "@here")).toBe(true);
  expect(sameText("a", "b")).toBe(false);
});

/** What Discord's clients would make a mention, an emoji, a time stamp or a hidden word of, read in their order: escapes and code first. */
function tokensSeenIn(content: string): string[] {
  const rules: [RegExp, boolean][] = [
    [/^```(?:([a-z0-9_+\-.#]+?)\n)?\n*([^\n][^]*?)\n*```/i, false],
    [/^\\[^0-9A-Za-z\s]/, false],
    [/^(`+)([^]*?[^`])\1(?!`)/, false],
    [/^@(?:everyone|here)/i, true],
    [/^<(?:@[!&]?|#)\d+>/, true],
    [/^<a?:\w+:\d+>/, true],
    [/^<t:-?\d+(?::\w)?>/, true],
    [/^<id:\w+>/, true],
    [/^<\/[^:\n]+:\d+>/, true],
    [/^\|\|[^]+?\|\|/, true],
  ];
  const seen: string[] = [];
  for (let at = 0; at < content.length;) {
    const rest = content.slice(at);
    const [rule, isToken] = rules.find(([pattern]) => pattern.test(rest)) ?? [];
    const found = rule?.exec(rest)?.[0];
    if (found !== undefined && isToken) seen.push(found);
    at += found?.length ?? 1;
  }
  return seen;
}
