import { readCron } from "./cron.ts";
import { zoneOf, type Wall, type Zone } from "./zone.ts";

/** When a timer ticks. */
export interface Schedule {
  /** What rules do where ticks were missed: see {@link dueTicks}. */
  readonly missed: Missed;
  /** The first tick after a moment; undefined where none follows. Epoch milliseconds.
   *  @param anchor when the timer was first seen: what an interval counts from */
  next(after: number, anchor: number): number | undefined;
}

export type Missed = "once" | "all" | "skip";
type ScheduleRead = { kind: "ok"; schedule: Schedule } | { kind: "fault"; parameter: string; expected: string };

/** The triggers that tick, with StackStorm's names. */
const timerTriggers = ["core.st2.IntervalTimer", "core.st2.DateTimer", "core.st2.CronTimer"] as const;

/** Whether a trigger is one of the timers, which the engines themselves fire. */
export function isTimer(trigger: string): boolean {
  return timerTriggers.some((one) => one === trigger);
}

/** Reads a timer's parameters, as a rule gives them. Wall clocks without `timezone` are UTC's. */
export function readSchedule(trigger: string, parameters: Readonly<Record<string, unknown>>): ScheduleRead {
  const { timezone = "UTC", missed = "once" } = parameters;
  const zone = typeof timezone === "string" ? zoneOf(timezone) : undefined;
  if (zone === undefined) return fault("timezone", "the name of a time zone, such as Europe/Vienna");
  if (missed !== "once" && missed !== "all" && missed !== "skip") return fault("missed", "once, all or skip");
  const ok = (next: Schedule["next"]): ScheduleRead => ({ kind: "ok", schedule: { missed, next } });
  switch (trigger) {
    case "core.st2.IntervalTimer": {
      const unit = units.get(String(parameters["unit"]));
      const delta = Number(parameters["delta"]);
      if (unit === undefined) return fault("unit", [...units.keys()].join(", "));
      if (!Number.isSafeInteger(delta) || delta < 1) return fault("delta", "a whole number above 0");
      const every = unit * delta;
      return ok((after, anchor) => anchor + Math.max(1, Math.floor((after - anchor) / every) + 1) * every);
    }
    case "core.st2.DateTimer": {
      const at = momentOf(parameters["date"], zone);
      if (at === undefined) return fault("date", "a date and time, such as 2026-12-24T18:00:00");
      return ok((after) => (at > after ? at : undefined));
    }
    case "core.st2.CronTimer": {
      const read = readCron(parameters);
      if (read.kind === "fault") return fault(read.field, read.expected);
      return ok((after) => read.cron.next(after, zone));
    }
    default:
      return fault("type", timerTriggers.join(", "));
  }
}

/** What is due of a timer: which of its ticks to fire, and when it is due next. `passedOver`: there were more than are made up for, after the last of them.
 *  @param at.due the tick that its record waits for
 *  @param at.late how late a tick may be where missed ones are skipped, in milliseconds */
export function dueTicks(at: { schedule: Schedule; due: number; anchor: number; now: number; late: number }): {
  fire: number[];
  next: number | undefined;
  passedOver?: { after: number; until: number };
} {
  const { schedule, due, anchor, now, late } = at;
  if (due > now) return { fire: [], next: due };
  const next = schedule.next(now, anchor);
  if (schedule.missed === "all") {
    const fire = [due];
    let at = schedule.next(due, anchor);
    for (; at !== undefined && at <= now && fire.length < mostMissed; at = schedule.next(at, anchor)) fire.push(at);
    const last = fire.at(-1) ?? due;
    return { fire, next, ...(at === undefined || at > now ? {} : { passedOver: { after: last, until: now } }) };
  }
  const latest = latestTick({ schedule, due, anchor, now });
  return { fire: schedule.missed === "skip" && now - latest > late ? [] : [latest], next };
}

/** The last tick until now, found by halves: there may be a year of seconds in between. */
function latestTick(at: { schedule: Schedule; due: number; anchor: number; now: number }): number {
  const { schedule, due, anchor, now } = at;
  let latest = due;
  // After this none comes until now.
  let until = now;
  while (latest < until) {
    const from = Math.floor((latest + until) / 2);
    const next = schedule.next(from, anchor);
    if (next !== undefined && next <= now) latest = next;
    else until = from;
  }
  return latest;
}

const mostMissed = 1_000;

const units = new Map(
  Object.entries({ seconds: 1, minutes: 60, hours: 3_600, days: 86_400, weeks: 604_800 }).map(([name, seconds]) => [name, seconds * 1000]),
);

/** A date with an offset is a moment; one without is what a wall clock shows there. */
function momentOf(given: unknown, zone: Zone): number | undefined {
  const text = given instanceof Date ? given.toISOString() : String(given);
  const [, year, month, day, hour = "0", minute = "0", second = "0", offset] =
    /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i.exec(text.trim()) ?? [];
  if (year === undefined) return undefined;
  const wall: Wall = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
  };
  const utc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second);
  if (new Date(utc).getUTCDate() !== wall.day || wall.hour > 23 || wall.minute > 59 || wall.second > 59) return undefined;
  if (offset === undefined) return zone.momentOf(wall);
  const [, sign, hours = "0", minutes = "0"] = /^([+-])(\d\d):?(\d\d)$/.exec(offset) ?? [];
  return utc - (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

function fault(parameter: string, expected: string): ScheduleRead {
  return { kind: "fault", parameter, expected };
}
