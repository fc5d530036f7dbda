import { scaled, type Send } from "@bellhop/contracts";
import { adapterContract } from "@bellhop/gateway/testing";
import { Secret, silentLog } from "@bellhop/service";
import { startFakeSlack, type FakeSlack } from "@bellhop/testkit/slack";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSlack } from "./connection.ts";

const durations = scaled(0.1);

function open(slack: FakeSlack) {
  const { bot, apiUrl } = slack;
  return openSlack({ slack: { botToken: new Secret(bot.token), appToken: new Secret(bot.appToken), apiUrl }, durations, log: silentLog });
}

/** Redelivers at once and after 100 ms, then gives up, so that a test need not wait for minutes. */
const quick = { ackTimeoutMs: 150, retryDelaysMs: [0, 100] };

adapterContract({
  name: "Slack",
  async start() {
    const slack = await startFakeSlack(quick);
    const user = slack.createUser("ana");
    const channel = slack.createChannel("ops");
    return {
      adapter: () => open(slack),
      say: async (command) => void (await slack.say({ channel, user, text: `!${command}` })),
      chat: async (text) => void (await slack.say({ channel, user, text })),
      shown: async () =>
        slack
          .room(channel)
          .filter((message) => message.bot_id !== undefined)
          .map((message) => message.text),
      nowhere: { platform: "slack", account: slack.bot.userId, space: slack.team.id, channel: "C0NOWHERE" },
      async unacknowledged() {
        await slack.waitUntil(() => slack.unsettled().length === 0);
        return (
          new Set(slack.deliveries().map(({ eventId }) => eventId)).size -
          new Set(
            slack
              .deliveries()
              .filter(({ acked }) => acked)
              .map(({ eventId }) => eventId),
          ).size
        );
      },
      loseAnswer: () => void slack.failCalls({ method: "chat.postMessage", fault: { kind: "lose_answer" } }),
      loseRequest: () => void slack.failCalls({ method: "chat.postMessage", fault: { kind: "lose_request" } }),
      turnAway: () => void slack.failCalls({ method: "chat.postMessage", fault: { kind: "rate_limit", retryAfter: 1 } }),
      close: () => slack.close(),
    };
  },
});

describe("a Slack socket", () => {
  let slack: FakeSlack;
  let user: string;
  let channel: string;

  beforeEach(async () => {
    slack = await startFakeSlack(quick);
    user = slack.createUser("ana");
    channel = slack.createChannel("ops");
  });

  afterEach(() => slack.close());

  async function listening() {
    const heard: string[] = [];
    const adapter = await open(slack);
    await adapter.connect({ receive: async (message) => void heard.push(message.content.text) });
    return { adapter, heard };
  }

  it("is opened again after it broke", async () => {
    const { adapter, heard } = await listening();
    slack.dropSockets();
    await slack.waitUntil(() => slack.sockets() === 0);
    await slack.waitUntil(() => slack.sockets() === 1);
    await slack.say({ channel, user, text: "!echo back" });
    await slack.waitUntil(() => heard.includes("echo back"));
    await adapter.disconnect();
  });

  it("is replaced within a moment when Slack asks for it", async () => {
    const { adapter, heard } = await listening();
    slack.refreshSockets();
    await slack.waitUntil(() => slack.sockets() === 1, 2_000);
    await slack.say({ channel, user, text: "!echo fresh" });
    await slack.waitUntil(() => heard.includes("echo fresh"));
    await adapter.disconnect();
  });

  it("is opened once Slack can be reached again", async () => {
    const outage = slack.failCalls({ method: "apps.connections.open", fault: { kind: "unavailable" }, times: 2 });
    const { adapter } = await listening();
    await slack.waitUntil(() => slack.sockets() === 1);
    expect(outage.hits()).toBe(2);
    await adapter.disconnect();
  });

  it("fails with the name of the variable when the tokens were taken back", async () => {
    const { adapter } = await listening();
    slack.revokeTokens();
    slack.dropSockets();
    await expect(adapter.failed).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining("BELLHOP_SLACK_APP_TOKEN"),
    });
    await expect(open(slack)).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining("BELLHOP_SLACK_BOT_TOKEN"),
    });
    await adapter.disconnect();
  });

  it("does not acknowledge before the message is stored", async () => {
    const stored = Promise.withResolvers<void>();
    const adapter = await open(slack);
    const heard: string[] = [];
    await adapter.connect({
      async receive(message) {
        heard.push(message.origin);
        await stored.promise;
      },
    });
    await slack.say({ channel, user, text: "!echo a" });
    await slack.waitUntil(() => slack.deliveries().length === 2);
    expect(slack.deliveries().filter(({ acked }) => acked)).toEqual([]);
    stored.resolve();
    await slack.waitUntil(() => slack.deliveries().every(({ acked }) => acked));
    expect(heard).toEqual(["live", "retry"]);
    await adapter.disconnect();
  });

  it("looks through a long thread for what it said", async () => {
    const { adapter } = await listening();
    const { ts } = await slack.say({ channel, user, text: "!echo a" });
    const to = { platform: "slack", account: slack.bot.userId, channel, thread: ts };
    const said = (n: number): Send => ({
      v: 1,
      key: `k${n}`,
      revision: 1,
      platform: "slack",
      account: to.account,
      to,
      body: { text: `${n}`, tone: "info" },
      final: true,
    });
    for (let n = 0; n < 205; n++) await adapter.send(said(n), { key: `k${n}` });
    const receipt = { v: 1, key: "k204", revision: 1, state: "sending", by: "x/1", at: new Date().toISOString() } as const;
    expect(await adapter.resolve?.(said(204), receipt)).toMatchObject({ kind: "sent" });
    await adapter.disconnect();
  });
});
