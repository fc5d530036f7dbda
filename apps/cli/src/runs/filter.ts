import { RunStatus } from "@bellhop/contracts";
import { nearest } from "@bellhop/core";
import type { RunFilter } from "@bellhop/history";
import { UsageError } from "../report.ts";
import { momentOf } from "../times.ts";

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
    ...(since === undefined ? {} : { since: momentOf(since, { option: "--since", now }) }),
    ...(until === undefined ? {} : { until: momentOf(until, { option: "--until", now }) }),
    limit,
  };
}

function parseStatus(text: string): RunStatus {
  const status = RunStatus.safeParse(text.toLowerCase());
  if (status.success) return status.data;
  const near = nearest(text, RunStatus.options);
  throw new UsageError(
    `"${text}" is no status: ${near === undefined ? `there are ${RunStatus.options.join(", ")}` : `did you mean ${near}?`}`,
  );
}
