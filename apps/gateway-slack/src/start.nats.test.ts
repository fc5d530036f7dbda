import { hash, scaled } from "@bellhop/contracts";
import { silentLog, type Service } from "@bellhop/service";
import { startGatewayStage, until, type GatewayStage } from "@bellhop/testkit";
import { startFakeSlack, type FakeSlack } from "@bellhop/testkit/slack";
import { afterEach, beforeEach, expect, it } from "vitest";
import { slackConfig } from "./config.ts";
import { start } from "./start.ts";

const durations = scaled(0.1);

let slack: FakeSlack;
let stage: GatewayStage;
let channel: string;
let user: string;

beforeEach(async () => {
  [stage, slack] = await Promise.all([
    startGatewayStage({
      platform: "slack",
      answer: ({ content: { text, files } }) => ({ text: `you said: ${text}`, tone: "info", files }),
    }),
    startFakeSlack({ ackTimeoutMs: 500, retryDelaysMs: [0, 300] }),
  ]);
  channel = slack.createChannel("ops");
  user = slack.createUser("ana");
});

afterEach(async () => {
  await stage.end();
  await slack.close();
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
  expect(stage.heard).toHaveLength(3);
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
  await stage.nats.kill9();
  const { ts } = await say("!echo stored");
  await until(() => slack.deliveries().some(({ acked }) => acked));
  await stage.nats.restart();
  await until(() => answers().length === 1);
  await last(ts);
  expect(answers()).toHaveLength(2);
  expect(stage.heard).toHaveLength(2);
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
  await until(() => stage.heard.length === 1);
  const object = hash("a,b\n1,2\n");
  expect(stage.heard[0]?.content.files).toEqual([{ name: "a.csv", type: "text/csv", bytes: content.byteLength, object }]);
  expect(await stage.bus.objects("values").get(object)).toEqual(content);
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
      ...stage.env,
      BELLHOP_SLACK_BOT_TOKEN: slack.bot.token,
      BELLHOP_SLACK_APP_TOKEN: slack.bot.appToken,
      BELLHOP_SLACK_API_URL: slack.apiUrl,
    }),
    silentLog,
  );
  stage.atEnd(() => service.stop());
  return service;
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
