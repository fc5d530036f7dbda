import { expect, test } from "vitest";
import { Lately } from "./lately.ts";

test("a name is remembered for its time, and forgotten before twice that is over", () => {
  const lately = new Lately({ forMs: 100, most: 10 });
  lately.add("a", 0);
  lately.forget(100);
  expect(lately.has("a")).toBe(true);
  lately.add("b", 150);
  lately.forget(199);
  expect(lately.has("a")).toBe(true);
  lately.forget(200);
  expect([lately.has("a"), lately.has("b")]).toEqual([false, true]);
  lately.forget(300);
  expect(lately.has("b")).toBe(false);
});

test("many at once are forgotten earlier, the newest last", () => {
  const lately = new Lately({ forMs: 1_000, most: 4 });
  for (const name of ["a", "b", "c", "d", "e"]) lately.add(name, 0);
  expect(["a", "b", "c", "d", "e"].filter((name) => lately.has(name))).toEqual(["c", "d", "e"]);
});
