/* What stands in dates as words. */

const months = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const fillers = new Set([" ", ".", ",", ";", "-", "/", "'", "at", "on", "and", "ad", "m", "t", "of", "st", "nd", "rd", "th"]);
const units: Readonly<Record<string, "hour" | "minute" | "second">> = {
  h: "hour",
  hour: "hour",
  hours: "hour",
  m: "minute",
  minute: "minute",
  minutes: "minute",
  s: "second",
  second: "second",
  seconds: "second",
};
const utc = new Set(["utc", "gmt", "z"]);

export function isFiller(token: string): boolean {
  return fillers.has(token.toLowerCase());
}

export function unitOf(token: string): "hour" | "minute" | "second" | undefined {
  return units[token.toLowerCase()];
}

/** January is 1. */
export function monthOf(token: string): number | undefined {
  const index = nameIn(months, token) ?? (token.toLowerCase() === "sept" ? 8 : undefined);
  return index === undefined ? undefined : index + 1;
}

/** Monday is 0. */
export function weekdayOf(token: string): number | undefined {
  return nameIn(weekdays, token);
}

export function isUtc(token: string): boolean {
  return utc.has(token.toLowerCase());
}

/** Whole, or its first three letters. */
function nameIn(names: readonly string[], token: string): number | undefined {
  const text = token.toLowerCase();
  const index = names.findIndex((name) => name === text || name.slice(0, 3) === text);
  return index === -1 ? undefined : index;
}

export function halfOf(token: string): "am" | "pm" | undefined {
  const text = token.toLowerCase();
  return text === "a" || text === "am" ? "am" : text === "p" || text === "pm" ? "pm" : undefined;
}

/** The hour of the day. */
export function inHalf(hour: number, half: "am" | "pm"): number {
  if (half === "pm") return hour < 12 ? hour + 12 : hour;
  return hour === 12 ? 0 : hour;
}
