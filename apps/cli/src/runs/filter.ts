import { RunStatus } from "@bellhop/contracts";
import { nearest } from "@bellhop/core";
import type { RunFilter } from "@bellhop/history";
import { UsageError } from "../report.ts";

/** As typed. */
export interface FilterOptions {
  status?: string;
  action?: string;
  person?: string;
  room?: string;
  since?: string;
  until?: string;
  text?: string;
  before?: string;
  limit: string;
}

const mostListed = 1_000;

/** @throws UsageError */
export function parseFilter(options: FilterOptions, now: number): RunFilter {
  const { status, since, until, room, text, limit: count, ...rest } = options;
  const limit = Number(count);
  if (!Number.isInteger(limit) || limit < 1 || limit > mostListed) {
    throw new UsageError(`--limit ${count} is no number from 1 to ${mostListed}. Older runs are listed with --before ID.`);
  }
  if (text !== undefined && !/[\p{L}\p{N}]/u.test(text)) throw new UsageError(`--text "${text}" holds no word to look for.`);
  return {
    ...rest,
    ...(text === undefined ? {} : { text }),
    ...(status === undefined ? {} : { status: status.split(",").map((one) => parseStatus(one.trim())) }),
    // As access rules write it, too.
    ...(room === undefined ? {} : { room: room.replace(/^room:/, "") }),
    ...(since === undefined ? {} : { since: parseMoment(since, now) }),
    ...(until === undefined ? {} : { until: parseMoment(until, now) }),
    limit,
  };
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** `2h` ago, or a date, with or without a time of day (then in this machine's time zone). @throws UsageError */
export function parseMoment(text: string, now: number): number {
  const ago = /^(\d+)([smhdw])$/.exec(text);
  if (ago !== null) return now - Number(ago[1]) * unitMs[ago[2] as keyof typeof unitMs];
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const time = Date.parse(day ? `${text}T00:00` : text);
  if (Number.isNaN(time)) throw new UsageError(`"${text}" is no moment: expected e.g. 30m, 2h, 7d (ago), 2026-03-01 or 2026-03-01T14:00.`);
  return time;
}

function parseStatus(text: string): RunStatus {
  const status = RunStatus.safeParse(text.toLowerCase());
  if (status.success) return status.data;
  const near = nearest(text, RunStatus.options);
  throw new UsageError(
    `"${text}" is no status: ${near === undefined ? `there are ${RunStatus.options.join(", ")}` : `did you mean ${near}?`}`,
  );
}
