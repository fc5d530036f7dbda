import type { Gate, Pass } from "@bellhop/contracts";
import { expect, test } from "vitest";
import type { ActionPolicies } from "./policies.ts";
import { waitingAtGates } from "./waiting.ts";

const policies: ActionPolicies = {
  limits: [{ policy: "d.one", attributes: [], over: "delay", kind: "concurrency", most: 1 }],
  retries: [],
  attributes: [],
};
const pass = (run: string, at: number, more: Partial<Pass> = {}): Pass => ({ run, task: "main", attempt: 1, at, ...more });
const full = "1 of 1 run is at work (policy d.one)";

test("of a run its place and why are told, of a workflow what part of it waits, and nothing of who is at work", () => {
  const line: Gate["line"] = [
    pass("RUN", 2),
    pass("FLOW", 3, { task: "4", within: ["FLOW"] }),
    pass("INNER", 4, { within: ["FLOW"] }),
    ...[5, 6].map((at) => pass("FLOW", at, { task: `${at}`, within: ["FLOW"] })),
  ];
  const gate: Gate = { v: 1, action: "d.go", inside: [pass("IN", 1)], line, lately: {} };
  expect(Object.fromEntries(waitingAtGates([{ gate, policies }], 10))).toEqual({
    RUN: `number 1 in line: ${full}`,
    INNER: `number 3 in line: ${full}`,
    FLOW: `d.go is number 2 in line: ${full}; d.go (run INNER) is number 3 in line: ${full}; d.go is number 4 in line: ${full}; 1 more`,
  });
});
