import { limits, problem } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { killsItsHandlers, verdict } from "./verdict.ts";

const crash = problem("internal", { why: "x", run: "-" });
const outage = problem("platform_unavailable", { platform: "slack", why: "503" });

test.each([
  { what: "the first crash is tried again soon", problem: crash, crashes: 1, retries: 0, expected: { kind: "again", afterMs: 100 } },
  { what: "the fourth crash later", problem: crash, crashes: 4, retries: 0, expected: { kind: "again", afterMs: 800 } },
  { what: "the fifth is the last", problem: crash, crashes: 5, retries: 0, expected: { kind: "dead" } },
  { what: "an outage is never the last", problem: outage, crashes: 0, retries: 1000, expected: { kind: "again", afterMs: 5000 } },
  {
    what: "crashes before do not make an outage fatal",
    problem: outage,
    crashes: 5,
    retries: 1,
    expected: { kind: "again", afterMs: 100 },
  },
])("$what", ({ problem, crashes, retries, expected }) => {
  expect(verdict({ problem, crashes, retries, ackWaitMs: 5_000 })).toEqual(expected);
});

test("deliveries count restarts too, so they need several times as many", () => {
  expect(killsItsHandlers(limits.deliveries + 1)).toBe(false);
  expect(killsItsHandlers(limits.deliveries * 4 + 1)).toBe(true);
});
