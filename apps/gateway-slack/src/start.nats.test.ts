import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { messageIds, scaled, streams, subjects, type Message } from "@bellhop/contracts";
import { connectBus, type Bus, type Consumption } from "@bellhop/bus";
import { commonConfig, Secret, silentLog, type CrashPoint, type Service } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";
import { startFakeSlack, type FakeSlack } from "@bellhop/testkit/slack";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { start } from "./start.ts";

const durations = scaled(0.1);
const patience = 15_000;

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
    startFakeSlack({ ackTimeoutMs: 200, retryDelaysMs: [0, 300, 1_000, 2_000, 4_000] }),
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

describe("the gateway of one workspace", () => {
  it("answers a !command and a mention in their threads, once each, and nobody else", async () => {
    await gateway();
    const asked = await slack.say({ channel, user, text: "!echo &lt;hello&gt;" });
    const mentioned = await slack.say({ channel, user, text: `<@${slack.bot.userId}> echo you` });
    await slack.say({ channel, user, text: "just talking" });
    await answered(2);
    await slack.waitUntil(() => slack.unsettled().length === 0);
    expect(answers()).toEqual([
      { thread: asked.ts, text: "you said: echo &lt;hello&gt;" },
      { thread: mentioned.ts, text: "you said: echo you" },
    ]);
    expect(heard).toHaveLength(2);
  });

  it("answers a direct message where it stands", async () => {
    await gateway();
    const { channel: direct } = await slack.dm(user, "status");
    await slack.waitForMessage((message) => message.channel === direct && message.bot_id !== undefined);
    expect(slack.room(direct).map(({ text, thread_ts }) => [text, thread_ts])).toEqual([
      ["status", undefined],
      ["you said: status", undefined],
    ]);
  });

  it("makes one message of an event that comes twice", async () => {
    await gateway();
    slack.disturbEvents({ fault: { kind: "twice" } });
    const { ts } = await slack.say({ channel, user, text: "!echo once" });
    await slack.waitUntil(() => slack.deliveries().filter(({ acked }) => acked).length === 2);
    await last(ts);
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo once", "you said: echo last"]);
  });

  it("acknowledges nothing while NATS is down, and answers once when it is back", async () => {
    await gateway();
    await nats.kill9();
    const { ts } = await slack.say({ channel, user, text: "!echo stored" });
    await slack.waitUntil(() => slack.deliveries().length >= 2);
    expect(slack.deliveries().some(({ acked }) => acked)).toBe(false);
    await nats.restart();
    await answered(1);
    await slack.waitUntil(() => slack.unsettled().length === 0, patience);
    await last(ts);
    expect(answers()).toHaveLength(2);
    expect(heard).toHaveLength(2);
  });

  it.each(["lose_answer", "lose_request", "error_after", "unavailable"] as const)("leaves one reply standing after %s", async (kind) => {
    await gateway();
    const fault = slack.failCalls({ method: "chat.postMessage", fault: { kind } });
    const { ts } = await slack.say({ channel, user, text: "!echo once" });
    await answered(1);
    await last(ts);
    expect(fault.hits()).toBe(1);
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo once", "you said: echo last"]);
  });

  it("waits as long as Slack says", async () => {
    await gateway();
    slack.failCalls({ method: "chat.postMessage", fault: { kind: "rate_limit", retryAfter: 1 } });
    const before = performance.now();
    await slack.say({ channel, user, text: "!echo patience" });
    await answered(1);
    expect(performance.now() - before).toBeGreaterThan(950);
  });

  it("starts while Slack can't be reached, and answers once it can", async () => {
    const outage = slack.failCalls({ method: "auth.test", fault: { kind: "unavailable" } });
    await gateway();
    expect(outage.hits()).toBe(1);
    await slack.waitUntil(() => slack.sockets() === 1);
    await slack.say({ channel, user, text: "!echo late" });
    await answered(1);
  });

  it("refuses to start with a token that Slack does not take, and says which", async () => {
    slack.revokeTokens();
    await expect(gateway()).rejects.toThrow(/BELLHOP_SLACK_BOT_TOKEN/);
  });
});

