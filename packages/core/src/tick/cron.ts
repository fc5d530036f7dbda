import { utcOf, type Wall, type Zone } from "./zone.ts";

/** APScheduler's fields, from the most significant on. */
const fields = ["year", "month", "day", "week", "day_of_week", "hour", "minute", "second"] as const;
type Field = (typeof fields)[number];

/** A schedule by wall clock, compiled. */
export interface Cron {
  /** The first moment after `at` (epoch milliseconds) that fits; undefined where there is none in the next hundred years. */
  next(at: number, zone: Zone): number | undefined;
}

type CronRead = { kind: "ok"; cron: Cron } | { kind: "fault"; field: string; expected: string };

/** Reads what a cron trigger says. What stands after the last field that is given defaults to its least value, what stands before it to any. */
export function readCron(given: Readonly<Record<string, unknown>>): CronRead {
  const last = fields.findLastIndex((field) => given[field] !== undefined && given[field] !== null);
  if (last < 0) return { kind: "fault", field: "hour", expected: `one of ${fields.join(", ")} at least` };
  const tests = new Map<Field, Test>();
  for (const [index, field] of fields.entries()) {
    const value = given[field] ?? (index > last ? defaults[field] : "*");
    const test = readField(field, value);
    if (typeof test === "string") return { kind: "fault", field, expected: test };
    tests.set(field, test);
  }
  const test = (field: Field): Test => tests.get(field) ?? always;
  const times = {
    hour: valuesOf("hour", test("hour")),
    minute: valuesOf("minute", test("minute")),
    second: valuesOf("second", test("second")),
  };
  return { kind: "ok", cron: { next: (at, zone) => next({ at, zone, test, times }) } };
}

const defaults: Readonly<Record<Field, unknown>> = {
  year: "*",
  month: 1,
  day: 1,
  week: "*",
  day_of_week: "*",
  hour: 0,
  minute: 0,
  second: 0,
};

const ranges: Readonly<Record<Field, readonly [number, number]>> = {
  year: [1970, 9999],
  month: [1, 12],
  day: [1, 31],
  week: [1, 53],
  day_of_week: [0, 6],
  hour: [0, 23],
  minute: [0, 59],
  second: [0, 59],
};

const names: Readonly<Partial<Record<Field, readonly string[]>>> = {
  month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  day_of_week: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
};

/** Whether a value of a field fits; of days, the date is looked at too. */
type Test = (value: number, date: Pick<Wall, "year" | "month" | "day">) => boolean;
const always: Test = () => true;

function readField(field: Field, given: unknown): Test | string {
  const tests: Test[] = [];
  for (const part of String(given).toLowerCase().split(",")) {
    const test = readPart(field, part.trim());
    if (test === undefined) return expectedOf(field);
    tests.push(test);
  }
  return (value, date) => tests.some((test) => test(value, date));
}

function readPart(field: Field, part: string): Test | undefined {
  const [low, high] = ranges[field];
  const every = /^\*(?:\/(\d+))?$/.exec(part);
  if (every !== null) {
    const step = Number(every[1] ?? 1);
    return step < 1 ? undefined : (value) => (value - low) % step === 0;
  }
  if (field === "day" && part === "last") return (value, date) => value === lengthOf(date);
  const [, nth, weekday] = (field === "day" ? /^(1st|2nd|3rd|4th|5th|last) +(\w{3})$/.exec(part) : null) ?? [];
  if (nth !== undefined) {
    const wanted = names.day_of_week?.indexOf(weekday ?? "") ?? -1;
    if (wanted < 0) return undefined;
    return (value, date) => {
      if (weekdayOf({ ...date, day: value }) !== wanted) return false;
      return nth === "last" ? value + 7 > lengthOf(date) : Math.ceil(value / 7) === Number(nth.charAt(0));
    };
  }
  const [, from, to, stride] = /^([a-z]+|\d+)(?:-([a-z]+|\d+))?(?:\/(\d+))?$/.exec(part) ?? [];
  const first = from === undefined ? undefined : valueOf(field, from);
  // `5/10` goes on to the end of the field's range, as in APScheduler.
  const end = to === undefined ? (stride === undefined ? first : high) : valueOf(field, to);
  const step = Number(stride ?? 1);
  if (first === undefined || end === undefined || first > end || first < low || end > high || step < 1) return undefined;
  return (value) => value >= first && value <= end && (value - first) % step === 0;
}

function valueOf(field: Field, text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const index = names[field]?.indexOf(text) ?? -1;
  return index < 0 ? undefined : index + ranges[field][0];
}

function expectedOf(field: Field): string {
  const [low, high] = ranges[field];
  const named = names[field] === undefined ? "" : `, or ${names[field][0]} to ${names[field].at(-1)}`;
  const days = field === "day" ? ", last, 2nd fri, last sun" : "";
  return `numbers from ${low} to ${high}${named}; *, */5, 1-5, 1-30/2${days}; several with commas`;
}

function valuesOf(field: Field, test: Test): readonly number[] {
  const [low, high] = ranges[field];
  const none = { year: 0, month: 0, day: 0 };
  return Array.from({ length: high - low + 1 }, (_, index) => low + index).filter((value) => test(value, none));
}

const farthestDays = 36_525;
/** No clock is put forward by more, but for those that skip a whole day. */
const lookBack = 3 * 3_600_000;

function next(by: {
  at: number;
  zone: Zone;
  test: (field: Field) => Test;
  times: Readonly<Record<"hour" | "minute" | "second", readonly number[]>>;
}): number | undefined {
  const { at, zone, test, times } = by;
  // Where a clock was just put forward, what it skipped may still be to come.
  const changed = utcOf(zone.wallAt(at)) - at !== utcOf(zone.wallAt(at - lookBack)) - (at - lookBack);
  const start = zone.wallAt(changed ? at - lookBack : at);
  const midnight = Date.UTC(start.year, start.month - 1, start.day);
  for (let days = 0; days <= farthestDays; days++) {
    const day = new Date(midnight + days * 86_400_000);
    const date = { year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: day.getUTCDate() };
    if (!fitsDate(date, test)) continue;
    for (const hour of times.hour) {
      if (days === 0 && hour < start.hour) continue;
      const isNow = days === 0 && hour === start.hour;
      for (const minute of times.minute) {
        if (isNow && minute < start.minute) continue;
        for (const second of times.second) {
          if (isNow && minute === start.minute && second < start.second) continue;
          const moment = zone.momentOf({ ...date, hour, minute, second });
          if (moment > at) return moment;
        }
      }
    }
  }
  return undefined;
}

function fitsDate(date: Pick<Wall, "year" | "month" | "day">, test: (field: Field) => Test): boolean {
  return (
    test("year")(date.year, date) &&
    test("month")(date.month, date) &&
    test("day")(date.day, date) &&
    test("day_of_week")(weekdayOf(date), date) &&
    test("week")(weekOf(date), date)
  );
}

/** 0 is Monday. */
function weekdayOf({ year, month, day }: Pick<Wall, "year" | "month" | "day">): number {
  return (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
}

function lengthOf({ year, month }: Pick<Wall, "year" | "month">): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** ISO 8601's: the week that holds the year's first Thursday is the first. */
function weekOf(date: Pick<Wall, "year" | "month" | "day">): number {
  const midnight = utcOf({ ...date, hour: 0, minute: 0, second: 0 });
  const thursday = new Date(midnight + (3 - weekdayOf(date)) * 86_400_000);
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return 1 + Math.floor((thursday.getTime() - first) / (7 * 86_400_000));
}
