// `pnpm bench:packs`: one JSON object on standard output, progress on standard error. README.md says what is measured, and what is not.
import { runBench } from "./bench.ts";
import { measureActivation } from "./catalog/activation.ts";
import { measureLoading } from "./catalog/loading.ts";
import { measureCatalog } from "./catalog/memory.ts";

await runBench({
  name: "packs",
  parts: { loading: measureLoading, activation: measureActivation, memory: measureCatalog },
  notMeasured: [
    "type-checking: loading compiles file by file and looks at no types; `bellhop pack check` does",
    "dependencies: installing, packing and fetching them is npm's and the network's time",
    "a cold disk: files lie in the page cache",
    "networks: engine, runners and nats-server share a machine, and fetch a version from its memory",
    "large packs: a version here has a few kilobytes of files",
  ],
});
