import type { Env } from "@bellhop/service";
import { momentOf } from "../dead/list.ts";
import { note, type ExitCode } from "../report.ts";
import { withHistory } from "../runs/open-history.ts";
import { printTable } from "../table.ts";

export interface EventListOptions {
  trigger?: string;
  rule?: string;
  /** `30m`, `2h`, `7d`, or a moment in ISO 8601. */
  since?: string;
  before?: string;
  limit: number;
  json: boolean;
}

/** `bellhop event list`: what happened, newest first. */
export async function eventList(options: EventListOptions, env: Env): Promise<ExitCode> {
  const { json, since, ...filter } = options;
  const from = since === undefined ? {} : { since: momentOf(since, Date.now()) };
  const events = (await withHistory(env, (history) => history.events({ ...filter, ...from }))) ?? [];
  if (json) process.stdout.write(`${JSON.stringify({ events })}\n`);
  else if (events.length === 0) note("No event fits.");
  else {
    printTable(
      ["EVENT", "FIRED", "TRIGGER", "FROM", "RULES"],
      events.map(({ id, firedAt, trigger, source, enforcements, refused }) => [
        id,
        firedAt.replace(/\.\d+Z$/, "Z"),
        trigger,
        source.name ?? source.kind,
        refused ?? enforcements.map(({ rule, run }) => (run === undefined ? `${rule} (failed)` : rule)).join(", "),
      ]),
    );
    if (events.length === filter.limit) note(`There may be more: --before ${events.at(-1)?.id ?? ""} lists on.`);
  }
  return 0;
}
