import type { App } from "@slack/bolt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { boltApp } from "./bolt-app.ts";
import { startFakeSlack, type FakeSlack } from "./fake-slack.ts";

let slack: FakeSlack;
let app: App;

beforeEach(async () => {
  slack = await startFakeSlack();
  app = boltApp(slack);
});
afterEach(async () => {
  await app.stop();
  await slack.close();
});

describe("the real bolt App on the fake Slack", () => {
  it("hears what a person says and answers in the thread, with metadata that the history shows when asked", async () => {
    const ann = slack.createUser("ann");
    const ops = slack.createChannel("ops");
    app.message("!echo", async ({ message, client }) => {
      const metadata = { event_type: "bellhop_reply", event_payload: { key: "slack/T/1" } };
      await client.chat.postMessage({ channel: message.channel, thread_ts: message.ts, text: "hello", metadata });
    });
    await app.start();

    const { ts } = await slack.say({ channel: ops, user: ann, text: "!echo hello" });
    const reply = await slack.waitForMessage(({ bot_id }) => bot_id === slack.bot.botId);

    expect(reply).toMatchObject({ channel: ops, thread_ts: ts, text: "hello", metadata: { event_payload: { key: "slack/T/1" } } });
    expect(slack.room(ops).map(({ text }) => text)).toEqual(["!echo hello", "hello"]);
    const shown = await app.client.conversations.replies({ channel: ops, ts, include_all_metadata: true });
    expect(shown.messages?.map(({ metadata }) => metadata?.event_type)).toEqual([undefined, "bellhop_reply"]);
    const hidden = await app.client.conversations.replies({ channel: ops, ts });
    expect(hidden.messages?.[1]).toMatchObject({ metadata: { event_type: "bellhop_reply" } });
    expect(hidden.messages?.[1]?.metadata).not.toHaveProperty("event_payload");
    const history = await app.client.conversations.history({ channel: ops, include_all_metadata: true });
    expect(history.messages).toMatchObject([{ ts, reply_count: 1, latest_reply: reply.ts }]);
  });

  it("gives an app_mention and a message with one ts for a mention, and one message for a direct one", async () => {
    const heard: { type: string; ts: string; event: string }[] = [];
    app.event("app_mention", async ({ event, body }) => void heard.push({ type: event.type, ts: event.ts, event: body.event_id }));
    app.event(
      "message",
      async ({ event, body }) => void heard.push({ type: `${event.type} ${event.channel_type}`, ts: event.ts, event: body.event_id }),
    );
    await app.start();
    const ann = slack.createUser("ann");
    const ops = slack.createChannel("ops");

    const { ts } = await slack.say({ channel: ops, user: ann, text: `<@${slack.bot.userId}> help` });
    const direct = await slack.dm(ann, `<@${slack.bot.userId}> help`);
    await slack.waitUntil(() => slack.unsettled().length === 0);

    expect(heard.map(({ type, ts: at }) => [type, at])).toEqual([
      ["app_mention", ts],
      ["message channel", ts],
      ["message im", direct.ts],
    ]);
    expect(new Set(heard.map(({ event }) => event)).size).toBe(3);
  });

  it("fires app_mention again, with a new event id, when a mentioning message is edited", async () => {
    const heard: string[] = [];
    app.event("app_mention", async ({ event, body }) => void heard.push(`${event.ts} ${body.event_id}`));
    await app.start();
    const ops = slack.createChannel("ops");
    const { ts } = await slack.say({ channel: ops, user: slack.createUser("ann"), text: `<@${slack.bot.userId}> hlp` });
    await slack.edit({ channel: ops, ts, text: `<@${slack.bot.userId}> help` });
    await slack.waitUntil(() => slack.unsettled().length === 0);
    expect(heard.map((line) => line.split(" ")[0])).toEqual([ts, ts]);
    expect(new Set(heard).size).toBe(2);
  });

  it("shows its edits and deletions in the room", async () => {
    const ops = slack.createChannel("ops");
    const first = await app.client.chat.postMessage({ channel: ops, text: "working" });
    const second = await app.client.chat.postMessage({ channel: ops, text: "twice" });
    await app.client.chat.update({ channel: ops, ts: first.ts ?? "", text: "done" });
    await app.client.chat.delete({ channel: ops, ts: second.ts ?? "" });
    expect(slack.room(ops)).toMatchObject([{ ts: first.ts, text: "done", edited: true }]);
  });

  it("shows a whisper to one person, and to nobody in a thread that nobody has answered in", async () => {
    const [ann, ben] = [slack.createUser("ann"), slack.createUser("ben")];
    const ops = slack.createChannel("ops");
    const { ts } = await slack.say({ channel: ops, user: ann, text: "root" });
    const whisper = (thread_ts?: string) =>
      app.client.chat.postEphemeral({ channel: ops, user: ann, text: "psst", ...(thread_ts && { thread_ts }) });
    const seenBy = (user: string) => slack.sees(user).map(({ text, only }) => [text, only]);
    expect(await whisper(ts)).toMatchObject({ ok: true, message_ts: expect.any(String) });
    expect(seenBy(ann)).toEqual([["root", undefined]]);
    await slack.say({ channel: ops, user: ben, text: "reply", thread: ts });
    await whisper(ts);
    expect(seenBy(ann).at(-1)).toEqual(["psst", ann]);
    expect(seenBy(ben).at(-1)).toEqual(["reply", undefined]);
    expect((await app.client.conversations.replies({ channel: ops, ts })).messages).toHaveLength(2);
  });

  it("tells of reactions, of deletions, and of the stone that a thread's root leaves", async () => {
    const told: unknown[] = [];
    for (const type of ["reaction_added", "reaction_removed"] as const)
      app.event(type, async ({ event }) => void told.push([type, event.item]));
    app.event("message", async ({ event }) => {
      if (event.subtype === "message_deleted") told.push([event.subtype, event.deleted_ts]);
      if (event.subtype === "message_changed") told.push([event.message.subtype, event.message.ts]);
    });
    await app.start();
    const ann = slack.createUser("ann");
    const channel = slack.createChannel("ops");
    const root = await slack.say({ channel, user: ann, text: "root" });
    const reply = await slack.say({ channel, user: ann, text: "reply", thread: root.ts });
    const settled = () => slack.waitUntil(() => slack.unsettled().length === 0);
    const reaction = { channel, ts: root.ts, user: ann, name: "x" };
    for (const act of [() => slack.react(reaction), () => slack.unreact(reaction), () => slack.remove({ channel, ts: root.ts })]) {
      await act();
      await settled();
    }
    await slack.remove({ channel, ts: reply.ts });
    await settled();
    const item = { type: "message", channel, ts: root.ts };
    expect(told).toEqual([
      ["reaction_added", item],
      ["reaction_removed", item],
      ["tombstone", root.ts],
      ["message_deleted", reply.ts],
    ]);
    await expect(slack.unreact(reaction)).rejects.toThrow("nothing to react to");
  });

  it("keeps a journal of what people saw, and calls whoever wants to look", async () => {
    const ops = slack.createChannel("ops");
    let looks = 0;
    const stop = slack.onChange(() => (looks += 1));
    const { ts = "" } = await app.client.chat.postMessage({ channel: ops, text: "one" });
    await app.client.chat.update({ channel: ops, ts, text: "two" });
    stop();
    await app.client.chat.delete({ channel: ops, ts });
    expect(slack.journal().map(({ what, text }) => [what, text])).toEqual([
      ["appeared", "one"],
      ["reworded", "two"],
      ["gone", undefined],
    ]);
    expect(looks).toBe(2);
  });

  it("lets another bot write, as bots do", async () => {
    const ops = slack.createChannel("ops");
    const rover = slack.createUser("rover", { bot: true });
    await slack.say({ channel: ops, user: rover, text: "woof" });
    const { messages = [] } = await app.client.conversations.history({ channel: ops });
    expect(messages).toMatchObject([{ user: rover, bot_id: expect.stringMatching(/^B/), text: "woof" }]);
    expect(messages[0]?.bot_id).not.toBe(slack.bot.botId);
  });

  it("hands a history out in pages, newest first, and by time", async () => {
    const ops = slack.createChannel("ops");
    const ann = slack.createUser("ann");
    const stamps: string[] = [];
    for (const text of ["1", "2", "3", "4", "5"]) stamps.push((await slack.say({ channel: ops, user: ann, text })).ts);

    const first = await app.client.conversations.history({ channel: ops, limit: 2 });
    const rest = await app.client.conversations.history({ channel: ops, limit: 9, cursor: first.response_metadata?.next_cursor });
    const since = await app.client.conversations.history({ channel: ops, oldest: stamps[2] });
    const from = await app.client.conversations.history({ channel: ops, oldest: stamps[2], inclusive: true });

    const texts = ({ messages = [] }: typeof first) => messages.map(({ text }) => text).join("");
    expect([texts(first), first.has_more, texts(rest), rest.has_more, texts(since), texts(from)]).toEqual([
      "54",
      true,
      "321",
      false,
      "54",
      "543",
    ]);
  });

  it("tells who it and others are, and which channels it is in", async () => {
    const ann = slack.createUser("ann");
    const ops = slack.createChannel("ops");
    slack.createChannel("elsewhere", { withoutBot: true });
    expect(await app.client.auth.test({ token: slack.bot.token })).toMatchObject({
      user_id: slack.bot.userId,
      bot_id: slack.bot.botId,
      team_id: slack.team.id,
    });
    expect(await app.client.users.info({ user: ann })).toMatchObject({ user: { id: ann, name: "ann", is_bot: false } });
    expect(await app.client.bots.info({ bot: slack.bot.botId })).toMatchObject({ bot: { user_id: slack.bot.userId } });
    expect((await app.client.users.conversations({})).channels?.map(({ id }) => id)).toEqual([ops]);
    const { channel } = await app.client.conversations.open({ users: ann });
    expect((await slack.dm(ann, "hi")).channel).toBe(channel?.id);
  });

  it("lets two channels give one ts, but never one channel", async () => {
    const still = await startFakeSlack({ now: () => 1_700_000_000_000 });
    const ann = still.createUser("ann");
    const [a, b] = [still.createChannel("a"), still.createChannel("b")];
    const first = await still.say({ channel: a, user: ann, text: "1" });
    expect(await still.say({ channel: b, user: ann, text: "1" })).toEqual(first);
    expect(await still.say({ channel: a, user: ann, text: "2" })).toEqual({ ts: "1700000000.000001" });
    await still.close();
  });

  it("refuses a wrong token at the start and a revoked one later", async () => {
    const stranger = boltApp(slack, { token: "xoxb-wrong" });
    await expect(stranger.client.auth.test({ token: "xoxb-wrong" })).rejects.toThrow("invalid_auth");
    const ops = slack.createChannel("ops");
    slack.revokeTokens();
    await expect(app.client.chat.postMessage({ channel: ops, text: "hi" })).rejects.toThrow("invalid_auth");
    await expect(app.start()).rejects.toThrow("invalid_auth");
  });
});
