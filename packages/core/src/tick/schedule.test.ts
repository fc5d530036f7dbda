import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dueTicks, readSchedule, type Schedule } from "./schedule.ts";
import { zoneOf } from "./zone.ts";

const cron = "core.st2.CronTimer";

function scheduleOf(trigger: string, parameters: Record<string, unknown>): Schedule {
  const read = readSchedule(trigger, parameters);
  if (read.kind === "fault") throw new Error(`${read.parameter}: ${read.expected}`);
  return read.schedule;
}

function ticks(parameters: Record<string, unknown>, from: string, count = 3): string[] {
  const schedule = scheduleOf(cron, parameters);
  const found: string[] = [];
  let at: number | undefined = Date.parse(from);
  while (found.length < count) {
    at = schedule.next(at, 0);
    if (at === undefined) break;
    found.push(new Date(at).toISOString().replace(":00.000Z", ""));
  }
  return found;
}

test.each<[string, Record<string, unknown>, string, string[]]>([
  [
    "what follows the last field is least",
    { hour: 5 },
    "2026-11-22T04:00:00Z",
    ["2026-11-22T05:00", "2026-11-23T05:00", "2026-11-24T05:00"],
  ],
  [
    "what stands before it is any",
    { minute: "*/30" },
    "2026-11-22T10:00:00Z",
    ["2026-11-22T10:30", "2026-11-22T11:00", "2026-11-22T11:30"],
  ],
  ["0 is Monday", { day_of_week: 0, hour: 9 }, "2026-11-22T00:00:00Z", ["2026-11-23T09:00", "2026-11-30T09:00", "2026-12-07T09:00"]],
  [
    "days have names",
    { day_of_week: "mon-wed,sun", hour: 0 },
    "2026-11-22T01:00:00Z",
    ["2026-11-23T00:00", "2026-11-24T00:00", "2026-11-25T00:00"],
  ],
  ["the second Friday", { day: "2nd fri" }, "2026-11-22T00:00:00Z", ["2026-12-11T00:00", "2027-01-08T00:00", "2027-02-12T00:00"]],
  ["the last Sunday", { day: "last sun" }, "2026-11-22T00:00:00Z", ["2026-11-29T00:00", "2026-12-27T00:00", "2027-01-31T00:00"]],
  ["the last day", { day: "last" }, "2028-01-31T00:00:00Z", ["2028-02-29T00:00", "2028-03-31T00:00", "2028-04-30T00:00"]],
  [
    "a day that few months have",
    { month: "feb", day: 29 },
    "2026-11-22T00:00:00Z",
    ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"],
  ],
  [
    "weeks are ISO's",
    { week: 53, day_of_week: "mon" },
    "2026-11-22T00:00:00Z",
    ["2026-12-28T00:00", "2032-12-27T00:00", "2037-12-28T00:00"],
  ],
  ["a year that is over never comes", { year: 2020 }, "2026-11-22T00:00:00Z", []],
  [
    "ranges have strides",
    { hour: "1-10/4", minute: 15 },
    "2026-11-22T00:00:00Z",
    ["2026-11-22T01:15", "2026-11-22T05:15", "2026-11-22T09:15"],
  ],
])("%s", (_, parameters, from, expected) => {
  expect(ticks(parameters, from)).toEqual(expected);
});

