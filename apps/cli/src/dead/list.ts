import type { Bus, DeadLetter } from "@bellhop/bus";
import { whoWaits, type Letter } from "@bellhop/core";
import type { Env } from "@bellhop/service";
import { note, type ExitCode } from "../report.ts";
import { printTable } from "../table.ts";
import { clock, momentOf } from "../times.ts";
import { withBus } from "../with-bus.ts";
import { checkStream, opened } from "./letters.ts";

export interface ListOptions {
  stream?: string;
  /** `30m`, `2h`, `7d`, or a moment in ISO 8601. */
  since?: string;
  limit: number;
  json: boolean;
}

export interface Row {
  number: number;
  /** When it died, ISO 8601. */
  at: string;
  stream: string;
  subject: string;
  problem: DeadLetter["problem"];
  kind: Letter["kind"];
  run?: string;
  key?: string;
  /** Who waits, or waited until they were told. */
  who?: string;
}

/** `bellhop dead list`: what could not be handled, the newest last. */
export async function deadList(options: ListOptions, env: Env): Promise<ExitCode> {
  const { stream, limit, json } = options;
  checkStream(stream);
  const since = options.since === undefined ? 0 : momentOf(options.since, { option: "--since", now: Date.now() });
  return withBus<ExitCode>(env, "bellhop dead list", async (bus) => {
    const all = await bus.dead.list(rowOf, stream === undefined ? {} : { stream });
    const found = all.filter(({ at }) => Date.parse(at) >= since);
    const rows = await Promise.all(found.slice(-limit).map((row) => withWho(bus, row)));
    if (json) process.stdout.write(`${JSON.stringify({ total: found.length, letters: rows })}\n`);
    else if (rows.length > 0)
      printTable(
        ["NUMBER", "DIED", "STREAM", "SUBJECT", "REASON", "RUN OR KEY", "WHO"],
        rows.map(({ number, at, stream: from, subject, problem, run, key, who }) => [
          String(number),
          clock(at),
          from,
          subject,
          problem.message,
          run ?? key ?? "-",
          who ?? "-",
        ]),
      );
    if (!json && rows.length === 0)
      note(all.length === 0 ? "There are no dead letters." : `None since then; there are ${all.length} older ones.`);
    if (!json && rows.length < found.length) note(`${found.length - rows.length} older ones are not shown: --limit ${found.length}`);
    return 0;
  });
}

function rowOf(letter: DeadLetter): Row {
  const { number, at, stream, subject, problem } = letter;
  return { number, at: new Date(at).toISOString(), stream, subject, problem, ...opened(letter).about };
}

async function withWho(bus: Bus, row: Row): Promise<Row> {
  if (row.who !== undefined || row.run === undefined) return row;
  const run = (await bus.log.last(row.run))?.record.state;
  return run === undefined ? row : { ...row, who: whoWaits(run) };
}
