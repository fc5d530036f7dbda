import { expect, test } from "vitest";
import { Budget } from "../budget.ts";
import { writeJson } from "../json.ts";
import { entriesOf, isMapping } from "../value/kinds.ts";
import { yamlLoad, YamlFault } from "./yaml-load.ts";

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  return isMapping(value) ? Object.fromEntries(Array.from(entriesOf(value), ([key, inner]) => [String(key), plain(inner)])) : value;
}

test.each([
  ["a:\n  b: 'x\n  y\n  z'\n  c: 1\n", { a: { b: "x y z", c: 1 } }],
  ['a:\n  b: "x\n\n y \\" z\n w"\n  c: 1\n', { a: { b: 'x\ny " z w', c: 1 } }],
  ["a:\n  - \"x\n  y\"\n  - 'it''s\n# no comment'\n", { a: ["x y", "it's # no comment"] }],
  ['a: {b: "x\ny"}\n', { a: { b: "x y" } }],
])("a quoted text goes on anywhere in the next line: %j", (text, value) => {
  expect(JSON.parse(writeJson(plain(yamlLoad(text, new Budget()))))).toEqual(value);
});

test.each([
  ["a:\n  b: 'x\n", 11],
  ["a:\n  b: 'x\n--- y'\n", 10],
  ["a:\n  b: 'x\n  y'\n  c: 1\n  c: 2\n", 25],
])("what is no YAML is refused, with its place: %j", (text, position) => {
  expect(() => yamlLoad(text, new Budget())).toThrow(expect.objectContaining({ position }));
  expect(() => yamlLoad(text, new Budget())).toThrow(YamlFault);
});

test("many texts that never end are refused soon", () => {
  expect(() => yamlLoad("a: 'b\n".repeat(2000), new Budget())).toThrow(YamlFault);
});
