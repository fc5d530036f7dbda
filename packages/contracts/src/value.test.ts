import { expect, it } from "vitest";
import { holdsSealed, isSealed, masked, maskValue, neverSealed } from "./value.ts";

const sealed = { $sealed: { kid: "k", iv: "i", data: "d", tag: "t" } };

it("a sealed value reads [secret] wherever it stands", () => {
  expect(masked({ a: [sealed, { b: sealed }], c: 1, d: null })).toEqual({ a: ["[secret]", { b: "[secret]" }], c: 1, d: null });
  expect(masked(sealed)).toBe("[secret]");
  expect(isSealed({ $sealed: "no" })).toBe(false);
});

it("what is not to be taken for sealed by us reads [secret] where it looks so, and is the same value where nothing does", () => {
  expect(neverSealed({ a: [1, { b: sealed }], c: "x" })).toEqual({ a: [1, { b: "[secret]" }], c: "x" });
  const plain = { a: [1, { b: null }], $sealed: "no" };
  expect(neverSealed(plain)).toBe(plain);
  expect([holdsSealed({ a: [1, { b: sealed }] }), holdsSealed(plain)]).toEqual([true, false]);
});

it("texts are masked everywhere but in what is sealed", () => {
  expect(maskValue({ said: "by data", at: [sealed] }, ["data"])).toEqual({ said: "by [secret]", at: [sealed] });
});