describe("killed with -9", () => {
  it.each<CrashPoint>(["gateway.received", "gateway.stored", "gateway.sending", "gateway.sent-unrecorded", "gateway.recorded"])(
    "at %s, the next gateway leaves one reply standing",
    async (point) => {
      const crashLog = join(folder, "crash");
      const first = await gatewayProcess({ BELLHOP_CRASH: point, BELLHOP_CRASH_LOG: crashLog });
      const { ts } = await slack.say({ channel, user, text: "!echo once" });
      await first.ended;
      expect(await readFile(crashLog, "utf8")).toMatch(point);
      await gateway();
      await answered(1);
      await slack.waitUntil(() => slack.unsettled().length === 0, patience);
      await last(ts);
      expect(answers().map(({ text }) => text)).toEqual(["you said: echo once", "you said: echo last"]);
      expect(heard.map(({ content }) => content.text)).toEqual(["echo once", "echo last"]);
    },
    30_000,
  );

  it("while another one waits, that one takes over", async () => {
    const first = await gatewayProcess();
    await slack.say({ channel, user, text: "!echo one" });
    await answered(1);
    await gateway();
    first.child.kill("SIGKILL");
    await first.ended;
    await slack.say({ channel, user, text: "!echo two" });
    await answered(2);
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo one", "you said: echo two"]);
  }, 30_000);
});

/** In this process. */
async function gateway(): Promise<Service> {
  const service = await start(
    {
      ...commonConfig({ NATS_URL: nats.url, BELLHOP_FOLDER: folder, BELLHOP_TIME_FACTOR: "0.1" }, "gateway"),
      slack: { botToken: new Secret(slack.bot.token), appToken: new Secret(slack.bot.appToken), apiUrl: slack.apiUrl },
    },
    silentLog,
  );
  closing.push(() => service.stop());
  return service;
}

/** As it is shipped; ready when its socket is open. */
async function gatewayProcess(extra: Record<string, string> = {}): Promise<{ child: ChildProcess; ended: Promise<unknown> }> {
  const before = slack.sockets();
  const child = spawn(process.execPath, [fileURLToPath(new URL("main.ts", import.meta.url))], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      PATH: process.env.PATH,
      NATS_URL: nats.url,
      BELLHOP_FOLDER: folder,
      BELLHOP_TIME_FACTOR: "0.1",
      BELLHOP_SLACK_BOT_TOKEN: slack.bot.token,
      BELLHOP_SLACK_APP_TOKEN: slack.bot.appToken,
      BELLHOP_SLACK_API_URL: slack.apiUrl,
      ...extra,
    },
  });
  let told = "";
  child.stderr?.on("data", (chunk) => (told += String(chunk)));
  const ended = once(child, "exit");
  closing.push(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await ended;
  });
  await Promise.race([
    slack.waitUntil(() => slack.sockets() > before, patience),
    ended.then(() => {
      throw new Error(`the gateway ended: ${told}`);
    }),
  ]);
  // What ends later is looked at by who asked for it.
  ended.catch(() => {});
  return { child, ended };
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
      const send = {
        v: 1,
        key: `${message.key}#0`,
        revision: 1,
        platform: "slack",
        account: message.account,
        to: message.replyTo,
        body: { text: `you said: ${message.content.text}`, tone: "info" },
        answers: message.key,
        final: true,
      } as const;
      await bus.publish(subjects.message.send, send, { id: messageIds.send(send) });
    },
  });
}

function answers(): { thread?: string; text: string }[] {
  return slack
    .room(channel)
    .filter(({ bot_id }) => bot_id !== undefined)
    .map(({ text, thread_ts }) => ({ thread: thread_ts, text }));
}

/** Asks once more in the same thread: replies there go out one after the other, so that nothing is on its way before this answer. */
async function last(thread: string): Promise<void> {
  await slack.say({ channel, user, text: "!echo last", thread });
  await slack.waitUntil(() => answers().some(({ text }) => text.endsWith("echo last")), patience);
}

function answered(count: number): Promise<void> {
  return slack.waitUntil(() => answers().length >= count, patience);
}
