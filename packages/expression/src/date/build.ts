import { Fault } from "../error.ts";
import { DateTime } from "../value/kinds.ts";

interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
  readonly microsecond?: number;
  /** Seconds east of UTC. */
  readonly offset?: number | undefined;
}

/** @throws {Fault} ValueError for a date that is not in the calendar */
export function dateOf(parts: DateParts): DateTime {
  const { year, month, day, hour = 0, minute = 0, second = 0, microsecond = 0, offset } = parts;
  within("year", year, [1, 9999], `year ${year} is out of range`);
  within("month", month, [1, 12]);
  within("day", day, [1, daysIn(year, month)], "day is out of range for month");
  within("hour", hour, [0, 23]);
  within("minute", minute, [0, 59]);
  within("second", second, [0, 59]);
  within("microsecond", microsecond, [0, 999_999]);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  return new DateTime(BigInt(date.getTime()) * 1000n + BigInt(microsecond), offset);
}

/** Seconds since 1970 in UTC, shown on the clock of a place. */
export function dateAt(seconds: number, offset: number | undefined): DateTime {
  if (!(Math.abs(seconds) < 253_402_300_800)) throw new Fault("ValueError", "year is out of range");
  const whole = Math.floor(seconds);
  const micros = BigInt(whole) * 1_000_000n + BigInt(Math.round((seconds - whole) * 1_000_000));
  return new DateTime(micros + BigInt(offset ?? 0) * 1_000_000n, offset);
}

function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 31;
}

function within(name: string, value: number, [least, most]: readonly [number, number], message?: string): void {
  if (!(value >= least && value <= most)) throw new Fault("ValueError", message ?? `${name} must be in ${least}..${most}`);
}
