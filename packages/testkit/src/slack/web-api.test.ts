import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFakeSlack, type FakeSlack } from "./fake-slack.ts";

let slack: FakeSlack;
let ops: string;
let ann: string;
let said: string;
let mine: string;

beforeAll(async () => {
  slack = await startFakeSlack();
  ann = slack.createUser("ann");
  ops = slack.createChannel("ops");
  slack.createChannel("elsewhere", { withoutBot: true });
  slack.createChannel("hidden", { withoutBot: true, private: true });
  slack.createChannel("old", { archived: true });
  said = (await slack.say({ channel: ops, user: ann, text: "hi" })).ts;
  mine = String((await call("chat.postMessage", { channel: ops, text: "mine" })).ts);
});
afterAll(() => slack.close());

describe("what the fake Slack refuses", () => {
  const byName = (name: string) => (name === "elsewhere" ? "C00000003" : name === "hidden" ? "G00000004" : "C00000005");
  it.each<[string, string, () => Record<string, string>]>([
    ["chat.postMessage", "invalid_arguments", () => ({ text: "hi" })],
    ["chat.postMessage", "channel_not_found", () => ({ channel: "C404", text: "hi" })],
    ["chat.postMessage", "channel_not_found", () => ({ channel: byName("hidden"), text: "hi" })],
    ["chat.postMessage", "not_in_channel", () => ({ channel: byName("elsewhere"), text: "hi" })],
    ["chat.postMessage", "is_archived", () => ({ channel: byName("old"), text: "hi" })],
    ["chat.postMessage", "no_text", () => ({ channel: ops })],
    ["chat.postMessage", "invalid_thread_ts", () => ({ channel: ops, text: "hi", thread_ts: "0" })],
    ["chat.postMessage", "thread_not_found", () => ({ channel: ops, text: "hi", thread_ts: "1600000000.000100" })],
    ["chat.postMessage", "invalid_metadata_format", () => ({ channel: ops, text: "hi", metadata: "key" })],
    [
      "chat.postMessage",
      "invalid_metadata_schema",
      () => ({ channel: ops, text: "hi", metadata: '{"event_type":"a","event_payload":"b"}' }),
    ],
    ["chat.postMessage", "invalid_blocks_format", () => ({ channel: ops, blocks: "[1]" })],
    ["chat.postMessage", "invalid_blocks", () => ({ channel: ops, blocks: '[{"text":"untyped"}]' })],
    ["chat.postMessage", "markdown_text_conflict", () => ({ channel: ops, text: "a", markdown_text: "b" })],
    ["chat.update", "message_not_found", () => ({ channel: ops, ts: "1.000001", text: "hi" })],
    ["chat.update", "cant_update_message", () => ({ channel: ops, ts: said, text: "hi" })],
    ["chat.update", "msg_too_long", () => ({ channel: ops, ts: mine, text: "é".repeat(2_001) })],
    ["chat.update", "no_text", () => ({ channel: ops, ts: mine })],
    ["chat.delete", "cant_delete_message", () => ({ channel: ops, ts: said })],
    ["chat.delete", "message_not_found", () => ({ channel: ops, ts: "1.000001" })],
    ["conversations.history", "not_in_channel", () => ({ channel: byName("elsewhere") })],
    ["conversations.history", "invalid_cursor", () => ({ channel: ops, cursor: "x" })],
    ["conversations.history", "invalid_ts_oldest", () => ({ channel: ops, oldest: "yesterday" })],
    ["conversations.replies", "thread_not_found", () => ({ channel: ops, ts: "1.000001" })],
    ["conversations.replies", "thread_not_found", () => ({ channel: ops })],
    ["conversations.replies", "channel_not_found", () => ({ ts: "1.000001" })],
    ["conversations.open", "users_list_not_supplied", () => ({})],
    ["conversations.open", "user_not_found", () => ({ users: "U404" })],
    ["users.info", "user_not_found", () => ({ user: "U404" })],
    ["bots.info", "bot_not_found", () => ({ bot: "B404" })],
    ["reactions.add", "no_item_specified", () => ({ name: "eyes" })],
    ["reactions.add", "invalid_name", () => ({ name: ":eyes:", channel: ops, timestamp: said })],
    ["reactions.add", "message_not_found", () => ({ name: "eyes", channel: ops, timestamp: "1.000001" })],
    ["reactions.remove", "no_reaction", () => ({ name: "eyes", channel: ops, timestamp: mine })],
    ["reactions.remove", "no_item_specified", () => ({ name: "eyes" })],
    ["chat.postEphemeral", "invalid_arguments", () => ({ channel: ops, text: "hi" })],
    ["chat.postEphemeral", "user_not_in_channel", () => ({ channel: ops, user: "U404", text: "hi" })],
    ["chat.postEphemeral", "not_in_channel", () => ({ channel: byName("elsewhere"), user: ann, text: "hi" })],
    ["chat.postEphemeral", "no_text", () => ({ channel: ops, user: ann })],
    ["users.conversations", "invalid_types", () => ({ types: "public_channel,rooms" })],
    ["users.conversations", "invalid_cursor", () => ({ cursor: "x" })],
    ["files.getUploadURLExternal", "invalid_arguments", () => ({ length: "3" })],
    ["files.getUploadURLExternal", "missing_argument", () => ({ filename: "a.csv", length: "0" })],
    ["files.completeUploadExternal", "invalid_arguments", () => ({ files: "a.csv" })],
    ["files.completeUploadExternal", "file_not_found", () => ({ files: '[{"id":"F404"}]', channel_id: ops })],
    ["files.info", "file_not_found", () => ({ file: "F404" })],
    ["files.delete", "file_not_found", () => ({ file: "F404" })],
    ["nothing.such", "unknown_method", () => ({})],
  ])("%s: %s", async (method, error, args) => {
    expect(await call(method, args())).toMatchObject({ ok: false, error });
  });

  it("a call without a token, one with the wrong kind, and a connection whose token is in the form", async () => {
    expect(await call("auth.test", {}, { token: "" })).toMatchObject({ error: "not_authed" });
    expect(await call("auth.test", {}, { token: slack.bot.appToken })).toMatchObject({ error: "not_allowed_token_type" });
    expect(await call("apps.connections.open", { token: slack.bot.appToken }, { token: "" })).toMatchObject({ error: "invalid_auth" });
  });

  it("the second of two equal reactions", async () => {
    const eyes = { name: "eyes", channel: ops, timestamp: said };
    expect(await call("reactions.add", eyes)).toEqual({ ok: true });
    expect(await call("reactions.add", eyes)).toMatchObject({ ok: false, error: "already_reacted" });
  });
});

