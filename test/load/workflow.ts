// `pnpm bench:workflow`: one JSON object on standard output, progress on standard error. README.md says what is measured, and what is not.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import type { Figure, Report } from "./figures.ts";
import { endAll, removeFolders } from "./processes.ts";
import { measureInProcess } from "./workflow/in-process.ts";
import { measureThroughNats } from "./workflow/through-nats.ts";

const { values } = parseArgs({
  options: {
    /** Some of: process, nats. */
    only: { type: "string", default: "process,nats" },
  },
});
const notMeasured = [
  "several machines and the network between them: every process is on loopback of one machine",
  "actions that work: what is left is the way from one task to the next",
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
  if (wanted.has("process")) figures.push(...measureInProcess());
  if (wanted.has("nats")) figures.push(...(await measureThroughNats(availableParallelism())));
  const report: Report = { bench: "workflow", figures, not_measured: notMeasured };
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
} finally {
  await endAll();
}
process.exit(0);
