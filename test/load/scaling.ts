// `pnpm bench:scaling`: one JSON object on standard output, progress on standard error. README.md says what is measured, and what is not.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import type { Figure, Report } from "./figures.ts";
import { endAll, removeFolders } from "./processes.ts";
import { measureDrain } from "./scaling/drain.ts";
import { measureEngines } from "./scaling/engines.ts";
import { measureRunners } from "./scaling/runners.ts";

const { values } = parseArgs({
  options: {
    /** Some of: runners, engines, drain. */
    only: { type: "string", default: "runners,engines,drain" },
  },
});
const notMeasured = [
  "several machines and the network between them: every process is on loopback of one machine and shares its cores with the load",
  "more runners than cores that compute: the naps only wait",
  "several nats-servers, and replicated streams",
  "gateways as replicas: one at a time sends for an account",
  "long queues of different pools, and commands that wait for each other in one room",
];
const wanted = new Set(values.only.split(","));
const cores = availableParallelism();

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    void endAll().finally(() => process.exit(1));
  });
}
process.once("exit", removeFolders);

const figures: Figure[] = [];
try {
  if (wanted.has("runners")) figures.push(...(await measureRunners(cores)));
  if (wanted.has("engines")) figures.push(...(await measureEngines(cores)));
  if (wanted.has("drain")) figures.push(...(await measureDrain(cores)));
  const report: Report = { bench: "scaling", figures, not_measured: notMeasured };
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
} finally {
  await endAll();
}
process.exit(0);
