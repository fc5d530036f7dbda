import { expect, test } from "vitest";
import { beginning, link, listed } from "./words.ts";

test("a link holds together whatever its text and address are", () => {
  expect(link("e2e [linux]", "https://ci.example.com/run (7)")).toBe("[e2e linux](https://ci.example.com/run%20%287%29)");
});

test.each([
  ["  short ", 5, "short"],
  ["much longer", 4, "much…"],
  ["🙂🙂🙂🙂", 3, "🙂🙂🙂…"],
  ["🙂🙂🙂", 3, "🙂🙂🙂"],
])("the beginning of %j, %i characters of it, is %j", (text, most, shown) => {
  expect(beginning(text, most)).toBe(shown);
});

test("a list that goes on says how to see more of it, as far as that goes", () => {
  expect(listed("| a |", { more: false, most: 20, limit: 50 })).toBe("| a |");
  expect(listed("| a |", { more: true, most: 20, limit: 50 })).toBe("| a |\n\nThere are more: say most=40.");
  expect(listed("| a |", { more: true, most: 40, limit: 50 })).toBe("| a |\n\nThere are more: say most=50.");
  expect(listed("| a |", { more: true, most: 50, limit: 50 })).toBe("| a |\n\nThere are more.");
});
