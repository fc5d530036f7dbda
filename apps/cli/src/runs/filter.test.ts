import { expect, test } from "vitest";
import { parseFilter } from "./filter.ts";

const now = Date.parse("2026-03-10T12:00:00.000Z");

test("what is typed becomes a filter", () => {
  const typed = { status: "failed, TIMEOUT", room: "room:slack:T1/C9", person: "ana", since: "1h", text: "deploy", limit: "5" };
  expect(parseFilter(typed, now)).toEqual({
    status: ["failed", "timeout"],
    room: "slack:T1/C9",
    person: "ana",
    since: now - 3_600_000,
    text: "deploy",
    limit: 5,
  });
});

test.each([
  [{ status: "failled" }, /"failled" is no status: did you mean failed\?/],
  [{ status: "purple" }, /there are .*succeeded.*abandoned/],
  [{ since: "yesterday" }, /--since yesterday is no moment: .*7d.*2026-03-01/],
  [{ until: "2026-13-01" }, /no moment/],
  [{ limit: "0" }, /from 1 to 1000/],
  [{ limit: "many" }, /from 1 to 1000/],
  [{ text: "***" }, /no word/],
])("a wrong call says what was meant: %j", (typed, words) => {
  expect(() => parseFilter({ limit: "20", ...typed }, now)).toThrow(words);
});
