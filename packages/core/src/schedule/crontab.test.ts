import { expect, test } from "vitest";
import { readCrontab } from "./crontab.ts";

test.each<[string, string | undefined]>([
  ["0 9 * * 1-5", "mon,tue,wed,thu,fri"],
  ["0 9 * * 0", "sun"],
  ["0 9 * * 7", "sun"],
  ["0 9 * * 5-7", "fri,sat,sun"],
  ["0 9 * * MON,Thu", "mon,thu"],
  ["0 9 * * fri-sun", "fri,sat,sun"],
  ["0 9 * * sun-tue", "sun,mon,tue"],
  ["0 9 * * */2", "sun,tue,thu,sat"],
  ["0 9 * * ?", "*"],
  ["0 9 * * fri-mon", undefined],
  ["0 9 * * 8", undefined],
  ["0 9 * * *-5", undefined],
  ["0 9 * * someday", undefined],
])("days of the week are cron's: %s", (text, days) => {
  const read = readCrontab(text);
  expect(read.kind === "ok" ? read.fields["day_of_week"] : undefined).toBe(days);
});
