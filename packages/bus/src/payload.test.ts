import { expect, test } from "vitest";
import { encode, largestField } from "./payload.ts";

test.each([
  { value: { a: 1, b: "x".repeat(100) }, field: "b" },
  { value: { a: { deep: { text: "x".repeat(100) }, other: 1 } }, field: "a.deep.text" },
  { value: { rows: ["x".repeat(50), "y".repeat(49), "z".repeat(50)] }, field: "rows" },
  { value: "x", field: "(whole)" },
])("the largest field of $value is $field", ({ value, field }) => {
  expect(largestField(value).field).toBe(field);
});

test("bytes count, not characters", () => {
  expect(() => encode({ subject: "s", payload: { text: "é".repeat(10) }, limit: 25 })).toThrow(/text/);
  expect(encode({ subject: "s", payload: { text: "e".repeat(10) }, limit: 25 })).toHaveLength(21);
});
