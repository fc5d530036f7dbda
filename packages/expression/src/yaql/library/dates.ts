import { dateAt, dateOf } from "../../date/build.ts";
import { strftime } from "../../date/format.ts";
import { strptime } from "../../date/strptime.ts";
import { Fault } from "../../error.ts";
import { float } from "../../number.ts";
import { type Numeric, plain } from "../../value/arithmetic.ts";
import { DateTime, TimeDelta } from "../../value/kinds.ts";
import { parseDate } from "../../value/parse-date.ts";
import { clockOf } from "../../value/text.ts";
import { later, within } from "../operators.ts";
import type { Call, Table } from "../signature.ts";
import { noMatch } from "../values.ts";

type Whole = number | bigint | boolean;

export const dates: Table = {
  "datetime(year:int, month:int, day:int, hour:int=0, minute:int=0, second:int=0, microsecond:int=0, offset:timespan=)": (
    _call: Call,
    year: Whole,
    month: Whole,
    day: Whole,
    hour: Whole,
    minute: Whole,
    second: Whole,
    microsecond: Whole,
    offset: TimeDelta | undefined,
  ) =>
    dateOf({
      year: Number(year),
      month: Number(month),
      day: Number(day),
      hour: Number(hour),
      minute: Number(minute),
      second: Number(second),
      microsecond: Number(microsecond),
      offset: secondsOf(offset),
    }),
  "datetime(timestamp:number, offset:timespan=)": (_call: Call, timestamp: Numeric, offset: TimeDelta | undefined) =>
    dateAt(plain(timestamp), secondsOf(offset)),
  "datetime(string:text, format:text?=null)": ({ host }: Call, string: string, format: string | null) => {
    const read = format === null || format === "" ? parseDate(string, dateAt(host.now(), undefined)) : strptime(string, format);
    return read.offset === undefined ? new DateTime(read.micros, 0) : read;
  },
  "timespan(days:int=0, hours:int=0, minutes:int=0, seconds:int=0, milliseconds:int=0, microseconds:int=0)": (
    _call: Call,
    ...parts: readonly Whole[]
  ) => within(parts.reduce((sum: bigint, part, place) => sum + BigInt(part) * (units[place] ?? 0n), 0n)),
  "now(offset:timespan=)": ({ host }: Call, offset: TimeDelta | undefined) => dateAt(host.now(), secondsOf(offset)),
  "localtz()": () => new TimeDelta(0n),
  "utctz()": () => new TimeDelta(0n),
  "method replace(dt:datetime, year:int?=null, month:int?=null, day:int?=null, hour:int?=null, minute:int?=null, second:int?=null, microsecond:int?=null, offset:timespan?=null)":
    (
      _call: Call,
      dt: DateTime,
      year: Whole | null,
      month: Whole | null,
      day: Whole | null,
      hour: Whole | null,
      minute: Whole | null,
      second: Whole | null,
      microsecond: Whole | null,
      offset: TimeDelta | null,
    ) => {
      const clock = clockOf(dt);
      return dateOf({
        year: Number(year ?? clock.year),
        month: Number(month ?? clock.month),
        day: Number(day ?? clock.day),
        hour: Number(hour ?? clock.hour),
        minute: Number(minute ?? clock.minute),
        second: Number(second ?? clock.second),
        microsecond: Number(microsecond ?? clock.microsecond),
        offset: offset === null ? dt.offset : secondsOf(offset),
      });
    },
  "method format(dt:datetime, format:text)": (_call: Call, dt: DateTime, format: string) => strftime(dt, format),
  "isDatetime(value:any?)": (_call: Call, value: unknown) => value instanceof DateTime,
  "isTimespan(value:any?)": (_call: Call, value: unknown) => value instanceof TimeDelta,
};

const units: readonly bigint[] = [86_400_000_000n, 3_600_000_000n, 60_000_000n, 1_000_000n, 1000n, 1n];

const ofDate: Readonly<Record<string, (at: DateTime) => unknown>> = {
  year: (at) => clockOf(at).year,
  month: (at) => clockOf(at).month,
  day: (at) => clockOf(at).day,
  hour: (at) => clockOf(at).hour,
  minute: (at) => clockOf(at).minute,
  second: (at) => clockOf(at).second,
  microsecond: (at) => clockOf(at).microsecond,
  weekday: (at) => clockOf(at).weekday,
  date: (at) => dateOf({ ...clockOf(at), hour: 0, minute: 0, second: 0, microsecond: 0, offset: at.offset }),
  time: (at) => new TimeDelta(((at.micros % 86_400_000_000n) + 86_400_000_000n) % 86_400_000_000n),
  utc: (at) => later(at, -BigInt(at.offset ?? 0) * 1_000_000n),
  offset: (at) => new TimeDelta(BigInt(at.offset ?? 0) * 1_000_000n),
  // Its `utc` keeps the offset, so that the offset counts twice here.
  timestamp: (at) => float((Number(at.micros) - (at.offset ?? 0) * 2_000_000) / 1_000_000),
};

const ofSpan: Readonly<Record<string, (span: TimeDelta) => unknown>> = {
  microseconds: ({ micros }) => Number(micros),
  milliseconds: ({ micros }) => float(Number(micros) / 1000),
  seconds: ({ micros }) => float(Number(micros) / 1_000_000),
  minutes: ({ micros }) => float(Number(micros) / 60_000_000),
  hours: ({ micros }) => float(Number(micros) / 3_600_000_000),
  days: ({ micros }) => float(Number(micros) / 86_400_000_000),
};

/** What stands behind the dot of something that is no mapping and no collection. */
export function property(value: unknown, name: string): unknown {
  const known = Object.hasOwn(ofDate, name) || Object.hasOwn(ofSpan, name);
  if (!known) throw new Fault("NoFunctionRegisteredException", `Unknown function "#property#${name}"`);
  const read = value instanceof DateTime && Object.hasOwn(ofDate, name) ? ofDate[name]?.(value) : undefined;
  const found = value instanceof TimeDelta && Object.hasOwn(ofSpan, name) ? ofSpan[name]?.(value) : read;
  if (found === undefined) throw noMatch(`#property#${name}`);
  return found;
}

function secondsOf(offset: TimeDelta | undefined): number {
  return offset === undefined ? 0 : Number(offset.micros / 1_000_000n);
}
