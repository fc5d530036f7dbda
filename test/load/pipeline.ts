// `pnpm bench:pipeline`: one JSON object on standard output, progress on standard error. README.md says what is measured, and what is not.
import { profiling, runBench } from "./bench.ts";
import { measureLine } from "./line.ts";
import { measureMemory } from "./memory.ts";
import { measureShell } from "./shell.ts";
import { startProduct, type Stack } from "./stack.ts";
import { measureStart } from "./warm-start.ts";

let started: Promise<Stack> | undefined;
const product = () => (started ??= startProduct({ name: "product", node: profiling() }));
const stop = async () => {
  await (await started)?.stop();
  started = undefined;
};

await runBench({
  name: "pipeline",
  parts: {
    line: async () => await measureLine(await product()),
    shell: async () => await measureShell(await product()),
    // Nothing else may run beside what these measure.
    memory: async () => (await stop(), await measureMemory()),
    start: async () => (await stop(), await measureStart()),
  },
  end: stop,
  notMeasured: [
    "networks: everything is on loopback of one machine, and all processes share its cores with the load",
    "a gateway's part: the receipt and the call to a chat platform; the clock stops when the reply is stored and read",
    "loss of the machine: files are not synced at each write, neither for the floor nor for the product",
    "replicated streams (three NATS servers)",
    "several engines or runners, and packs by the hundred",
    "large messages, large outputs and live output",
    "writes that come by the clock: renewing leases (one a second per process), checkpoints of idle shards",
    "a store that has grown for days: every store is fresh",
  ],
});
