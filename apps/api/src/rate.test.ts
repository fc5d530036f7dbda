import { expect, test } from "vitest";
import { openRates } from "./rate.ts";

test("so many come a second, as many again at once, and whoever comes over that is told when to come back", () => {
  const rates = openRates(2);
  expect([1, 2, 3, 4].map(() => rates.take("a", 0).ok)).toEqual([true, true, true, true]);
  expect(rates.take("a", 0)).toEqual({ ok: false, retrySeconds: 1 });
  expect(rates.take("b", 0).ok).toBe(true);
  expect(rates.take("a", 500).ok).toBe(true);
  expect(rates.take("a", 500).ok).toBe(false);
});

test("names that somebody makes up push nobody out who is counted, and are forgotten", () => {
  const rates = openRates(1);
  rates.take("a", 0);
  rates.take("a", 0);
  for (let n = 0; n < 20_000; n++) rates.take(`made up ${n}`, n / 100);
  expect(rates.take("a", 200).ok).toBe(false);
  rates.take("late", 5_000);
  rates.take("late", 5_000);
  expect(rates.take("late", 5_000).ok).toBe(false);
});
