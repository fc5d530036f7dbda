import { describe, expect, test } from "vitest";
import { hitPoint, pointCases } from "./points.ts";

describe("a process killed with -9 at its crash point loses nothing and doubles nothing", () => {
  for (const { point, victim } of pointCases().filter((one) => one.victim === "self")) {
    test(point, async () => {
      const { hits, faults } = await hitPoint({ point, victim, factor: 0.1 });
      expect(
        hits.some((hit) => hit.startsWith(`${point} `)),
        `${point} was never reached`,
      ).toBe(true);
      expect(faults).toEqual([]);
    });
  }
});
