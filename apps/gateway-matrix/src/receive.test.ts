import { readFileSync } from "node:fs";
import { Message } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { isTyped, toMessage } from "./receive.ts";

const self = { account: "@bellhop:example.org", displayName: "Bell Hop" };
const room = "!ops:example.org";

describe("what is addressed to us", () => {
  it("takes a !command in a room, to be answered in a thread under itself", () => {
    expect(sample("room-command")).toEqual({
      v: 1,
      key: "matrix/%40bellhop%3Aexample.org/example.org/!ops%3Aexample.org/%24room-command",
      platform: "matrix",
      account: "@bellhop:example.org",
      conversation: { space: "example.org", channel: room, thread: undefined, kind: "room" },
      author: { platform: "matrix", id: "@ana:example.org", kind: "human" },
      content: { text: "deploy api v2" },
      addressed: "prefix",
      origin: "live",
      replyTo: {
        platform: "matrix",
        account: "@bellhop:example.org",
        space: "example.org",
        channel: room,
        thread: "$room-command",
        message: "$room-command",
      },
      sentAt: "2025-11-21T08:00:00.000Z",
    });
  });

  it("answers in the thread it was asked in", () => {
    expect(sample("thread-reply")).toMatchObject({
      conversation: { thread: "$root" },
      replyTo: { thread: "$root", message: "$thread-reply" },
      content: { text: "status" },
    });
  });

  it("takes every direct message, and answers it where it stands", () => {
    const message = toMessage({ event: text("status"), room, direct: true, origin: "live" }, self);
    expect(message).toMatchObject({ addressed: "direct", content: { text: "status" }, conversation: { kind: "direct" } });
    expect(message?.replyTo.thread).toBeUndefined();
  });

  it("takes a mention as clients write it", () => {
    expect(sample("mention")).toMatchObject({ addressed: "mention", content: { text: "deploy api & web" } });
  });

  it("reads what was written now, and not what it answers", () => {
    expect(sample("reply-with-quote")).toMatchObject({ addressed: "prefix", content: { text: "deploy api" } });
  });

  it("makes schema-valid messages only", () => {
    for (const name of ["room-command", "thread-reply", "mention", "reply-with-quote"]) {
      expect(Message.safeParse(sample(name)).success, name).toBe(true);
    }
  });
});

describe("what is not", () => {
  it.each(["talk", "own-reply", "other-bot", "edited", "redacted", "encrypted", "reply-to-us"])("passes over %s", (name) => {
    expect(sample(name)).toBeUndefined();
  });

  it.each([
    undefined,
    null,
    7,
    "text",
    {},
    { type: "m.room.message" },
    { ...text("!x"), origin_server_ts: 1e18 },
    { ...text("!x"), content: [] },
  ])("passes over the event %j", (event) => {
    expect(toMessage({ event, room, direct: true, origin: "live" }, self)).toBeUndefined();
    expect(isTyped(event, self)).toBe(false);
  });

  it.each(["!", "! ", "! deploy", "!!", "!!! really", "deploy !api", "", "bellhop is tired", "bellhops: hi", "@bellhop:example.organic x"])(
    "passes over %j in a room",
    (body) => {
      expect(said(body)).toBeUndefined();
    },
  );
});

describe("a call by name", () => {
  it.each([
    ["@bellhop:example.org deploy api", "deploy api"],
    ["@bellhop:example.org: deploy api", "deploy api"],
    ["bellhop: deploy api", "deploy api"],
    ["@bellhop, !deploy api", "deploy api"],
    ["BELL HOP: deploy api", "deploy api"],
    ["[Bell](https://matrix.to/#/@bellhop:example.org) deploy api", "deploy api"],
    ["@bellhop:example.org", "help"],
    ["bellhop:", "help"],
  ])("reads %j as %j", (body, expected) => {
    expect(said(body)).toMatchObject({ addressed: "mention", content: { text: expected } });
  });

  it("needs no colon where the client says that we are meant", () => {
    expect(said("bellhop deploy api", { "m.mentions": { user_ids: [self.account] } })?.content.text).toBe("deploy api");
    expect(said("bellhop deploy api", { "m.mentions": { user_ids: ["@ana:example.org"] } })).toBeUndefined();
    expect(said("I asked bellhop yesterday", { "m.mentions": { user_ids: [self.account] } })).toBeUndefined();
  });

  it("takes its time in proportion to the text", () => {
    const before = performance.now();
    said(`[${"]".repeat(60_000)}`);
    said("> <@".repeat(15_000), { "m.relates_to": { "m.in_reply_to": { event_id: "$x" } } });
    said("x", { formatted_body: `<mx-reply>${"<a href=".repeat(8_000)}` });
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});

function sample(name: string): ReturnType<typeof toMessage> {
  const event: unknown = JSON.parse(readFileSync(new URL(`../samples/${name}.json`, import.meta.url), "utf8"));
  return toMessage({ event, room, direct: false, origin: "live" }, self);
}

function said(body: string, more: Record<string, unknown> = {}): ReturnType<typeof toMessage> {
  return toMessage({ event: text(body, more), room, direct: false, origin: "live" }, self);
}

function text(body: string, more: Record<string, unknown> = {}) {
  return {
    type: "m.room.message",
    event_id: "$1",
    sender: "@ana:example.org",
    origin_server_ts: 1_763_712_000_000,
    content: { msgtype: "m.text", body, ...more },
  };
}
