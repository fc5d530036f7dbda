import { expect, test } from "vitest";
import { z } from "zod";
import { readDocument } from "./document.ts";

test.each<[string, unknown]>([
  ["yes", true],
  ["Off", false],
  ["n", "n"],
  ["Y", "Y"],
  ["010", 8],
  ["08", "08"],
  ["0x1f", 31],
  ["1_000", 1000],
  ["1:30", 90],
  ["1e3", "1e3"],
  ["1.5e+3", 1500],
  [".5", 0.5],
  ["0.10", 0.1],
  ["~", null],
  ["'no'", "no"],
  ["null and void", "null and void"],
])("%s is read as PyYAML reads it", (text, expected) => {
  expect(readDocument("x.yaml", `a: ${text}\n`, z.looseObject({})).value).toEqual({ a: expected });
});

test("a key may be called n or y", () => {
  expect(readDocument("x.yaml", "n: 1\ny: 2\n", z.looseObject({})).value).toEqual({ n: 1, y: 2 });
});

test("a quoted text may go on in a line that is indented less, and what comes after it keeps its place", () => {
  const text = `a:\n  b: "one\ntwo"\n  c: 'three\n four'\n  d: 5\n`;
  const schema = z.object({ a: z.object({ b: z.string(), c: z.string(), d: z.string() }) });
  const { problems, at } = readDocument("x.yaml", text, schema);
  expect(problems).toMatchObject([{ line: 6, column: 6, message: expect.stringContaining("a.d") }]);
  expect(at(["a", "c"])).toEqual({ line: 4, column: 6 });
  const { value } = readDocument("x.yaml", text.replace("5", '"5"'), schema);
  expect(value).toEqual({ a: { b: "one two", c: "three four", d: "5" } });
});

test("a fault after such a text keeps its place, too", () => {
  const { problems } = readDocument("x.yaml", `a:\n  b: "one\ntwo"\n  c: [1\nd: 2\n`, z.looseObject({}));
  expect(problems[0]).toMatchObject({ line: 5 });
});
