import type { Run } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { finalReply } from "./send.ts";

const run: Run = {
  v: 1,
  id: "01M81F9FN6MT3DPSK756S67G05",
  revision: 2,
  status: "succeeded",
  action: "demo.login",
  reply: { enabled: true },
  asker: { platform: "slack", space: "T1", id: "U2", kind: "human" },
  replyTo: { platform: "slack", account: "A1", channel: "C1" },
  answers: "k",
  tasks: {},
  applied: [],
  askedAt: "2026-01-01T00:00:00.000Z",
};

test("what programs are told of a result has no more of its secrets than what people read", () => {
  const output = { host: "db1", session: { $sealed: { kid: "k", iv: "i", data: "d", tag: "t" } } };
  const { send } = finalReply({ run, outcome: { status: "succeeded" }, output });
  expect(send.result).toEqual({ host: "db1", session: "[secret]" });
  expect(JSON.stringify(send)).not.toContain("$sealed");
});
