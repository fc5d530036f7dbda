import type { Run } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { acknowledgementWords } from "./acknowledge.ts";

const page = "https://ops.example.com/runs/R1";
const run = (reply: Omit<Run["reply"], "enabled">): Run => ({
  v: 1,
  id: "R1",
  revision: 1,
  status: "running",
  action: "deploy.api",
  reply: { enabled: true, ...reply },
  asker: { platform: "slack", space: "T1", id: "U2", kind: "human" },
  replyTo: { platform: "slack", account: "A1", channel: "C1" },
  answers: "k",
  tasks: {},
  applied: [],
  askedAt: "2026-01-01T00:00:00.000Z",
});
const format = "On it.";

test.each<[string, Omit<Run["reply"], "enabled">, string]>([
  ["where nobody named a page", { acknowledgement: { enabled: true, format, appendUrl: true } }, "On it."],
  ["where there is one", { page, acknowledgement: { enabled: true, format } }, `On it. (details: <${page}>)`],
  ["of our own words too", { page }, `I am at it: deploy.api, run \`R1\`. (details: <${page}>)`],
  ["where the alias wants none", { page, acknowledgement: { enabled: true, format, appendUrl: false } }, "On it."],
  ["where its words have it already", { page, acknowledgement: { enabled: true, format: "See {{ execution.web_url }}." } }, `See ${page}.`],
])("an acknowledgement ends with the address of the run's page, %s", (_, reply, words) => {
  expect(acknowledgementWords(run(reply))).toBe(words);
});
