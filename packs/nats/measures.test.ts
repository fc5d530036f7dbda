import { expect, test } from "vitest";
import { size, span } from "./measures.ts";

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KB"],
  [1_572_864, "1.5 MB"],
  [500 * 1024 ** 3, "500 GB"],
  [3 * 1024 ** 5, "3.0 PB"],
])("%i bytes read %s", (bytes, text) => {
  expect(size(bytes)).toBe(text);
});

test.each([
  [-5, "0 s"],
  [59_999, "59 s"],
  [60_000, "1 min"],
  [7_200_000, "2 h"],
  [200 * 86_400_000, "200 d"],
])("%i ms read %s", (ms, text) => {
  expect(span(ms)).toBe(text);
});
