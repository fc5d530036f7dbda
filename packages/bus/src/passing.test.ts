import { expect, test } from "vitest";
import { Passing } from "./passing.ts";

test("what comes and goes for long is what a map would hold, in the same order", () => {
  const [passing, map] = [new Passing<number, string>(), new Map<number, string>()];
  for (let i = 0; i < 5_000; i++) {
    passing.set(i % 700, `v${i}`);
    map.set(i % 700, `v${i}`);
    // Now nearly all goes, now nearly nothing.
    if (i % 1_000 < 500 ? i % 3 > 0 : i % 7 === 0) expect(passing.delete((i * 31) % 700)).toBe(map.delete((i * 31) % 700));
    expect(passing.size).toBe(map.size);
    expect(passing.get((i * 7) % 700)).toBe(map.get((i * 7) % 700));
  }
  expect([...passing]).toEqual([...map]);
  expect([...passing.keys()]).toEqual([...map.keys()]);
  expect([...passing.values()]).toEqual([...map.values()]);
});

test("all can be taken out by whoever goes through it", () => {
  const passing = new Passing<number, number>();
  for (let i = 0; i < 200; i++) passing.set(i, i);
  let seen = 0;
  for (const key of passing.keys()) {
    seen++;
    passing.delete(key);
  }
  expect(seen).toBe(200);
  expect(passing.size).toBe(0);
  expect(passing.has(0)).toBe(false);
  expect(passing.delete(0)).toBe(false);
});
