import { expect, test } from "vitest";
import { sensorEventKey } from "./event-key.ts";

const keyOf = (ref: string, pack: string, key = "k") => sensorEventKey({ sensor: "a.watch", pack: "a", trigger: { ref, pack }, key });

test("a trigger of the sensor's own pack is called without the pack, as it was in every release", () => {
  expect(keyOf("a.number", "a")).toBe("sensor/a.watch/number/k");
});

test("triggers of which one is the sensor's own, and the other another pack's, never share a key", () => {
  const keys = [keyOf("a.b.c", "a"), keyOf("b.c", "b"), keyOf("a.a.b.c", "a"), keyOf("a.c", "a"), keyOf("c.c", "c"), keyOf("b.c.k", "b")];
  expect(new Set(keys).size).toBe(keys.length);
});

test("what a key says stays within it", () => {
  expect(keyOf("a.b", "a", "c/k")).not.toBe(keyOf("a.b/c", "a", "k"));
  expect(keyOf("a.b", "a", "one\ntwo \ud800")).toMatch(/^[\x21-\x7e]+$/);
});
