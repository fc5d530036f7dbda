import { afterEach, describe, expect, it } from "vitest";
import { boltApp } from "./bolt-app.ts";
import { startFakeSlack, type FakeSlack, type FakeSlackOptions } from "./fake-slack.ts";

let slack: FakeSlack;
afterEach(() => slack.close());

async function start(options: FakeSlackOptions = {}) {
  slack = await startFakeSlack(options);
  const ann = slack.createUser("ann");
  const [ops, other] = [slack.createChannel("ops"), slack.createChannel("other")];
  return { ann, ops, other, client: boltApp(slack).client };
}

describe("what the workspace did not let the app do", () => {
  it("is refused, with what it takes and what there is", async () => {
    const { ops, ann, client } = await start({ scopes: ["chat:write", "channels:history"] });
    await client.chat.postMessage({ channel: ops, text: "hi" });
    await client.conversations.history({ channel: ops });
    const { channel: direct } = await slack.dm(ann, "psst");
    const lacking = (needed: string) => ({ data: { error: "missing_scope", needed, provided: "chat:write,channels:history" } });
    await expect(client.conversations.history({ channel: direct })).rejects.toMatchObject(lacking("im:history"));
    await expect(client.users.conversations({ types: "mpim" })).rejects.toMatchObject(lacking("mpim:read"));
    await expect(client.files.getUploadURLExternal({ filename: "a", length: 1 })).rejects.toMatchObject(lacking("files:write"));
    await expect(client.conversations.open({ users: ann })).rejects.toMatchObject(lacking("im:write"));
  });

  it("is not told to it", async () => {
    const { ops, ann } = await start({ scopes: ["im:history", "reactions:read"] });
    const { ts } = await slack.say({ channel: ops, user: ann, text: `<@${slack.bot.userId}> hi` });
    await slack.dm(ann, "psst");
    await slack.react({ channel: ops, ts, user: ann, name: "x" });
    expect(slack.unsettled().map(({ type, channel_type }) => [type, channel_type])).toEqual([
      ["message", "im"],
      ["reaction_added", undefined],
    ]);
  });
});

describe("more calls than Slack takes", () => {
  it("are turned away, posts channel by channel, until their time is over", async () => {
    let clock = 1_700_000_000_000;
    const { ops, other, client } = await start({ rateLimits: {}, now: () => clock });
    const post = (channel: string) => client.chat.postMessage({ channel, text: "hi" });
    const limited = { code: "slack_webapi_rate_limited_error", retryAfter: 1 };
    for (let at = 0; at < 4; at++) await post(ops);
    await expect(post(ops)).rejects.toMatchObject(limited);
    await post(other);
    clock += 1_000;
    await post(ops);
    await expect(post(ops)).rejects.toMatchObject(limited);
    expect(slack.room(ops)).toHaveLength(5);
  });

  it("are counted per method", async () => {
    const { ops, client } = await start({ rateLimits: {} });
    for (let at = 0; at < 20; at++) await client.reactions.remove({ channel: ops, timestamp: "1.000001", name: "x" }).catch(() => {});
    await expect(client.reactions.remove({ channel: ops, timestamp: "1.000001", name: "x" })).rejects.toMatchObject({ retryAfter: 60 });
    await expect(client.reactions.add({ channel: ops, timestamp: "1.000001", name: "x" })).rejects.toThrow("message_not_found");
  });
});

it("lets nothing through while it is out", async () => {
  const { ops, client } = await start();
  const app = boltApp(slack);
  await app.start();
  const [outage, second] = [slack.outage(), slack.outage()];
  await slack.waitUntil(() => slack.sockets() === 0);
  outage.end();
  outage.end();
  await expect(client.chat.postMessage({ channel: ops, text: "hi" })).rejects.toMatchObject({ statusCode: 503 });
  expect(slack.room(ops)).toEqual([]);
  await app.stop();
  second.end();
  await client.chat.postMessage({ channel: ops, text: "hi" });
  expect(slack.room(ops)).toHaveLength(1);
});

it("opens ten sockets and no more", async () => {
  await start();
  const apps = Array.from({ length: 10 }, () => boltApp(slack));
  await Promise.all(apps.map((app) => app.start()));
  await slack.waitUntil(() => slack.sockets() === 10);
  const answer = await fetch(`${slack.apiUrl}apps.connections.open`, {
    method: "POST",
    headers: { Authorization: `Bearer ${slack.bot.appToken}` },
  });
  const { url } = (await answer.json()) as { url: string };
  const told = await new Promise((resolve) =>
    new WebSocket(url).addEventListener("message", ({ data }) => resolve(JSON.parse(String(data)))),
  );
  expect(told).toMatchObject({ type: "disconnect", reason: "too_many_websockets" });
  await Promise.all(apps.map((app) => app.stop()));
});
