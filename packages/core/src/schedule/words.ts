import { zoneOf } from "../tick/zone.ts";

/** A text that is taken word by word. */
export class Words {
  readonly #text: string;
  /** How much of it is taken. */
  at = 0;

  constructor(text: string) {
    this.#text = text;
    this.at = text.length - text.trimStart().length;
  }

  /** Takes what fits next, with the space after it, where a word ends there. What fits first counts: of two that begin alike the longer stands before the shorter.
   *  @param pattern sticky */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    end.lastIndex = this.at + found[0].length;
    const space = end.exec(this.#text);
    if (space === null) return undefined;
    this.at = end.lastIndex;
    return found;
  }

  /** Takes nothing where nothing comes of it. */
  attempt<Value>(read: () => Value | undefined): Value | undefined {
    const before = this.at;
    const value = read();
    if (value === undefined) this.at = before;
    return value;
  }
}

const end = /\s+|$|(?=[:,](?:\s|$))/y;

/** A time of the day, and the zone it was said for. */
export interface Time {
  readonly hour: number;
  readonly minute: number;
  readonly timezone: string;
}

/** `9:00`, `at 18.30`, `9am`, `noon`, with a zone after it where it has one. A number alone is a time after `at` only.
 *  @param at.zone where none is said
 *  @param at.isSaid whether an `at` stands before it */
export function readTime(words: Words, at: { zone: string; isSaid?: boolean }): Time | undefined {
  const isSaid = words.take(/at/iy) !== undefined || at.isSaid === true;
  const [, named] = words.take(/(noon|midnight)/iy) ?? [];
  const [, hours, minutes, half, short, shortHalf] =
    named === undefined ? (words.take(/(\d{1,2})[:.](\d\d)(?:\s*(am|pm)(?![a-z]))?|(\d{1,2})\s*(am|pm)/iy) ?? []) : [];
  const [, alone] = named === undefined && hours === undefined && short === undefined && isSaid ? (words.take(/(\d{1,2})/y) ?? []) : [];
  const said = hours ?? short ?? alone;
  if (named === undefined && said === undefined) return undefined;
  const hour = named === undefined ? clockHour(Number(said), half ?? shortHalf) : named.toLowerCase() === "noon" ? 12 : 0;
  const minute = Number(minutes ?? 0);
  if (hour === undefined || minute > 59) return undefined;
  const zone = words.attempt(() => {
    const [name = ""] = words.take(/UTC|[a-z]+(?:\/[a-z_+\-\d]+)+/iy) ?? [];
    return name !== "" && zoneOf(name) !== undefined ? name : undefined;
  });
  return { hour, minute, timezone: zone ?? at.zone };
}

function clockHour(hour: number, half: string | undefined): number | undefined {
  if (half === undefined) return hour < 24 ? hour : undefined;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half.toLowerCase() === "pm" ? 12 : 0);
}

/** As cron timers name them. */
export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const dayName = String.raw`mon(?:days?)?|tue(?:sdays?|s)?|wed(?:nesdays?|s)?|thu(?:rsdays?|rs?)?|fri(?:days?)?|sat(?:urdays?)?|sun(?:days?)?`;
const dayPattern = new RegExp(`(${dayName})`, "iy");
const daysPattern = new RegExp(String.raw`(?:(${dayName})\s*-\s*(${dayName})|(${dayName})),?`, "iy");

/** A weekday, from 0 for Monday. */
export function readWeekday(words: Words): { day: number; isPlural: boolean } | undefined {
  const [, name] = words.take(dayPattern) ?? [];
  return name === undefined ? undefined : { day: weekdayOf(name), isPlural: /days$/i.test(name) };
}

