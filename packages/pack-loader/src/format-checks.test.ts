import { AliasDefinition, type PackVersion } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { formatFaults } from "./format-checks.ts";

function told(...formats: (string | { format: string; multiple: boolean })[]): string[] {
  const aliases = formats.map((one, index) =>
    AliasDefinition.parse({
      ref: `p.a${index}`,
      pack: "p",
      name: `a${index}`,
      action: "p.x",
      formats: [typeof one === "string" ? { representation: [one] } : { representation: [one.format], matchMultiple: one.multiple }],
      source: { file: `aliases/a${index}.yaml`, line: 1, column: 1 },
    }),
  );
  const version: PackVersion = { v: 1, name: "p", version: "1", description: "", digest: "d", actions: [], aliases };
  const located = aliases.map((definition) => ({ definition, file: definition.source.file, at: () => ({ line: 3, column: 5 }) }));
  return formatFaults(located, version).map(({ file, message, hint }) => `${file} ${message} ${hint}`.trim());
}

test.each<[string[], string[]]>([
  [["deploy {{ a }}", "restart {{ b }}"], []],
  [
    ["deploy {{ a }}", "deploy {{ b }}"],
    [
      'aliases/a0.yaml "deploy zq1" fits "deploy {{ a }}", and "deploy {{ b }}" of p.a1 as well. Who says it is asked which one is meant: give one of them words of its own.',
      'aliases/a1.yaml "deploy zq1" fits "deploy {{ b }}", and "deploy {{ a }}" of p.a0 as well. Who says it is asked which one is meant: give one of them words of its own.',
    ],
  ],
  [
    ["deploy {{ a }}", "deploy {{ a }} to {{ b }}"],
    [
      'aliases/a1.yaml "deploy zq1 to zq2" fits "deploy {{ a }} to {{ b }}", and "deploy {{ a }}" of p.a0 as well. Here p.a1 answers, since it is more specific; StackStorm refuses such a command.',
    ],
  ],
  [
    ["(list|show) {{ a = x }}( now)?", "list"],
    [
      'aliases/a0.yaml "list" fits "(list|show) {{ a = x }}( now)?", and "list" of p.a1 as well. Here p.a1 answers, since it is more specific; StackStorm refuses such a command.',
      'aliases/a1.yaml "list" fits "list", and "(list|show) {{ a = x }}( now)?" of p.a0 as well. Here p.a1 answers, since it is more specific; StackStorm refuses such a command.',
    ],
  ],
  [
    ["is {{ host }} up?"],
    [
      'aliases/a0.yaml The "?" in "is {{ host }} up?" makes what stands before it optional: it is no question mark. Write \\? where a question mark is meant.',
    ],
  ],
  [
    ["go to 1.2 {{ a }}"],
    ['aliases/a0.yaml The "." in "go to 1.2 {{ a }}" stands for any character. Write \\. where a full stop is meant.'],
  ],
  [["up\\?", "(date|time) {{ a }}[?!.]?", "{{ url }} https://x\\.y/"], []],
  [["run ({{ a }}"], ['aliases/a0.yaml The format "run ({{ a }}" can\'t be used: it is no valid regular expression (missing closing )).']],
])("of the formats %j it is told: %j", (formats, expected) => {
  expect(told(...formats)).toEqual(expected);
});

test("what is found anywhere in a message is no rival: it is asked last", () => {
  expect(told({ format: "(?P<key>[A-Z]+-\\d+)", multiple: true }, "show {{ key }}")).toEqual([]);
});
