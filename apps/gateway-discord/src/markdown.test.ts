import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inMessages, sameText } from "./markdown.ts";

describe("a long reply", () => {
  it("opens a code block again in the next message", () => {
    const code = Array.from({ length: 120 }, (_, n) => `line ${n} ${"x".repeat(30)}`);
    const parts = inMessages(`before\n\`\`\`sql\n${code.join("\n")}\n\`\`\`\nafter`);
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) {
      expect(part.length).toBeLessThanOrEqual(2_000);
      if (part.includes("```")) expect(part).toMatch(/```sql\n/);
    }
    const lines = parts.flatMap((part) => part.split("\n")).filter((line) => line !== "" && !line.startsWith("```"));
    expect(lines).toEqual(["before", ...code, "after"]);
  });

  it("is cut off where it would fill the room, and says so", () => {
    const parts = inMessages("word ".repeat(10_000));
    expect(parts).toHaveLength(10);
    expect(parts.slice(0, 9).every((part) => part.length > 1_900 && part.length <= 2_000)).toBe(true);
    expect(parts.at(-1)).toBe("… cut here: 50000 characters in all");
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
    inMessages(text);
    expect(performance.now() - before).toBeLessThan(20_000);
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

describe("any text", () => {
  it("pings nobody and shows nobody's name", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const part of inMessages(text)) expect(tokensSeenIn(part), part).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("fits, and is never nothing", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 400 }), (text, times) => {
        const parts = inMessages(text.repeat(times));
        expect(parts.length).toBeGreaterThan(0);
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(2_000);
          expect(part.trim()).not.toBe("");
          expect(part.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 60 },
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
