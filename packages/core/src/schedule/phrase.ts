import { plainText } from "../alias/format.ts";
import { readSchedule } from "../tick/schedule.ts";
import { zoneOf, type Wall, type Zone } from "../tick/zone.ts";
import { readCrontab } from "./crontab.ts";
import { readDate, readDays, readTime, readWeekday, weekdays, Words, type Time } from "./words.ts";

/** When a command is to run, as the trigger of a timer. */
interface Timing {
  readonly trigger: "core.st2.IntervalTimer" | "core.st2.DateTimer" | "core.st2.CronTimer";
  readonly parameters: Record<string, unknown>;
}

export type Phrase =
  /** It begins with no time. */
  | { kind: "none" }
  /** It begins with a time that can't be read, or says no command after it. */
  | { kind: "fault"; why: string }
  /** `when`: the time as it was said. */
  | { kind: "phrase"; timing: Timing; when: string; command: string };

/** The shortest interval, and how far ahead anything may be asked for, in milliseconds. */
const shortestInterval = 60_000;
export const longestAhead = 366 * 86_400_000;

/** Reads a time with a command after it: `every monday 9:00 deploy api`.
 *  @param at.now epoch milliseconds: what `in`, `tomorrow` and the like count from
 *  @param at.zone of the wall clock, where the words name none */
export function readPhrase(text: string, at: { now: number; zone: string }): Phrase {
  const words = new Words(plainText(text));
  const clock = zoneOf(at.zone);
  const read = clock === undefined ? fault(`there is no time zone ${at.zone}`) : readTiming(words, { ...at, clock });
  if ("kind" in read) return read;
  const when = text.slice(0, words.at).trim().replace(/\s+/g, " ");
  const command = text.slice(words.at).replace(/^[\s:,!]+/, "");
  return command === "" ? fault(`there is no command after ${when}`) : { kind: "phrase", timing: read, when, command };
}

interface Now {
  readonly now: number;
  readonly zone: string;
  readonly clock: Zone;
}

type Unread = Extract<Phrase, { kind: "none" | "fault" }>;
type Read = Timing | Unread;

const none: Unread = { kind: "none" };
const fault = (why: string): Unread => ({ kind: "fault", why });

function readTiming(words: Words, at: Now): Read {
  const [lead = ""] = words.take(/every|in|at|on|next|today|tomorrow|cron/iy) ?? [];
  switch (lead.toLowerCase()) {
    case "every":
      return readEvery(words, at);
    case "in":
      return readIn(words, at);
    case "at": {
      const time = readTime(words, { ...at, isSaid: true });
      return time === undefined ? none : afterTime(words, time, at);
    }
    case "today":
    case "tomorrow":
    case "on":
    case "next":
      return dayFirst(words, lead.toLowerCase(), at);
    default:
      return readCron(words, at) ?? none;
  }
}

const units = String.raw`minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w`;
const interval = new RegExp(String.raw`(?:(\d{1,6})\s*|(other)\s+)?(seconds?|secs?|s|${units})`, "iy");

function readEvery(words: Words, at: Now): Read {
  const cron = readCron(words, at);
  if (cron !== undefined) return cron;
  const days = readDays(words);
  if (days !== undefined) {
    const time = readTime(words, at);
    return time === undefined ? noTime("every monday") : cronTimer(days, time);
  }
  const [, count, other, unit] = words.take(interval) ?? [];
  if (unit === undefined) return none;
  const { name, ms } = unitOf(unit);
  const delta = other === undefined ? Number(count ?? 1) : 2;
  if (delta * ms < shortestInterval) return fault("the shortest interval is a minute");
  if (delta * ms > longestAhead) return fault("the longest interval is a year");
  // Whoever says a time as well means a wall clock, which an interval knows nothing of.
  if (readTime(words, at) !== undefined) return fault("an interval and a time don't go together: name days, such as every monday at 9:00");
  if (ms > hourMs && count === undefined && other === undefined) return noTime("every monday");
  return { trigger: "core.st2.IntervalTimer", parameters: { unit: name, delta, timezone: at.zone } };
}

const span = new RegExp(String.raw`(?:(?:and|,)\s+)?(?:(\d{1,6})\s*|(half\s+an?)\s+|an?\s+)(seconds?|secs?|s|${units})`, "iy");

function readIn(words: Words, { now, zone: timezone }: Now): Read {
  const [, hours, minutes] = words.take(/(\d{1,3})h\s?(\d{1,3})m(?:in)?/iy) ?? [];
  let total = Number(hours ?? 0) * hourMs + Number(minutes ?? 0) * minuteMs;
  for (let part = words.take(span); part !== undefined; part = words.take(span)) {
    const [, count = "1", half, unit = ""] = part;
    total += (half === undefined ? Number(count) : 0.5) * unitOf(unit).ms;
  }
  if (total === 0) return none;
  if (total > longestAhead) return fault("that is more than a year ahead");
  return { trigger: "core.st2.DateTimer", parameters: { date: new Date(now + total).toISOString(), timezone } };
}

/** A day that was named, and waits for its time. */
type Day = (time: Time) => Read;

/** `at 17:00`, and what may come after it: `tomorrow`, `on friday`, `every day`. */
function afterTime(words: Words, time: Time, at: Now): Read {
  const day = words.attempt(() => {
    const [lead = ""] = words.take(/every|today|tomorrow|on|next/iy) ?? [];
    return lead === "" ? undefined : readDay(words, lead.toLowerCase(), at);
  });
  if (day !== undefined) return day(time);
  const today = onDay(0, time, at);
  return isPast(today, at) ? onDay(1, time, at) : today;
}

