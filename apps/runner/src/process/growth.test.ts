import { expect, test } from "vitest";
import { standsStill, type Occupation } from "./growth.ts";

const now = 10_000;
const short = 2;
const long = 400;

function at(ms: number, usual?: number): Occupation {
  return { began: now - ms, usual };
}

const starting: Occupation = { began: undefined, usual: undefined };

interface Case {
  what: string;
  waited?: number;
  workers: Occupation[];
  expected: boolean;
}

test.each<Case>([
  { what: "nobody waits", workers: [at(900, long)], expected: false },
  { what: "the first has not waited for long", waited: 20, workers: [at(900, long)], expected: false },
  { what: "a core has no worker", waited: 30, workers: [at(1, short)], expected: true },
  { what: "one of them went on with its next action just now", waited: 30, workers: [at(900, long), at(10, long)], expected: false },
  { what: "all are at long ones", waited: 30, workers: [at(900, long), at(30, long)], expected: true },
  { what: "nobody knows how long theirs take", waited: 30, workers: [at(30), at(30)], expected: true },
  { what: "theirs are short as a rule, and the machine is busy", waited: 30, workers: [at(200, short), at(100, short)], expected: false },
  { what: "one of theirs is short as a rule", waited: 30, workers: [at(900, long), at(100, short)], expected: false },
  { what: "theirs are short as a rule, and not this time", waited: 300, workers: [at(300, short), at(260, short)], expected: true },
  { what: "the others are still starting", waited: 30, workers: [at(900, long), starting], expected: true },
])("on two cores, where $what: $expected", ({ waited, workers, expected }) => {
  expect(standsStill({ now, since: waited === undefined ? undefined : now - waited, workers, cores: 2 })).toBe(expected);
});
