import type { Env } from "@bellhop/service";
import { hasColour, note, type ExitCode } from "../report.ts";
import { parseFilter, type FilterOptions } from "./filter.ts";
import { runTable } from "./look.ts";
import { withHistory } from "./open-history.ts";

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
    const { stdout } = process;
    const look = { colour: hasColour(stdout), ...(stdout.isTTY ? { width: stdout.columns } : {}) };
    stdout.write(`${runTable(runs, look).join("\n")}\n`);
    if (runs.length === filter.limit) note(`There may be more: --before ${runs.at(-1)?.id ?? ""} lists on.`);
  }
  return 0;
}