/** `tomorrow at 9:00`, `on 2026-12-24 18:00`, `next friday noon`. */
function dayFirst(words: Words, lead: string, at: Now): Read {
  const day = readDay(words, lead, at);
  if (day === undefined) return none;
  const time = readTime(words, at);
  return time === undefined ? noTime(lead === "today" || lead === "tomorrow" ? lead : "on friday") : day(time);
}

function readDay(words: Words, lead: string, at: Now): Day | undefined {
  if (lead === "every") {
    const days = readDays(words);
    return days && ((time) => cronTimer(days, time));
  }
  if (lead === "today") return (time) => ahead(onDay(0, time, at), at);
  if (lead === "tomorrow") return (time) => onDay(1, time, at);
  const weekday = readWeekday(words);
  if (weekday !== undefined) {
    const { day, isPlural } = weekday;
    return isPlural ? (time) => cronTimer({ day_of_week: weekdays[day] ?? "" }, time) : (time) => onWeekday(day, { lead, time, at });
  }
  const date = readDate(words);
  return date && ((time) => onDate(date, time, at));
}

function onWeekday(weekday: number, { lead, time, at }: { lead: string; time: Time; at: Now }): Read {
  const { year, month, day } = wallNow(time, at);
  const today = (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
  const days = (weekday - today + 7) % 7;
  const first = onDay(days, time, at);
  return days === 0 && (lead === "next" || isPast(first, at)) ? onDay(7, time, at) : first;
}

function onDay(days: number, time: Time, at: Now): Timing {
  const { year, month, day } = wallNow(time, at);
  const date = new Date(Date.UTC(year, month - 1, day + days)).toISOString().slice(0, 10);
  return dateTimer(date, time);
}

/** A day without a year is the next one of that name. */
function onDate(date: { year?: number; month: number; day: number }, time: Time, at: Now): Read {
  const { year } = wallNow(time, at);
  const named = dateTimer(dateText({ year, ...date }), time);
  const read = isPast(named, at) && date.year === undefined ? dateTimer(dateText({ ...date, year: year + 1 }), time) : named;
  return ahead(read, at);
}

function dateText({ year, month, day }: { year: number; month: number; day: number }): string {
  return [String(year).padStart(4, "0"), two(month), two(day)].join("-");
}

function wallNow({ timezone }: Time, { now, clock }: Now): Wall {
  return (zoneOf(timezone) ?? clock).wallAt(now);
}

function dateTimer(date: string, { hour, minute, timezone }: Time): Timing {
  return { trigger: "core.st2.DateTimer", parameters: { date: `${date}T${two(hour)}:${two(minute)}:00`, timezone } };
}

function cronTimer(days: Readonly<Record<string, string>>, { hour, minute, timezone }: Time): Timing {
  return { trigger: "core.st2.CronTimer", parameters: { ...days, hour: String(hour), minute: String(minute), timezone } };
}

/** What is to come; a reason where it is over, or there is no such day. */
function ahead(timing: Timing, at: Now): Read {
  const moment = momentOf(timing);
  if (moment === undefined) return fault(`there is no ${String(timing.parameters["date"]).slice(0, 10)}`);
  if (moment <= at.now) return fault(`${String(timing.parameters["date"]).replace("T", " ").slice(0, 16)} is over`);
  return moment - at.now > longestAhead ? fault("that is more than a year ahead") : timing;
}

function isPast(timing: Timing, { now }: Now): boolean {
  const moment = momentOf(timing);
  return moment !== undefined && moment <= now;
}

/** Of a date: epoch milliseconds. Undefined where there is no such day. */
function momentOf({ trigger, parameters }: Timing): number | undefined {
  const read = readSchedule(trigger, parameters);
  return read.kind === "ok" ? read.schedule.next(Number.NEGATIVE_INFINITY, 0) : undefined;
}

/** `"0 9 * * mon-fri"`, in quotes. */
function readCron(words: Words, { zone: timezone }: Now): Read | undefined {
  const [, double, single, ticked] = words.take(/"([^"]*)"|'([^']*)'|`([^`]*)`/y) ?? [];
  const text = double ?? single ?? ticked;
  if (text === undefined) return undefined;
  const read = readCrontab(text);
  if (read.kind === "fault") return fault(read.why);
  const timing = { trigger: "core.st2.CronTimer", parameters: { ...read.fields, timezone } } as const;
  const checked = readSchedule(timing.trigger, timing.parameters);
  return checked.kind === "ok" ? timing : fault(`the ${checked.parameter} of "${text}" takes ${checked.expected}`);
}

function noTime(day: string): Unread {
  return fault(`at what time? Say it too, such as ${day} at 9:00`);
}

const [minuteMs, hourMs] = [60_000, 3_600_000];
const lengths = { seconds: 1_000, minutes: minuteMs, hours: hourMs, days: 24 * hourMs, weeks: 168 * hourMs } as const;

/** Of a word for it, which begins as its name does. */
function unitOf(word: string): { name: keyof typeof lengths; ms: number } {
  const letter = word.charAt(0).toLowerCase();
  const name = letter === "s" ? "seconds" : letter === "m" ? "minutes" : letter === "h" ? "hours" : letter === "d" ? "days" : "weeks";
  return { name, ms: lengths[name] };
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
