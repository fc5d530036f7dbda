import { readFileSync } from "node:fs";
import { Message } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { readTold, toMessage, type Told } from "./receive.ts";

const self = { account: "@bellhop:example.org", displayName: "Bell Hop" };
const room = "!ops:example.org";

describe("what is addressed to us", () => {
  it("takes a !command in a room, to be answered in a thread under itself", () => {
    expect(heard(sample("room-command"))).toEqual({
      message: {
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
      },
    });
  });

  it("answers in the thread it was asked in", () => {
    expect(heard(sample("thread-reply"))?.message).toMatchObject({
      conversation: { thread: "$root" },
      replyTo: { thread: "$root", message: "$thread-reply" },
      content: { text: "status" },
    });
  });

  it("takes what somebody says uncalled in a thread where they were asked something", () => {
    const answer = text("v3", { "m.relates_to": { rel_type: "m.thread", event_id: "$root" } });
    expect(heard(answer, { awaited: "$other" })).toBeUndefined();
    expect(heard(answer, { awaited: "$root" })?.message).toMatchObject({
      addressed: "answer",
      content: { text: "v3" },
      replyTo: { thread: "$root" },
    });
  });

  it("takes every direct message, and answers it where it stands", () => {
    const { message } = heard(text("status"), { direct: true }) ?? {};
    expect(message).toMatchObject({ addressed: "direct", content: { text: "status" }, conversation: { kind: "direct" } });
    expect(message?.replyTo.thread).toBeUndefined();
  });

  it("takes a mention as clients write it", () => {
    expect(heard(sample("mention"))?.message).toMatchObject({ addressed: "mention", content: { text: "deploy api & web" } });
  });

  it("reads what was written now, and not what it answers", () => {
    expect(heard(sample("reply-with-quote"))?.message).toMatchObject({ addressed: "prefix", content: { text: "deploy api" } });
  });

  it("goes by the room's own prefix", () => {
    expect(heard(text("bot deploy"), { prefix: "bot " })?.message.content.text).toBe("deploy");
    expect(heard(text("!deploy"), { prefix: "bot " })).toBeUndefined();
  });

  it("makes schema-valid messages only", () => {
    for (const name of ["room-command", "thread-reply", "mention", "reply-with-quote", "file-with-caption", "edited"]) {
      expect(Message.safeParse(heard(sample(name))?.message).success, name).toBe(true);
    }
  });
});

describe("a file", () => {
  it("comes with the command that is its caption", () => {
    expect(heard(sample("file-with-caption"))).toMatchObject({
      message: { content: { text: "count lines" }, addressed: "prefix" },
      file: { name: "numbers.csv", type: "text/csv", bytes: 8, media: "example.org/srfZvdyRIcHucczGbqfenTed" },
    });
  });

  it("alone is no command, not in a direct conversation either, whatever its name is", () => {
    expect([heard(sample("file")), heard(sample("file"), { direct: true })]).toEqual([undefined, undefined]);
  });

  it.each([
    ["encrypted", { url: undefined, file: { url: "mxc://example.org/x" } }],
    ["an address on the web", { url: "https://example.org/x.csv" }],
    ["a way out of the homeserver", { url: "mxc://example.org/../../admin" }],
  ])("that is %s can't be read", (_, content) => {
    expect(heard(withContent("file-with-caption", content))?.file).toMatchObject({ name: "numbers.csv", media: undefined });
  });

  it("may say nothing of itself", () => {
    expect(heard(withContent("file-with-caption", { info: undefined }))?.file).toMatchObject({ type: "", bytes: 0 });
  });
});

describe("an edit", () => {
  it("is a message of its own that takes the place of the first, where that is to be answered", () => {
    expect(heard(sample("edited"))?.message).toMatchObject({
      key: "matrix/%40bellhop%3Aexample.org/example.org/!ops%3Aexample.org/%24room-command/e%24edited",
      content: { text: "deploy api v3" },
      replyTo: { message: "$room-command", thread: "$room-command" },
    });
    expect(heard(sample("edited"), { thread: "$root" })?.message).toMatchObject({
      conversation: { thread: "$root" },
      replyTo: { message: "$room-command", thread: "$root" },
    });
  });

  it("may not call us any more", () => {
    const content = { "m.new_content": { msgtype: "m.text", body: "never mind" } };
    expect(readTold(withContent("edited", content), self)).toMatchObject({ kind: "reworded", target: "$room-command" });
    expect(heard(withContent("edited", content))).toBeUndefined();
  });
});

