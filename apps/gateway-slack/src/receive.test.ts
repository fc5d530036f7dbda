import { readFileSync } from "node:fs";
import { Message, MessageDeleted, MessageEdited, MessageReacted } from "@bellhop/contracts";
import type { Heard } from "@bellhop/gateway";
import { describe, expect, it } from "vitest";
import { placeOf, toHeard, type Found, type Self } from "./receive.ts";

const self: Self = { account: "T061EG9R6-U0LAN0Z89", user: "U0LAN0Z89", team: "T061EG9R6", prefix: () => "!", awaits: () => false };
const original = { key: "slack/T061EG9R6-U0LAN0Z89/T061EG9R6/C0LAN2Q65/1763712000.000100", sentAt: "2025-11-21T08:00:00.000Z" };

function payload(name: string): { body: Record<string, unknown>; retry: boolean } {
  const envelope = JSON.parse(readFileSync(new URL(`../samples/${name}.json`, import.meta.url), "utf8"));
  return { body: envelope.payload, retry: envelope.retry_attempt > 0 };
}

function sample(name: string): Found | undefined {
  const { body, retry } = payload(name);
  return toHeard({ body, origin: retry ? "retry" : "live" }, self);
}

function heardOf<Kind extends Heard["kind"]>(found: Found | undefined, kind: Kind): Extract<Heard, { kind: Kind }> {
  expect(found?.heard.kind).toBe(kind);
  return found?.heard as Extract<Heard, { kind: Kind }>;
}

const messageOf = (name: string) => heardOf(sample(name), "message").message;

describe("what is addressed to us", () => {
  it("takes a !command in a channel, to be answered in a thread under itself", () => {
    expect(messageOf("channel-command")).toEqual({
      v: 1,
      key: original.key,
      platform: "slack",
      account: "T061EG9R6-U0LAN0Z89",
      conversation: { space: "T061EG9R6", channel: "C0LAN2Q65", thread: undefined, kind: "room" },
      author: { platform: "slack", space: "T061EG9R6", id: "U2147483697", kind: "human" },
      content: { text: "deploy api v2" },
      addressed: "prefix",
      origin: "live",
      replyTo: {
        platform: "slack",
        account: "T061EG9R6-U0LAN0Z89",
        space: "T061EG9R6",
        channel: "C0LAN2Q65",
        thread: "1763712000.000100",
        message: "1763712000.000100",
      },
      sentAt: original.sentAt,
    });
  });

  it("gives the two events of one mention the same message", () => {
    const message = messageOf("mention-message");
    expect(message).toMatchObject({ addressed: "mention", content: { text: "deploy api & web" } });
    expect(messageOf("mention-app-mention")).toEqual(message);
  });

  it("gives a redelivery the key of the first delivery", () => {
    expect(messageOf("redelivered")).toMatchObject({ key: messageOf("channel-command").key, origin: "retry" });
  });

  it("takes every direct message, and answers it where it stands", () => {
    const message = messageOf("direct");
    expect(message).toMatchObject({ addressed: "direct", content: { text: "status" }, conversation: { kind: "direct" } });
    expect(message.replyTo.thread).toBeUndefined();
  });

  it("takes what somebody says uncalled in a thread where they were asked something", () => {
    const { body } = payload("thread-reply");
    const event = { ...(body["event"] as Record<string, unknown>), text: "v3" };
    const hear = (awaits: Self["awaits"]) => toHeard({ body: { ...body, event }, origin: "live" }, { ...self, awaits });
    expect(hear(() => false)).toBeUndefined();
    const { message } = heardOf(
      hear(({ conversation, author }) => conversation.thread === "1763712000.000100" && author === "U2147483697"),
      "message",
    );
    expect(message).toMatchObject({ addressed: "answer", content: { text: "v3" }, replyTo: { thread: "1763712000.000100" } });
  });

  it("answers in the thread it was asked in", () => {
    expect(messageOf("thread-reply")).toMatchObject({
      conversation: { thread: "1763712000.000100" },
      replyTo: { thread: "1763712000.000100", message: "1763712003.000400" },
      content: { text: "deploy api.example.com <v3>" },
    });
  });

  it("takes the text that came with a file, and tells of the file", () => {
    expect(messageOf("with-file").content).toEqual({ text: "import" });
    expect(sample("with-file")?.files).toMatchObject([{ id: "F0S43P1CZ", name: "hosts.csv", mimetype: "text/csv", size: 120 }]);
  });

  it("names a stranger of a shared channel by their own workspace", () => {
    expect(messageOf("shared-channel").author).toMatchObject({ space: "T0ELSEWHERE", id: "U9STRANGER" });
    expect(messageOf("shared-channel").replyTo.space).toBe("T061EG9R6");
  });

  it("makes schema-valid messages only", () => {
    for (const name of ["channel-command", "mention-message", "direct", "thread-reply", "shared-channel"]) {
      expect(Message.safeParse(messageOf(name)).success, name).toBe(true);
    }
  });
});

