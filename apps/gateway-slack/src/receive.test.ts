import { readFileSync } from "node:fs";
import { Message } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { plainText, toMessage } from "./receive.ts";

const self = { account: "U0LAN0Z89", team: "T061EG9R6" };

function sample(name: string): ReturnType<typeof toMessage> {
  const envelope = JSON.parse(readFileSync(new URL(`../samples/${name}.json`, import.meta.url), "utf8"));
  return toMessage({ body: envelope.payload, retry: envelope.retry_attempt > 0 }, self);
}

describe("what is addressed to us", () => {
  it("takes a !command in a channel, to be answered in a thread under itself", () => {
    expect(sample("channel-command")).toEqual({
      v: 1,
      key: "slack/U0LAN0Z89/T061EG9R6/C0LAN2Q65/1763712000.000100",
      platform: "slack",
      account: "U0LAN0Z89",
      conversation: { space: "T061EG9R6", channel: "C0LAN2Q65", thread: undefined, kind: "room" },
      author: { platform: "slack", space: "T061EG9R6", id: "U2147483697", kind: "human" },
      content: { text: "deploy api v2" },
      addressed: "prefix",
      origin: "live",
      replyTo: {
        platform: "slack",
        account: "U0LAN0Z89",
        space: "T061EG9R6",
        channel: "C0LAN2Q65",
        thread: "1763712000.000100",
        message: "1763712000.000100",
      },
      sentAt: "2025-11-21T08:00:00.000Z",
    });
  });

  it("gives the two events of one mention the same message", () => {
    const message = sample("mention-message");
    expect(message).toMatchObject({ addressed: "mention", content: { text: "deploy api & web" } });
    expect(sample("mention-app-mention")).toEqual(message);
  });

  it("gives a redelivery the key of the first delivery", () => {
    expect(sample("redelivered")?.key).toBe(sample("channel-command")?.key);
    expect(sample("redelivered")?.origin).toBe("retry");
  });

  it("takes every direct message, and answers it where it stands", () => {
    expect(sample("direct")).toMatchObject({ addressed: "direct", content: { text: "status" }, conversation: { kind: "direct" } });
    expect(sample("direct")?.replyTo.thread).toBeUndefined();
  });

  it("answers in the thread it was asked in", () => {
    expect(sample("thread-reply")).toMatchObject({
      conversation: { thread: "1763712000.000100" },
      replyTo: { thread: "1763712000.000100", message: "1763712003.000400" },
      content: { text: "deploy api.example.com <v3>" },
    });
  });

  it("takes the text that came with a file", () => {
    expect(sample("with-file")?.content.text).toBe("import");
  });

  it("names a stranger of a shared channel by their own workspace", () => {
    expect(sample("shared-channel")?.author).toMatchObject({ space: "T0ELSEWHERE", id: "U9STRANGER" });
    expect(sample("shared-channel")?.replyTo.space).toBe("T061EG9R6");
  });

  it("makes schema-valid messages only", () => {
    for (const name of ["channel-command", "mention-message", "direct", "thread-reply", "shared-channel"]) {
      expect(Message.safeParse(sample(name)).success, name).toBe(true);
    }
  });
});

describe("what is not", () => {
  it.each(["talk", "own-reply", "other-bot", "message-changed", "mention-edited"])("passes over %s", (name) => {
    expect(sample(name)).toBeUndefined();
  });

  it.each([undefined, null, 7, "text", {}, { type: "event_callback" }, { type: "event_callback", event: { type: "reaction_added" } }])(
    "passes over the body %j",
    (body) => {
      expect(toMessage({ body, retry: false }, self)).toBeUndefined();
    },
  );

  it.each(["!", "! ", "!!", "!!! really", "deploy !api", ""])("passes over %j in a channel", (text) => {
    expect(toMessage({ body: said({ text }), retry: false }, self)).toBeUndefined();
  });
});

it("answers a bare mention with help", () => {
  expect(toMessage({ body: said({ text: "<@U0LAN0Z89>" }), retry: false }, self)?.content.text).toBe("help");
});

it.each([
  ["<@U0LAN0Z89>: deploy api", "deploy api"],
  ["  <@U0LAN0Z89|bellhop>, !deploy api", "deploy api"],
  ["! deploy", undefined],
  ["!deploy “api” v2", "deploy “api” v2"],
  ["!say a\nb", "say a\nb"],
])("reads %j as %j", (text, expected) => {
  expect(toMessage({ body: said({ text }), retry: false }, self)?.content.text).toBe(expected);
});

it.each([
  ["a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"],
  ["<http://x.example|x.example>", "x.example"],
  ["<https://x.example/>", "https://x.example/"],
  ["<https://evil.example|the docs>", "[the docs](https://evil.example)"],
  ["<mailto:ana@x.example|ana@x.example>", "ana@x.example"],
  ["ask <@U123> or <@U123|ana>", "ask @U123 or @U123"],
  ["in <#C1|general>, <#C2>", "in #general, #C2"],
  ["<!here> <!subteam^S1|@ops> <!date^1392734382^{date}|yesterday>", "@here @ops yesterday"],
  ["&lt;@U123&gt;", "<@U123>"],
])("shows %j as %j", (text, expected) => {
  expect(plainText(text)).toBe(expected);
});

function said(event: { text: string }): unknown {
  return {
    type: "event_callback",
    event: { type: "message", channel: "C1", channel_type: "channel", user: "U1", ts: "1763712000.000100", ...event },
  };
}
