import type { Env } from "@bellhop/service";
import { note, type ExitCode } from "../report.ts";
import { lookOf } from "../table.ts";
import { parseFilter, type FilterOptions } from "./filter.ts";
import { runTable } from "./look.ts";
import { withHistory } from "./open-history.ts";
import { mayWait, waitingHere } from "./waiting-here.ts";

/** `bellhop runs list`: what ran, newest first. */
export async function runsList(options: FilterOptions & { json: boolean }, env: Env): Promise<ExitCode> {
  const { json, ...given } = options;
  const filter = parseFilter(given, Date.now());
  const runs = await withHistory(env, (history) => history.list(filter));
  if (json) {
    process.stdout.write(`${JSON.stringify({ runs: runs ?? [] })}\n`);
    return 0;
  }
  if (runs === undefined) note("Nothing ran here yet.");
  else if (runs.length === 0) note("No run fits.");
  else {
    const waiting = runs.some(({ status }) => mayWait(status)) ? await waitingHere(env) : undefined;
    process.stdout.write(`${runTable(runs, lookOf(), waiting).join("\n")}\n`);
    if (runs.length === filter.limit) note(`There may be more: --before ${runs.at(-1)?.id ?? ""} lists on.`);
  }
  return 0;
}
