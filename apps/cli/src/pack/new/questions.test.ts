import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { askFor } from "./questions.ts";

const refused = (name: string) => (name === "core" ? "There is a pack core already." : undefined);

/** A terminal at which somebody types each answer once its question is there. */
function typist(answers: readonly [question: string, keys: string][]) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 40 });
  let seen = "";
  output.setEncoding("utf8").on("data", (text: string) => (seen += text));
  const typed = (async () => {
    for (const [question, keys] of answers) {
      await vi.waitFor(() => expect(seen).toContain(question), { timeout: 20_000, interval: 5 });
      seen = "";
      input.write(keys);
    }
  })();
  return { terminal: { input, output }, typed };
}

test("what was not given is asked for, and a name that can't be had is asked for again", async () => {
  const { terminal, typed } = typist([
    ["What is it called?", "core\r"],
    ["There is a pack core already.", "\u007f\u007f\u007f\u007fops\r"],
    ["What is it for?", "\r"],
    ["What is it written in?", "\u001b[B\r"],
  ]);
  expect(await askFor({ refused, mayAsk: true, terminal })).toEqual({
    name: "ops",
    description: "What ops does in chat",
    spelling: "yaml",
  });
  await typed;
});

test("whoever leaves leaves nothing behind", async () => {
  const { terminal, typed } = typist([["What is it for?", "\u0003"]]);
  expect(await askFor({ name: "ops", refused, mayAsk: true, terminal })).toBeUndefined();
  await typed;
});

test.each([
  ["a program asks", { mayAsk: false }],
  ["all is given", { mayAsk: true, description: "What ops does in chat", spelling: "typescript" as const }],
])("nobody is asked when %s", async (_, more) => {
  const { terminal } = typist([]);
  const answers = { name: "ops", description: "What ops does in chat", spelling: "typescript" };
  expect(await askFor({ name: "ops", refused, terminal, ...more })).toEqual(answers);
});

test("nobody is asked where there is no terminal", async () => {
  const terminal = { input: new PassThrough(), output: new PassThrough() };
  expect(await askFor({ refused, mayAsk: true, terminal })).toMatchObject({ name: "", spelling: "typescript" });
});
