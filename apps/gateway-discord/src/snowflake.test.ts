import { expect, it } from "vitest";
import { isLater, latest, sentAt, snowflakeAt } from "./snowflake.ts";

it("knows when a snowflake was made, and the first one of a moment", () => {
  expect(sentAt("175928847299117063")).toBe("2016-04-30T11:18:25.796Z");
  expect(sentAt(snowflakeAt(1_763_712_000_123))).toBe("2025-11-21T08:00:00.123Z");
  expect(snowflakeAt(0)).toBe("0");
});

it("knows which one came later, as numbers and not as texts", () => {
  expect([isLater("1000", "999"), isLater("999", "1000"), isLater("1", "1")]).toEqual([true, false, false]);
  expect(latest("999", "1000", "0")).toBe("1000");
});
