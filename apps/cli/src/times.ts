import { UsageError } from "./report.ts";

/** `2026-03-01 14:03:07`, in this machine's time zone: as people read a moment, whatever command tells it. JSON has ISO 8601.
 *  @param at ISO 8601, or epoch milliseconds */
export function stamp(at: string | number): string {
  return fineStamp(at).slice(0, 19);
}

/** The same to the millisecond: what follows within a second is told apart. */
export function fineStamp(at: string | number): string {
  const time = new Date(at);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 23).replace("T", " ");
}

/** For lists: `14:03:07` of today, else `03-01 14:03`, else with the year. */
export function clock(at: string | number, now = Date.now()): string {
  const [local, today] = [stamp(at), stamp(now)];
  if (local.slice(0, 10) === today.slice(0, 10)) return local.slice(11);
  return local.slice(0, 4) === today.slice(0, 4) ? local.slice(5, 16) : local.slice(0, 16);
}

/** How long something took. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}

/** Milliseconds of `90s`, `30m`, `2h`, `7d`, `1w`; undefined where it is none of these. */
export function lengthMs(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,5})([smhdw])$/.exec(text) ?? [];
  const ms = unitMs.get(unit);
  return ms === undefined ? undefined : Number(count) * ms;
}

const unitMs: ReadonlyMap<string | undefined, number> = new Map([
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
  ["w", 604_800_000],
]);

/** What an option says: `2h` ago, or a date, with or without a time of day (then in this machine's time zone). Answers epoch milliseconds.
 *  @param option `--since`, for people @throws UsageError */
export function momentOf(text: string, { option, now }: { option: string; now: number }): number {
  const ms = lengthMs(text);
  if (ms !== undefined) return now - ms;
  // Date.parse takes `5` for a month.
  const [date] = /^\d{4}-\d{2}-\d{2}/.exec(text) ?? [];
  const time = date === undefined ? Number.NaN : Date.parse(date === text ? `${text}T00:00` : text);
  if (Number.isNaN(time)) {
    throw new UsageError(`${option} ${text} is no moment: expected e.g. 30m, 2h, 7d (ago), 2026-03-01 or 2026-03-01T14:00.`);
  }
  return time;
}
