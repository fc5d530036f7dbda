import { expect, test } from "vitest";
import { runnerProcesses } from "./runners.ts";

test.each([
  ["one within this process where nobody says anything", {}, {}, undefined],
  ["what bellhop.yaml says", {}, { runner: { processes: 3, concurrency: 2 } }, 3],
  ["none where runners work elsewhere", { BELLHOP_RUNNERS: "0" }, { runner: { processes: 3 } }, 0],
  ["what was typed or exported wins", { BELLHOP_RUNNERS: "4" }, { runner: { processes: 3 } }, 4],
])("runners: %s", (_, env, file, expected) => {
  expect(runnerProcesses(env, file)).toBe(expected);
});

test.each(["-1", "many", "1.5", "1000"])("a count of runners that makes no sense is refused with its place: %s", (count) => {
  expect(() => runnerProcesses({ BELLHOP_RUNNERS: count }, {})).toThrow(/runner\.processes.*bellhop\.yaml or the environment/s);
});
