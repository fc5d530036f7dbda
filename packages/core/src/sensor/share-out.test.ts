import { expect, test } from "vitest";
import { shareOut } from "./share-out.ts";

const names = (count: number, pool = "default") => Array.from({ length: count }, (_, index) => ({ name: `${pool}${index}`, pool }));

function shares(at: { instances: { name: string; pool: string }[]; runners: string[]; held?: Record<string, string> }) {
  const { instances, runners, held = {} } = at;
  const out = shareOut({
    instances,
    runnersOf: () => runners,
    holderOf: (name) => (runners.includes(held[name] ?? "") ? held[name] : undefined),
  });
  return { out, counts: runners.map((runner) => [...out.values()].filter((one) => one === runner).length) };
}

test.each([
  [1, 1, [1]],
  [4, 3, [2, 1, 1]],
  [2, 3, [1, 1, 0]],
  [7, 2, [4, 3]],
  [0, 2, [0, 0]],
])("%i instances over %i runners are %j", (instances, runners, counts) => {
  const ids = Array.from({ length: runners }, (_, index) => `r${index}`);
  expect(shares({ instances: names(instances), runners: ids }).counts).toEqual(counts);
});

test("whoever holds an instance keeps it, unless it has more than its share", () => {
  const held = { default0: "b", default1: "b", default2: "b", default3: "a" };
  const { out, counts } = shares({ instances: names(4), runners: ["a", "b"], held });
  expect(counts).toEqual([2, 2]);
  expect([...out].filter(([name, runner]) => held[name as keyof typeof held] !== runner)).toHaveLength(1);
});

test("what a dead runner held goes to those who live, and nothing else moves", () => {
  const held = { default0: "a", default1: "b", default2: "c", default3: "a" };
  const { out } = shares({ instances: names(4), runners: ["a", "b"], held });
  expect(Object.fromEntries(out)).toEqual({ default0: "a", default1: "b", default2: "b", default3: "a" });
});

test("each pool is spread by itself, and what no runner takes is left out", () => {
  const out = shareOut({
    instances: [...names(2, "x"), ...names(2, "y"), ...names(1, "z")],
    runnersOf: (pool) => (pool === "x" ? ["a", "b"] : pool === "y" ? ["b"] : []),
    holderOf: () => undefined,
  });
  expect(Object.fromEntries(out)).toEqual({ x0: "a", x1: "b", y0: "b", y1: "b" });
});
