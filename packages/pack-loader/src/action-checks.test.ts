import { expect, test } from "vitest";
import { loadPack } from "./load-pack.ts";
import { describeProblem } from "./problem.ts";
import { writePack } from "./testing/write-pack.ts";

test("a value that is quoted, and then read as code once more, is warned of with its place and a way out", async () => {
  const read = await loadPack(
    await writePack({
      "pack.yaml": "name: pack\nversion: 1.0.0\n",
      "actions/a.yaml": `name: a
runner_type: local-shell-cmd
parameters:
  cmd:
    default: >-
      ssh {{ host }} "rm {{ file }}" &&
      sh -c 'echo {{ file }} {{ count }} {{ size }}' &&
      [[ {{ count }} -gt 1 ]] && [[ {{ limit }} -gt 1 ]]
  host: { type: string }
  file: { type: string }
  limit: { type: string }
  count: { type: integer }
  size: { type: string, enum: [small, large] }
`,
    }),
  );
  expect(read.warnings.map((problem) => describeProblem("", problem))).toEqual([
    `actions/a.yaml:6:26 {{ file }} is quoted here, but ssh reads it once more, as code.
  The other machine's shell reads all words after the host. Send it as input: printf %s {{ file }} | ssh HOST COMMAND.`,
    `actions/a.yaml:7:19 {{ file }} is quoted here, but sh -c reads it once more, as code.
  Give it as an argument of its own, which nobody reads again: sh -c 'echo "$1"' sh {{ file }}.`,
    `actions/a.yaml:8:37 {{ limit }} is quoted here, but [[ … -gt … ]] reads it once more, as code.
  Give the parameter the type integer: bash calculates here, and runs what stands in an index.`,
  ]);
});
