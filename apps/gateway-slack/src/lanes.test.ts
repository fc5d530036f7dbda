import type { Call } from "@bellhop/gateway";
import { describe, expect, it } from "vitest";
import { lane, lanesOf, readingLane, type LaneName } from "./lanes.ts";

const room = { platform: "slack", account: "U0", channel: "C1" };
const thread = { ...room, thread: "1763712000.000100" };

it.each<[string, Call, string[]]>([
  ["a post", { kind: "post", to: thread }, ["chat.postMessage C1", "chat.postMessage"]],
  ["a post with files", { kind: "post", to: room, file: true }, ["chat.postMessage C1", "chat.postMessage", "files"]],
  ["a post tried again", { kind: "post", to: thread, again: true }, ["chat.postMessage C1", "chat.postMessage", "conversations.replies"]],
  ["an edit", { kind: "reword", to: room }, ["chat.update"]],
  ["a removal", { kind: "remove", to: room }, ["chat.delete"]],
  ["a look into a thread", { kind: "find", to: thread }, ["conversations.replies"]],
  ["a look elsewhere", { kind: "find", to: room }, ["conversations.history"]],
  ["a reaction", { kind: "react", to: room }, ["reactions.add"]],
  ["a reaction taken back", { kind: "react", to: room, gone: true }, ["reactions.remove"]],
])("%s goes through its own lanes", (_, call, names) => {
  expect(lanesOf(call).map(({ name }) => name)).toEqual(names);
});

describe("a tier", () => {
  it.each<LaneName>(["conversations.history", "conversations.replies"])(
    "of 50 takes what is looked up and what is read for somebody: %s",
    (name) => {
      const together = [lane(name), readingLane(name, "urgent")];
      expect(together.reduce((sum, { everyMs, burst }) => sum + burst + 60_000 / everyMs, 0)).toBeLessThanOrEqual(50);
    },
  );

  it.each<[LaneName, number]>([
    ["chat.update", 50],
    ["reactions.remove", 20],
    ["files", 100],
  ])("lets no more %s through in any minute than Slack takes", (name, most) => {
    const { everyMs, burst } = lane(name);
    expect(burst + 60_000 / everyMs).toBeLessThanOrEqual(most);
  });
});
