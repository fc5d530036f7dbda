// `pnpm bench:scaling`: one JSON object on standard output, progress on standard error. README.md says what is measured, and what is not.
import { availableParallelism } from "node:os";
import { runBench } from "./bench.ts";
import { measureDrain } from "./scaling/drain.ts";
import { measureEngines } from "./scaling/engines.ts";
import { measureRunners } from "./scaling/runners.ts";

const cores = availableParallelism();

await runBench({
  name: "scaling",
  parts: { runners: () => measureRunners(cores), engines: () => measureEngines(cores), drain: () => measureDrain(cores) },
  notMeasured: [
    "several machines and the network between them: every process is on loopback of one machine and shares its cores with the load",
    "more runners than cores that compute: the naps only wait",
    "several nats-servers, and replicated streams",
    "gateways as replicas: one at a time sends for an account",
    "long queues of different pools, and commands that wait for each other in one room",
  ],
});
