import { expect, test } from "vitest";
import { inSlices, paced } from "./in-slices.ts";

/** Counts how often others could work. */
function others(): { readonly turns: number; stop(): void } {
  let turns = 0;
  let next = setImmediate(function again() {
    turns += 1;
    next = setImmediate(again);
  });
  return {
    get turns() {
      return turns;
    },
    stop: () => clearImmediate(next),
  };
}

/** Takes longer than others have to wait. */
function workForLong(): void {
  const until = performance.now() + 6;
  while (performance.now() < until);
}

test("others work between long steps", async () => {
  const seen = others();
  const steps = function* () {
    for (let step = 0; step < 3; step++) {
      workForLong();
      yield;
    }
    return "done";
  };
  expect(await inSlices(steps())).toBe("done");
  expect(seen.turns).toBeGreaterThanOrEqual(3);
  seen.stop();
});

test("others work while things come that are there already, and all of them come", async () => {
  const seen = others();
  const items = (async function* () {
    yield* [1, 2, 3];
  })();
  const got: number[] = [];
  for await (const item of paced(items)) {
    got.push(item);
    workForLong();
  }
  expect(got).toEqual([1, 2, 3]);
  expect(seen.turns).toBeGreaterThanOrEqual(3);
  seen.stop();
});
