import { readFileSync } from "node:fs";
import { Message } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { managedRole, plainText, sentAt, snowflakeAt, toMessage } from "./receive.ts";

const account = "1179012345678901234";
const guild = "613425648685547541";
const channel = "290926798999357250";
const role = "1179012399988877766";
const id = "1441337337446400001";
const self = { account, roleIn: (at: string) => (at === guild ? role : undefined) };

function read(name: string): { d: Record<string, unknown> } & Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../samples/${name}.json`, import.meta.url), "utf8"));
}

function sample(name: string, change: Record<string, unknown> = {}): Message | undefined {
  return toMessage({ message: { ...read(name).d, ...change }, origin: "live" }, self);
}

const said = (content: string) => sample("channel-command", { content });

describe("what is addressed to us", () => {
  it("takes a !command in a channel, to be answered there as a reply", () => {
    const message = sample("channel-command");
    expect(message).toEqual({
      v: 1,
      key: `discord/${account}/${guild}/${channel}/${id}`,
      platform: "discord",
      account,
      conversation: { space: guild, channel, kind: "room" },
      author: { platform: "discord", id: "53908232506183680", name: "ana", kind: "human" },
      content: { text: "deploy api v2" },
      addressed: "prefix",
      origin: "live",
      replyTo: { platform: "discord", account, space: guild, channel, message: id },
      sentAt: "2025-11-21T08:00:00.000Z",
    });
    expect(Message.parse(message)).toEqual(message);
  });

  it("takes a mention of the bot, and of the role that is the bot", () => {
    expect(sample("mention")).toMatchObject({ addressed: "mention", content: { text: `deploy api & #${channel}` } });
    expect(sample("role-mention")).toMatchObject({ addressed: "mention", content: { text: "deploy api" } });
    expect(said(`<@!${account}>: !deploy`)).toMatchObject({ addressed: "mention", content: { text: "deploy" } });
    expect(said(` <@${account}> `)).toMatchObject({ content: { text: "help" } });
  });

  it("takes every direct message, with and without the prefix", () => {
    expect(sample("direct")).toMatchObject({
      addressed: "direct",
      content: { text: "status" },
      conversation: { kind: "direct", channel: "1179055555555555555", space: undefined },
    });
    expect(sample("direct", { content: "!status" })?.content.text).toBe("status");
    expect(sample("direct", { content: `<@&${role}> status` })).toMatchObject({ addressed: "direct" });
  });

  it("answers in the thread it was asked in, which is a channel", () => {
    expect(sample("thread-command")).toMatchObject({
      conversation: { channel: "1441348000000000000" },
      replyTo: { channel: "1441348000000000000", message: id },
    });
  });

  it("takes a command that is a reply to something", () => {
    expect(sample("reply")?.content.text).toBe("status");
  });

  it("gives a message of the history the key that it had when it came", () => {
    const live = sample("channel-command");
    const read_ = toMessage({ message: read("history"), origin: "backfill", guild }, self);
    expect(read_).toEqual({ ...live, origin: "backfill" });
  });
});

describe("what is not", () => {
  it.each(["own-reply", "webhook", "thread-created"])("%s", (name) => {
    expect(sample(name)).toBeUndefined();
  });

  it.each([
    "just talking",
    `I asked <@${account}> yesterday`,
    "<@53908232506183680> deploy",
    "<@&53908232506183680> deploy",
    "! ",
    "!!",
    "!!!wow",
    "! spaced",
    "",
    "@everyone !deploy",
  ])("%j", (text) => {
    expect(said(text)).toBeUndefined();
  });

  it.each([undefined, null, {}, { id: "1" }, { ...read("channel-command").d, author: undefined }, "text"])(
    "no message at all: %#",
    (message) => {
      expect(toMessage({ message, origin: "live" }, self)).toBeUndefined();
    },
  );
});

it("reads Discord's notation as a person does", () => {
  expect(plainText("<@1> <@!2> <@&3> <#4> <:yes:5> <a:no:6> </run now:7> <https://x.example/?a=1> <t:8:R> a < b")).toBe(
    "@1 @2 @&3 #4 :yes: :no: /run now https://x.example/?a=1 <t:8:R> a < b",
  );
});

it("finds the role that is the bot", () => {
  expect(managedRole(read("guild-create").d, account)).toEqual({ guild, role });
  expect(managedRole(read("guild-create").d, "2")).toBeUndefined();
  expect(managedRole({}, account)).toBeUndefined();
});

it("knows when a snowflake was made, and the first one of a moment", () => {
  expect(sentAt("175928847299117063")).toBe("2016-04-30T11:18:25.796Z");
  expect(sentAt(snowflakeAt(1_763_712_000_123))).toBe("2025-11-21T08:00:00.123Z");
  expect(snowflakeAt(0)).toBe("0");
});
