import { expect, it } from "vitest";
import { isSealed, masked } from "./value.ts";

const sealed = { $sealed: { kid: "k", iv: "i", data: "d", tag: "t" } };

it("a sealed value reads [secret] wherever it stands", () => {
  expect(masked({ a: [sealed, { b: sealed }], c: 1, d: null })).toEqual({ a: ["[secret]", { b: "[secret]" }], c: 1, d: null });
  expect(masked(sealed)).toBe("[secret]");
  expect(isSealed({ $sealed: "no" })).toBe(false);
});
