import { expect, test } from "vitest";
import { Float } from "./number.ts";
import { readJson, writeJson } from "./json.ts";

test.each(["1", "1.0", "-0.0", "1.5", "12345678901234567890", '[1,1.0,{"a":2.0}]', '"1.0"', "null", "1e+21"])(
  "%s is read and written as it is",
  (text) => {
    expect(writeJson(readJson(text))).toBe(text);
  },
);

test("what JSON can't tell apart is kept apart", () => {
  expect(readJson("[1, 1.0, 9007199254740993]")).toEqual([1, new Float(1), 9007199254740993n]);
});
