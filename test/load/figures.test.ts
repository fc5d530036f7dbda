import { describe, expect, test } from "vitest";
import { figure, median, percentile } from "./figures.ts";

describe("figure", () => {
  test("holds the ratio against the aim where there is something to compare with", () => {
    const made = figure({ name: "p50", value: 1.4, unit: "ms", against: { name: "floor", value: 1 }, aim: { atMost: 1.5 } });
    expect(made).toEqual({
      name: "p50",
      value: 1.4,
      unit: "ms",
      against: { name: "floor", value: 1 },
      ratio: 1.4,
      aim: "<= 1.5",
      holds: true,
    });
  });

  test("holds the value against the aim where there is no ratio", () => {
    const against = { name: "bare spawn", value: 1.6 };
    expect(figure({ name: "beyond", value: 2.1, unit: "ms", against, asRatio: false, aim: { atMost: 2 } })).toMatchObject({
      value: 2.1,
      aim: "<= 2",
      holds: false,
    });
    expect(figure({ name: "beyond", value: 2.1, unit: "ms", against, asRatio: false })).not.toHaveProperty("ratio");
  });

  test("says why only when the aim is missed", () => {
    const options = { name: "writes", unit: "1", aim: { atMost: 12 }, why: "timers" };
    expect(figure({ ...options, value: 13 })).toHaveProperty("why", "timers");
    expect(figure({ ...options, value: 12 })).not.toHaveProperty("why");
  });

  test("a throughput aim is met from above", () => {
    const against = { name: "floor", value: 1000 };
    const aim = { atLeast: 0.6 };
    expect(figure({ name: "rate", value: 600, unit: "1/s", against, aim })).toMatchObject({ ratio: 0.6, aim: ">= 0.6", holds: true });
    expect(figure({ name: "rate", value: 590, unit: "1/s", against, aim }).holds).toBe(false);
  });

  test("an aim is never met by a number that is none", () => {
    expect(figure({ name: "p50", value: Number.NaN, unit: "ms", aim: { atMost: 2 } }).holds).toBe(false);
  });
});

describe("statistics", () => {
  test("the median of an even number of values lies between the two in the middle", () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([5, 1, 3])).toBe(3);
    expect(median([])).toBeNaN();
  });

  test("a percentile is a value that was measured", () => {
    const values = [10, 20, 30, 40];
    expect(percentile(values, 50)).toBe(20);
    expect(percentile(values, 99)).toBe(40);
    expect(percentile([7], 50)).toBe(7);
  });
});
