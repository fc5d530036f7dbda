import fc from "fast-check";
import { expect, test } from "vitest";
import { readSchedule } from "../tick/schedule.ts";
import { readPhrase } from "./phrase.ts";

/** A Sunday, 15:00 in Vienna. */
const now = Date.parse("2026-11-22T14:00:00Z");
const at = { now, zone: "Europe/Vienna" };

/** The next three times of what was said. */
function times(text: string): string[] {
  const read = readPhrase(text, at);
  if (read.kind !== "phrase") return [read.kind === "fault" ? read.why : "none"];
  expect(read.command).toBe("deploy api");
  const schedule = readSchedule(read.timing.trigger, read.timing.parameters);
  if (schedule.kind === "fault") throw new Error(`${schedule.parameter}: ${schedule.expected}`);
  const found: string[] = [];
  for (let next = schedule.schedule.next(now, now); next !== undefined && found.length < 3; next = schedule.schedule.next(next, now)) {
    found.push(new Date(next).toISOString().replace(/:00\.000Z$/, ""));
  }
  return found;
}

test.each<[string, string[]]>([
  ["every monday 9:00", ["2026-11-23T08:00", "2026-11-30T08:00", "2026-12-07T08:00"]],
  ["Every Monday at 9", ["2026-11-23T08:00", "2026-11-30T08:00", "2026-12-07T08:00"]],
  ["every mon, wed and fri 18.30", ["2026-11-23T17:30", "2026-11-25T17:30", "2026-11-27T17:30"]],
  ["every tuesday and thursday 8:00", ["2026-11-24T07:00", "2026-11-26T07:00", "2026-12-01T07:00"]],
  ["on thursdays at 8:00", ["2026-11-26T07:00", "2026-12-03T07:00", "2026-12-10T07:00"]],
  ["on thurs 8:00", ["2026-11-26T07:00"]],
  ["every fri-mon 8:00", ["2026-11-23T07:00", "2026-11-27T07:00", "2026-11-28T07:00"]],
  ["every 15 minutes", ["2026-11-22T14:15", "2026-11-22T14:30", "2026-11-22T14:45"]],
  ["every 2h", ["2026-11-22T16:00", "2026-11-22T18:00", "2026-11-22T20:00"]],
  ["every hour", ["2026-11-22T15:00", "2026-11-22T16:00", "2026-11-22T17:00"]],
  ["every other week", ["2026-12-06T14:00", "2026-12-20T14:00", "2027-01-03T14:00"]],
  ["every day at 18:30", ["2026-11-22T17:30", "2026-11-23T17:30", "2026-11-24T17:30"]],
  ["every day at noon UTC", ["2026-11-23T12:00", "2026-11-24T12:00", "2026-11-25T12:00"]],
  ["every weekday 8:00", ["2026-11-23T07:00", "2026-11-24T07:00", "2026-11-25T07:00"]],
  ["every weekend 8am", ["2026-11-28T07:00", "2026-11-29T07:00", "2026-12-05T07:00"]],
  ["every weekday 9:00 America/New_York", ["2026-11-23T14:00", "2026-11-24T14:00", "2026-11-25T14:00"]],
  ["every 15th of the month at 6:00", ["2026-12-15T05:00", "2027-01-15T05:00", "2027-02-15T05:00"]],
  ["every month on the 1st at 6:00", ["2026-12-01T05:00", "2027-01-01T05:00", "2027-02-01T05:00"]],
  ["every last day of the month at 23:00", ["2026-11-30T22:00", "2026-12-31T22:00", "2027-01-31T22:00"]],
  ["every first monday of the month at 9:00", ["2026-12-07T08:00", "2027-01-04T08:00", "2027-02-01T08:00"]],
  ["on mondays at 9:00", ["2026-11-23T08:00", "2026-11-30T08:00", "2026-12-07T08:00"]],
  ["at 9:00 every monday", ["2026-11-23T08:00", "2026-11-30T08:00", "2026-12-07T08:00"]],
  ['cron "0 9 * * 1-5"', ["2026-11-23T08:00", "2026-11-24T08:00", "2026-11-25T08:00"]],
  ["“0 9 * * 0”", ["2026-11-29T08:00", "2026-12-06T08:00", "2026-12-13T08:00"]],
  ["every '*/20 * * * *'", ["2026-11-22T14:20", "2026-11-22T14:40", "2026-11-22T15:00"]],
  ["`30 6 1 * *`", ["2026-12-01T05:30", "2027-01-01T05:30", "2027-02-01T05:30"]],
  ["in 10 minutes", ["2026-11-22T14:10"]],
  ["in an hour and 30 min", ["2026-11-22T15:30"]],
  ["in 1h30m", ["2026-11-22T15:30"]],
  ["in half an hour", ["2026-11-22T14:30"]],
  ["at 17:00", ["2026-11-22T16:00"]],
  ["at 9:00", ["2026-11-23T08:00"]],
  ["at 5pm", ["2026-11-22T16:00"]],
  ["at midnight", ["2026-11-22T23:00"]],
  ["at 9:00 tomorrow", ["2026-11-23T08:00"]],
  ["today 15:30:", ["2026-11-22T14:30"]],
  ["tomorrow 9:00", ["2026-11-23T08:00"]],
  ["on 2026-12-24 18:00", ["2026-12-24T17:00"]],
  ["on 24 December at 18:00", ["2026-12-24T17:00"]],
  ["on the 3rd of march 2027 at 9:00", ["2027-03-03T08:00"]],
  ["on June 1st 9:00", ["2027-06-01T07:00"]],
  ["on sunday 9:00", ["2026-11-29T08:00"]],
  ["on sunday 18:00", ["2026-11-22T17:00"]],
  ["next sunday 18:00", ["2026-11-29T17:00"]],
  // What a clock skips comes an hour on.
  ["on 2027-03-28 2:30", ["2027-03-28T01:30"]],
])("%s", (text, expected) => {
  expect(times(`${text} deploy api`)).toEqual(expected);
});

