// `pnpm bench:history`: one JSON object on standard output, progress on standard error. README.md says what is measured, and what is not.
import { option, runBench } from "./bench.ts";
import { measureLists } from "./history/lists.ts";
import { measureProjector } from "./history/projector.ts";

/** Runs that lists are made from, two steps each; and runs that the projector reads from the log. */
const runs = Number(option("runs", "1000000"));
const log = Number(option("log", "50000"));

await runBench({
  name: "history",
  parts: { projector: () => measureProjector(log), lists: () => measureLists(runs) },
  notMeasured: [
    "PostgreSQL: its figures are its server's",
    "large inputs, outputs and replies: a run here has a dozen words",
    "what history costs commands: the projector gives way to them, and falls behind while the thread is busy",
    "a cold disk: files lie in the page cache",
    "several readers at a time",
  ],
});
