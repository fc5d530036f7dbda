import type { App } from "@slack/bolt";
import { afterEach, beforeEach, expect, it } from "vitest";
import { boltApp } from "./bolt-app.ts";
import { startFakeSlack, type FakeSlack } from "./fake-slack.ts";

let slack: FakeSlack;
let client: App["client"];
let ops: string;
let ann: string;

beforeEach(async () => {
  slack = await startFakeSlack();
  ({ client } = boltApp(slack));
  ann = slack.createUser("ann");
  ops = slack.createChannel("ops");
});
afterEach(() => slack.close());

const content = new TextEncoder().encode("a,b");

async function announced(name = "a.csv", length = content.byteLength): Promise<{ id: string; url: string }> {
  const { upload_url: url = "", file_id: id = "" } = await client.files.getUploadURLExternal({ filename: name, length });
  return { id, url };
}

const shown = () => slack.waitUntil(() => slack.sharing() === 0);

it("shows an upload in its thread, a moment after the answer, which names no message", async () => {
  const { ts } = await slack.say({ channel: ops, user: ann, text: "root" });
  const { id, url } = await announced();
  expect((await fetch(url, { method: "POST", body: content })).status).toBe(200);
  const answer = await client.files.completeUploadExternal({ files: [{ id, title: "numbers" }], channel_id: ops, thread_ts: ts });
  expect(answer.files).toEqual([{ id, title: "numbers" }]);
  expect(slack.room(ops)).toHaveLength(1);
  await shown();
  const message = slack.room(ops).at(-1);
  expect(message).toMatchObject({ thread_ts: ts, bot_id: slack.bot.botId, files: [{ name: "numbers", bytes: content }] });
  const { file } = await client.files.info({ file: id });
  expect(file?.shares?.public?.[ops]).toMatchObject([{ ts: message?.ts, thread_ts: ts }]);
});

it("takes what the SDK uploads as a form", async () => {
  await client.files.uploadV2({ channel_id: ops, filename: "a.csv", file: Buffer.from(content), initial_comment: "here" });
  await shown();
  expect(slack.room(ops)).toMatchObject([{ text: "here", files: [{ name: "a.csv", bytes: content }] }]);
});

it("can be told of an upload once, and takes what was announced only", async () => {
  const { id, url } = await announced();
  const complete = () => client.files.completeUploadExternal({ files: [{ id }], channel_id: ops });
  await expect(complete()).rejects.toThrow("file_not_found");
  expect((await fetch(url, { method: "POST", body: "too long" })).status).toBe(400);
  expect((await fetch(url, { method: "POST", body: content })).status).toBe(200);
  await expect(client.files.completeUploadExternal({ files: [{ id }], channel_id: ann })).rejects.toThrow("invalid_channel");
  await complete();
  await expect(complete()).rejects.toThrow("file_not_found");
});

it("takes a file back, and with it the message that was nothing else", async () => {
  await client.files.uploadV2({ channel_id: ops, filename: "a.csv", file: Buffer.from(content) });
  await client.files.uploadV2({ channel_id: ops, filename: "b.csv", file: Buffer.from(content), initial_comment: "with words" });
  await shown();
  const { messages = [] } = await client.conversations.history({ channel: ops });
  for (const { files } of messages) await client.files.delete({ file: files?.[0]?.id ?? "" });
  expect(slack.room(ops).map(({ text, files }) => [text, files])).toEqual([["with words", []]]);
  await expect(client.files.info({ file: messages[0]?.files?.[0]?.id ?? "" })).rejects.toThrow("file_deleted");
});

it("gives a person's file to a token that may read files, and a page to sign in to all others", async () => {
  await slack.say({ channel: ops, user: ann, text: "look", files: [{ name: "a.csv", type: "text/csv", content }] });
  const { messages = [] } = await client.conversations.history({ channel: ops });
  const url = messages[0]?.files?.[0]?.url_private_download ?? "";
  const get = (token: string) => fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  expect(new Uint8Array(await (await get(slack.bot.token)).arrayBuffer())).toEqual(content);
  expect((await get("xoxb-wrong")).headers.get("content-type")).toMatch("text/html");
  slack.grant(["channels:history"]);
  expect((await get(slack.bot.token)).headers.get("content-type")).toMatch("text/html");
});
