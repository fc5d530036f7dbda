import type { RuleDefinition } from "@bellhop/contracts";
import { DateTime, float } from "@bellhop/expression";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Happening } from "./criteria.ts";
import { checkRule, compileRule, evaluateRules, explainRule, type CompiledRule } from "./evaluate.ts";
import { indexRules } from "./index-rules.ts";
import { compileKey, KeyFault } from "./key.ts";
import { operators } from "./operators.ts";
import { jinja } from "./pattern.ts";

const now = new DateTime(BigInt(Date.UTC(2026, 2, 1, 12)) * 1000n, 0);

function rule(criteria: Record<string, unknown>, more: Partial<RuleDefinition> = {}): CompiledRule {
  return compileRule({
    ref: "pack.rule",
    pack: "pack",
    name: "rule",
    description: "",
    enabled: true,
    type: "standard",
    trigger: { type: "pack.trigger", parameters: {} },
    action: { ref: "core.echo", parameters: {} },
    source: { file: "rules/rule.yaml", line: 1, column: 1 },
    criteria,
    ...more,
  });
}

function happening(payload: unknown): Happening {
  return { payload, now, render: jinja };
}

describe("any, all and not", () => {
  const eq = (pattern: unknown) => ({ type: "eq", pattern });
  test.each([
    [{ any: [{ "trigger.a": eq(1) }, { "trigger.b": eq(1) }] }, { a: 2, b: 1 }, "fits"],
    [{ any: [{ "trigger.a": eq(1) }, { "trigger.b": eq(1) }] }, { a: 2, b: 2 }, "differs"],
    [{ any: [] }, { a: 1 }, "differs"],
    [{ all: [{ "trigger.a": eq(1) }, { "trigger.a": { type: "lt", pattern: 2 } }] }, { a: 1 }, "fits"],
    [{ not: { "trigger.a": eq(1), "trigger.b": eq(1) } }, { a: 1, b: 2 }, "fits"],
    [{ not: { "trigger.a": eq(1) } }, { a: 1 }, "differs"],
    [{ "trigger.a": eq(1), any: [{ not: { "trigger.b": eq(1) } }] }, { a: 1, b: 2 }, "fits"],
    // What can't be compared is neither so nor not so.
    [{ not: { "trigger.a": { type: "gt", pattern: 1 } } }, { a: "x" }, "differs"],
  ])("%j on %j: %s", (criteria, payload, kind) => {
    expect(checkRule(rule(criteria), happening(payload)).kind).toBe(kind);
  });
});

test("each criterion is explained: what was found, the pattern as it was rendered, and the verdict", () => {
  const { outcome, verdicts } = explainRule(
    rule({
      "trigger.count": { type: "gt", pattern: "{{ trigger.least }}" },
      "trigger.name": { type: "startswith", pattern: "a" },
      "trigger.id": { type: "regex", pattern: "^x" },
    }),
    happening({ count: 3, least: 5, name: "ada", id: 7 }),
  );
  expect(outcome.kind).toBe("differs");
  expect(verdicts.map(({ key, operator, found, pattern, fits }) => [key, operator, found, pattern, fits])).toEqual([
    ["trigger.count", "gt", 3, 5, false],
    ["trigger.name", "startswith", "ada", "a", true],
    ["trigger.id", "regex", 7, "^x", false],
  ]);
  expect(outcome.failures).toMatchObject([
    { key: "trigger.id", stage: "comparison", message: "expected string or bytes-like object, got 'int'" },
  ]);
});

test("a rule that is disabled, or whose event says nothing, does not fire", () => {
  expect(checkRule(rule({}, { enabled: false }), happening({ a: 1 })).kind).toBe("disabled");
  expect(checkRule(rule({ "trigger.a": { type: "nexists" } }), happening({})).kind).toBe("empty");
  expect(checkRule(rule({}), happening({})).kind).toBe("fits");
});

test("a backstop fires only where no standard rule does, and a broken rule stops no other", () => {
  const backstop = rule({}, { ref: "p.backstop", type: "backstop" });
  const other = rule({ "trigger.a": { type: "eq", pattern: 1 } }, { ref: "p.other" });
  const broken = rule({ "trigger.a": { type: "equls", pattern: 1 } }, { ref: "p.broken" });
  const fired = (payload: unknown) =>
    evaluateRules([backstop, broken, other], happening(payload)).fired.map(({ definition }) => definition.ref);
  expect(fired({ a: 1 })).toEqual(["p.other"]);
  expect(fired({ a: 2 })).toEqual(["p.backstop"]);
  expect(evaluateRules([broken], happening({ a: 1 })).failures).toMatchObject([
    { failure: { stage: "operator", message: "Invalid operator: equls" } },
  ]);
});

test("every operator is known by its short name as well", () => {
  expect([...operators.keys()].filter((name) => name.length < 6)).toEqual(
    expect.arrayContaining(["eq", "neq", "ieq", "lt", "gt", "td_lt", "td_gt", "in", "nin", "regex"]),
  );
});

test.each([
  ["", undefined],
  ["trigger.", undefined],
  ["trigger.a[", undefined],
  ["trigger.a]", { column: 9, text: "]", kind: "word" }],
  ["trigger.a?b", { column: 9, text: "?", kind: "character" }],
])("the key %j can't be read", (key, at) => {
  expect(() => compileKey(key)).toThrow(KeyFault);
  try {
    compileKey(key);
  } catch (error) {
    expect((error as KeyFault).at).toEqual(at);
  }
});

test.each([["trigger.a.value"], ["trigger.a.*"], ["trigger..value"]])("2.0 is a number, in which nothing stands: %s", (key) => {
  expect(checkRule(rule({ [key]: { type: "nexists" } }), happening({ a: float(2) })).kind).toBe("fits");
});

test("the index finds what a look at every rule finds", () => {
  const value = fc.constantFrom<unknown>(1, 1.5, 2n ** 60n, true, "1", "a", null, [1]);
  const criterion = fc.record({ type: fc.constantFrom("eq", "equals", "gt", "exists", "nexists"), pattern: value });
  const criteria = fc.dictionary(fc.constantFrom("trigger.a", "trigger.b", "trigger.a#2", "trigger.a[0]"), criterion, { maxKeys: 3 });
  const rules = fc.array(fc.record({ criteria, enabled: fc.boolean(), type: fc.constantFrom("standard" as const, "backstop" as const) }), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(rules, fc.dictionary(fc.constantFrom("a", "b"), value), (specs, payload) => {
      const all = specs.map(({ criteria: own, ...more }, index) => rule(own, { ...more, ref: `p.${index}` }));
      const indexed = indexRules(all).evaluate("pack.trigger", happening(payload));
      const plain = evaluateRules(all, happening(payload));
      expect(indexed.fired).toEqual(plain.fired);
      expect(indexed.failures.map(({ failure }) => failure.message)).toEqual(plain.failures.map(({ failure }) => failure.message));
    }),
    { numRuns: 500 },
  );
});

test("an event is held against those rules alone that ask for its value", () => {
  const all = Array.from({ length: 1000 }, (_, index) => rule({ "trigger.id": { type: "eq", pattern: index % 100 } }));
  expect(indexRules(all).candidates("pack.trigger", { id: 7 })).toBe(10);
  expect(indexRules(all).candidates("pack.other", { id: 7 })).toBe(0);
});
