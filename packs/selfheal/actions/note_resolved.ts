import { defineAction, z } from "@bellhop/sdk";
import { resolvedName } from "../alertmanager.ts";

export default defineAction({
  description: "Keep that an alert is over, for the run that heals it",
  input: {
    fingerprint: z.string().min(1).describe("The alert's fingerprint."),
    since: z.string().min(1).describe("When the alert began to fire."),
  },
  repeatable: true,
  run: async ({ input, kv }) => {
    await kv.set(resolvedName(input), true, { ttl: aDay });
    return null;
  },
});

/** Seconds: longer than any run waits for it. */
const aDay = 86_400;
