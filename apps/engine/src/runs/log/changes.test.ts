import { Change } from "@bellhop/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { changesBetween, follow, withChanges } from "./changes.ts";

const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? "null");

test.each<[string, unknown, unknown, unknown]>([
  ["nothing", { a: 1 }, { a: 1 }, []],
  ["a field within", { a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, [{ at: ["a", "c"], to: 3 }]],
  [
    "a field more, and one less",
    { a: 1, b: 2 },
    { b: 2, c: 3 },
    [
      { at: ["a"], gone: true },
      { at: ["c"], to: 3 },
    ],
  ],
  ["a field that is not said any more", { a: 1, b: 2 }, { a: 1, b: undefined }, [{ at: ["b"], gone: true }]],
  ["another order of fields", { a: { b: 1, c: 2 } }, { a: { c: 2, b: 1 } }, [{ at: ["a"], to: { c: 2, b: 1 } }]],
  ["a list that grew", { a: [1, 2] }, { a: [1, 2, 3] }, [{ at: ["a", 2], to: 3 }]],
  ["a list that lost its end", [1, 2, 3], [1], [{ at: [], length: 1 }]],
  [
    "a queue that moved on",
    ["a", "b", "c"],
    ["b", "c", "d"],
    [
      { at: [], drop: 1 },
      { at: [2], to: "d" },
    ],
  ],
  ["something else altogether", { a: [1] }, "b", [{ at: [], to: "b" }]],
])("%s", (_, before, after, changes) => {
  expect(changesBetween(before, after)).toEqual(changes);
});

test("changes lead to what they were found between, fields in their order", () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  fc.assert(
    fc.property(json, json, (before, after) => {
      const found = withChanges(copy(before), Change.array().parse(copy(changesBetween(before, after))));
      expect(JSON.stringify(found)).toBe(JSON.stringify(copy(after)));
    }),
  );
});

test("what both share is not looked into", () => {
  const shared = new Proxy(
    {},
    {
      ownKeys() {
        throw new Error("looked into");
      },
    },
  );
  expect(changesBetween({ shared, a: 1 }, { shared, a: 2 })).toEqual([{ at: ["a"], to: 2 }]);
});

test("a field named __proto__ is a field", () => {
  const after: unknown = JSON.parse('{"a":{"__proto__":{"b":1}}}');
  const found = withChanges({ a: {} }, changesBetween({ a: {} }, after));
  expect(JSON.stringify(found)).toBe(JSON.stringify(after));
  expect(Object.getPrototypeOf(follow(found, ["a"]))).toBe(Object.prototype);
});
