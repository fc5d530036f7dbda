import { inspect } from "node:util";
import { expect, test } from "vitest";
import { historyPlace, historySettings } from "./history-settings.ts";

test("without a URL it is a file in the folder, kept for 400 days", () => {
  const settings = historySettings({}, {});
  expect(settings).toEqual({ keepDays: 400 });
  expect(historyPlace(settings, "/home")).toEqual({ kind: "sqlite", file: "/home/history.db" });
});

test("a URL names a PostgreSQL, the environment's before the file's, and its password is shown nowhere", () => {
  const file = { history: { url: "postgres://u:hush@one/d", keep: 7 } };
  const settings = historySettings({}, file);
  expect(historyPlace(settings, "/home")).toEqual({ kind: "postgres", url: "postgres://u:hush@one/d" });
  expect(settings.keepDays).toBe(7);
  expect(`${JSON.stringify(settings)}${inspect(settings)}${String(settings.url)}`).not.toContain("hush");
  const other = historySettings({ BELLHOP_HISTORY_URL: "postgresql://u:hush@two/d" }, file);
  expect(historyPlace(other, "/home")).toEqual({ kind: "postgres", url: "postgresql://u:hush@two/d" });
});

test.each([
  ["another database", { url: "mysql://u:hush@h/d" }, /history\.url: expected postgres:\/\/USER/],
  ["no URL", { url: "h/d" }, /expected postgres:\/\/USER/],
  ["no number of days", { keep: "long" }, /history\.keep: .*days/],
  ["a word that does not exist", { keeps: 3 }, /history.*keeps/],
])("a fault says where it is, and shows no password: %s", (_, history, words) => {
  expect(() => historySettings({}, { history })).toThrow(words);
  try {
    historySettings({}, { history });
  } catch (error) {
    expect(String(error)).not.toContain("hush");
  }
});
