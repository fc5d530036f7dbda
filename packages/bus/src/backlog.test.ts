import { expect, test } from "vitest";
import { Backlogs } from "./backlog.ts";

const entry = (name: string, subject = "full") => ({ name, subject });
const names = (entries: readonly { name: string }[]) => entries.map(({ name }) => name);

test("the first that finds no room tries on, the others wait behind it", () => {
  const backlogs = new Backlogs<ReturnType<typeof entry>>();
  const [a, b] = [entry("a"), entry("b")];
  expect([backlogs.add(a), backlogs.add(b), backlogs.add(a)]).toEqual([true, false, true]);
  expect(backlogs.has("full")).toBe(true);
  expect(backlogs.has("other")).toBe(false);
});

test("as long as there is room ever more try at a time, in their order, and one again once there is none", () => {
  const backlogs = new Backlogs<ReturnType<typeof entry>>();
  const all = ["a", "b", "c", "d", "e", "f"].map((name) => entry(name));
  for (const one of all) backlogs.add(one);
  const [a = entry(""), b = entry(""), c = entry("")] = all;
  expect(names(backlogs.remove(a))).toEqual(["b", "c"]);
  expect(names(backlogs.remove(b))).toEqual(["c", "d", "e", "f"]);
  expect(backlogs.add(c)).toBe(true);
  expect(names(backlogs.remove(c))).toEqual(["d", "e"]);
});

test("a subject on which nobody waits any more is forgotten", () => {
  const backlogs = new Backlogs<ReturnType<typeof entry>>();
  const a = entry("a");
  backlogs.add(a);
  expect(backlogs.remove(entry("b"))).toEqual([]);
  expect(backlogs.remove(a)).toEqual([]);
  expect(backlogs.has("full")).toBe(false);
});
