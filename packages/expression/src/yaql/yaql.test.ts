import { describe, expect, test } from "vitest";
import { ExpressionError } from "../error.ts";
import { evaluate } from "../evaluate.ts";
import { repr } from "../value/text.ts";

const variables = {
  l: [3, 1, 2],
  d: { a: 1, b: { c: [10, 20] } },
  vms: [
    { n: "a", c: 4 },
    { n: "b", c: 2 },
  ],
  u: "x\u{1f600}y",
};
const shown = (text: string): string => repr(evaluate(`<% ${text} %>`, { variables, now: () => 1_000_000_000, random: () => 0.5 }));
const failing = (text: string): ExpressionError => {
  try {
    evaluate(`<% ${text} %>`, { variables });
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  throw new Error(`no error: ${text}`);
};

describe("values are Python's", () => {
  test.each([
    ["7 / 2", "3"],
    ["-7 / 2", "-4"],
    ["7.0 / 2", "3.5"],
    ["-7 mod 3", "2"],
    ["4 / 2.0", "2.0"],
    ["9007199254740993 + 1", "9007199254740994"],
    ["1 = 1.0", "True"],
    ["1 = true", "True"],
    ["'a,b'.split(',') = [a, b]", "False"],
    ["round(2.5)", "2.0"],
    ["round(2.675, 2)", "2.67"],
    ["str([1, null, true])", "'(1, None, True)'"],
    ["len(ctx().u)", "3"],
    ["{1 => a}", "{1: 'a'}"],
    ["not 0", "True"],
    ["0 or x", "'x'"],
  ])("%s is %s", (text, value) => {
    expect(shown(text)).toBe(value);
  });
});

describe("the library does what YAQL's does", () => {
  test.each([
    ["ctx().vms.where($.c > 3).select($.n)", "['a']"],
    ["ctx().vms.orderBy($.c).n", "['b', 'a']"],
    // What nobody takes is not put in order, which would fail.
    ["[1, 'a'].orderBy($).select($).limit(0)", "[]"],
    ["ctx().vms.groupBy($.c > 3, $.n)", "[[True, ['a']], [False, ['b']]]"],
    ["let(x => 1, y => 2) -> $x + $y", "3"],
    ["def(fact, switch($ < 2 => 1, true => $ * fact($ - 1))) -> fact(20)", "2432902008176640000"],
    ["[1, 2].unpack(a, b) -> $a + $b", "3"],
    ["sequence(5).limit(3)", "[5, 6, 7]"],
    ["call(len, [[1, 2]], {})", "2"],
    ["regex('(\\\\d)').replaceBy('a1b2', str(int($2.value) + 1))", "'a2b3'"],
    ["datetime('2026-03-01T11:59:50+02:00').utc.hour", "9"],
    ["now().format('%A, %d. %B %Y %I:%M%p')", "'Sunday, 09. September 2001 01:46AM'"],
    ["timespan(days => 1, hours => 2, minutes => 3).hours", "26.05"],
    ["set(1, 2) < set(1, 2, 3)", "True"],
    ["str([set(1)])", "'(frozenset({1}),)'"],
    ["str(regex('(o)'))", `"re.compile('(o)')"`],
    ["set(1, 2).replace(0, 5)", "[5, 2]"],
    ["bitwiseAnd(true, false)", "False"],
    ["bitwiseOr(true, 2)", "3"],
    ["[a, 1] in {a => 1}.items()", "True"],
    ["datetime('2020-03-01T10:00:00+02:00').timestamp", "1583042400.0"],
    ["coalesce(null, ctx().d.get(zz), 5)", "5"],
    ["ctx().nothing?.x or 1", undefined],
    ["ctx().d.get(zz)?.x", "None"],
    ["generateMany(1, switch($ < 4 => [$ * 2, $ * 2 + 1], true => []))", "[1, 2, 3, 4, 5, 6, 7]"],
    ["zip([1, 2], [a], pad => 0)", "[[1, 'a'], [2, 0]]"],
    ["version_match('1.2.3-beta', '>=1.2.3')", "False"],
    ["to_human_time_from_seconds(4587)", "'1h16m27s'"],
  ])("%s is %s", (text, value) => {
    if (value === undefined) expect(failing(text).type).toBe("KeyError");
    else expect(shown(text)).toBe(value);
  });
});

describe("nothing outside of the data is there", () => {
  test.each([
    "ctx().constructor",
    "ctx().get('__proto__')",
    "ctx().l.constructor",
    "'a'.constructor",
    "constructor()",
    "toString()",
    "ctx().l.hasOwnProperty(a)",
    "now().getTime()",
  ])("%s finds nothing", (text) => {
    if (text.includes("get(")) expect(shown(text)).toBe("None");
    else expect(failing(text)).toBeInstanceOf(ExpressionError);
  });

  test("a mapping with a key like a property of all objects is a mapping", () => {
    expect(evaluate("<% ctx().constructor %>", { variables: { constructor: 2 } })).toBe(2);
    expect(Object.getPrototypeOf(evaluate("<% {'__proto__' => {a => 1}} %>"))).toBe(Object.prototype);
  });
});

describe("what would never end, or be too large, says which bound it met", () => {
  test.each([
    ["sequence().len()", "steps"],
    ["[1].cycle().toList()", "steps"],
    ["range(100000000000).sum()", "steps"],
    ["1.repeat().last()", "steps"],
    ["'abc' * 1000000000", "characters"],
    ["[1] * 1000000000", "characters"],
    ["def(f, f($)) -> f(1)", "nesting"],
    ["shiftBitsLeft(1, 1000000000)", "characters"],
    ["('a' * 40 + 'b') =~ '(?=a)(a+)+\\\\1$'", "regular expression"],
  ])("%s: %s", (text, word) => {
    const error = failing(text);
    expect(error.type).toBe("BoundReached");
    expect(error.message).toContain(word);
  });
});

test.each([
  ["ctx().d.nobody", "<% ctx().d.nobody %>\n           ^"],
  ["1 + ctx().l[9]", "<% 1 + ctx().l[9] %>\n              ^"],
  ["ctx().l.select($ + a)", "<% ctx().l.select($ + a) %>\n                    ^"],
  ["[1, 2].wher($ > 1)", "<% [1, 2].wher($ > 1) %>\n          ^"],
  ["nobody(1)", "<% nobody(1) %>\n   ^"],
  ["len('a', 'b') + 1", "<% len('a', 'b') + 1 %>\n   ^"],
  ["- 'a'", "<% - 'a' %>\n   ^"],
  ["sequence().where(false).first()", "<% sequence().where(false).first() %>\n                           ^"],
])("the caret stands where %s goes wrong", (text, caret) => {
  expect(failing(text).caret).toBe(caret);
});

test("an error shows the expression and where in it", () => {
  const error = failing("ctx().l + * 2");
  expect(error.message).toContain("unexpected '*'");
  expect(error.caret).toBe("<% ctx().l + * 2 %>\n             ^");
});
