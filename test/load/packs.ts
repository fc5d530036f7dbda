// `pnpm bench:packs`: one JSON object on standard output, progress on standard error. README.md says what is measured, and what is not.
import { parseArgs } from "node:util";
import { measureActivation } from "./catalog/activation.ts";
import { measureLoading } from "./catalog/loading.ts";
import { measureCatalog } from "./catalog/memory.ts";
import type { Figure, Report } from "./figures.ts";
import { endAll, removeFolders } from "./processes.ts";

const { values } = parseArgs({
  options: {
    /** Some of: loading, activation, memory. */
    only: { type: "string", default: "loading,activation,memory" },
  },
});
const notMeasured = [
  "type-checking: loading compiles file by file and looks at no types; `bellhop pack check` does",
  "dependencies: installing, packing and fetching them is npm's and the network's time",
  "a cold disk: files lie in the page cache",
  "networks: engine, runners and nats-server share a machine, and fetch a version from its memory",
  "large packs: a version here has a few kilobytes of files",
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
  if (wanted.has("loading")) figures.push(...(await measureLoading()));
  if (wanted.has("activation")) figures.push(...(await measureActivation()));
  if (wanted.has("memory")) figures.push(...(await measureCatalog()));
  const report: Report = { bench: "packs", figures, not_measured: notMeasured };
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
} finally {
  await endAll();
}
process.exit(0);
