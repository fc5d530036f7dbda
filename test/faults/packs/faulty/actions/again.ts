import { appendFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Appends a word to a file; may be done again",
  repeatable: true,
  input: { word: z.string(), file: z.string(), ms: z.number().default(20) },
  output: z.object({ word: z.string() }),
  run: async ({ input }) => {
    await appendFile(input.file, `${input.word}\n`);
    await pause(input.ms);
    return { word: input.word };
  },
});
