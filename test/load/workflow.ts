// `pnpm bench:workflow`: one JSON object on standard output, progress on standard error. README.md says what is measured, and what is not.
import { availableParallelism } from "node:os";
import { runBench } from "./bench.ts";
import { measureInProcess } from "./workflow/in-process.ts";
import { measureThroughNats } from "./workflow/through-nats.ts";

await runBench({
  name: "workflow",
  parts: { process: measureInProcess, nats: () => measureThroughNats(availableParallelism()) },
  notMeasured: [
    "several machines and the network between them: every process is on loopback of one machine",
    "actions that work: what is left is the way from one task to the next",
  ],
});
