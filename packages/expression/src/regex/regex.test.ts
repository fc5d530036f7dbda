import fc from "fast-check";
import { expect, test } from "vitest";
import { RegexBudgetError } from "./machine.ts";
import { RegexSyntaxError } from "./cursor.ts";
import { compileRegex } from "./regex.ts";

test.each([
  ["(?P<n>a)(?P=n)", "aa", ["aa", "a"]],
  ["(a*)*", "b", ["", ""]],
  ["(a|ab)(c|bcd)(d*)", "abcd", ["abcd", "a", "bcd", ""]],
  ["a++b", "aab", ["aab"]],
  ["a++a", "aaa", undefined],
  ["(?>a|ab)c", "abc", undefined],
  ["(?i:A)b", "ab", ["ab"]],
  ["(?x) a \\s # it says\n b", "a b", ["a b"]],
  ["(?<=a.)c", "xabc", ["c"]],
  ["(?<!a)b", "ab", undefined],
  ["(a)?(?(1)b|c)", "ab", ["ab", "a"]],
  ["^(a)?(?(1)b|c)$", "c", ["c", undefined]],
  ["[]a]+", "]a", ["]a"]],
  ["[\\w-]+", "x-y", ["x-y"]],
  ["a{,2}$", "aaa", ["aa"]],
  ["a{x}", "a{x}", ["a{x}"]],
  ["\\d+", "\u0663", ["\u0663"]],
  ["(?a)\\d+", "\u0663", undefined],
  ["^.$", "\u{1f600}", ["\u{1f600}"]],
  ["(?<=\u{1f600})x", "\u{1f600}x", ["x"]],
  ["\\bé\\b", "a é b", ["é"]],
  ["hello$", "hello\n", ["hello"]],
  ["hello\\Z", "hello\n", undefined],
  ["(?m)^b$", "a\nb\nc", ["b"]],
  ["\\101\\x41\\u0041", "AAA", ["AAA"]],
])("%s on %j gives %j, as in Python", (pattern, text, groups) => {
  const regex = compileRegex(pattern);
  expect(regex.find(text)?.groups).toEqual(groups);
  expect(regex.test(text)).toBe(groups !== undefined);
});

test.each([
  ["i", "\u0130"],
  ["k", "\u212a"],
  ["\u1e9e", "ß"],
  ["\u01c5", "\u01c6"],
  ["[a-zà-ÿ]", "É"],
  ["\u03c3", "\u03c2"],
])("%s fits %s but for case", (pattern, text) => {
  expect(compileRegex(pattern, { ignoreCase: true }).test(text)).toBe(true);
});

test.each([
  ["(", "missing ), unterminated subpattern at position 0"],
  [")", "unbalanced parenthesis at position 0"],
  ["*a", "nothing to repeat at position 0"],
  ["a**", "multiple repeat at position 2"],
  ["[a", "unterminated character set at position 0"],
  ["\\p{L}", "bad escape \\p at position 0"],
  ["(?P=n)", "unknown group name 'n' at position 4"],
  ["(?<=a*)b", "look-behind requires fixed-width pattern at position 0"],
  ["[z-a]", "bad character range z-a at position 1"],
  ["(?P<a>x)(?P<a>y)", "redefinition of group name 'a' as group 2; was group 1 at position 12"],
  ["a(?i)b", "global flags not at the start of the expression at position 1"],
  ["\\1", "invalid group reference 1 at position 1"],
  ["a{2,1}", "min repeat greater than max repeat at position 2"],
  ["(".repeat(300), "groups nest deeper than 200 at position 200"],
])("%s is refused: %s", (pattern, message) => {
  expect(() => compileRegex(pattern)).toThrow(RegexSyntaxError);
  expect(() => compileRegex(pattern)).toThrow(message);
});

test("what would take for ever elsewhere is over at once", () => {
  const text = `${"a".repeat(40_000)}\u00e9`;
  expect(compileRegex("(a*)*b").test(text)).toBe(false);
  expect(compileRegex("(?:a|a)*?b").find(text)).toBeUndefined();
  expect(() => compileRegex("(a*)*\\1b").test(text)).toThrow(RegexBudgetError);
  expect(() => compileRegex("(?:a{900}){900}")).toThrow("the pattern takes more than 20000 steps");
});

/** Patterns on which JavaScript and Python agree. */
const patterns = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("a", "b", "c", "-", ".", "\\w", "\\d", "[ab]", "[^a]", "\\b", "^", "$"),
    fc.tuple(tie("pattern"), tie("pattern")).map(([a, b]) => a + b),
    fc.tuple(tie("pattern"), tie("pattern")).map(([a, b]) => `(?:${a}|${b})`),
    tie("pattern").map((inner) => `(${inner})`),
    fc.tuple(tie("pattern"), fc.constantFrom("(?=", "(?!")).map(([inner, look]) => `${look}${inner})`),
    fc
      .tuple(fc.constantFrom("a", "b", "[ab]", "\\w", "."), fc.constantFrom("*", "+", "?", "{1,2}", "*?", "+?", "??", "{2}", "{0,1}?"))
      .map(([inner, quantifier]) => `(?:${inner})${quantifier}`),
    fc.tuple(tie("pattern"), fc.constantFrom("*", "+", "?", "{1,2}", "*?")).map(([inner, quantifier]) => `(?:${inner}c)${quantifier}`),
  ),
}));

test("it finds what JavaScript finds where the two languages say the same", () => {
  fc.assert(
    fc.property(patterns.pattern, fc.stringMatching(/^[abc1-]{0,8}$/), (pattern, text) => {
      // Groups in loops are left as JavaScript does not leave them: it empties them at each round.
      const theirs = new RegExp(pattern, "u").exec(text);
      const regex = compileRegex(pattern);
      const ours = regex.find(text);
      expect([ours?.start, ours?.groups[0]]).toEqual([theirs?.index, theirs?.[0]]);
      expect(regex.test(text)).toBe(theirs !== null);
    }),
    { numRuns: 3000 },
  );
});

test("the linear engine answers as the other one", () => {
  fc.assert(
    fc.property(patterns.pattern, fc.stringMatching(/^[abAB1_\n-]{0,8}$/), fc.boolean(), (pattern, text, anchored) => {
      const regex = compileRegex(pattern, { ignoreCase: true });
      expect(regex.test(text, { anchored })).toBe(regex.find(text, { anchored }) !== undefined);
    }),
    { numRuns: 3000 },
  );
});
