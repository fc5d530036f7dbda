import { availableParallelism, hostname, loadavg, uptime } from "node:os";
import { defineAction, z } from "@bellhop/sdk";
import { lengthOf } from "./lib/words.ts";

export default defineAction({
  description: "Tell how long this machine has been up, and how busy it is",
  output: z.object({
    host: z.string().describe("The machine that the runner is on."),
    seconds: z.int().describe("Since it was started."),
    up: z.string().describe("The same for people."),
    load: z.array(z.number()).describe("Processes that run or wait, on average over 1, 5 and 15 minutes."),
    cpus: z.int().describe("CPUs that the runner may use."),
  }),
  repeatable: true,
  run: () => {
    const seconds = Math.floor(uptime());
    const load = loadavg().map((average) => Math.round(average * 100) / 100);
    return { host: hostname(), seconds, up: lengthOf(seconds), load, cpus: availableParallelism() };
  },
});
