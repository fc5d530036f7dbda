import type { Gate, Pass } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { circleAmong } from "./circles.ts";
import type { ActionPolicies } from "./policies.ts";

const policies = (most: number): ActionPolicies => ({
  limits: [{ policy: "p.limit", kind: "concurrency", most, attributes: [], over: "delay" }],
  retries: [],
  attributes: [],
});
let clock = 0;
/** `w` is a run as a whole, `w>x` a run that is part of w. */
function passOf(text: string): Pass {
  const names = text.split(">").toReversed();
  const [run = "", ...within] = names;
  return { run, task: "main", attempt: 1, at: (clock += 1), ...(within.length === 0 ? {} : { within }) };
}
function gate(action: string, inside: string, line: string, most = 1): { gate: Gate; policies: ActionPolicies } {
  const read = (text: string) => text.split(" ").filter(Boolean).map(passOf);
  return { gate: { v: 1, action, inside: read(inside), line: read(line), lately: {} }, policies: policies(most) };
}

test.each([
  ["two that hold what the other waits for", [gate("a", "v", "w>x"), gate("b", "w", "v>y")], "y"],
  ["three in a ring", [gate("a", "u", "w>x"), gate("b", "v", "u>y"), gate("c", "w", "v>z")], "z"],
  ["groups of two, both held by the stuck", [gate("a", "u v", "w>x", 2), gate("b", "w", "u>y v>z")], "z"],
  ["one that waits behind the stuck", [gate("a", "v", "w>x"), gate("b", "w", "v>y q")], "y"],
  ["one that waits for what is at work", [gate("a", "v", "w>x"), gate("b", "w", "")], undefined],
  ["one whose group has another who is at work", [gate("a", "v q", "w>x", 2), gate("b", "w", "v>y")], undefined],
  ["those that are part of nothing", [gate("a", "v", "x"), gate("b", "w", "y")], undefined],
  ["those that wait under what they are part of", [gate("a", "v", "v>x"), gate("b", "w", "")], undefined],
  ["a gate that lets nobody in", [gate("a", "", "w>x", 0), gate("b", "w", "v>y"), gate("c", "v", "")], undefined],
] as const)("%s", (_, seen, victim) => {
  const found = circleAmong(seen);
  expect(found?.victim.pass.run).toBe(victim);
  // Whoever looks again at what stands still finds the same.
  expect(circleAmong(seen, found?.names)?.victim.pass.run).toBe(victim);
});

test("what only one look found was not so at one time", () => {
  const [a, b] = [gate("a", "v", "w>x"), gate("b", "w", "v>y")];
  const before = circleAmong([a, gate("b", "w", "v>z")])?.names;
  expect(before).toBeDefined();
  expect(circleAmong([a, b], before)).toBeUndefined();
});
