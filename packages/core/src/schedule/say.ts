import { identityOf, type Body, type CommandSchedule, type Person } from "@bellhop/contracts";
import { code } from "../reply/words.ts";
import { readSchedule } from "../tick/schedule.ts";
import { zoneOf } from "../tick/zone.ts";

/** How many of its next times are told of a new one. */
const timesTold = 3;

/** Says that a command will run, and when. */
export function scheduledBody(schedule: CommandSchedule): Body {
  const { id, command, when, askedAt } = schedule;
  const times = nextTimes(schedule, timesTold);
  const zone = zoneName(schedule);
  const next = `${times.map((time) => momentWords(time, { zone, now: Date.parse(askedAt) })).join(", ")} ${zone}`;
  const text = [
    `${code(command)} is scheduled: ${when}.`,
    `Next: ${next}.`,
    `Schedule ${code(id)}; ${code(`unschedule ${id}`)} ends it.`,
  ].join("\n");
  return { text, tone: "ok" };
}

export function unscheduledBody({ id, command, when }: CommandSchedule): Body {
  return { text: `Schedule ${code(id)} has ended: ${when} ${code(command)}.`, tone: "ok" };
}

/** Lists schedules, the next to come first.
 *  @param at.place tells where one is, where that is not here */
export function listBody(schedules: readonly CommandSchedule[], at: { now: string; place: (schedule: CommandSchedule) => string }): Body {
  if (schedules.length === 0) return { text: "Nothing is scheduled here. `every monday 9:00 COMMAND` schedules a command.", tone: "info" };
  const now = Date.parse(at.now);
  const lines = schedules
    .toSorted((a, b) => ((a.due ?? "") < (b.due ?? "") ? -1 : 1))
    .slice(0, listedAtMost)
    .map((schedule) => {
      const { id, command, when, due = "", asker } = schedule;
      const zone = zoneName(schedule);
      const next = `${momentWords(Date.parse(due), { zone, now })} ${zone}`;
      return `- ${code(id)} ${when}: ${code(command)}, next ${next}, by ${nameOf(asker)}${at.place(schedule)}`;
    });
  const more = schedules.length > listedAtMost ? [`- and ${schedules.length - listedAtMost} more`] : [];
  return { text: [...lines, ...more].join("\n"), tone: "info" };
}

const listedAtMost = 50;

/** `Monday 30 November 09:00`, with the year where it is not this one. Without the zone.
 *  @param time epoch milliseconds */
export function momentWords(time: number, { zone, now }: { zone: string; now: number }): string {
  const clock = zoneOf(zone);
  if (clock === undefined || Number.isNaN(time)) return "never";
  const { year, month, day, hour, minute } = clock.wallAt(time);
  const weekday = weekdays[new Date(Date.UTC(year, month - 1, day)).getUTCDay()] ?? "";
  const named = clock.wallAt(now).year === year ? "" : ` ${year}`;
  return `${weekday} ${day} ${months[month - 1] ?? ""}${named} ${two(hour)}:${two(minute)}`;
}

/** The times at which one is due from now on, epoch milliseconds. */
export function nextTimes({ trigger, parameters, askedAt, due }: CommandSchedule, count: number): number[] {
  const read = readSchedule(trigger, parameters);
  const times: number[] = [];
  for (let next = due === undefined ? undefined : Date.parse(due); next !== undefined && times.length < count;) {
    times.push(next);
    next = read.kind === "ok" ? read.schedule.next(next, Date.parse(askedAt)) : undefined;
  }
  return times;
}

/** Whose wall clock a schedule goes by: UTC where it names none. */
export function zoneName({ parameters: { timezone } }: Pick<CommandSchedule, "parameters">): string {
  return typeof timezone === "string" ? timezone : "UTC";
}

export function nameOf(person: Person): string {
  return person.name ?? identityOf(person);
}

const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

function two(number: number): string {
  return String(number).padStart(2, "0");
}
