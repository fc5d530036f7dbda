import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Give a text back as a file",
  input: {
    name: z.string().min(1).max(200).describe("What the file is called, such as notes.md."),
    text: z.string().describe("What is in it."),
  },
  output: z.object({ name: z.string(), bytes: z.int() }),
  repeatable: true,
  run: ({ input: { name, text }, attach }) => {
    const line = text.endsWith("\n") ? text : `${text}\n`;
    attach(name, line);
    return { name, bytes: Buffer.byteLength(line) };
  },
});
