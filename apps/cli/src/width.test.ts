import { expect, test } from "vitest";
import { cut, padded, widthOf } from "./width.ts";

test.each([
  ["", 0],
  ["deploy", 6],
  ["Grüße", 5],
  ["e\u0301te\u0301", 3],
  ["東京サーバー", 12],
  ["한국어", 6],
  ["ｶﾀｶﾅ", 4],
  ["ＡＢ、「", 8],
  ["ok ✓ — …", 8],
  ["🚀", 2],
  ["👩‍👩‍👧", 2],
  ["👍🏽", 2],
  ["🇦🇹", 2],
  ["⚠️ !", 4],
  ["привет", 6],
  ["𠮷", 2],
])("%s takes %i columns", (text, width) => {
  expect(widthOf(text)).toBe(width);
  expect(widthOf(padded(text, 20))).toBe(20);
});

test.each([
  ["deploy.nightly", 9, "deploy.n…"],
  ["東京サーバー", 7, "東京サ…"],
  ["東京サーバー", 6, "東京…"],
  ["東京サーバー", 12, "東京サーバー"],
  ["a👩‍👩‍👧b", 4, "a👩‍👩‍👧b"],
  ["a👩‍👩‍👧bc", 4, "a👩‍👩‍👧…"],
  ["a👩‍👩‍👧bc", 3, "a…"],
  ["e\u0301te\u0301s", 3, "e\u0301t…"],
])("%s within %i columns is %s", (text, width, shown) => {
  expect(cut(text, width)).toBe(shown);
  expect(widthOf(shown)).toBeLessThanOrEqual(width);
});
