import { expect, test } from "vitest";
import { countChains } from "./chains.ts";

test("runs are counted by trace, and of traces that nothing was heard of for long nothing is kept", () => {
  const chains = countChains({ depth: 1, runs: 1 });
  chains.note("old", 7);
  chains.note("kept", 2);
  for (let trace = 0; trace < 9_998; trace++) chains.note(`t${trace}`, 1);
  chains.note("kept", 3);
  chains.note("new", 1);
  expect(["old", "kept", "new"].map((trace) => chains.before(trace))).toEqual([0, 5, 1]);
});
