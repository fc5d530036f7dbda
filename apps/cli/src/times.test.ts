import { expect, test } from "vitest";
import { clock, duration, fineStamp, momentOf, stamp } from "./times.ts";

const now = Date.parse("2026-03-10T12:00:00.000Z");

test.each([
  ["90s", "2026-03-10T11:58:30.000Z"],
  ["30m", "2026-03-10T11:30:00.000Z"],
  ["2h", "2026-03-10T10:00:00.000Z"],
  ["7d", "2026-03-03T12:00:00.000Z"],
  ["1w", "2026-03-03T12:00:00.000Z"],
  ["2026-03-01T14:00Z", "2026-03-01T14:00:00.000Z"],
  ["2026-03-01T14:00:05.250+02:00", "2026-03-01T12:00:05.250Z"],
])("%s is a moment", (text, moment) => {
  expect(new Date(momentOf(text, { option: "--since", now })).toISOString()).toBe(moment);
});

test("a day begins at midnight here", () => {
  expect(momentOf("2026-03-01", { option: "--since", now })).toBe(new Date(2026, 2, 1).getTime());
});

test.each(["yesterday", "2y", "-2h", "99999999d", "5", "May 2026", "2026-13-01"])(
  "%s is no moment, and the option that says so is named",
  (text) => {
    expect(() => momentOf(text, { option: "--until", now })).toThrow(`--until ${text} is no moment`);
  },
);

test("a moment reads as its place's clock shows it, the shorter the nearer", () => {
  const here = new Date(2026, 2, 10, 14, 3, 7, 120);
  expect(fineStamp(here.toISOString())).toBe("2026-03-10 14:03:07.120");
  expect(stamp(here.getTime())).toBe("2026-03-10 14:03:07");
  expect(clock(here.toISOString(), new Date(2026, 2, 10, 23).getTime())).toBe("14:03:07");
  expect(clock(here.toISOString(), new Date(2026, 2, 11, 1).getTime())).toBe("03-10 14:03");
  expect(clock(here.toISOString(), new Date(2027, 0, 1).getTime())).toBe("2026-03-10 14:03");
});

test.each([
  [999, "999 ms"],
  [1_500, "1.5 s"],
  [119_999, "120.0 s"],
  [600_000, "10 min"],
  [7_200_000, "2.0 h"],
])("%s ms took %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});
