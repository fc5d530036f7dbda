import { expect, test } from "vitest";
import { isRuleOn, type RuleSwitch } from "./event.ts";

const now = Date.parse("2026-03-01T12:00:00Z");
const turned = { v: 1, rule: "demo.rest", by: "ana", at: "2026-03-01T10:00:00Z" } as const;
const ahead = "2026-03-01T12:00:00.001Z";
const passed = "2026-03-01T12:00:00Z";

test.each<[what: string, file: boolean, turned: Pick<RuleSwitch, "enabled" | "until" | "before"> | undefined, on: boolean]>([
  ["as its file says", true, undefined, true],
  ["off by its file", false, undefined, false],
  ["switched off", true, { enabled: false }, false],
  ["switched on", false, { enabled: true }, true],
  ["off for a while that lasts", true, { enabled: false, until: ahead }, false],
  ["off for a while that has passed", true, { enabled: false, until: passed }, true],
  ["off for a while, which had been switched on before", false, { enabled: false, until: passed, before: true }, true],
  ["on for a while that has passed, which was off by its file", false, { enabled: true, until: passed }, false],
])("a rule %s", (_, file, said, on) => {
  expect(isRuleOn({ enabled: file }, said && { ...turned, ...said }, now)).toBe(on);
});
