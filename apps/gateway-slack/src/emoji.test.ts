import { describe, expect, it } from "vitest";
import { emojiOf, nameOf } from "./emoji.ts";

describe("a reaction's name", () => {
  it.each([
    ["x", "❌"],
    ["octagonal_sign", "🛑"],
    ["+1", "👍"],
    ["thumbsup", "👍"],
    ["thumbsup::skin-tone-2", "👍🏻"],
    ["+1::skin-tone-6", "👍🏿"],
    ["heavy_check_mark", "✔️"],
    ["+1::skin-tone-9", "👍"],
    ["party-parrot", "party-parrot"],
    ["party-parrot::skin-tone-2", "party-parrot::skin-tone-2"],
  ])("%s means %s", (name, emoji) => {
    expect(emojiOf(name)).toBe(emoji);
  });
});

describe("a reaction", () => {
  it.each([
    ["👀", "eyes"],
    ["✔️", "heavy_check_mark"],
    ["✔", "heavy_check_mark"],
    ["👍🏽", "+1::skin-tone-4"],
    ["party-parrot", "party-parrot"],
    [":eyes:", "eyes"],
    ["thumbsup::skin-tone-2", "thumbsup::skin-tone-2"],
    ["🦜", undefined],
    ["", undefined],
    ["two words", undefined],
  ])("%j is named %s", (emoji, name) => {
    expect(nameOf(emoji)).toBe(name);
  });

  it("is found again under the name that it was put with", () => {
    for (const emoji of ["❌", "🛑", "👀", "⏱️", "👍🏿"]) expect(emojiOf(nameOf(emoji) ?? "")).toBe(emoji);
  });
});
