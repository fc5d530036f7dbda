import { identityOf, type Message, type Person } from "@bellhop/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isWho, mayCover, parseWho, resolveWho, type Room } from "./who.ts";

const erin: Person = { platform: "slack", space: "T1", id: "U2", kind: "human" };
const room: Room = { platform: "slack", space: "T1", channel: "C9" };
const reads = (text: string) => {
  const read = parseWho(text);
  return read.kind === "ok" ? read.who.kind : "fault";
};
const is = (text: string, person: Person, at?: Room) => {
  const read = parseWho(text);
  return read.kind === "ok" && isWho(read.who, person, at);
};

describe("who a rule is for", () => {
  it.each([
    ["slack:T1/U2", "person"],
    ["matrix:@ana:example.org", "person"],
    ["slack:T1/*", "space"],
    ["slack:*", "platform"],
    ["room:slack:T1/C9", "room"],
    ["room:matrix:!r:example.org", "room"],
    ["*", "everyone"],
  ])("is read from %s", (text, kind) => expect(reads(text)).toBe(kind));

  it.each([
    "",
    "erin",
    "@erin",
    "slack:",
    "slack:/*",
    "slack:**",
    "slack:T*/U2",
    "slack:T1/U*",
    "Slack:T1/U2",
    "room:slack:*",
    "room:room:x",
  ])("is not read from %j", (text) => expect(reads(text)).toBe("fault"));

  it.each([
    "slack:T1/U2 ",
    "slack:T1/U2\u200b",
    "slack:T1/\u202eU2",
    "slack:T1/U\uff12",
    "slack:T1/\u3164U2",
    "slack:T1/U2`",
    "sl\u0430ck:T1/U2",
  ])("is not read from characters that deceive: %j", (text) => expect(reads(text)).toBe("fault"));

  it.each<[string, Person, Room | undefined, boolean]>([
    ["slack:T1/U2", erin, undefined, true],
    ["slack:T1/U2", { ...erin, id: "u2" }, room, false],
    ["slack:T1/U2", { ...erin, id: "U22" }, room, false],
    ["slack:T1/U2", { ...erin, space: "T2" }, room, false],
    ["slack:T1/U2", { ...erin, id: "\u0055\u0032\u200b" }, room, false],
    ["slack:T1/*", erin, undefined, true],
    ["slack:T1/*", { ...erin, space: "T11" }, room, false],
    ["slack:T1/*", { ...erin, kind: "bot" }, room, false],
    ["slack:T1/U2", { ...erin, kind: "bot" }, room, true],
    ["slack:*", { ...erin, space: "T7" }, undefined, true],
    ["slack:*", { platform: "slackish", id: "x", kind: "human" }, undefined, false],
    ["room:slack:T1/C9", erin, room, true],
    ["room:slack:T1/C9", erin, { ...room, channel: "C99" }, false],
    ["room:slack:T1/C9", erin, undefined, false],
    ["room:slack:T1/C9", { ...erin, platform: "discord" }, room, false],
    ["matrix:example.org/*", { platform: "matrix", id: "@ana:example.org", kind: "human" }, undefined, true],
    ["matrix:example.org/*", { platform: "matrix", id: "@ana:evil.org", kind: "human" }, { platform: "matrix", channel: "!r" }, false],
    ["matrix:example.org/*", { platform: "matrix", id: "@a:evil.org:example.org", kind: "human" }, undefined, false],
    ["discord:7/*", { platform: "discord", id: "1", kind: "human" }, { platform: "discord", space: "7", channel: "5" }, true],
    ["discord:7/*", { platform: "discord", id: "1", kind: "human" }, { platform: "discord", channel: "5" }, false],
  ])("%s is %j in %j: %s", (text, person, at, expected) => expect(is(text, person, at)).toBe(expected));

  it("covers whom it means, and a person wherever they may be", () => {
    const covers = (outer: string, inner: string) => {
      const [a, b] = [parseWho(outer), parseWho(inner)];
      return a.kind === "ok" && b.kind === "ok" && mayCover(a.who, b.who);
    };
    expect(["*", "slack:*", "slack:T1/*", "room:slack:T1/C9", "slack:T1/U2"].filter((outer) => covers(outer, "slack:T1/U2"))).toHaveLength(
      5,
    );
    expect(["slack:T2/*", "discord:*", "slack:T1/U3", "room:discord:1"].filter((outer) => covers(outer, "slack:T1/U2"))).toEqual([]);
    expect(covers("slack:T1/U2", "*") || covers("slack:T1/U2", "slack:*")).toBe(false);
  });
});

describe("a name in a message", () => {
  const message = (author: Person, at: Room): Message => ({
    v: 1,
    key: "k",
    platform: author.platform,
    account: "A",
    conversation: { ...at, kind: "room" },
    author,
    content: { text: "" },
    addressed: "prefix",
    origin: "live",
    replyTo: { platform: author.platform, account: "A", channel: at.channel },
    sentAt: "2026-01-01T00:00:00.000Z",
  });
  const inSlack = message(erin, room);
  const inDiscord = message(
    { platform: "discord", id: "80351110224678912", kind: "human" },
    { platform: "discord", space: "7", channel: "5" },
  );
  const inMatrix = message(
    { platform: "matrix", id: "@ana:example.org", kind: "human" },
    { platform: "matrix", channel: "!r:example.org" },
  );
  it.each<[string, Message, string | undefined]>([
    ["@U123", inSlack, "slack:T1/U123"],
    ["<@U123>", inSlack, "slack:T1/U123"],
    ["<@U123|erin>", inSlack, "slack:T1/U123"],
    ["@erin", inSlack, undefined],
    ["erin", inSlack, undefined],
    ["@u123", inSlack, undefined],
    ["@here", inSlack, undefined],
    ["@everyone", inSlack, undefined],
    ["everyone", inSlack, "*"],
    ["everyone here", inSlack, "room:slack:T1/C9"],
    ["everyone on slack:T1", inSlack, "slack:T1/*"],
    ["everyone on slack", inSlack, "slack:*"],
    ["me", inSlack, "slack:T1/U2"],
    ["discord:1", inSlack, "discord:1"],
    ["<@80351110224678912>", inDiscord, "discord:80351110224678912"],
    ["<@!80351110224678912>", inDiscord, "discord:80351110224678912"],
    ["<@&80351110224678912>", inDiscord, undefined],
    ["everyone here", inDiscord, "room:discord:7/5"],
    ["@erin:example.org", inMatrix, "matrix:@erin:example.org"],
    ["@room", inMatrix, undefined],
    ["@*:example.org", inMatrix, undefined],
  ])("%s is %o's %s", (words, where, expected) => {
    const read = resolveWho(words, where);
    expect(read.kind === "ok" ? read.who.text : undefined).toBe(expected);
  });
});

describe("any identity", () => {
  const id = fc.string({ unit: "grapheme", maxLength: 12 });
  it("is matched by nobody else's rule", () => {
    fc.assert(
      fc.property(id, id, id, id, (a, b, c, d) => {
        const [one, other]: Person[] = [
          { platform: "slack", space: a, id: b, kind: "human" },
          { platform: "slack", space: c, id: d, kind: "human" },
        ];
        const read = parseWho(identityOf(one!));
        if (read.kind === "ok" && read.who.kind === "person" && isWho(read.who, other!)) expect(identityOf(other!)).toBe(identityOf(one!));
      }),
    );
  });
});