describe("wall clocks", () => {
  test("are those of their zone", () => {
    expect(ticks({ hour: 9, timezone: "America/New_York" }, "2026-07-01T00:00:00Z", 1)).toEqual(["2026-07-01T13:00"]);
    expect(ticks({ hour: 9, timezone: "America/New_York" }, "2026-12-01T00:00:00Z", 1)).toEqual(["2026-12-01T14:00"]);
  });
  test("that are skipped come an hour on, and those that come twice count once", () => {
    const times = { hour: 2, minute: 30, timezone: "Europe/Vienna" };
    expect(ticks(times, "2026-03-28T12:00:00Z", 2)).toEqual(["2026-03-29T01:30", "2026-03-30T00:30"]);
    expect(ticks(times, "2026-03-29T01:10:00Z", 1)).toEqual(["2026-03-29T01:30"]);
    expect(ticks(times, "2026-10-24T12:00:00Z", 2)).toEqual(["2026-10-25T00:30", "2026-10-26T01:30"]);
  });
  test("and moments belong to each other, in any zone", () => {
    const zones = fc.constantFrom("UTC", "Europe/Vienna", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia");
    fc.assert(
      fc.property(zones, fc.integer({ min: 1_600_000_000, max: 2_200_000_000 }), (name, seconds) => {
        const zone = zoneOf(name);
        const wall = zone?.wallAt(seconds * 1000);
        const moment = wall === undefined ? undefined : zone?.momentOf(wall);
        expect(moment === undefined ? undefined : zone?.wallAt(moment)).toEqual(wall);
        // The first of two moments that a clock shows alike.
        expect(moment).toBeLessThanOrEqual(seconds * 1000);
      }),
    );
  });
});

test("an interval counts from when it was first seen, and a date comes once", () => {
  const every = scheduleOf("core.st2.IntervalTimer", { unit: "minutes", delta: 5 });
  expect(every.next(1_000, 1_000)).toBe(301_000);
  expect(every.next(301_000, 1_000)).toBe(601_000);
  const once = scheduleOf("core.st2.DateTimer", { date: "2026-12-24T18:00:00", timezone: "Europe/Vienna" });
  expect(once.next(0, 0)).toBe(Date.parse("2026-12-24T17:00:00Z"));
  expect(once.next(Date.parse("2026-12-24T17:00:00Z"), 0)).toBeUndefined();
});

test.each<["once" | "all" | "skip", number[]]>([
  ["once", [50_000]],
  ["all", [10_000, 20_000, 30_000, 40_000, 50_000]],
  ["skip", [50_000]],
])("ticks that were missed: %s", (missed, fire) => {
  const schedule = scheduleOf("core.st2.IntervalTimer", { unit: "seconds", delta: 10, missed });
  expect(dueTicks({ schedule, due: 10_000, anchor: 0, now: 55_000, late: 6_000 })).toEqual({ fire, next: 60_000 });
  expect(dueTicks({ schedule, due: 60_000, anchor: 0, now: 55_000, late: 6_000 })).toEqual({ fire: [], next: 60_000 });
});

test.each<["once" | "all" | "skip", number, string]>([
  ["once", 1, "2026-06-01T12:00:00.000Z"],
  ["skip", 1, "2026-06-01T12:00:00.000Z"],
  ["all", 1_000, "2016-06-01T12:16:39.000Z"],
])("a timer of seconds that slept for years ticks as it is to, in no more steps than that takes: %s", (missed, count, last) => {
  const read = readSchedule(cron, { second: "*", timezone: "Europe/Vienna", missed });
  if (read.kind === "fault") throw new Error(read.expected);
  let steps = 0;
  const next: Schedule["next"] = (after, anchor) => (steps++, read.schedule.next(after, anchor));
  const [due, now] = [Date.parse("2016-06-01T12:00:00Z"), Date.parse("2026-06-01T12:00:00.500Z")];
  const found = dueTicks({ schedule: { missed, next }, due, anchor: 0, now, late: 60_000 });
  expect(found.fire).toHaveLength(count);
  expect(found.passedOver).toEqual(missed === "all" ? { after: found.fire.at(-1), until: now } : undefined);
  expect(new Date(found.fire.at(-1) ?? 0).toISOString()).toBe(last);
  expect(found.next).toBe(now + 500);
  expect(steps).toBeLessThan(1_010);
});

test("the latest of the ticks that were missed is the one that stepping through them finds", () => {
  const parameters = fc.record({ minute: fc.constantFrom("*/7", "3", "0-5"), hour: fc.constantFrom("*", "4", "*/6") });
  fc.assert(
    fc.property(parameters, fc.integer({ min: 0, max: 3 * 86_400_000 }), (given, slept) => {
      const schedule = scheduleOf(cron, { ...given, timezone: "Europe/Vienna" });
      const due = schedule.next(Date.parse("2026-03-27T12:00:00Z"), 0) ?? 0;
      let latest = due;
      for (let next = schedule.next(due, 0) ?? Infinity; next <= due + slept; next = schedule.next(next, 0) ?? Infinity) latest = next;
      expect(dueTicks({ schedule, due, anchor: 0, now: due + slept, late: 0 }).fire).toEqual([latest]);
    }),
  );
});

test.each<[string, Record<string, unknown>, string]>([
  [cron, { hour: 24 }, "hour"],
  [cron, { day_of_week: "someday" }, "day_of_week"],
  [cron, {}, "hour"],
  [cron, { hour: 1, timezone: "Moon/Base" }, "timezone"],
  ["core.st2.IntervalTimer", { unit: "minutes", delta: 0 }, "delta"],
  ["core.st2.IntervalTimer", { unit: "years", delta: 1 }, "unit"],
  ["core.st2.DateTimer", { date: "2026-02-30" }, "date"],
  [cron, { hour: 1, missed: "maybe" }, "missed"],
])("%s with %j is told what is wrong", (trigger, parameters, parameter) => {
  expect(readSchedule(trigger, parameters)).toMatchObject({ kind: "fault", parameter });
});
