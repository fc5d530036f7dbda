import { expect, test } from "vitest";
import { completions } from "./completion.ts";

const commands = [
  "help [WORD]",
  "deploy {{ service }} to {{ env = test }}",
  "deploy all",
  "df",
  "df {{ path }}",
  "unschedule ID",
  "{{ any }} thing",
];

test.each<[string, string[]]>([
  ["de", ["deploy ", "deploy all"]],
  ["deploy a", ["deploy all"]],
  ["DEP", ["deploy ", "deploy all"]],
  ["  he", ["  help "]],
  ["df", ["df", "df "]],
  ["deploy api", []],
  ["un", ["unschedule "]],
  ["", ["deploy ", "deploy all", "df", "df ", "help ", "unschedule "]],
])("%j may go on as %j", (line, lines) => {
  expect(completions(line, commands)).toEqual(lines);
});