describe("what is not", () => {
  it.each(["talk", "own-reply", "other-bot", "mention-edited", "unfurled"])("passes over %s", (name) => {
    expect(sample(name)).toBeUndefined();
  });

  it.each([undefined, null, 7, "text", {}, { type: "event_callback" }, { type: "event_callback", event: { type: "reaction_added" } }])(
    "passes over the body %j",
    (body) => {
      expect(toHeard({ body, origin: "live" }, self)).toBeUndefined();
    },
  );

  it.each(["!", "! ", "!!", "!!! really", "deploy !api", "", "?deploy"])("passes over %j in a channel", (text) => {
    expect(said({ text })).toBeUndefined();
  });
});

it("answers a bare mention with help", () => {
  expect(textOf(said({ text: "<@U0LAN0Z89>" }))).toBe("help");
});

it.each([
  ["<@U0LAN0Z89>: deploy api", "deploy api"],
  ["  <@U0LAN0Z89|bellhop>, !deploy api", "deploy api"],
  ["! deploy", undefined],
  ["!deploy “api” v2", "deploy “api” v2"],
  ["!say a\nb", "say a\nb"],
  ["!say &lt;b&gt;", "say <b>"],
])("reads %j as %j", (text, expected) => {
  expect(textOf(said({ text }))).toBe(expected);
});

it("goes by the prefix of the room", () => {
  const prefix: Self["prefix"] = ({ channel }) => (channel === "C1" ? "?" : "!");
  expect([said({ text: "?deploy" }, { prefix }), said({ text: "!deploy" }, { prefix })].map(textOf)).toEqual(["deploy", undefined]);
});

it("reads a message of the history as it is now", () => {
  expect(textOf(said({ text: "!deploy v2", edited: { ts: "1763712007.000000" } }, { origin: "backfill" }))).toBe("deploy v2");
});

describe("an edit", () => {
  it("names the message that it changes, and says what that says now", () => {
    const { edited } = heardOf(sample("message-changed"), "edited");
    expect(MessageEdited.parse(edited)).toMatchObject({
      original,
      author: { id: "U2147483697" },
      message: {
        key: edited.key,
        content: { text: "deploy api v3" },
        replyTo: messageOf("channel-command").replyTo,
        sentAt: original.sentAt,
      },
      editedAt: "2025-11-21T08:00:07.000Z",
    });
    expect(edited.key).toMatch(`${original.key}/e1763712007.000000-`);
  });

  it("has a name of its own also where two are made in one second", () => {
    const keys = ["!a", "!b"].map((text) => heardOf(changed({ text }), "edited").edited.key);
    expect(new Set(keys).size).toBe(2);
  });

  it("of what does not call us any more brings no message", () => {
    const { edited } = heardOf(changed({ text: "never mind" }), "edited");
    expect(edited.message).toBeUndefined();
    expect(edited.original).toEqual(original);
  });

  it("of talk is nothing, unless it calls us now", () => {
    expect(changed({ text: "still talk" }, { text: "talk" })).toBeUndefined();
    expect(heardOf(changed({ text: "!now" }, { text: "talk" }), "edited").edited.message?.content.text).toBe("now");
  });

  it.each([
    ["without new words", { text: "!old" }, { text: "!old" }],
    ["of a bot", { text: "!new", bot_id: "B1" }, { text: "!old", bot_id: "B1" }],
    ["of ours", { text: "!new", user: "U0LAN0Z89" }, { text: "!old", user: "U0LAN0Z89" }],
    ["that nobody made", { text: "!new", edited: undefined }, { text: "!old" }],
  ])("%s is nothing", (_, now, before) => {
    expect(changed(now, before)).toBeUndefined();
  });

  it("keeps the files of the message", () => {
    const files = [{ id: "F1", name: "a.csv" }];
    expect(changed({ text: "!import", files, subtype: "file_share" })?.files).toEqual(files);
  });
});

