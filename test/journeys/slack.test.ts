import { join } from "node:path";
import { buckets } from "@bellhop/contracts";
import { claimHash } from "@bellhop/core";
import { startFakeSlack, type FakeSlack } from "@bellhop/testkit/slack";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startStage, type Stage } from "../stage.ts";

let slack: FakeSlack;
let stage: Stage;
let channel: string;
let ana: string;
let mallory: string;

beforeAll(async () => {
  slack = await startFakeSlack({ ackTimeoutMs: 1000, retryDelaysMs: [0, 500, 1000] });
  stage = await startStage({ factor: 1, packs: [join(import.meta.dirname, "..", "..", "packs", "core")] });
  channel = slack.createChannel("ops");
  ana = slack.createUser("ana");
  mallory = slack.createUser("mallory");
  // What `up` does while there is no owner; the person reads the code on its terminal.
  await stage.bus.bucket(buckets.claim).create("code", { v: 1, hash: claimHash("R0SE-TREE"), wrong: [] });
  stage.start("engine-1");
  stage.start("runner-1");
  stage.start("slack-1", {
    env: { BELLHOP_SLACK_API_URL: slack.apiUrl, BELLHOP_SLACK_BOT_TOKEN: slack.bot.token, BELLHOP_SLACK_APP_TOKEN: slack.bot.appToken },
  });
  await slack.waitUntil(() => slack.sockets() > 0, 20_000);
});

afterAll(async () => {
  await stage.end();
  await slack.close();
});

describe("a team in Slack", () => {
  test("a stranger is refused, in the thread of what they said, and told what to do", async () => {
    const answer = await ask({ user: mallory, text: "!echo hello" });
    expect(answer).toMatch(/may not run core\.echo/);
    expect(answer).toMatch(/claim/);
  });

  test("a wrong claim code lets nobody in, the right one makes its first user the owner, and nobody after", async () => {
    expect(await ask({ user: mallory, text: `<@${slack.bot.userId}> claim WRONG-ONE` })).toMatch(/not right/);
    expect(await ask({ user: ana, text: `<@${slack.bot.userId}> claim r0se tree` })).toMatch(/owner now/);
    expect(await ask({ user: mallory, text: `<@${slack.bot.userId}> claim R0SE-TREE` })).toMatch(/no claim code/i);
  });

  test("a !command is answered in its thread", async () => {
    expect(await ask({ user: ana, text: "!echo hello" })).toBe("hello");
  });

  test("a mention is answered once, although Slack sends two events for it", async () => {
    expect(await ask({ user: ana, text: `<@${slack.bot.userId}> echo a &lt;tag&gt; &amp; more` })).toBe("a &lt;tag&gt; &amp; more");
  });

  test("a command within a thread is answered there", async () => {
    const { ts } = await slack.say({ channel, user: ana, text: "shall we?" });
    await slack.say({ channel, user: ana, text: "!echo in here", thread: ts });
    const reply = await slack.waitForMessage((message) => message.user === slack.bot.userId && message.text === "in here", 10_000);
    expect(reply.thread_ts).toBe(ts);
  });

  test("a direct message needs no prefix", async () => {
    const { channel: dm, ts } = await slack.dm(ana, "echo psst");
    const reply = await slack.waitForMessage((message) => message.channel === dm && message.user === slack.bot.userId, 10_000);
    expect(reply).toMatchObject({ text: "psst" });
    expect(ts).not.toBe(reply.ts);
  });

  test("what nobody addressed to the bot is not answered, and no text of an answer can ping", async () => {
    await slack.say({ channel, user: ana, text: "echo not for you" });
    const answer = await ask({ user: ana, text: "!echo &lt;!channel&gt; <!here>" });
    expect(answer).not.toMatch(/<!/);
    expect(slack.room(channel).some(({ user, text }) => user === slack.bot.userId && text.includes("not for you"))).toBe(false);
  });
});

/** Says it in the channel; the one answer in its thread. */
async function ask(at: { user: string; text: string }): Promise<string> {
  const { ts } = await slack.say({ channel, ...at });
  const answers = () => slack.room(channel).filter(({ thread_ts, user }) => thread_ts === ts && user === slack.bot.userId);
  await slack.waitUntil(() => answers().length > 0, 10_000);
  expect(answers()).toHaveLength(1);
  return answers()[0]?.text ?? "";
}
