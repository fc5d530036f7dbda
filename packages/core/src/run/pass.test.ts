import { expect, test } from "vitest";
import { policiesByAction } from "../policy/policies.ts";
import { entering } from "./pass.ts";

const source = { file: "x.yaml", line: 1, column: 1 };
const limited = policiesByAction([
  {
    ref: "a.each",
    pack: "a",
    name: "each",
    description: "",
    enabled: true,
    action: "a.step",
    type: "action.concurrency.attr",
    parameters: { threshold: 1, attributes: ["key"] },
    source,
  },
]);
const settings = { lateResult: 0, policies: (action: string) => limited.get(action), fingerprint: (text: string) => `#${text.length}` };

test.each<[what: string, value: unknown, secrets: string[], shown: string | undefined]>([
  ["a short text", "web-1", [], "web-1"],
  ["a number", 7, [], "7"],
  ["a truth", false, [], "false"],
  ["a secret", "hunter2", ["key"], undefined],
  ["a secret that is sealed", { $sealed: { key: "k", iv: "i", tag: "t", text: "x" } }, [], undefined],
  ["a long text", "x".repeat(41), [], undefined],
  ["words", "two words", [], undefined],
  ["a list", ["web-1"], [], undefined],
  ["nothing", undefined, [], undefined],
])("%s by which runs are told apart is shown to whoever waits, where people may read it", (_, value, secrets, shown) => {
  const { pass } = entering({
    run: { id: "r" },
    name: "main",
    attempt: 1,
    action: "a.step",
    input: { key: value },
    secrets,
    at: "2026-01-01T00:00:00Z",
    settings,
  });
  expect(pass.shown?.["key"]).toBe(shown);
});
