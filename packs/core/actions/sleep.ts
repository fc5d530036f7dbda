import { defineAction, z } from "@bellhop/sdk";
import { setTimeout as pause } from "node:timers/promises";

const day = 86_400;

export default defineAction({
  description: "Wait",
  input: { seconds: z.number().min(0).max(day).default(1).describe("How long, in seconds.") },
  output: z.object({ seconds: z.number() }),
  repeatable: true,
  timeout: day + 60,
  run: async ({ input, signal }) => {
    await pause(input.seconds * 1000, undefined, { signal });
    return { seconds: input.seconds };
  },
});
