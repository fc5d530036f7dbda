import { defineAction, z } from "@bellhop/sdk";
import config from "../config.ts";
import { openDisk } from "../disks/disk.ts";
import { targetNamed } from "../targets.ts";
import { inBytes } from "../words.ts";

export default defineAction({
  description: "Look how full the disk of a target is",
  config,
  input: { target: z.string().min(1).describe("A target of the pack's configuration, such as web-1.") },
  output: z.object({
    target: z.string(),
    percent: z.number(),
    size: z.number().describe("Bytes."),
    used: z.number().describe("Bytes."),
    full: z.boolean().describe("Whether it is at the threshold or above."),
    text: z.string().describe("The same for people."),
  }),
  repeatable: true,
  run: async ({ input, config, signal }) => {
    const target = targetNamed(config, input.target);
    const { percent, size, used } = await openDisk(target, signal).usage();
    return { target: target.name, percent, size, used, full: percent >= config.threshold, text: `${percent} % of ${inBytes(size)}` };
  },
});
