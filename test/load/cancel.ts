// `pnpm bench:cancel`: one JSON object on standard output, progress on standard error. README.md says what is measured, and what is not.
import { parseArgs } from "node:util";
import { measureCancel, measureDeaths, measureTimeouts } from "./cancel/measure.ts";
import { openStand } from "./cancel/stand.ts";
import type { Figure, Report } from "./figures.ts";
import { endAll, removeFolders } from "./processes.ts";

const { values } = parseArgs({
  options: {
    /** Some of: cancel, timeouts, deaths. */
    only: { type: "string", default: "cancel,timeouts,deaths" },
    /** Trees that each figure is made from. */
    trees: { type: "string", default: "50" },
  },
});
const notMeasured = [
  "a chat platform and its gateway: the clock starts when the word is published",
  "the start of `bellhop runs cancel`, which is a process of its own: the clock starts when it asks",
  "networks, and a NATS that is far away or has just lost its leader",
  "a machine that is busy with other things: a killed process needs the processor to die",
  "processes that clear their own environment: those are out of reach",
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
  const stand = await openStand();
  const trees = Number(values.trees);
  if (wanted.has("cancel")) figures.push(...(await measureCancel(stand, trees)));
  if (wanted.has("timeouts")) figures.push(...(await measureTimeouts(stand, trees)));
  if (wanted.has("deaths")) figures.push(...(await measureDeaths(stand, trees)));
  await stand.stop();
  const report: Report = { bench: "cancel", figures, not_measured: notMeasured };
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
} finally {
  await endAll();
}
process.exit(0);
