import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPoints, pointCases, type Points } from "./points.ts";

describe("a process killed with -9 at its crash point loses nothing and doubles nothing", () => {
  let points: Points;
  let ended = false;
  beforeAll(async () => {
    points = await openPoints({ factor: 0.1 });
  });
  afterAll(async () => {
    if (!ended) await points.end();
  });

  for (const at of pointCases().filter((one) => one.victim === "self")) {
    test(at.point, async () => {
      const { hits, faults } = await points.hit(at);
      expect(
        hits.some((hit) => hit.startsWith(`${at.point} `)),
        `${at.point} was never reached`,
      ).toBe(true);
      expect(faults).toEqual([]);
    });
  }

  test("nor does anything come late", async () => {
    ended = true;
    expect((await points.end()).faults).toEqual([]);
  });
});
