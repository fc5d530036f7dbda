import { Fault } from "../error.ts";
import type { DateTime } from "../value/kinds.ts";
import { clockOf } from "../value/text.ts";
import { dateOf } from "./build.ts";
import { months, weekdays } from "./format.ts";

/** Python's `strptime`. @throws {Fault} ValueError where it does not fit */
export function strptime(text: string, format: string): DateTime {
  const fields: string[] = [];
  const source = format.replaceAll(/%([a-zA-Z%])|\s+|[\\^$.*+?()[\]{}|/]/g, (all, letter?: string) => {
    if (letter === undefined) return /\s/.test(all) ? "\\s+" : `\\${all}`;
    if (letter === "%") return "%";
    const pattern = directives[letter];
    if (pattern === undefined) throw new Fault("ValueError", `'${letter}' is a bad directive in format '${format}'`);
    fields.push(letter);
    return `(${pattern})`;
  });
  const match = new RegExp(`^${source}$`, "i").exec(text);
  if (match === null) throw new Fault("ValueError", `time data '${text}' does not match format '${format}'`);
  const found: Record<string, string> = {};
  for (const [place, letter] of fields.entries()) found[letter] = match[place + 1] ?? "";
  return built(found);
}

const name = (names: readonly string[]) => names.join("|");
const directives: Readonly<Record<string, string>> = {
  Y: "\\d{4}",
  y: "\\d{2}",
  m: "1[0-2]|0?[1-9]",
  d: "3[01]|[12]\\d|0?[1-9]| [1-9]",
  H: "2[0-3]|[01]?\\d",
  I: "1[0-2]|0?[1-9]",
  M: "[0-5]?\\d",
  S: "6[01]|[0-5]?\\d",
  f: "\\d{1,6}",
  p: "am|pm",
  z: "[+-]\\d\\d:?[0-5]\\d|Z",
  Z: "utc|gmt",
  b: name(months.map((month) => month.slice(0, 3))),
  B: name(months),
  a: name(weekdays.map((day) => day.slice(0, 3))),
  A: name(weekdays),
  j: "36[0-6]|3[0-5]\\d|[12]\\d\\d|0?[1-9]\\d|0{0,2}[1-9]",
};

function built(found: Readonly<Record<string, string>>): DateTime {
  const month = found["B"] ?? found["b"];
  const byName = month === undefined ? undefined : months.findIndex((one) => one.toLowerCase().startsWith(month.toLowerCase())) + 1;
  const two = found["y"] === undefined ? undefined : Number(found["y"]) + (Number(found["y"]) >= 69 ? 1900 : 2000);
  const half = found["I"] === undefined ? undefined : (Number(found["I"]) % 12) + (found["p"]?.toLowerCase() === "pm" ? 12 : 0);
  const zone = found["z"];
  const shift = zone === undefined ? undefined : /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  const day = dateOf({
    year: Number(found["Y"] ?? two ?? 1900),
    month: found["j"] === undefined ? Number(found["m"] ?? byName ?? 1) : 1,
    day: found["j"] === undefined ? Number(found["d"] ?? 1) : 1,
    hour: Number(found["H"] ?? half ?? 0),
    minute: Number(found["M"] ?? 0),
    second: Number(found["S"] ?? 0),
    microsecond: Number((found["f"] ?? "").padEnd(6, "0")),
    offset:
      shift === undefined
        ? undefined
        : shift === null
          ? 0
          : (shift[1] === "-" ? -1 : 1) * (Number(shift[2]) * 3600 + Number(shift[3]) * 60),
  });
  if (found["j"] === undefined) return day;
  const clock = clockOf(day);
  return dateOf({ ...clock, ...dayOfYear(clock.year, Number(found["j"])), offset: day.offset });
}

function dayOfYear(year: number, day: number): { month: number; day: number } {
  const date = new Date(0);
  date.setUTCFullYear(year, 0, day);
  return { month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}
