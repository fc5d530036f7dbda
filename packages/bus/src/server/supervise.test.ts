import { expect, test } from "vitest";
import { afterFailure } from "./supervise.ts";

test("pauses grow, and the fifth failure within a minute is the last", () => {
  const pauses: (number | string)[] = [];
  let failures: number[] = [];
  for (const at of [0, 1_000, 2_000, 3_000, 4_000]) {
    const next = afterFailure(failures, at);
    failures = next.failures;
    pauses.push(next.kind === "start" ? next.pauseMs : next.kind);
  }
  expect(pauses).toEqual([50, 150, 450, 1_350, "give up"]);
});

test("failures older than a minute are forgotten", () => {
  expect(afterFailure([0, 1, 2, 3], 60_001)).toEqual({ kind: "start", failures: [2, 3, 60_001], pauseMs: 450 });
});
