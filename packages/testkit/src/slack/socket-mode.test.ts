import { App, type Receiver } from "@slack/bolt";
import { afterEach, describe, expect, it } from "vitest";
import { boltApp, unwillingReceiver } from "./bolt-app.ts";
import { startFakeSlack, type FakeSlack, type FakeSlackOptions } from "./fake-slack.ts";

const started: { slack: FakeSlack; apps: App[] }[] = [];
afterEach(async () => {
  for (const { slack, apps } of started.splice(0)) {
    await Promise.all(apps.map((app) => app.stop()));
    await slack.close();
  }
});

describe("Socket Mode as the SDK sees it", () => {
  it("brings an event again, in a new envelope with the same event id, until it is acknowledged", async () => {
    const { slack, add, say } = await start({ ackTimeoutMs: 1_000, retryDelaysMs: [0, 10, 10] });
    const app = await add((fake) => unwillingReceiver(fake, (attempt) => attempt === 2));
    const heard: { id: string; retry: number | undefined; reason: string | undefined }[] = [];
    app.message(async ({ body, context }) => void heard.push({ id: body.event_id, retry: context.retryNum, reason: context.retryReason }));

    await say("!echo");
    await slack.waitUntil(() => slack.unsettled().length === 0);

    expect(heard.map(({ retry, reason }) => [retry, reason])).toEqual([
      [0, ""],
      [1, "timeout"],
      [2, "timeout"],
    ]);
    expect(new Set(heard.map(({ id }) => id)).size).toBe(1);
    expect(new Set(slack.deliveries().map(({ envelopeId }) => envelopeId)).size).toBe(3);
    expect(slack.deliveries().map(({ acked }) => acked)).toEqual([false, false, true]);
  });

  it("gives an event up after the last retry", async () => {
    const { slack, add, say } = await start({ ackTimeoutMs: 10, retryDelaysMs: [0] });
    await add((fake) => unwillingReceiver(fake, () => false));
    await say("!echo");
    await slack.waitUntil(() => slack.unsettled().length === 0);
    expect(slack.deliveries().map(({ attempt }) => attempt)).toEqual([0, 1]);
  });

  it("keeps an event for a retry when no socket is there", async () => {
    const { slack, add, say } = await start({ retryDelaysMs: Array<number>(100).fill(50) });
    await say("!early");
    const app = await add();
    const heard: string[] = [];
    app.message(async ({ message }) => void heard.push("text" in message ? (message.text ?? "") : ""));
    await slack.waitUntil(() => slack.unsettled().length === 0);
    expect(heard).toEqual(["!early"]);
  });

  it("spreads events over several sockets, each to one of them", async () => {
    const { slack, add, say } = await start();
    const heard: [string[], string[]] = [[], []];
    for (const list of heard) (await add()).message(async ({ message }) => void list.push(message.ts));
    const sent: string[] = [];
    for (let i = 0; i < 6; i += 1) sent.push(await say(`!${i}`));
    await slack.waitUntil(() => slack.unsettled().length === 0);
    expect(heard.map((list) => list.length)).toEqual([3, 3]);
    expect(heard.flat().sort()).toEqual(sent);
  });

  it("moves its events to the other socket when one is asked to reconnect", async () => {
    const { slack, add, say } = await start();
    const heard: [string[], string[]] = [[], []];
    for (const list of heard) (await add()).message(async ({ message }) => void list.push(message.ts));
    slack.refreshSockets(1);
    for (let i = 0; i < 3; i += 1) await say(`!${i}`);
    await slack.waitUntil(() => slack.unsettled().length === 0);
    expect(heard.map((list) => list.length)).toEqual([0, 3]);
    expect(slack.sockets()).toBe(1);
  });

  it("cuts every socket without a word", async () => {
    const { slack, add } = await start();
    await add();
    expect(slack.sockets()).toBe(1);
    slack.dropSockets();
    await slack.waitUntil(() => slack.sockets() === 0);
  });

  it("lets nobody in twice with one address", async () => {
    const { slack } = await start();
    const answer = await fetch(`${slack.apiUrl}apps.connections.open`, {
      method: "POST",
      headers: { Authorization: `Bearer ${slack.bot.appToken}` },
    });
    const { url } = (await answer.json()) as { url: string };
    const first = new WebSocket(url);
    await new Promise((resolve) => first.addEventListener("message", resolve, { once: true }));
    const second = new WebSocket(url);
    await new Promise((resolve) => second.addEventListener("error", resolve, { once: true }));
    expect(slack.sockets()).toBe(1);
    first.close();
  });
});

async function start(options: FakeSlackOptions = {}): Promise<{
  slack: FakeSlack;
  add: (receiver?: (slack: FakeSlack) => Receiver) => Promise<App>;
  say: (text: string) => Promise<string>;
}> {
  const slack = await startFakeSlack(options);
  const apps: App[] = [];
  started.push({ slack, apps });
  const user = slack.createUser("ann");
  const channel = slack.createChannel("ops");
  return {
    slack,
    add: async (receiver) => {
      const app = boltApp(slack, { receiver: receiver?.(slack) });
      apps.push(app);
      const before = slack.sockets();
      await app.start();
      await slack.waitUntil(() => slack.sockets() === before + 1);
      return app;
    },
    say: async (text) => (await slack.say({ channel, user, text })).ts,
  };
}
