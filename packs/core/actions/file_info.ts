import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { ActionFailed, code, defineAction, table, z } from "@bellhop/sdk";

export default defineAction({
  description: "Tell what files came with the command",
  output: z.object({
    files: z.array(z.object({ name: z.string(), type: z.string(), bytes: z.int(), sha256: z.string() })),
    /** The same for people, in Markdown. */
    table: z.string(),
  }),
  repeatable: true,
  run: async ({ files, signal }) => {
    if (files.length === 0)
      throw new ActionFailed("No file came with the command.", { hint: "Say it in the message that brings the file." });
    const told = [];
    for (const { name, type, bytes, path } of files) {
      const sha256 = createHash("sha256");
      await pipeline(createReadStream(path), sha256, { signal });
      told.push({ name, type, bytes, sha256: sha256.digest("hex") });
    }
    const shown = table(told, {
      Name: ({ name }) => code(name),
      Type: ({ type }) => code(type),
      Bytes: ({ bytes }) => bytes,
      "SHA-256": ({ sha256 }) => code(sha256),
    });
    return { files: told, table: shown };
  },
});
