import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hash, messageIds, scaled, streams, subjects, type Message, type Send } from "@bellhop/contracts";
import { connectBus, type Bus, type Consumption } from "@bellhop/bus";
import { silentLog, type Service } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";
import { startFakeSlack, type FakeSlack } from "@bellhop/testkit/slack";
import { afterEach, beforeEach, expect, it } from "vitest";
import { slackConfig } from "./config.ts";
import { start } from "./start.ts";

const durations = scaled(0.1);

let nats: TestNats;
let slack: FakeSlack;
let bus: Bus;
let engine: Consumption;
let folder: string;
let channel: string;
let user: string;
/** Every message that was stored, in the engine's order. */
let heard: Message[];
let closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  [nats, slack, folder] = await Promise.all([
    startNats(),
    startFakeSlack({ ackTimeoutMs: 500, retryDelaysMs: [0, 300] }),
    mkdtemp(join(tmpdir(), "bellhop-slack-")),
  ]);
  channel = slack.createChannel("ops");
  user = slack.createUser("ana");
  heard = [];
  bus = await connectBus({ url: nats.url, name: "engine", role: "operator", durations, log: silentLog });
  await bus.setUp();
  engine = await parrot();
});

afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
  await engine.drain();
  await bus.drain();
  await slack.close();
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

it("answers a !command and a mention in their threads and a direct message where it stands, once each, and nobody else", async () => {
  await gateway();
  const asked = await say("!echo &lt;hello&gt;");
  const mentioned = await say(`<@${slack.bot.userId}> echo you`);
  await say("just talking");
  const { channel: direct } = await slack.dm(user, "status");
  await until(() => answers().length === 3 && slack.unsettled().length === 0);
  expect(answers()).toEqual(
    expect.arrayContaining([
      { channel, thread: asked.ts, text: "you said: echo &lt;hello&gt;" },
      { channel, thread: mentioned.ts, text: "you said: echo you" },
      { channel: direct, thread: undefined, text: "you said: status" },
    ]),
  );
  expect(heard).toHaveLength(3);
});

it("makes one message of an event that comes twice, and one answer", async () => {
  await gateway();
  slack.disturbEvents({ fault: { kind: "twice" } });
  const { ts } = await say("!echo once");
  await until(() => slack.deliveries().filter(({ acked }) => acked).length >= 2);
  await last(ts);
  expect(answers().map(({ text }) => text)).toEqual(["you said: echo once", "you said: echo last"]);
});

it("leaves one answer standing for each, whatever became of the first try", async () => {
  await gateway();
  const faults = (["lose_answer", "lose_request", "error_after", "unavailable"] as const).map((kind) => ({
    text: `echo ${kind}`,
    planned: slack.failCalls({ fault: { kind }, when: ({ args }) => args.text === `you said: echo ${kind}` }),
  }));
  // The call outlives our patience, and is carried out all the same.
  const held = slack.failCalls({
    fault: { kind: "hold", ms: durations.platformCall + 100 },
    when: ({ args }) => args.text?.endsWith("echo held") ?? false,
  });
  for (const { text } of faults) await say(`!${text}`);
  await say("!echo held");
  await until(() => new Set(answers().map(({ text }) => text)).size === 5);
  expect([...faults.map(({ planned }) => planned.hits()), held.hits()]).toEqual([1, 1, 1, 1, 1]);
  // Whatever is still on its way would be said by now.
  await last((await say("!echo first")).ts);
  expect(answers().filter(({ text }) => !/last|first/.test(text))).toHaveLength(5);
});

it("acknowledges what it keeps on its disk while NATS is down, and answers once NATS is back", async () => {
  await gateway();
  await nats.kill9();
  const { ts } = await say("!echo stored");
  await until(() => slack.deliveries().some(({ acked }) => acked));
  await nats.restart();
  await until(() => answers().length === 1);
  await last(ts);
  expect(answers()).toHaveLength(2);
  expect(heard).toHaveLength(2);
});

