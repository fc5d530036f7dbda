// `pnpm bench:history`: one JSON object on standard output, progress on standard error. README.md says what is measured, and what is not.
import { parseArgs } from "node:util";
import type { Figure, Report } from "./figures.ts";
import { measureLists } from "./history/lists.ts";
import { measureProjector } from "./history/projector.ts";
import { endAll, removeFolders } from "./processes.ts";

const { values } = parseArgs({
  options: {
    /** Some of: projector, lists. */
    only: { type: "string", default: "projector,lists" },
    /** Runs that lists are made from; two steps each. */
    runs: { type: "string", default: "1000000" },
    /** Runs that the projector reads from the log. */
    log: { type: "string", default: "50000" },
  },
});
const notMeasured = [
  "PostgreSQL: its figures are its server's",
  "large inputs, outputs and replies: a run here has a dozen words",
  "what history costs commands: the projector gives way to them, and falls behind while the thread is busy",
  "a cold disk: files lie in the page cache",
  "several readers at a time",
];
const wanted = new Set(values.only.split(","));

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    void endAll().finally(() => process.exit(1));
  });
}
process.once("exit", removeFolders);

const figures: Figure[] = [];
try {
  if (wanted.has("projector")) figures.push(...(await measureProjector(Number(values.log))));
  if (wanted.has("lists")) figures.push(...(await measureLists(Number(values.runs))));
  const report: Report = { bench: "history", figures, not_measured: notMeasured };
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
} finally {
  await endAll();
}
process.exit(0);
