import { adapterContract, testInbox } from "@bellhop/gateway/testing";
import { until } from "@bellhop/testkit";
import { startFakeSlack, type FakeSlack } from "@bellhop/testkit/slack";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { emojiOf, nameOf } from "./emoji.ts";
import { messagesOf, open, quick, scopes, textsOf } from "./testing.ts";

adapterContract({
  name: "Slack",
  async start() {
    const slack = await startFakeSlack(quick);
    const user = slack.createUser("ana");
    const channel = slack.createChannel("ops");
    let last = "";
    const ours = () => slack.room(channel).filter(({ bot_id }) => bot_id !== undefined);
    const shared = () => slack.waitUntil(() => slack.sharing() === 0);
    const command = async (text: string, rest = {}) => {
      last = (await slack.say({ channel, user, text: `!${text}`, ...rest })).ts;
    };
    return {
      adapter: () => open(slack),
      say: command,
      chat: async (text) => void (await slack.say({ channel, user, text })),
      sendFile: (text, { name, type, bytes }) => command(text, { files: [{ name, type, content: bytes }] }),
      editLast: (text) => slack.edit({ channel, ts: last, text: `!${text}` }),
      deleteLast: () => slack.remove({ channel, ts: last }),
      react: (emoji, added) => slack[added ? "react" : "unreact"]({ channel, ts: last, user, name: nameOf(emoji) ?? "" }),
      press: (label) => slack.press({ channel, ts: ours().at(-1)?.ts ?? "", user, label }),
      form: async () => slack.modal(user),
      submit: (values) => slack.submit({ user, values }),
      pressable: async () => pressableIn(ours().at(-1)?.blocks ?? []),
      shown: async () =>
        ours()
          .filter(({ only }) => only === undefined)
          .map(({ text }) => text),
      shownAlone: async () =>
        slack
          .sees(user)
          .filter(({ bot_id, only, channel: where }) => bot_id !== undefined && (only === user || where.startsWith("D")))
          .map(({ text }) => text),
      async files() {
        await shared();
        return ours().flatMap(({ files }) => files.map(({ name, bytes }) => ({ name, bytes })));
      },
      async reactions() {
        const reactions = slack.room(channel).find(({ ts }) => ts === last)?.reactions ?? [];
        return reactions.filter(({ users }) => users.includes(slack.bot.userId)).map(({ name }) => emojiOf(name));
      },
      nowhere: { platform: "slack", account: `${slack.team.id}-${slack.bot.userId}`, space: slack.team.id, channel: "C0NOWHERE" },
      async unacknowledged() {
        await slack.waitUntil(() => slack.unsettled().length === 0);
        const idsOf = (deliveries: { eventId: string }[]) => new Set(deliveries.map(({ eventId }) => eventId)).size;
        return idsOf(slack.deliveries()) - idsOf(slack.deliveries().filter(({ acked }) => acked));
      },
      loseAnswer: () => void slack.failCalls({ method: "chat.postMessage", fault: { kind: "lose_answer" } }),
      loseRequest: () => void slack.failCalls({ method: "chat.postMessage", fault: { kind: "lose_request" } }),
      turnAway: () => void slack.failCalls({ method: "chat.postMessage", fault: { kind: "rate_limit", retryAfter: 1 } }),
      close: () => slack.close(),
    };
  },
});

function pressableIn(blocks: readonly unknown[]): string[] {
  const actions = (blocks as { type: string; elements?: { text?: { text: string } }[] }[]).filter(({ type }) => type === "actions");
  return actions.flatMap(({ elements = [] }) => elements.map(({ text }) => text?.text ?? ""));
}

describe("Slack's sockets", () => {
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
    const adapter = await open(slack);
    const inbox = testInbox();
    await adapter.connect(inbox);
    return { adapter, heard: () => textsOf(inbox) };
  }

  const say = (text: string, thread?: string) => slack.say({ channel, user, text, thread });

  it("are two, and opened again after they broke", async () => {
    const { adapter, heard } = await listening();
    await until(() => slack.sockets() === 2);
    slack.dropSockets();
    await until(() => slack.sockets() === 0);
    await until(() => slack.sockets() === 2);
    await say("!echo back");
    await until(() => heard().includes("echo back"));
    await adapter.disconnect();
    await until(() => slack.sockets() === 0);
  });

  it.each([1, 2])("lose nothing while Slack renews %i of them and thirty messages flow", async (renewed) => {
    const { adapter, heard } = await listening();
    // Nothing is told twice here: what a socket loses on its way is lost.
    const told = Array.from({ length: 30 }, (_, at) => `echo ${at}`);
    for (const [at, text] of told.entries()) {
      if (at % 10 === 5) slack.refreshSockets(renewed);
      await say(`!${text}`);
      await until(() => slack.sockets() > 0);
    }
    await until(() => new Set(heard()).size === 30);
    expect(new Set(heard())).toEqual(new Set(told));
    await adapter.disconnect();
  });

  it("keep Slack waiting no longer than one is open", async () => {
    const { adapter, heard } = await listening();
    slack.refreshSockets(1);
    expect(slack.sockets()).toBe(1);
    await say("!echo meanwhile");
    await until(() => heard().includes("echo meanwhile"));
    expect(slack.deliveries().map(({ attempt }) => attempt)).toEqual([0]);
    await adapter.disconnect();
  });

  it("are opened once Slack can be reached again", async () => {
    const outage = slack.failCalls({ method: "apps.connections.open", fault: { kind: "unavailable" }, times: 3 });
    const { adapter } = await listening();
    await until(() => slack.sockets() === 2);
    expect(outage.hits()).toBe(3);
    await adapter.disconnect();
  });

  it("fail with the name of the variable when the tokens were taken back", async () => {
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

  it("do not acknowledge before it is stored", async () => {
    const stored = Promise.withResolvers<void>();
    const adapter = await open(slack);
    await adapter.connect(testInbox({ receive: () => stored.promise }));
    await say("!echo a");
    await until(() => slack.deliveries().length === 2);
    expect(slack.deliveries().filter(({ acked }) => acked)).toEqual([]);
    stored.resolve();
    await until(() => slack.deliveries().every(({ acked }) => acked));
    await adapter.disconnect();
  });

  it("keep the order of a channel, whatever has to be fetched first, and hold up no other", async () => {
    const { adapter, heard } = await listening();
    slack.failCalls({ method: "download", fault: { kind: "hold", ms: 1_500 } });
    const content = new TextEncoder().encode("a,b");
    await slack.say({ channel, user, text: "!echo first", files: [{ name: "a.csv", type: "text/csv", content }] });
    await until(() => slack.requests().some(({ fault }) => fault === "hold"));
    await say("!echo second");
    await slack.dm(user, "elsewhere");
    // What is not acknowledged in time comes again, and is the same message.
    const once = () => [...new Set(heard())];
    await until(() => once().length === 3);
    expect(once()).toEqual(["elsewhere", "echo first", "echo second"]);
    await adapter.disconnect();
  });

  it("say so where a file may not be read, and go on", async () => {
    slack.grant(scopes.filter((scope) => scope !== "files:read"));
    const adapter = await open(slack);
    const inbox = testInbox();
    await adapter.connect(inbox);
    await slack.say({ channel, user, text: "!count", files: [{ name: "a.csv", type: "text/csv", content: new Uint8Array(3) }] });
    await until(() => inbox.heard.length === 1);
    expect(messagesOf(inbox)[0]?.content.files).toEqual([{ name: "a.csv", type: "text/csv", bytes: 3, lost: "unreadable" }]);
    await adapter.disconnect();
  });
});
