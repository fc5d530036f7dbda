import { expect, it } from "vitest";
import { isSlacks } from "./download.ts";

it.each([
  ["https://files.slack.com/files-pri/T1-F1/download/a.csv", true],
  ["https://slack.com/files-pri/T1-F1/a.csv", true],
  ["https://files.slack-gov.com/files-pri/T1-F1/a.csv", true],
  ["http://127.0.0.1:8080/files-pri/T1-F1/a.csv", true],
  ["http://files.slack.com/files-pri/T1-F1/a.csv", false],
  ["https://slack.com.evil.example/a.csv", false],
  ["https://notslack.com/a.csv", false],
  ["https://evil.example/?slack.com", false],
  ["http://127.0.0.1:8081/a.csv", false],
  ["https://files.slack.com@evil.example/a.csv", false],
  ["not an address", false],
])("sends our token to %s: %s", (address, sends) => {
  expect(isSlacks(address, "http://127.0.0.1:8080/api/")).toBe(sends);
});
