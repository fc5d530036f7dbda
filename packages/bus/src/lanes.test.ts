import { expect, test } from "vitest";
import { Lanes } from "./lanes.ts";

test("one item per key at a time, in order, other keys beside it", () => {
  const lanes = new Lanes<string>();
  lanes.add("a", "a1");
  lanes.add("a", "a2");
  lanes.add("b", "b1");
  expect(lanes.runnable).toBe(2);
  expect([lanes.take(), lanes.take(), lanes.take()]).toEqual(["a1", "b1", undefined]);
  lanes.done("b1");
  expect(lanes.take()).toBeUndefined();
  lanes.done("a1");
  expect(lanes.take()).toBe("a2");
  lanes.done("a2");
  expect(lanes.runnable).toBe(0);
});

test("a resting item keeps its place and frees its worker", () => {
  const lanes = new Lanes<string>();
  for (const item of ["a1", "a2", "b1"]) lanes.add(item.charAt(0), item);
  lanes.take();
  lanes.rest("a1");
  expect(lanes.busy).toBe(0);
  expect([lanes.take(), lanes.take()]).toEqual(["b1", undefined]);
  lanes.wake("a1");
  expect(lanes.take()).toBe("a1");
});
