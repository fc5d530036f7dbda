import { expect, test } from "vitest";
import { growthPerHour } from "./trend.ts";

const minutes = Array.from({ length: 40 }, (_, minute) => minute);

test.each([
  ["a line grows by its slope", (minute: number) => 50 + minute / 10, { least: 5.9, most: 6.1 }],
  ["a saw that a collector of garbage draws does not grow", (minute: number) => 50 + (minute % 5), { least: -1, most: 1 }],
  ["peaks are not growth, however high", (minute: number) => (minute % 7 === 0 ? 500 : 50), { least: -1, most: 1 }],
  ["a step in the middle is growth", (minute: number) => (minute < 20 ? 50 : 60), { least: 10, most: 30 }],
])("%s", (_, value, { least, most }) => {
  const growth = growthPerHour(minutes.map((minute) => ({ at: minute / 60, value: value(minute) })));
  expect(growth).toBeGreaterThanOrEqual(least);
  expect(growth).toBeLessThanOrEqual(most);
});

test("a single point does not grow", () => {
  expect(growthPerHour([{ at: 0, value: 5 }])).toBe(0);
});
