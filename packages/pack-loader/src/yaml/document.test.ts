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