describe("a message that is gone", () => {
  it.each(["message-deleted", "tombstone"])("is named: %s", (name) => {
    const { deleted } = heardOf(sample(name), "deleted");
    expect(MessageDeleted.parse(deleted)).toMatchObject({
      key: original.key,
      original,
      conversation: { channel: "C0LAN2Q65", kind: "room" },
    });
  });

  it("is nothing to us where it did not call us", () => {
    const { body } = payload("message-deleted");
    const event = { ...(body.event as object), previous_message: { user: "U1", text: "talk", ts: "1763712000.000100" } };
    expect(toHeard({ body: { ...body, event }, origin: "live" }, self)).toBeUndefined();
  });
});

describe("a reaction", () => {
  it("names the message that it was put on", () => {
    const { reacted } = heardOf(sample("reaction-added"), "reacted");
    expect(MessageReacted.parse(reacted)).toMatchObject({
      original,
      by: { platform: "slack", space: "T061EG9R6", id: "U2147483697" },
      emoji: "🛑",
      added: true,
      replyTo: { channel: "C0LAN2Q65", thread: "1763712000.000100", message: "1763712000.000100" },
      at: "2025-11-21T08:00:13.001Z",
    });
    expect(reacted.key).not.toBe(original.key);
  });

  it("is heard to be taken back, in direct conversations too", () => {
    const { reacted } = heardOf(sample("reaction-removed"), "reacted");
    expect(reacted).toMatchObject({ emoji: "👍🏼", added: false, conversation: { kind: "direct" } });
    expect(reacted.replyTo.thread).toBeUndefined();
  });

  it.each([
    ["of ours", { user: "U0LAN0Z89" }],
    ["to a file", { item: { type: "file", channel: "C1", ts: "1763712000.000100" } }],
  ])("%s is nothing", (_, change) => {
    const { body } = payload("reaction-added");
    expect(toHeard({ body: { ...body, event: { ...(body.event as object), ...change } }, origin: "live" }, self)).toBeUndefined();
  });
});

it.each([
  ["talk", { channel: "C0LAN2Q65", at: expect.stringMatching(/^17637120/), direct: false }],
  ["direct", { channel: expect.stringMatching(/^D/), at: expect.stringMatching(/^17637120/), direct: true }],
  ["reaction-added", { channel: "C0LAN2Q65", at: "1763712013.001400", direct: false }],
  ["message-changed", { channel: "C0LAN2Q65", at: "1763712007.000800", direct: false }],
])("knows where and when %s happened", (name, expected) => {
  expect(placeOf(payload(name).body)).toEqual(expected);
});

interface Event {
  text: string;
  [field: string]: unknown;
}

function said(event: Event, { origin = "live", prefix }: { origin?: Message["origin"]; prefix?: Self["prefix"] } = {}): Found | undefined {
  const told = { type: "message", channel: "C1", channel_type: "channel", user: "U1", ts: "1763712000.000100", ...event };
  return toHeard({ body: { type: "event_callback", event: told }, origin }, { ...self, ...(prefix && { prefix }) });
}

function changed(now: Event, before: Event = { text: "!old" }): Found | undefined {
  const written = { user: "U1", ts: "1763712000.000100", type: "message" };
  const event = {
    type: "message",
    subtype: "message_changed",
    hidden: true,
    channel: "C0LAN2Q65",
    channel_type: "channel",
    message: { ...written, edited: { user: "U1", ts: "1763712007.000000" }, ...now },
    previous_message: { ...written, ...before },
    ts: "1763712007.000800",
    event_ts: "1763712007.000800",
  };
  return toHeard({ body: { type: "event_callback", event }, origin: "live" }, self);
}

function textOf(found: Found | undefined): string | undefined {
  return found === undefined ? undefined : heardOf(found, "message").message.content.text;
}