test.each<[string, RegExp | "none"]>([
  ["every monday deploy api", /at what time/],
  ["every day", /at what time/],
  ["every 30 seconds deploy api", /shortest/],
  ["every 500 days deploy api", /longest/],
  ["every 2 days at 9:00 deploy api", /don't go together/],
  ["every monday 9:00", /no command/],
  ["tomorrow deploy api", /at what time/],
  ["on 2026-02-30 9:00 deploy api", /there is no 2026-02-30/],
  ["on 2026-01-01 9:00 deploy api", /over/],
  ["on 2029-01-01 9:00 deploy api", /more than a year/],
  ["in 400 days deploy api", /more than a year/],
  ['cron "0 9 * *" deploy api', /five fields/],
  ['cron "0 25 * * *" deploy api', /hour/],
  ['cron "0 9 1 * 1" deploy api', /leave one/],
  ["every service is up", "none"],
  ["in production deploy api", "none"],
  ["at last", "none"],
  ["on call", "none"],
  ["every monday 25:00 deploy api", /at what time/],
  ["deploy api every monday 9:00", "none"],
  ["cron jobs", "none"],
  ["", "none"],
])("is no time of a command: %s", (text, expected) => {
  const [why] = times(text);
  if (expected === "none") expect(why).toBe("none");
  else expect(why).toMatch(expected);
});

test("whatever is said, it is read or refused, and the command is the end of it", () => {
  const word = fc.constantFrom(
    "every", "in", "at", "on", "next", "tomorrow", "monday", "mondays", "month", "last", "1st", "day", "9", "9:00", "10", "minutes", "h", "and", "noon",
    "2026-12-24", "dec", "UTC", '"* * * * *"', "\u201c0 9 * * 1\u201d", "\u00a0", ":", "deploy", "!",
  ); // prettier-ignore
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(word, { maxLength: 9 }).map((words) => words.join(" ")),
        fc.string(),
      ),
      (text) => {
        const read = readPhrase(text, at);
        if (read.kind !== "phrase") return;
        expect(text.endsWith(read.command)).toBe(true);
        expect(readSchedule(read.timing.trigger, read.timing.parameters).kind).toBe("ok");
      },
    ),
  );
});
