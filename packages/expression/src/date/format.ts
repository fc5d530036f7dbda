import type { DateTime } from "../value/kinds.ts";
import { clockOf, offsetText } from "../value/text.ts";

export const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;
export const weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;

/** Python's `strftime` in the C locale; a directive it does not know stays as it is. */
export function strftime(at: DateTime, format: string): string {
  const clock = clockOf(at);
  const two = (part: number) => String(part).padStart(2, "0");
  const month = months[clock.month - 1] ?? "";
  const weekday = weekdays[clock.weekday] ?? "";
  const hour12 = clock.hour % 12 === 0 ? 12 : clock.hour % 12;
  const day = yearDay(clock);
  const iso = isoWeek(clock);
  const texts: Readonly<Record<string, () => string>> = {
    a: () => weekday.slice(0, 3),
    A: () => weekday,
    w: () => String((clock.weekday + 1) % 7),
    d: () => two(clock.day),
    e: () => String(clock.day).padStart(2),
    b: () => month.slice(0, 3),
    h: () => month.slice(0, 3),
    B: () => month,
    m: () => two(clock.month),
    y: () => two(clock.year % 100),
    Y: () => String(clock.year),
    C: () => two(Math.floor(clock.year / 100)),
    H: () => two(clock.hour),
    k: () => String(clock.hour).padStart(2),
    I: () => two(hour12),
    l: () => String(hour12).padStart(2),
    p: () => (clock.hour < 12 ? "AM" : "PM"),
    P: () => (clock.hour < 12 ? "am" : "pm"),
    M: () => two(clock.minute),
    S: () => two(clock.second),
    f: () => String(clock.microsecond).padStart(6, "0"),
    z: () => offsetText(at.offset, ""),
    Z: () => (at.offset === undefined ? "" : at.offset === 0 ? "UTC" : ""),
    j: () => String(day).padStart(3, "0"),
    U: () => two(Math.floor((day + 6 - ((clock.weekday + 1) % 7)) / 7)),
    W: () => two(Math.floor((day + 6 - clock.weekday) / 7)),
    c: () => strftime(at, "%a %b %e %H:%M:%S %Y"),
    x: () => strftime(at, "%m/%d/%y"),
    D: () => strftime(at, "%m/%d/%y"),
    X: () => strftime(at, "%H:%M:%S"),
    T: () => strftime(at, "%H:%M:%S"),
    R: () => strftime(at, "%H:%M"),
    F: () => strftime(at, "%Y-%m-%d"),
    r: () => strftime(at, "%I:%M:%S %p"),
    s: () => String(at.instant / 1_000_000n),
    G: () => String(iso.year),
    V: () => two(iso.week),
    u: () => String(clock.weekday + 1),
    n: () => "\n",
    t: () => "\t",
    "%": () => "%",
  };
  return format.replaceAll(/%(-?)([a-zA-Z%])/g, (all, bare: string, letter: string) => {
    const text = Object.hasOwn(texts, letter) ? texts[letter]?.() : undefined;
    if (text === undefined) return all;
    return bare === "" ? text : text.replace(/^[0 ]+(?=.)/, "");
  });
}

function yearDay({ year, month, day }: { year: number; month: number; day: number }): number {
  return Math.round((Date.UTC(2000 + (year % 400), month - 1, day) - Date.UTC(2000 + (year % 400), 0, 1)) / 86_400_000) + 1;
}

function isoWeek(clock: { year: number; month: number; day: number; weekday: number }): { year: number; week: number } {
  const week = Math.floor((yearDay(clock) - 1 - clock.weekday + 10) / 7);
  if (week < 1) return { year: clock.year - 1, week: weeksIn(clock.year - 1) };
  return week > weeksIn(clock.year) ? { year: clock.year + 1, week: 1 } : { year: clock.year, week };
}

function weeksIn(year: number): number {
  const dayOf = (of: number) => (of + Math.floor(of / 4) - Math.floor(of / 100) + Math.floor(of / 400)) % 7;
  return dayOf(year) === 4 || dayOf(year - 1) === 3 ? 53 : 52;
}
