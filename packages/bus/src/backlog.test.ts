import { expect, test } from "vitest";
import { Backlogs } from "./backlog.ts";

const entry = (name: string) => ({ name, subject: "full" });

test("the first that finds no room tries on, and the others after it, in their order", () => {
  const backlogs = new Backlogs<ReturnType<typeof entry>>();
  const [a, b, c] = [entry("a"), entry("b"), entry("c")];
  expect([a, b, a, c].map((one) => backlogs.add(one))).toEqual([true, false, true, false]);
  expect(backlogs.remove(a)).toBe(b);
  expect(backlogs.remove(c)).toBe(b);
  expect(backlogs.add(b)).toBe(true);
});

test("a subject on which nobody waits any more is forgotten", () => {
  const backlogs = new Backlogs<ReturnType<typeof entry>>();
  const a = entry("a");
  backlogs.add(a);
  expect([backlogs.has("full"), backlogs.has("other")]).toEqual([true, false]);
  expect(backlogs.remove(entry("b"))).toBeUndefined();
  expect(backlogs.remove(a)).toBeUndefined();
  expect(backlogs.has("full")).toBe(false);
});
