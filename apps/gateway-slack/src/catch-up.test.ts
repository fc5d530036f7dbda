import { scaled, type Mark } from "@bellhop/contracts";
import type { Adapter } from "@bellhop/gateway";
import { testInbox, type TestInbox } from "@bellhop/gateway/testing";
import { silentLog } from "@bellhop/service";
import { until } from "@bellhop/testkit";
import { startFakeSlack, type FakeSlack } from "@bellhop/testkit/slack";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { messagesOf, open, quick, scopes, textsOf } from "./testing.ts";

describe("what was said while nobody listened", () => {
  let slack: FakeSlack;
  let user: string;
  let channel: string;
  let marked: Map<string, Mark>;
  let adapters: Adapter[];

  beforeEach(async () => {
    // Slack has long given up when somebody listens again.
    slack = await startFakeSlack({ ...quick, retryDelaysMs: [] });
    user = slack.createUser("ana");
    channel = slack.createChannel("ops");
    marked = new Map();
    adapters = [];
  });

  afterEach(async () => {
    for (const adapter of adapters) await adapter.disconnect();
    await slack.close();
  });

  async function listen(log = silentLog) {
    const adapter = await open(slack, { log });
    adapters.push(adapter);
    const inbox = testInbox({ marked });
    await adapter.connect(inbox);
    return { adapter, inbox, heard: () => textsOf(inbox) };
  }

  /** Everything said so far is heard and marked; then nobody listens any more. */
  async function leave({ adapter, heard }: Awaited<ReturnType<typeof listen>>, last: string): Promise<void> {
    await until(() => heard().includes(last));
    await until(() => marked.get("") !== undefined);
    await adapter.disconnect();
  }

  const say = (text: string, thread?: string) => slack.say({ channel, user, text, thread });
  const caughtUp = (heard: () => string[], ...texts: string[]) => until(() => texts.every((text) => heard().includes(text)));

  it("is heard in rooms, threads and direct conversations, each in its order", async () => {
    const first = await listen();
    const root = await say("!echo root");
    const talk = await say("let us talk");
    await slack.dm(user, "hello");
    await leave(first, "hello");
    await say("!echo one");
    await say("!echo in a thread that was talked to", root.ts);
    await say("!echo two");
    await say("!echo in another thread", talk.ts);
    await say("still talking");
    await slack.dm(user, "psst");
    await slack.dm(slack.createUser("ben"), "never met");
    const { inbox, heard } = await listen();
    await caughtUp(heard, "psst", "never met", "echo in another thread");
    expect(inRoom(inbox, channel)).toEqual([
      "echo root",
      "echo one",
      "echo in a thread that was talked to",
      "echo two",
      "echo in another thread",
    ]);
    expect(messagesOf(inbox).every(({ origin }) => origin === "backfill")).toBe(true);
    expect(slack.deliveries().filter(({ socket }) => socket > 2)).toEqual([]);
  });

  it("is heard in a thread whose beginning lies far back, where we were spoken to", async () => {
    const now = Date.now();
    let passed = 0;
    await slack.close();
    slack = await startFakeSlack({ ...quick, retryDelaysMs: [], now: () => now - 3 * 86_400_000 + passed });
    user = slack.createUser("ana");
    channel = slack.createChannel("ops");
    const { ts } = await say("!echo long ago");
    marked.set("", markAt({ place: "", at: now - 60_000 }));
    marked.set(channel, markAt({ place: channel, at: now - 60_000, threads: { [ts]: ts } }));
    passed = 3 * 86_400_000;
    await say("!echo again", ts);
    const { heard } = await listen();
    await caughtUp(heard, "echo again");
    expect(heard()).toEqual(["echo again"]);
  });

  it("is not looked for where nobody ever listened", async () => {
    await say("!echo before we came");
    const { heard } = await listen();
    await until(() => marked.get("") !== undefined);
    await say("!echo now");
    await caughtUp(heard, "echo now");
    expect(heard()).toEqual(["echo now"]);
    expect(slack.requests().filter(({ method }) => method === "conversations.history")).toEqual([]);
  });

  it("is looked for from the last time on that somebody listened, though nothing was said then", async () => {
    await listen();
    await until(() => marked.get("") !== undefined);
    const before = Number(marked.get("")?.position);
    slack.refreshSockets(1);
    await until(() => Number(marked.get("")?.position) > before);
  });

  it("comes as it reads now, and as an edit for whoever had heard it", async () => {
    const first = await listen();
    const { ts } = await say("!echo one");
    await leave(first, "echo one");
    await slack.edit({ channel, ts, text: "!echo other" });
    const { inbox } = await listen();
    await until(() => inbox.heard.length === 2);
    expect(inbox.heard).toMatchObject([
      { kind: "message", message: { content: { text: "echo other" } } },
      { kind: "edited", edited: { original: { key: messagesOf(inbox)[0]?.key }, message: { content: { text: "echo other" } } } },
    ]);
  });

  it("is heard after all sockets were gone for a while", async () => {
    const { heard } = await listen();
    await say("!echo one");
    await until(() => marked.get(channel) !== undefined);
    const outage = slack.outage();
    await say("!echo two");
    await until(() => slack.unsettled().length === 0);
    outage.end();
    await caughtUp(heard, "echo two");
  });

  it("comes before what is said once somebody listens again", async () => {
    const first = await listen();
    await say("!echo one");
    await leave(first, "echo one");
    await say("!echo two");
    slack.failCalls({ method: "conversations.history", fault: { kind: "hold", ms: 300 } });
    const { inbox, heard } = await listen();
    await say("!echo three");
    await caughtUp(heard, "echo three");
    // What is read and told is heard twice, under one key.
    expect([...new Set(inRoom(inbox, channel))]).toEqual(["echo one", "echo two", "echo three"]);
  });

  it("is waited for once by what is said meanwhile, not by one thing after the other", async () => {
    const first = await listen();
    await say("!echo one");
    await leave(first, "echo one");
    await say("!echo two");
    slack.failCalls({ method: "conversations.history", fault: { kind: "hold", ms: 1.6 * scaled(0.1).platformCall } });
    const { heard } = await listen();
    await say("!echo three");
    await say("!echo four");
    await caughtUp(heard, "echo two", "echo four");
    const at = (text: string) => heard().indexOf(text);
    expect(Math.max(at("echo three"), at("echo four"))).toBeLessThan(at("echo two"));
  });

  it("is waited for as long as Slack asks, and through its failures", async () => {
    const first = await listen();
    await say("!echo one");
    await leave(first, "echo one");
    await say("!echo two");
    const failing = [
      slack.failCalls({ method: "conversations.history", fault: { kind: "rate_limit", retryAfter: 1 } }),
      slack.failCalls({ method: "conversations.history", fault: { kind: "unavailable" }, times: 2 }),
      slack.failCalls({ method: "users.conversations", fault: { kind: "lose_answer" } }),
    ];
    const { heard } = await listen();
    await caughtUp(heard, "echo two");
    expect(failing.map((fault) => fault.hits())).toEqual([1, 2, 1]);
  });

  it("is read within Slack's limits", async () => {
    await slack.close();
    slack = await startFakeSlack({ ...quick, retryDelaysMs: [], rateLimits: { minuteMs: scaled(0.1).platformMinute } });
    user = slack.createUser("ana");
    const channels = Array.from({ length: 7 }, (_, at) => slack.createChannel(`room-${at}`));
    marked.set("", markAt({ place: "", at: Date.now() - 60_000 }));
    for (const [at, room] of channels.entries()) await slack.say({ channel: room, user, text: `!echo ${at}` });
    const { heard } = await listen();
    await until(() => heard().length === 7);
    expect(slack.requests().filter(({ method, answer }) => method.startsWith("conversations.") && answer === undefined)).toEqual([]);
  });

  it("stays unheard where a permission is lacking: the log says which, and the rest is heard", async () => {
    const first = await listen();
    await say("!echo one");
    await slack.dm(user, "hello");
    await leave(first, "hello");
    slack.grant(scopes.filter((scope) => !["im:history", "mpim:read"].includes(scope)));
    await say("!echo two");
    await slack.dm(user, "unheard");
    const said: unknown[] = [];
    const { heard } = await listen({ ...silentLog, warn: (fields) => void said.push(fields) });
    await caughtUp(heard, "echo two");
    await until(() => said.length === 2);
    expect(said).toEqual(
      expect.arrayContaining([
        { method: "users.conversations", scope: "mpim:read" },
        { method: "conversations.history", scope: "im:history" },
      ]),
    );
    expect(heard()).not.toContain("unheard");
  });

  it("is marked as heard only once it is stored", async () => {
    const first = await listen();
    await say("!echo one");
    await leave(first, "echo one");
    const before = new Map(marked);
    await say("!echo two");
    const stored = Promise.withResolvers<void>();
    const adapter = await open(slack);
    adapters.push(adapter);
    const inbox = testInbox({ marked, receive: () => stored.promise });
    await adapter.connect(inbox);
    await until(() => inbox.heard.length > 0);
    expect([marked.get(""), marked.get(channel)]).toEqual([before.get(""), before.get(channel)]);
    stored.resolve();
    await until(() => textsOf(inbox).includes("echo two") && marked.get("") !== before.get(""));
    expect(Number(marked.get(channel)?.position)).toBeGreaterThan(Number(before.get(channel)?.position));
  });
});

function inRoom(inbox: TestInbox, channel: string): string[] {
  return messagesOf(inbox)
    .filter(({ conversation }) => conversation.channel === channel)
    .map(({ content }) => content.text);
}

function markAt({ place, at, threads }: { place: string; at: number; threads?: Record<string, string> }): Mark {
  return { v: 1, place, position: (at / 1000).toFixed(6), threads, at: new Date(at).toISOString() };
}
