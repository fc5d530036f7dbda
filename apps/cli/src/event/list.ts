import { nearest } from "@bellhop/core";
import type { Env } from "@bellhop/service";
import { note, UsageError, type ExitCode } from "../report.ts";
import { withHistory } from "../runs/open-history.ts";
import { printTable } from "../table.ts";
import { clock, momentOf } from "../times.ts";
import { withBus } from "../with-bus.ts";
import { activePacks } from "./packs.ts";

export interface EventListOptions {
  trigger?: string;
  rule?: string;
  /** `2h` (ago), or a date, with or without a time of day. */
  since?: string;
  before?: string;
  limit: number;
  json: boolean;
}

/** `bellhop event list`: what happened, newest first. */
export async function eventList(options: EventListOptions, env: Env): Promise<ExitCode> {
  const { json, since, ...filter } = options;
  if (filter.before !== undefined && !/^[0-9A-HJKMNP-TV-Z]{26}$/.test(filter.before))
    throw new UsageError(`--before ${filter.before} is no event's id: expected one that \`bellhop event list\` shows.`);
  const from = since === undefined ? {} : { since: momentOf(since, { option: "--since", now: Date.now() }) };
  const events = await withHistory(env, (history) => history.events({ ...filter, ...from }));
  if (json) process.stdout.write(`${JSON.stringify({ events: events ?? [] })}\n`);
  else if (events === undefined) note("Nothing happened here yet.");
  else if (events.length === 0) note(["No event fits.", ...(await nearNames(options, env))].join(" "));
  else {
    printTable(
      ["EVENT", "FIRED", "TRIGGER", "FROM", "RULES"],
      events.map(({ id, firedAt, trigger, source, enforcements, refused }) => [
        id,
        clock(firedAt),
        trigger,
        source.name ?? source.kind,
        refused ?? enforcements.map(({ rule, run }) => (run === undefined ? `${rule} (failed)` : rule)).join(", "),
      ]),
    );
    if (events.length === filter.limit) note(`There may be more: --before ${events.at(-1)?.id ?? ""} lists on.`);
  }
  return 0;
}

/** What may have been meant, where it can be asked for. */
async function nearNames({ trigger, rule }: EventListOptions, env: Env): Promise<string[]> {
  if (trigger === undefined && rule === undefined) return [];
  const packs = await withBus(env, "bellhop event list", activePacks).catch(() => []);
  const rules = packs.flatMap(({ rules: own = [] }) => own);
  const triggers = [...packs.flatMap(({ triggers: own = [] }) => own.map(({ ref }) => ref)), ...rules.map((one) => one.trigger.type)];
  const asked = [
    { name: trigger, known: triggers },
    { name: rule, known: rules.map(({ ref }) => ref) },
  ];
  return asked.flatMap(({ name, known }) => {
    const near = name === undefined || known.includes(name) ? undefined : nearest(name, known);
    return near === undefined ? [] : [`Did you mean ${near}?`];
  });
}