describe("what else happens to messages", () => {
  it.each([
    ["reaction", { kind: "reacted", target: "$room-command", emoji: "❤", id: "$reaction" }],
    ["redaction", { kind: "takenBack", target: "$room-command", id: "$redaction" }],
    ["redaction-before-v11", { kind: "takenBack", target: "$room-command", id: "$redaction-before-v11" }],
  ])("reads a %s", (name, expected) => {
    expect(readTold(sample(name), self)).toEqual({ sender: "@ana:example.org", at: 1_763_712_000_000, ...expected });
  });

  it("passes over our own", () => {
    for (const name of ["reaction", "redaction", "edited"]) expect(readTold(sample(name), { account: "@ana:example.org" })).toBeUndefined();
  });
});

describe("what is not", () => {
  it.each(["talk", "own-reply", "other-bot", "redacted", "encrypted", "reply-to-us"])("passes over %s", (name) => {
    expect(heard(sample(name))).toBeUndefined();
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
    { ...text("!x"), type: "m.reaction" },
    { ...text("!x"), type: "m.room.redaction" },
    text("* !x", { "m.relates_to": { rel_type: "m.replace", event_id: "$1" } }),
    text("* !x", { "m.relates_to": { rel_type: "m.replace" }, "m.new_content": { msgtype: "m.text", body: "!x" } }),
  ])("passes over the event %j", (event) => {
    expect(readTold(event, self)).toBeUndefined();
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

  it.each([
    ["allow @ben core.echo", 'allow <a href="https://matrix.to/#/@ben:example.org">ben</a> core.echo', "allow @ben:example.org core.echo"],
    ["ask ben about ben", 'ask ben about <a href="https://matrix.to/#/%40ben%3Aexample.org">ben</a>', "ask ben about @ben:example.org"],
    [
      "a b & c bb b",
      'a <a href="https://matrix.to/#/@b:x.org">b</a> &amp; c bb <a href="https://matrix.to/#/@b:y.org">b</a>',
      "a @b:x.org & c bb @b:y.org",
    ],
    ["[Ben B.](https://matrix.to/#/@ben:example.org) is in", "", "@ben:example.org is in"],
    [
      "see [ops](https://matrix.to/#/!ops:example.org)",
      'see <a href="https://matrix.to/#/!ops:example.org">ops</a>',
      "see [ops](https://matrix.to/#/!ops:example.org)",
    ],
    ["hi ben", 'hi <a href="https://matrix.to/#/@%E0%A4%A">ben</a>', "hi ben"],
    ["hi", 'hi <a href="https://matrix.to/#/@ben:example.org">ben</a>', "hi"],
  ])("names people by their ids: %j", (body, formatted_body, expected) => {
    expect(said(`!${body}`, { formatted_body })?.content.text).toBe(expected);
  });

  it("takes its time in proportion to the text", () => {
    const before = performance.now();
    said(`[${"]".repeat(60_000)}`);
    said("> <@".repeat(15_000), { "m.relates_to": { "m.in_reply_to": { event_id: "$x" } } });
    said("x", { formatted_body: `<mx-reply>${"<a href=".repeat(8_000)}` });
    said("[".repeat(60_000));
    said(`!${"a ".repeat(30_000)}`, { formatted_body: '<a href="https://matrix.to/#/@a:x.org">a</a>'.repeat(1_000) });
    said("!x", { formatted_body: '<a href="https://matrix.to/#/'.repeat(2_000) });
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});

interface Sample {
  content: Record<string, unknown>;
}

function sample(name: string): Sample {
  return JSON.parse(readFileSync(new URL(`../samples/${name}.json`, import.meta.url), "utf8")) as Sample;
}

function withContent(name: string, content: Record<string, unknown>): Sample {
  const event = sample(name);
  return { ...event, content: { ...event.content, ...content } };
}

function heard(
  event: unknown,
  { direct = false, prefix = "!", thread, awaited }: { direct?: boolean; prefix?: string; thread?: string; awaited?: string } = {},
) {
  const told: Told | undefined = readTold(event, self);
  if (told?.kind !== "said" && told?.kind !== "reworded") return undefined;
  const rewords = told.kind === "reworded" ? { id: told.target, thread } : undefined;
  return toMessage(told, {
    room,
    direct,
    prefix,
    origin: "live",
    self,
    rewords,
    awaits: (one) => awaited !== undefined && one.conversation.thread === awaited,
  });
}

function said(body: string, more: Record<string, unknown> = {}): Message | undefined {
  return heard(text(body, more))?.message;
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
