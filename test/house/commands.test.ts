import { readFileSync } from "node:fs";
import { join } from "node:path";
import { commandLine } from "@bellhop/cli";
import { beforeAll, expect, test, vi } from "vitest";
import { files, root } from "./workspace.ts";

const texts = files("docs", ".md").map((file) => readFileSync(join(root, file), "utf8"));
const commands = new Set(
  texts.flatMap((text) => Array.from(text.matchAll(/^(?:\$ )?bellhop ([a-z].*?)(?: +#.*)?$/gm), ([, words = ""]) => words)),
);
let said = "";

beforeAll(() => {
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    said += String(text);
    return true;
  });
  return () => write.mockRestore();
});

test.each([...commands])("the documents say `bellhop %s`, and there is such a command with such options", async (command) => {
  said = "";
  const words = command.split(/\s+/);
  const names = words.filter((word) => /^[a-z]+(?:-[a-z]+)*$/.test(word));
  expect(await commandLine([...names, "--help"], {})).toBe(0);
  const usage = said.slice(0, said.indexOf("\n"));
  for (const word of names.slice(0, 2)) expect(usage).toContain(word);
  for (const option of words.filter((word) => word.startsWith("--"))) expect(said).toContain(option);
});
