import { expect, test } from "vitest";
import { evaluate, type Surroundings } from "./evaluate.ts";
import { Float } from "./number.ts";

const variables = { i: 7, s: "text", l: [1, 2], d: { a: null }, code: "<% 1 + 1 %>", circle: "<% ctx().circle %>" };
const run = (value: unknown, more: Surroundings = {}): unknown => evaluate(value, { variables, ...more });

test.each([
  ["one expression keeps its type", "<% ctx().i %>", 7],
  ["a float that is whole stays one", "<% 1.0 %>", new Float(1)],
  ["several make text", "<% ctx().s %><% ctx().i %>", "text7"],
  ["text around makes text, as Python writes it", "l=<% ctx().l %> d=<% ctx().d %> <% true %>", "l=[1, 2] d={'a': None} True"],
  ["what has none stays as it is", "100 % <b>", "100 % <b>"],
  ["lists and mappings are gone through, keys too", { "<% ctx().s %>": ["<% ctx().i %>", 5, null] }, { text: [7, 5, null] }],
])("%s", (_name, value, expected) => {
  expect(run(value)).toEqual(expected);
});

test("what an expression gives is data, even where it looks like an expression", () => {
  expect(run("<% ctx().code %>")).toBe("<% 1 + 1 %>");
  expect(run("<% '<' + '% 1 %' + '>' %>")).toBe("<% 1 %>");
  expect(run("<% ctx().code %>!")).toBe("<% 1 + 1 %>!");
});

test("a text that stands in the definition is evaluated where an expression gives it, and a circle of them ends", () => {
  const literals = new Set([variables.code, variables.circle]);
  expect(run("<% ctx().code %>", { literals })).toBe(2);
  expect(() => run("<% ctx().circle %>", { literals })).toThrow("levels of nesting");
});

test("st2kv and task are whatever the caller brings", () => {
  const functions = { st2kv: ([key]: readonly unknown[]) => ({ of: key }) };
  expect(run("<% st2kv('system.x').of %>", { functions })).toBe("system.x");
  expect(() => run("<% task(t1) %>")).toThrow('Unable to find task execution for "t1"');
});
