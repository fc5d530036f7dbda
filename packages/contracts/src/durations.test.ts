import { expect, it } from "vitest";
import { durations, scaled } from "./durations.ts";

it("shrinks every duration alike and leaves retention alone", () => {
  const fast = scaled(0.1, { lease: 4_000 });
  expect([fast.lease, fast.leaseRenewal, fast.runnerLease]).toEqual([400, 100, 1_500]);
  expect(fast.runLogRetention).toBe(durations.runLogRetention);
});

it("has a runner give up before its lease is over, and renew well before that", () => {
  expect(durations.runnerIsolation).toBeLessThan(durations.runnerLease);
  expect(durations.runnerLeaseRenewal * 3).toBeLessThanOrEqual(durations.runnerIsolation);
  expect(durations.leaseRenewal * 3).toBeLessThan(durations.lease);
});
