import { readFileSync } from "node:fs";
import { Message, MessageDeleted, MessageEdited, MessageReacted } from "@bellhop/contracts";
import type { Heard } from "@bellhop/gateway";
import { describe, expect, it } from "vitest";
import { plainText, toHeard, type Delivery } from "./receive.ts";

const account = "1179012345678901234";
const guild = "613425648685547541";
const channel = "290926798999357250";
const role = "1179012399988877766";
const id = "1441337337446400001";
const now = "2025-11-21T09:00:00.000Z";
const ours = "1441337337446400003";
const ana = "53908232506183680";
const self = {
  account,
  roleIn: (at: string) => (at === guild ? role : undefined),
  isOurs: (at: string) => at === ours,
  prefix: () => "!",
  awaits: ({ author, below }: { author: string; below: boolean }) => below && author === ana,
};
const original = { key: `discord/${account}/${guild}/${channel}/${id}`, sentAt: "2025-11-21T08:00:00.000Z" };

function read(name: string): { d: Record<string, unknown> } & Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../samples/${name}.json`, import.meta.url), "utf8"));
}

function hear(t: string, d: unknown, rest: Partial<Delivery> = {}): readonly Heard[] {
  return toHeard({ t, d, origin: "live", now, ...rest }, self).map(({ heard }) => heard);
}

function sample(name: string, change: Record<string, unknown> = {}): Message | undefined {
  const [heard] = hear("MESSAGE_CREATE", { ...read(name).d, ...change });
  return heard?.kind === "message" ? heard.message : undefined;
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

  it.each<[string, Record<string, unknown>, string | undefined]>([
    ["who was asked something and replies to us", { author: { id: account } }, "answer"],
    ["who replies to somebody else", { author: { id: "1" } }, undefined],
    ["whose question is gone", {}, undefined],
  ])("of what is said in a channel hears %s", (_, answered, addressed) => {
    const reply = { type: 19, content: "prod", referenced_message: Object.keys(answered).length === 0 ? null : answered };
    expect(sample("channel-command", reply)?.addressed).toBe(addressed);
    const other = { author: { id: "53908232506183681", username: "bo" } };
    expect(sample("channel-command", { ...reply, ...other })).toBeUndefined();
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
    expect(hear("MESSAGE_CREATE", read("history"), { origin: "backfill", guild })).toEqual([
      { kind: "message", message: { ...live, origin: "backfill" } },
    ]);
  });

  it("begins a command as the room does", () => {
    const at = { ...self, prefix: () => "bellhop " };
    const take = (content: string) =>
      toHeard({ t: "MESSAGE_CREATE", d: { ...read("channel-command").d, content }, origin: "live", now }, at);
    expect(take("Bellhop deploy")).toMatchObject([{ heard: { message: { addressed: "prefix", content: { text: "deploy" } } } }]);
    expect(take("!deploy")).toEqual([]);
  });

  it("names the files that came with it", () => {
    const attachments = [
      {
        id: "1441337337446400009",
        filename: "notes.txt",
        content_type: "text/plain; charset=utf-8",
        size: 5,
        url: "https://cdn.example/n?hm=1",
      },
    ];
    const found = toHeard({ t: "MESSAGE_CREATE", d: { ...read("channel-command").d, attachments }, origin: "live", now }, self);
    expect(found).toMatchObject([{ attachments: [{ filename: "notes.txt", size: 5 }] }]);
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
      expect(hear("MESSAGE_CREATE", message)).toEqual([]);
    },
  );
});

describe("what becomes of a message", () => {
  const edited_timestamp = "2025-11-21T08:00:05.123456+00:00";
  const edit = (change: Record<string, unknown> = {}, name = "channel-command") =>
    hear("MESSAGE_UPDATE", { ...read(name).d, edited_timestamp, ...change });

  it("was reworded", () => {
    const key = `${original.key}/e${encodeURIComponent(edited_timestamp)}`;
    const [heard] = edit({ content: "!deploy api v3" });
    expect(heard).toEqual({
      kind: "edited",
      edited: {
        v: 1,
        key,
        platform: "discord",
        account,
        conversation: { space: guild, channel, kind: "room" },
        original,
        author: { platform: "discord", id: "53908232506183680", name: "ana", kind: "human" },
        editedAt: "2025-11-21T08:00:05.123Z",
        message: { ...sample("channel-command"), key, content: { text: "deploy api v3" }, sentAt: "2025-11-21T08:00:05.123Z" },
      },
    });
    expect(heard?.kind === "edited" && MessageEdited.parse(heard.edited)).toBeTruthy();
  });

  it("was reworded so that it calls us no more", () => {
    const [heard] = edit({ content: "never mind" });
    expect(heard).toMatchObject({ kind: "edited", edited: { original } });
    expect(heard?.kind === "edited" && heard.edited.message).toBeUndefined();
  });

  it.each<[string, () => readonly Heard[]]>([
    ["a preview that resolved", () => edit({ edited_timestamp: null, embeds: [{}] })],
    ["what names no text", () => edit({ content: undefined })],
    ["an edit of our own", () => edit({}, "own-reply")],
    ["an edit of a webhook's words", () => edit({}, "webhook")],
    ["a thread that was started", () => edit({}, "thread-created")],
  ])("was not reworded: %s", (_, take) => {
    expect(take()).toEqual([]);
  });

  it("was deleted, also among others, and was not ours", () => {
    const other = "1441337337446400002";
    const [one] = hear("MESSAGE_DELETE", { id, channel_id: channel, guild_id: guild });
    expect(one).toMatchObject({ kind: "deleted", deleted: { key: `${original.key}/d`, original, deletedAt: now } });
    expect(one?.kind === "deleted" && MessageDeleted.parse(one.deleted)).toBeTruthy();
    const several = hear("MESSAGE_DELETE_BULK", { ids: [id, ours, other], channel_id: channel, guild_id: guild });
    expect(several.map((heard) => heard.kind === "deleted" && heard.deleted.original.key)).toEqual([
      original.key,
      original.key.replace(id, other),
    ]);
    expect(hear("MESSAGE_DELETE", { id, channel_id: channel })).toMatchObject([{ deleted: { conversation: { kind: "direct", channel } } }]);
  });

  const reaction = (change: Record<string, unknown> = {}) => ({
    user_id: "53908232506183680",
    message_id: id,
    channel_id: channel,
    guild_id: guild,
    member: { user: { id: "53908232506183680", username: "ana" } },
    emoji: { id: null, name: "🛑" },
    ...change,
  });

  it("got a reaction, which was taken back", () => {
    const [put] = hear("MESSAGE_REACTION_ADD", reaction());
    const [taken] = hear("MESSAGE_REACTION_REMOVE", reaction({ member: undefined }));
    const reacted = { original, emoji: "🛑", by: { id: "53908232506183680" }, replyTo: { channel, message: id } };
    expect(put).toMatchObject({ kind: "reacted", reacted: { ...reacted, added: true, by: { name: "ana" } } });
    expect(taken).toMatchObject({ kind: "reacted", reacted: { ...reacted, added: false } });
    for (const heard of [put, taken]) expect(heard?.kind === "reacted" && MessageReacted.parse(heard.reacted)).toBeTruthy();
    const keys = [put, taken].map((heard) => heard?.kind === "reacted" && heard.reacted.key);
    expect(new Set(keys).size).toBe(2);
  });

  it("got a custom reaction, which goes by its name", () => {
    expect(hear("MESSAGE_REACTION_ADD", reaction({ emoji: { id, name: "stop_it" } }))).toMatchObject([{ reacted: { emoji: "stop_it" } }]);
  });

  it.each([{ user_id: account }, { member: { user: { bot: true } } }, { emoji: { id, name: null } }])(
    "got one that is nothing to us: %j",
    (change) => {
      expect(hear("MESSAGE_REACTION_ADD", reaction(change))).toEqual([]);
    },
  );

  it("is not told by anything else", () => {
    expect(hear("TYPING_START", reaction())).toEqual([]);
  });
});

it("reads Discord's notation as a person does", () => {
  expect(plainText("<@1> <@!2> <@&3> <#4> <:yes:5> <a:no:6> </run now:7> <https://x.example/?a=1> <t:8:R> a < b")).toBe(
    "@1 @2 @&3 #4 :yes: :no: /run now https://x.example/?a=1 <t:8:R> a < b",
  );
});
