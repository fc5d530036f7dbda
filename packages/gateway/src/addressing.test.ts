import { expect, it } from "vitest";
import { callOf, prefixIn } from "./addressing.ts";

const mention = "@bellhop";

it.each([
  // in a room, with the usual prefix
  ["!deploy api", {}, "prefix: deploy api"],
  ["  !deploy api \n", {}, "prefix: deploy api"],
  ["!deploy\napi", {}, "prefix: deploy\napi"],
  ["deploy api", {}, undefined],
  ["deploy !api", {}, undefined],
  ["!", {}, undefined],
  ["! ", {}, undefined],
  ["! no", {}, undefined],
  ["!!", {}, undefined],
  ["!!! really", {}, undefined],
  ["", {}, undefined],
  // by mention
  ["@bellhop deploy api", { mentioned: mention }, "mention: deploy api"],
  ["@bellhop: !deploy api", { mentioned: mention }, "mention: deploy api"],
  ["@bellhop", { mentioned: mention }, "mention: help"],
  ["@bellhop !", { mentioned: mention }, "mention: help"],
  [" deploy api", { mentioned: "" }, "mention: deploy api"],
  ["@bellhop deploy", { mentioned: mention, direct: true }, "mention: deploy"],
  // directly
  ["deploy api", { direct: true }, "direct: deploy api"],
  ["!deploy api", { direct: true }, "direct: deploy api"],
  ["! deploy api", { direct: true }, "direct: deploy api"],
  ["!", { direct: true }, undefined],
  [" ", { direct: true }, undefined],
  // with another sign
  ["?deploy", { prefix: "?" }, "prefix: deploy"],
  ["??", { prefix: "?" }, undefined],
  ["!deploy", { prefix: "?" }, undefined],
  ["b>deploy", { prefix: "b>" }, "prefix: deploy"],
  ["b>> deploy", { prefix: "b>" }, undefined],
  // with a word
  ["bellhop deploy api", { prefix: "bellhop " }, "prefix: deploy api"],
  ["Bellhop, deploy api", { prefix: "bellhop" }, "prefix: deploy api"],
  ["bellhop:deploy", { prefix: "bellhop" }, "prefix: deploy"],
  ["bellhops are nice", { prefix: "bellhop " }, undefined],
  ["bellhop", { prefix: "bellhop " }, undefined],
  ["bellhops are nice", { prefix: "bellhop", direct: true }, "direct: bellhops are nice"],
  // by who was asked something there
  ["v2", { awaited: true }, "answer: v2"],
  ["!deploy", { awaited: true }, "prefix: deploy"],
  ["! no", { awaited: true }, "answer: ! no"],
  ["", { awaited: true }, undefined],
] as const)(
  "takes %j with %j as %j",
  (text, at: { mentioned?: string; direct?: boolean; awaited?: boolean; prefix?: string }, expected) => {
    const { mentioned, direct = false, awaited = false, prefix = "!" } = at;
    const called = callOf({ text, mentioned, direct, awaited, prefix });
    expect(called && `${called.how}: ${called.text}`).toBe(expected);
  },
);

it("goes by the room's own prefix, then by the general one", () => {
  const prefixes = { general: "!", rooms: { "slack:C1": "?" } };
  const at = (platform: string, channel: string) => prefixIn(prefixes, { platform, conversation: { channel, kind: "room" } });
  expect([at("slack", "C1"), at("slack", "C2"), at("discord", "C1")]).toEqual(["?", "!", "!"]);
});
