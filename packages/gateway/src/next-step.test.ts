import type { Receipt, Send } from "@bellhop/contracts";
import { expect, it } from "vitest";
import { nextStep, type Step } from "./next-step.ts";

const to = { platform: "test", account: "bot", channel: "ops" };
const send: Send = { v: 1, key: "k", revision: 2, platform: "test", account: "bot", to, body: { text: "", tone: "info" }, final: true };
const receipt = (state: Receipt["state"], revision: number, ref?: string): Receipt => ({
  v: 1,
  key: "k",
  revision,
  state,
  by: "g/1",
  at: "2026-01-01T00:00:00.000Z",
  ref,
});

const living = { canEdit: true, mayFinish: true };
const dead = { canEdit: true, mayFinish: false };
const plain = { canEdit: false, mayFinish: false };

it.each<[string, Receipt | undefined, { canEdit: boolean; mayFinish: boolean }, Step]>([
  ["what was never begun is posted", undefined, dead, { kind: "post" }],
  ["what stands is dropped", receipt("sent", 2, "r"), dead, { kind: "done" }],
  ["what is older than what stands is dropped", receipt("sent", 3, "r"), dead, { kind: "done" }],
  ["what is older than what is being said is dropped", receipt("sending", 3, "r"), dead, { kind: "done" }],
  ["what is older than what was refused is dropped", receipt("failed", 3), dead, { kind: "done" }],
  ["what was refused is not tried again", receipt("failed", 2), dead, { kind: "done" }],
  ["a newer wording of what was refused is posted", receipt("failed", 1), dead, { kind: "post" }],
  ["a newer wording edits what stands", receipt("sent", 1, "r"), dead, { kind: "edit", ref: "r" }],
  ["a newer wording is a new message where there are no edits", receipt("sent", 1, "r"), plain, { kind: "post" }],
  ["an edit waits for a post that somebody else is at", receipt("sending", 1), living, { kind: "wait" }],
  ["a post waits for whoever is at it", receipt("sending", 2), living, { kind: "wait" }],
  ["a post left by the dead is looked up", receipt("sending", 2), dead, { kind: "look" }],
  ["an edit looks up the post that the dead left", receipt("sending", 1), dead, { kind: "look" }],
  ["an edit left by the dead is made again", receipt("sending", 2, "r"), dead, { kind: "edit", ref: "r" }],
])("%s", (_, found, at, expected) => {
  expect(nextStep(send, found, at)).toEqual(expected);
});
