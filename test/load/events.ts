// `pnpm bench:events`: one JSON object on standard output, progress on standard error. README.md says what is measured, and what is not.
import { profiling, runBench } from "./bench.ts";
import { measureTimers } from "./events/timers.ts";
import { measureWebhooks } from "./events/webhooks.ts";

await runBench({
  name: "events",
  parts: { webhooks: () => measureWebhooks(profiling()), timers: () => measureTimers(profiling()) },
  notMeasured: [
    "networks and TLS: everything is on loopback of one machine, and all processes share its cores with the load",
    "rules by the thousand on one trigger: bench:language does",
    "large bodies, signed ones, batches, and senders that repeat themselves",
    "several apis or engines",
    "timers that are all due in the same moment",
    "loss of the machine, and replicated streams",
  ],
});
