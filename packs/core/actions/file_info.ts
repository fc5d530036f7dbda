import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { ActionFailed, defineAction, z } from "@bellhop/sdk";

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
    const rows = told.map(({ name, type, bytes, sha256 }) => row([code(name), code(type), String(bytes), code(sha256)]));
    const table = [row(["Name", "Type", "Bytes", "SHA-256"]), row(["---", "---", "--:", "---"]), ...rows].join("\n");
    return { files: told, table };
  },
});

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** What somebody called a file must not become markup. */
function code(text: string): string {
  const longest = Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = longest > 0 ? " " : "";
  return `${fence}${pad}${text.replaceAll("|", "\\|")}${pad}${fence}`;
}