describe("what the fake Slack takes", () => {
  it("a token in the form, a JSON body, a channel's name, a person's id", async () => {
    expect(await call("auth.test", { token: slack.bot.token }, { token: "" })).toMatchObject({ ok: true });
    const headers = { Authorization: `Bearer ${slack.bot.token}`, "Content-Type": "application/json; charset=utf-8" };
    const body = JSON.stringify({ channel: "#ops", text: "json", metadata: { event_type: "a", event_payload: { n: 1 } } });
    const answer = await fetch(`${slack.apiUrl}chat.postMessage`, { method: "POST", headers, body });
    expect(await answer.json()).toMatchObject({ ok: true, channel: ops, message: { metadata: { event_payload: { n: 1 } } } });
    expect(await call("chat.postMessage", { channel: ann, text: "psst" })).toMatchObject({
      ok: true,
      channel: expect.stringMatching(/^D/),
    });
  });

  it("a text that is too long, cut at 40,000 characters", async () => {
    const { ts } = await call("chat.postMessage", { channel: ops, text: "x".repeat(40_001) });
    expect(slack.room(ops).find((message) => message.ts === ts)?.text).toHaveLength(40_000);
  });

  it("an edit that leaves the metadata, and one that takes it away", async () => {
    const { ts } = await call("chat.postMessage", { channel: ops, text: "a", metadata: '{"event_type":"a","event_payload":{}}' });
    const seen = () => slack.room(ops).find((message) => message.ts === ts);
    await call("chat.update", { channel: ops, ts: String(ts), text: "b" });
    expect(seen()).toMatchObject({ text: "b", metadata: { event_type: "a" } });
    await call("chat.update", { channel: ops, ts: String(ts), text: "c", metadata: "{}" });
    expect(seen()?.metadata).toBeUndefined();
  });

  it("the deletion of a thread's root, which leaves a tombstone in the history and nothing in the room", async () => {
    const { ts } = await call("chat.postMessage", { channel: ops, text: "root" });
    await call("chat.postMessage", { channel: ops, text: "reply", thread_ts: String(ts) });
    await call("chat.delete", { channel: ops, ts: String(ts) });
    expect((await call("conversations.replies", { channel: ops, ts: String(ts) })).messages).toMatchObject([
      { subtype: "tombstone" },
      { text: "reply" },
    ]);
    expect(slack.room(ops).some((message) => message.ts === ts)).toBe(false);
  });
});

async function call(method: string, args: Record<string, string>, { token = slack.bot.token } = {}): Promise<Record<string, unknown>> {
  const headers = token ? { Authorization: `Bearer ${token}` } : undefined;
  const answer = await fetch(slack.apiUrl + method, { method: "POST", headers, body: new URLSearchParams(args) });
  return (await answer.json()) as Record<string, unknown>;
}
