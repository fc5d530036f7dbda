import type { Progress, RunStatus } from "@bellhop/contracts";
import type { Step } from "@bellhop/history";
import { expect, test } from "vitest";
import { taskLines } from "./task-lines.ts";

const begun = Date.parse("2026-01-01T00:00:00.000Z");

function step(second: number, ...tasks: Progress[]): Step {
  const status: RunStatus = "running";
  return {
    revision: 1,
    sequence: 1,
    at: new Date(begun + second * 1000).toISOString(),
    event: "finished",
    status,
    attempt: 1,
    commands: [],
    tasks,
  };
}

test("tasks stand in the order in which they began, those of a sub-workflow below its own", () => {
  const run = {
    id: "A",
    steps: [
      step(0, { task: "0", name: "first", action: "a.b", status: "running", run: "CHILD" }),
      step(
        5,
        { task: "0", name: "first", action: "a.b", status: "failed", why: "no luck" },
        { task: "1", name: "second", status: "running", items: 3 },
      ),
      step(6, { task: "1", name: "second", status: "running", attempt: 2, items: 3 }),
    ],
  };
  const child = {
    id: "CHILD",
    endedAt: new Date(begun + 4_000).toISOString(),
    steps: [step(1, { task: "0", name: "inner", status: "running" })],
  };
  const lines = taskLines({ run, children: new Map([["CHILD", child]]), now: begun + 9_000 });
  expect(lines).toEqual([
    { indent: 0, name: "first", status: "failed", ms: 5_000, about: "  a.b, run CHILD, no luck" },
    { indent: 1, name: "inner", status: "running", ms: 3_000, about: "" },
    { indent: 0, name: "second", status: "running", ms: 4_000, about: "  3 items, attempt 2" },
  ]);
});

test("a run that is no workflow's has none", () => {
  expect(taskLines({ run: { id: "A", steps: [] }, children: new Map(), now: 0 })).toEqual([]);
});
