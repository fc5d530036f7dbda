import { expect, test } from "vitest";
import { restartDelay } from "./restart.ts";

const pauses = { first: 1_000, longest: 300_000 };

test.each([
  [1, 500, 1_000],
  [2, 1_000, 2_000],
  [5, 8_000, 16_000],
  [9, 128_000, 256_000],
  [10, 150_000, 300_000],
  [10_000, 150_000, 300_000],
])("after %i failures in a row it waits for %i to %i ms", (failures, least, most) => {
  expect(restartDelay({ ...pauses, failures, chance: 0 })).toBe(least);
  expect(restartDelay({ ...pauses, failures, chance: 1 })).toBe(most);
});