/** The days of `every …`, in the fields of a cron timer. */
export function readDays(words: Words): Readonly<Record<string, string>> | undefined {
  const [, kind] = words.take(/(day|weekdays?|workdays?|weekends?)/iy) ?? [];
  if (kind !== undefined) {
    const plain = kind.toLowerCase();
    return { day_of_week: plain === "day" ? "*" : plain.startsWith("weekend") ? "sat,sun" : "mon-fri" };
  }
  return words.attempt(() => readDaysOfMonth(words)) ?? readDaysOfWeek(words);
}

function readDaysOfWeek(words: Words): Readonly<Record<string, string>> | undefined {
  const found = new Set<number>();
  for (;;) {
    if (found.size > 0) words.take(/and|&|,/iy);
    const [, from, to, one] = words.take(daysPattern) ?? [];
    if (from === undefined && one === undefined) break;
    const first = weekdayOf(from ?? one ?? "");
    const last = to === undefined ? first : weekdayOf(to);
    // From Friday to Monday is over the weekend.
    for (let day = first; ; day = (day + 1) % 7) {
      found.add(day);
      if (day === last) break;
    }
  }
  if (found.size === 0) return undefined;
  return { day_of_week: [...found].map((day) => weekdays[day] ?? "").join(",") };
}

const ordinals = ["first", "second", "third", "fourth"];

/** `1st`, `last day of the month`, `first monday of the month`, `month on the 15th`. */
function readDaysOfMonth(words: Words): Readonly<Record<string, string>> | undefined {
  const isOfMonth = words.take(/month\s+on(?:\s+the)?/iy) !== undefined;
  const [, number, word] = words.take(/(\d{1,2})(?:st|nd|rd|th)|(first|second|third|fourth|last)/iy) ?? [];
  if (number !== undefined) {
    const nth = Number(number);
    if (nth < 1 || nth > 31) return undefined;
    words.take(/(?:day\s+)?of\s+(?:the|each|every)\s+month/iy);
    return { day: String(nth) };
  }
  if (word === undefined) return undefined;
  const nth = ordinals.indexOf(word.toLowerCase()) + 1;
  const isDay = words.take(/day/iy) !== undefined;
  const weekday = isDay ? undefined : readWeekday(words);
  if (!isDay && weekday === undefined) return undefined;
  words.take(/of\s+(?:the|each|every)\s+month/iy);
  if (weekday !== undefined) {
    const which = nth === 0 ? "last" : `${nth}${["st", "nd", "rd", "th"][nth - 1] ?? "th"}`;
    return { day: `${which} ${weekdays[weekday.day] ?? ""}` };
  }
  return nth === 0 ? { day: "last" } : isOfMonth || nth === 1 ? { day: String(nth) } : undefined;
}

function weekdayOf(name: string): number {
  return weekdays.findIndex((one) => name.toLowerCase().startsWith(one));
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const monthName = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*";
const dayFirst = new RegExp(String.raw`(?:the\s+)?(\d{1,2})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?${monthName}(?:,?\s+(\d{4}))?`, "iy");
const monthFirst = new RegExp(String.raw`${monthName}\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?`, "iy");

/** `2026-12-24`, `24 December`, `December 24, 2026`. `year` is absent where none was said; the day may be one that its month has not. */
export function readDate(words: Words): { year?: number; month: number; day: number } | undefined {
  const [, year, month, day] = words.take(/(\d{4})-(\d\d)-(\d\d)/y) ?? [];
  if (year !== undefined) return { year: Number(year), month: Number(month), day: Number(day) };
  const [, ownDay, ownMonth = "", ownYear] = words.take(dayFirst) ?? [];
  if (ownDay !== undefined) return dated(ownMonth, ownDay, ownYear);
  const [, otherMonth, otherDay = "", otherYear] = words.take(monthFirst) ?? [];
  return otherMonth === undefined ? undefined : dated(otherMonth, otherDay, otherYear);
}

function dated(month: string, day: string, year: string | undefined): { year?: number; month: number; day: number } {
  return { month: months.indexOf(month.toLowerCase()) + 1, day: Number(day), ...(year === undefined ? {} : { year: Number(year) }) };
}
