import { expect, test } from "vitest";
import { assertServerVersion, compareVersions, isNewEnough } from "./version.ts";

test.each([
  ["2.9.10", false],
  ["2.9.25-1+b3", false],
  ["1.10.0", false],
  ["2.10.0", true],
  ["2.10.27-1+b2", true],
  ["2.15.0-RC.1", true],
  ["1:2.10.7", true],
  ["3.0.0", true],
  ["(none)", false],
])("%s is new enough: %s", (version, expected) => {
  expect(isNewEnough(version)).toBe(expected);
});

test("versions are compared by number, not by letter", () => {
  expect(compareVersions("2.9.10", "2.10.1")).toBeLessThan(0);
  expect(compareVersions("2.10.10", "2.10.9")).toBeGreaterThan(0);
  expect(compareVersions("2.10.1", "2.10.1-RC.3")).toBe(0);
});

test("an old server at NATS_URL is refused with its version and what to do", () => {
  expect(() => assertServerVersion("2.9.10", "nats://10.0.0.1:4222")).toThrow(/nats:\/\/10\.0\.0\.1:4222 is version 2\.9\.10/);
  expect(() => assertServerVersion("2.10.0", "nats://10.0.0.1:4222")).not.toThrow();
});
