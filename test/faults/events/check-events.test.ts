import { expect, test } from "vitest";
import { checkEvents, type Logged } from "./check-events.ts";
import { eventful } from "./eventful.ts";

const second = Date.UTC(2026, 0, 1);
const start = new Date(second).toISOString();

/** The log of an event, and those of the runs that it asked for, all of them done. */
function happened(key: string, at: { trigger?: string; firedAt?: string; rules: Record<string, string> }): Logged[] {
  const { trigger = "core.st2.webhook", firedAt = start, rules } = at;
  const enforcements = Object.entries(rules).map(([rule, action]) => ({ rule, action, run: `${key} ${rule}` }));
  return [
    { run: `event ${key}`, intake: { key }, fired: { trigger, firedAt, enforcements } },
    ...enforcements.map(({ run }) => ({ run, state: { id: run, status: "succeeded" as const, endedAt: start } })),
  ];
}

const webhook = (id: string) =>
  happened(`webhook/storm/${id}`, { rules: { "eventful.note": "faulty.note", "eventful.again": "faulty.again" } });
const tick = (n: number) =>
  happened(`timer/${n}`, {
    trigger: eventful.every.trigger,
    firedAt: new Date(second + n * 1_000).toISOString(),
    rules: { "eventful.every": "faulty.note" },
  });
const other = happened("timer/other", { trigger: eventful.other.trigger, rules: { "eventful.other": "faulty.again" } });
const word = (n: number) => `tick ${new Date(second + n * 1_000).toISOString()}`;

const sent = [{ n: 1, id: "e1", told: ["event webhook/storm/e1"] }];
const logs = [...webhook("e1"), ...tick(1), ...tick(2), ...tick(3), ...other];
const traces = ["note e1", "again e1", "again e1", word(1), word(2), word(3), `other tick ${start}`];
const faultsOf = (more: Partial<Parameters<typeof checkEvents>[0]>) => checkEvents({ sent, killed: [], logs, traces, ...more }).faults;

test("what is as it should be has no faults", () => {
  expect(faultsOf({})).toEqual([]);
});

const held = (id: string, begin: number, end?: number) => [
  `held ${id} 1 1.5 begin ${begin}`,
  ...(end === undefined ? [] : [`held ${id} 1 1.5 end ${end}`]),
];

test.each([
  ["an event that was lost", { logs: logs.slice(3) }, "it is 0 events"],
  ["one that became two", { sent: [{ n: 1, id: "e1", told: ["event webhook/storm/e1", "another"] }] }, "it was told as"],
  ["a run that was lost", { logs: logs.filter(({ run }) => !run.endsWith("storm/e1 eventful.note")) }, "which is not there"],
  ["a run that nobody asked for", { logs: [...logs, ...webhook("e2")] }, "no event asked for it"],
  ["what was done twice", { traces: [...traces, "note e1"] }, "done 2 times"],
  ["what was never done", { traces: traces.slice(1) }, "no trace of it"],
  ["a tick that is missing", { logs: logs.filter(({ run }) => !run.includes("timer/2")) }, "1 ticks are missing"],
  [
    "a tick that came twice",
    { logs: [...logs, ...tick(2).map((record) => ({ ...record, run: `${record.run}b` }))] },
    "it ticked 0 ms after a tick",
  ],
  [
    "a number that was passed over",
    { logs: [...logs, ...happened("sensor/counting.count/2", { trigger: "counting.number", rules: {} })] },
    "counted 2",
  ],
  [
    "three that were held at once",
    { traces: [...traces, ...held("a", 1, 9), ...held("b", 2, 9), ...held("c", 8, 12)] },
    "3 were held at once",
  ],
])("%s is a fault", (_, more, words) => {
  expect(faultsOf(more).join("; ")).toContain(words);
});

test("whoever was killed with his runner held nothing after that", () => {
  const killed = [{ victim: "runner-1" as const, at: 5 }];
  const lives = [...held("a", 1), ...held("b", 2, 9), ...held("c", 6, 12)];
  expect(faultsOf({ killed, traces: [...traces, ...lives] })).toEqual([]);
});
