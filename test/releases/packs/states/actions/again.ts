import { setTimeout as pause } from "node:timers/promises";
import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Wait, then say the word; may be done again",
  repeatable: true,
  input: { word: z.string(), ms: z.number() },
  output: z.object({ word: z.string() }),
  timeout: 5,
  run: async ({ input: { word, ms } }) => {
    await pause(ms);
    if (word.startsWith("failing")) throw new Error("as it was asked to");
    return { word };
  },
});
