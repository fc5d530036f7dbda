import { setTimeout as wait } from "node:timers/promises";
import { defineAction, z } from "@bellhop/sdk";

const day = 86_400;

export default defineAction({
  description: "Wait, for a time that may be drawn by lot",
  input: {
    max_pause: z.int().min(0).max(day).describe("How long, in seconds; at most, where it is random."),
    random: z.boolean().default(false).describe("Whether any time up to that is as likely."),
  },
  output: z.object({ seconds: z.number() }),
  repeatable: true,
  timeout: day + 60,
  run: async ({ input: { max_pause, random }, signal }) => {
    const seconds = random ? Math.random() * max_pause : max_pause;
    await wait(seconds * 1000, undefined, { signal });
    return { seconds: Math.round(seconds * 1000) / 1000 };
  },
});
