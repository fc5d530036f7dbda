// `pnpm bench:cancel`: one JSON object on standard output, progress on standard error. README.md says what is measured, and what is not.
import { option, runBench } from "./bench.ts";
import { measureCancel, measureDeaths, measureTimeouts } from "./cancel/measure.ts";
import { openStand } from "./cancel/stand.ts";

/** Trees that each figure is made from. */
const trees = Number(option("trees", "50"));
const stand = await openStand();

await runBench({
  name: "cancel",
  parts: {
    cancel: () => measureCancel(stand, trees),
    timeouts: () => measureTimeouts(stand, trees),
    deaths: () => measureDeaths(stand, trees),
  },
  end: () => stand.stop(),
  notMeasured: [
    "a chat platform and its gateway: the clock starts when the word is published",
    "the start of `bellhop runs cancel`, which is a process of its own: the clock starts when it asks",
    "networks, and a NATS that is far away or has just lost its leader",
    "a machine that is busy with other things: a killed process needs the processor to die",
    "processes that clear their own environment: those are out of reach",
  ],
});
