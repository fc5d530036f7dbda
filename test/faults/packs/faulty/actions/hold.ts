import { appendFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Appends a word to a file, with the times at which it began and ended; may be done again",
  repeatable: true,
  input: { word: z.string(), file: z.string(), ms: z.number().default(20) },
  run: async ({ input: { word, file, ms } }) => {
    const life = `${word} ${process.pid} ${performance.now()}`;
    await appendFile(file, `${life} begin ${Date.now()}\n${word}\n`);
    await pause(ms);
    await appendFile(file, `${life} end ${Date.now()}\n`);
  },
});
