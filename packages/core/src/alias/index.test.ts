import { readFileSync } from "node:fs";
import { AliasDefinition } from "@bellhop/contracts";
import { expect, it } from "vitest";
import { emptyCatalog, withPack } from "../catalog.ts";
import { chatCommand, extract, mayFit } from "./format.ts";
import { aliasIndex } from "./index.ts";

const recorded = readFileSync(new URL("samples/extract.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as { format: string; text: string });

function indexed(formats: readonly string[]) {
  const source = { file: "x", line: 1, column: 1 };
  const aliases = formats.map((format, index) =>
    AliasDefinition.parse({
      ref: `p.a${index}`,
      pack: "p",
      name: `a${index}`,
      action: "p.x",
      formats: [{ representation: [format] }],
      source,
    }),
  );
  const catalog = withPack(emptyCatalog, { v: 1, name: "p", version: "1", description: "", digest: "d", actions: [], aliases });
  return { catalog, index: aliasIndex(catalog.aliases) };
}

it("leaves out nothing that a command fits", () => {
  const { catalog, index } = indexed([...new Set(recorded.map(({ format }) => format))]);
  let fitting = 0;
  for (const { text } of recorded) {
    const command = chatCommand(text);
    const found = new Set(index.candidates(command.lower).map(({ format }) => format));
    const missed = catalog.aliases
      .flatMap(({ formats }) => formats)
      .filter((format) => extract(format, command).length > 0 && !(found.has(format) && mayFit(format, command)));
    expect(missed.map((format) => format.text)).toEqual([]);
    fitting += found.size;
  }
  expect(fitting).toBeGreaterThan(recorded.length);
});

it.each([
  ["deploy {{ app }}", "deploy", 0],
  ["{{ app }} is down", "Web is DOWN", 0],
  ["(restart|reboot) {{ host }}", "reboot web", 0],
  ["run( {{ cmd }})?", "run", 0],
  ["list {{ a = 1 }}s", "lists", 0],
  ["[Aa]gain+", "Agains", 0],
  ["kiss {{ x }}", "\u212a\u0131\u017f\u017f", 0],
  [".*", "anything", 1],
  ["{{ a }} {{ b }}", "one two", 1],
])("finds %j for %j only by what it must have", (format, text, unindexed) => {
  const { index } = indexed([format]);
  expect(index.unindexed).toBe(unindexed);
  const { lower } = chatCommand(text);
  expect(index.candidates(lower).length).toBe(text.includes("\u0131") ? 0 : 1);
});

it("meets one of two thousand", () => {
  const { index } = indexed(
    Array.from({ length: 2_000 }, (_, at) => (at % 5 === 0 ? `(start|stop) unit${at} now` : `deploy app${at} {{ version }}`)),
  );
  expect(index.candidates("deploy app7 1.2")).toHaveLength(1);
  expect(index.candidates("stop unit10 now")).toHaveLength(1);
  expect(index.candidates("something else")).toHaveLength(0);
});
