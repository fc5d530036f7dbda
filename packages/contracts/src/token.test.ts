import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hash, nameOfToken, token } from "./token.ts";

/** Names that come close to looking like tokens themselves. */
const name = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.stringMatching(/^=[bh][A-Za-z0-9_-]{0,50}$/),
  fc.stringMatching(/^[A-Za-z0-9_-]{44,52}$/),
);

describe("a token", () => {
  it("stands for one name only", () => {
    fc.assert(fc.property(name, name, (a, b) => (token(a) === token(b)) === (a === b)));
  });

  it("fits a subject and a key, in 48 characters at most", () => {
    fc.assert(fc.property(name, (text) => /^[A-Za-z0-9_=-]{1,48}$/.test(token(text))));
  });

  it.each([
    ["slack", "slack"],
    ["a.b", "=bYS5i"],
    ["", "=b"],
    ["=b", "=bPWI"],
    ["Ж", "=b0JY"],
  ])("of %j is %s", (text, expected) => {
    expect(token(text)).toBe(expected);
  });

  it("tells its name again, unless that is too long", () => {
    fc.assert(fc.property(name, (text) => [text, token(text)].includes(nameOfToken(token(text)))));
    expect(nameOfToken(token("@bellhop:example.org"))).toBe("@bellhop:example.org");
    expect(nameOfToken(token("x".repeat(49)))).toBe(token("x".repeat(49)));
  });

  it("names what is too long by its hash", () => {
    const long = "x".repeat(49);
    expect(token(long)).toBe(`=h${hash(long).slice(0, 32)}`);
  });
});
