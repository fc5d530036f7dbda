import { expect, test } from "vitest";
import { afterFailure, saysFull } from "./supervise.ts";

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

test.each<[string, boolean]>([
  ["[1] 2026/11/22 23:53:32.436765 [ERR] Filestore [TRIGGER] Critical write error: write /s/msgs/31.blk: no space left on device", true],
  ["[1] 2026/11/22 23:56:10.921173 [ERR] JetStream file resource limits exceeded for server", true],
  ["[1] 2026/11/22 23:56:10.921173 [ERR] JetStream out of File resources, will be DISABLED", true],
  ["[1] 2026/11/22 23:56:10.921173 [ERR] JetStream memory resource limits exceeded for server", false],
  ["[1] 2026/11/22 23:56:09.576333 [WRN] Filestore [A] Stream state too short (0 bytes)", false],
])("that it takes nothing more is known by its log: %s", (line, says) => {
  expect(saysFull(line)).toBe(says);
});
