// `pnpm bench:pipeline`: one JSON object on standard output, progress on standard error. README.md says what is measured, and what is not.
import { parseArgs } from "node:util";
import type { Figure, Report } from "./figures.ts";
import { measureLine } from "./line.ts";
import { measureMemory } from "./memory.ts";
import { endAll, removeFolders } from "./processes.ts";
import { measureShell } from "./shell.ts";
import { startProduct } from "./stack.ts";
import { measureStart } from "./warm-start.ts";

const { values } = parseArgs({
  options: {
    /** Some of: line, shell, memory, start. */
    only: { type: "string", default: "line,shell,memory,start" },
    /** A folder for V8's CPU profiles of engine and runner. */
    profile: { type: "string" },
  },
});
const notMeasured = [
  "networks: everything is on loopback of one machine, and all processes share its cores with the load",
  "a gateway's part: the receipt and the call to a chat platform; the clock stops when the reply is stored and read",
  "loss of the machine: files are not synced at each write, neither for the floor nor for the product",
  "replicated streams (three NATS servers)",
  "several engines or runners, and packs by the hundred",
  "large messages, large outputs and live output",
  "writes that come by the clock: renewing leases (one a second per process), checkpoints of idle shards",
  "a store that has grown for days: every store is fresh",
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
  if (wanted.has("line") || wanted.has("shell")) {
    const node = values.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${values.profile}`];
    const product = await startProduct({ name: "product", node });
    if (wanted.has("line")) figures.push(...(await measureLine(product)));
    if (wanted.has("shell")) figures.push(...(await measureShell(product)));
    await product.stop();
  }
  if (wanted.has("memory")) figures.push(...(await measureMemory()));
  if (wanted.has("start")) figures.push(...(await measureStart()));
  const report: Report = { bench: "pipeline", figures, not_measured: notMeasured };
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
} finally {
  await endAll();
}
process.exit(0);
