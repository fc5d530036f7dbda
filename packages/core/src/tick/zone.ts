/** A moment on a wall clock. `month` and `day` from 1. */
export interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/** A time zone by its IANA name. */
export interface Zone {
  /** @param at epoch milliseconds */
  wallAt(at: number): Wall;
  /** The moment a wall clock there shows this. Where it is skipped, as long after the change as it would have been; where it comes twice, the first.
   *  @returns epoch milliseconds */
  momentOf(wall: Wall): number;
}

/** Undefined where there is no such zone. */
export function zoneOf(name: string): Zone | undefined {
  const format = formatOf(name);
  if (format === undefined) return undefined;
  const wallAt = (at: number): Wall => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    return {
      year: part("year"),
      month: part("month"),
      day: part("day"),
      hour: part("hour"),
      minute: part("minute"),
      second: part("second"),
    };
  };
  const offsetAt = (at: number) => utcOf(wallAt(at)) - Math.floor(at / 1000) * 1000;
  return {
    wallAt,
    momentOf(wall) {
      const utc = utcOf(wall);
      // The offsets of a day before and after are those on both sides of any change near it.
      const [before, after] = [offsetAt(utc - dayMs), offsetAt(utc + dayMs)];
      const early = utc - Math.max(before, after);
      if (utcOf(wallAt(early)) === utc) return early;
      const late = utc - Math.min(before, after);
      return utcOf(wallAt(late)) === utc ? late : utc - before;
    },
  };
}

const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  try {
    const made = new Intl.DateTimeFormat("en-US", {
      timeZone,
      calendar: "iso8601",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(timeZone, made);
    return made;
  } catch {
    return undefined;
  }
}

export function utcOf({ year, month, day, hour, minute, second }: Wall): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