it("hears and answers, once, what was said in rooms, threads and direct conversations while it was down", async () => {
  const first = await gateway();
  const { ts } = await say("!echo before");
  await slack.dm(user, "hello");
  await until(() => answers().length === 2);
  await first.stop();
  await say("!echo down");
  await say("!echo thread", ts);
  await slack.dm(user, "psst");
  await until(() => slack.unsettled().length === 0);
  await gateway();
  await until(() => answers().length === 5);
  await last(ts);
  expect(
    answers()
      .map(({ text }) => text.replace("you said: ", ""))
      .sort(),
  ).toEqual(["echo before", "echo down", "echo last", "echo thread", "hello", "psst"]);
});

it("keeps a file that comes with a command where everybody finds it, and shows one with an answer", async () => {
  await gateway();
  const content = new TextEncoder().encode("a,b\n1,2\n");
  await slack.say({ channel, user, text: "!count", files: [{ name: "a.csv", type: "text/csv", content }] });
  await until(() => heard.length === 1);
  const object = hash("a,b\n1,2\n");
  expect(heard[0]?.content.files).toEqual([{ name: "a.csv", type: "text/csv", bytes: content.byteLength, object }]);
  expect(await bus.objects("values").get(object)).toEqual(content);
  // The parrot says back what it got.
  await until(() => slack.room(channel).some(({ bot_id, files }) => bot_id !== undefined && files.length > 0));
  expect(slack.room(channel).flatMap(({ bot_id, files }) => (bot_id === undefined ? [] : files))).toMatchObject([
    { name: "a.csv", bytes: content },
  ]);
});

it("starts while Slack can't be reached, and answers once it can", async () => {
  const outage = slack.failCalls({ method: "auth.test", fault: { kind: "unavailable" } });
  await gateway();
  expect(outage.hits()).toBe(1);
  await until(() => slack.sockets() === 2);
  await say("!echo late");
  await until(() => answers().length === 1);
});

it("refuses to start with a token that Slack does not take, and says which", async () => {
  slack.revokeTokens();
  await expect(gateway()).rejects.toThrow(/BELLHOP_SLACK_BOT_TOKEN/);
});

const say = (text: string, thread?: string) => slack.say({ channel, user, text, thread });

async function gateway(): Promise<Service> {
  const service = await start(
    slackConfig({
      NATS_URL: nats.url,
      BELLHOP_FOLDER: folder,
      BELLHOP_TIME_FACTOR: "0.1",
      BELLHOP_SLACK_BOT_TOKEN: slack.bot.token,
      BELLHOP_SLACK_APP_TOKEN: slack.bot.appToken,
      BELLHOP_SLACK_API_URL: slack.apiUrl,
    }),
    silentLog,
  );
  closing.push(() => service.stop());
  return service;
}

/** Plays the engine: says back what it hears. */
function parrot(): Promise<Consumption> {
  const sequences = new Set<number>();
  return bus.consume({
    subject: subjects.message.received,
    stream: streams.message,
    filter: subjects.message.received.filter({ platform: "slack" }),
    durable: "parrot",
    concurrency: 1,
    keyOf: () => "",
    async handle(message, { sequence }) {
      if (!sequences.has(sequence)) heard.push(message);
      sequences.add(sequence);
      const { text, files } = message.content;
      const send: Send = {
        v: 1,
        key: `${message.key}#0`,
        revision: 1,
        platform: "slack",
        account: message.account,
        to: message.replyTo,
        body: { text: `you said: ${text}`, tone: "info", files },
        answers: message.key,
        final: true,
      };
      await bus.publish(subjects.message.send, send, { id: messageIds.send(send) });
    },
  });
}

function answers(): { channel: string; thread?: string; text: string }[] {
  return slack.sees(user).flatMap((said) => {
    const { bot_id, channel: where, thread_ts: thread, text, files } = said;
    return bot_id === undefined || files.length > 0 ? [] : [{ channel: where, thread, text }];
  });
}

/** Asks once more in the same thread: replies there go out one after the other, so that nothing is on its way before this answer. */
async function last(thread: string): Promise<void> {
  await say("!echo last", thread);
  await until(() => answers().some(({ text }) => text.endsWith("echo last")));
}

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { interval: 20, timeout: 25_000 }).toBe(true);
}
