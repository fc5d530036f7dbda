import { expect, test } from "vitest";
import type { Sample } from "./sample.ts";
import { judge } from "./verdict.ts";

const perHour = 3_600;

interface Course {
  memory?: (minute: number) => number;
  server?: (minute: number) => number;
  pid?: (minute: number) => number;
  messages?: (minute: number) => number;
  history?: (minute: number) => number;
  waiting?: number;
  holdings?: (minute: number) => string[];
  members?: (minute: number) => string[];
}

/** Two samples a minute, for that many minutes. */
function samples(minutes: number, course: Course): Sample[] {
  return Array.from({ length: minutes * 2 }, (_, index) => {
    const minute = (index + 1) / 2;
    const process = {
      pid: course.pid?.(minute) ?? 7,
      memory: course.memory?.(minute) ?? 50,
      fds: 20,
      cpu: minute,
      children: 0,
      childMemory: 0,
    };
    return {
      at: minute / 60,
      processes: { "engine-1": process, nats: { ...process, pid: 8, memory: course.server?.(minute) ?? 40 } },
      streams: {
        RUN: { messages: course.messages?.(minute) ?? 1_000, bytes: 1_000_000 },
        SEND: { messages: index === minutes * 2 - 1 ? (course.waiting ?? 0) : 3, bytes: 0 },
      },
      folders: { history: course.history?.(minute) ?? 0 },
      gone: { members: course.members?.(minute) ?? [], holdings: course.holdings?.(minute) ?? [] },
    };
  });
}

const once = (from: number, to: number) => (minute: number) => (minute >= from && minute <= to ? ["sender.slack of x"] : []);

test.each<[string, Course]>([
  ["what is level", {}],
  ["memory that grows while it warms up", { memory: (minute) => Math.min(80, 40 + minute * 2) }],
  ["memory that a collector of garbage gives back", { memory: (minute) => 50 + (minute % 6) }],
  ["less than a kilobyte for each command", { memory: (minute) => 50 + minute * 0.05 }],
  ["blocks that nats-server is writing", { server: (minute) => 40 + minute }],
  ["a process that began anew meanwhile", { memory: (minute) => minute, pid: (minute) => (minute < 40 ? 7 : 8) }],
  ["a history, which keeps everything", { history: (minute) => minute * 1_000_000 }],
  ["a queue that is empty at the end", { waiting: 0 }],
  ["a lease that somebody takes over in time", { holdings: once(30, 30) }],
])("nothing is said of %s", (_, course) => {
  expect(judge(samples(60, course), perHour).faults).toEqual([]);
});

test.each<[string, Course, RegExp]>([
  [
    "memory that grows by two kilobytes a command",
    { memory: (minute) => 50 + minute * 0.12 },
    /^engine-1: 7\.2 MB of memory more each hour, 3\.5 at most/,
  ],
  [
    "a stream that keeps one message of ten commands",
    { messages: (minute) => minute * 6 },
    /^RUN: 360\.0 messages more each hour, 72\.0 at most/,
  ],
  ["a nats-server that holds more than its blocks", { server: (minute) => 40 + minute * 3 }, /^nats: 220 MB of memory, 174 at most/],
  ["what nobody took", { waiting: 2 }, /^2 messages are left in SEND$/],
  ["a lease that nobody took over", { holdings: once(30, 31) }, /^stale holdings: sender\.slack of x$/],
  ["the record of a process that is long gone", { members: once(30, 36) }, /^stale members: /],
])("%s is found", (_, course, fault) => {
  const { faults } = judge(samples(60, course), perHour);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(fault);
});

test("minutes are too short to tell growth from warming up", () => {
  expect(judge(samples(5, { memory: (minute) => 50 + minute }), perHour).faults).toEqual([]);
});
