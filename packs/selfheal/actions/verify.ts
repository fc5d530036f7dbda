import { defineAction, z } from "@bellhop/sdk";
import { resolvedName } from "../alertmanager.ts";
import config from "../config.ts";
import { openDisk } from "../disks/disk.ts";
import { targetNamed } from "../targets.ts";

export default defineAction({
  description: "Look whether an alert has resolved, and whether the disk is still fine",
  config,
  input: {
    target: z.string().min(1).describe("A target of the pack's configuration, or how an alert calls it."),
    fingerprint: z.string().min(1).describe("The alert's fingerprint."),
    since: z.string().min(1).describe("When the alert began to fire."),
  },
  output: z.object({ percent: z.number(), full: z.boolean(), resolved: z.boolean() }),
  repeatable: true,
  run: async ({ input, config, kv, signal }) => {
    const { percent } = await openDisk(targetNamed(config, input.target), signal).usage();
    return { percent, full: percent >= config.threshold, resolved: (await kv.get(resolvedName(input))) !== undefined };
  },
});
