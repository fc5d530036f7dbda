import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buckets } from "@bellhop/contracts";
import { commonConfig, Secret, silentLog, type CrashPoint, type Service } from "@bellhop/service";
import { startGatewayStage, type GatewayStage } from "@bellhop/testkit";
import { startFakeDiscord, type FakeDiscord } from "@bellhop/testkit/discord";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { start } from "./start.ts";

const patience = 45_000;
const post = "POST /channels/:id/messages";

let discord: FakeDiscord;
let stage: GatewayStage;
let channel: string;
let user: string;

/** @param nonceMs how long Discord knows a nonce again */
async function begin({ nonceMs }: { nonceMs?: number } = {}): Promise<void> {
  [stage, discord] = await Promise.all([
    startGatewayStage({
      platform: "discord",
      answer: ({ content: { text } }) => ({ text: text === "long" ? long : `you said: ${text}`, tone: "info" }),
    }),
    startFakeDiscord({ rateLimits: "off", resumeOverlap: 3, nonceMs }),
  ]);
  channel = discord.createChannel("ops");
  user = discord.createUser("ana");
}

afterEach(async () => {
  await stage.end();
  await discord.close();
});

describe("the gateway of one bot", () => {
  beforeEach(() => begin());

  it("answers a !command and a mention where they stand, once each, and nobody else", async () => {
    await gateway();
    const asked = await say("!echo <hello>");
    const mentioned = await say(`<@${discord.bot.userId}> echo you`);
    await say("just talking");
    await answered(2);
    await last();
    expect(answers().slice(0, 2)).toEqual([
      { to: asked.id, text: "you said: echo \\<hello\\>" },
      { to: mentioned.id, text: "you said: echo you" },
    ]);
    expect(stage.heard).toHaveLength(3);
  });

  it("answers in a thread and in a direct conversation", async () => {
    await gateway();
    const { id } = await say("look");
    const thread = discord.createThread({ channel, message: id });
    await discord.say({ channel: thread, user, text: "!echo here" });
    const { channel: direct } = await discord.dm(user, "status");
    await discord.waitForMessage((message) => message.bot && message.channel === thread, patience);
    await discord.waitForMessage((message) => message.bot && message.channel === direct, patience);
    expect([...discord.room(thread), ...discord.room(direct)].map(({ text }) => text)).toEqual([
      "!echo here",
      "you said: echo here",
      "status",
      "you said: status",
    ]);
  });

  it("makes one message of an event that comes twice, and of one that is replayed", async () => {
    await gateway();
    discord.disturbEvents({ fault: { kind: "twice" } });
    await say("!echo once");
    await answered(1);
    discord.dropSockets();
    await discord.waitUntil(() => discord.sessions().resumes === 1);
    const replayed = discord.dispatches().filter(({ t, sent }) => t === "MESSAGE_CREATE" && sent === 2);
    expect(replayed.length).toBeGreaterThan(0);
    await last();
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo once", "you said: echo last"]);
    expect(stage.heard).toHaveLength(2);
  });

  it("answers once when NATS is back what was said while it was down", async () => {
    await gateway();
    await stage.nats.kill9();
    await say("!echo stored");
    await discord.waitUntil(() => discord.dispatches().some(({ t }) => t === "MESSAGE_CREATE"));
    await stage.nats.restart();
    await answered(1);
    await last();
    expect(answers()).toHaveLength(2);
    expect(stage.heard).toHaveLength(2);
  });

  it.each(["lose_answer", "lose_request", "error_after", "unavailable"] as const)("leaves one reply standing after %s", async (kind) => {
    await gateway();
    const fault = discord.failCalls({ method: post, fault: { kind } });
    await say("!echo once");
    await answered(1);
    await last();
    expect(fault.hits()).toBe(1);
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo once", "you said: echo last"]);
  });

  it("starts while Discord can't be reached, and answers once it can", async () => {
    const outage = discord.failCalls({ method: "GET /users/@me", fault: { kind: "unavailable" } });
    await gateway();
    expect(outage.hits()).toBe(1);
    await discord.waitUntil(() => discord.sockets() === 1);
    await say("!echo late");
    await answered(1);
  });

  it("refuses to start with a token that Discord does not take, and says which", async () => {
    discord.revokeTokens();
    await expect(gateway()).rejects.toThrow(/BELLHOP_DISCORD_TOKEN/);
  });
});

describe.each([
  ["while Discord knows a repeat again", undefined],
  ["later than Discord knows a repeat again", -1],
])("killed with -9, %s", (_, nonceMs) => {
  beforeEach(() => begin({ nonceMs }));

  const points = ["gateway.sending", "gateway.sent-unrecorded", "gateway.recorded"] as const satisfies CrashPoint[];

  it.each(points)("at %s, the next gateway leaves one reply standing", async (point) => {
    await killedAt(point, "!echo once");
    await gateway();
    await answered(1);
    await last();
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo once", "you said: echo last"]);
  });

  it.each(points)("at %s in the middle of a long reply, the next gateway goes on there", async (point) => {
    await killedAt(`${point}:2`, "!long");
    await gateway();
    await answered(3);
    await last();
    expect(answers().map(({ text }) => text.slice(0, 6))).toEqual(["part 0", "part 1", "part 2", "you sa"]);
  });
});

describe("killed with -9", () => {
  beforeEach(() => begin());

  it.each<CrashPoint>(["gateway.received", "gateway.stored"])("at %s, the next gateway reads it in the history", async (point) => {
    const first = await gatewayProcess({ BELLHOP_CRASH: `${point}:2`, BELLHOP_CRASH_LOG: join(stage.folder, "crash") });
    await say("!echo before");
    await answered(1);
    await marked();
    await say("!echo once");
    await first.ended;
    await gateway();
    await answered(2);
    await last();
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo before", "you said: echo once", "you said: echo last"]);
    expect(stage.heard).toHaveLength(3);
  });

  it.each<CrashPoint>(["gateway.received", "gateway.stored"])("at %s, the other gateway of the bot has heard it too", async (point) => {
    const first = await gatewayProcess({ BELLHOP_CRASH: point, BELLHOP_CRASH_LOG: join(stage.folder, "crash") });
    await gateway();
    await discord.waitUntil(() => discord.sockets() === 2, patience);
    await say("!echo once");
    await first.ended;
    await answered(1);
    await last();
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo once", "you said: echo last"]);
    expect(stage.heard).toHaveLength(2);
  });

  it("while another one waits, that one takes over", async () => {
    const first = await gatewayProcess();
    await say("!echo one");
    await answered(1);
    await gateway();
    first.child.kill("SIGKILL");
    await first.ended;
    await say("!echo two");
    await answered(2);
    expect(answers().map(({ text }) => text)).toEqual(["you said: echo one", "you said: echo two"]);
    expect(stage.heard).toHaveLength(2);
  });

  it("and alone, what was said until the next one starts is answered: in a channel, a thread and directly", async () => {
    const first = await gatewayProcess();
    const { id } = await say("!echo one");
    const thread = discord.createThread({ channel, message: id });
    const { channel: direct } = await discord.dm(user, "echo hello");
    await discord.waitForMessage((message) => message.bot && message.channel === direct, patience);
    await answered(1);
    await marked(channel, direct);
    first.child.kill("SIGKILL");
    await first.ended;
    await say("!echo two");
    await discord.say({ channel: thread, user, text: "!echo three" });
    await discord.dm(user, "echo four");
    await gateway();
    for (const text of ["two", "three", "four"])
      await discord.waitForMessage((message) => message.bot && message.text.endsWith(text), patience);
    expect(stage.heard.map(({ origin }) => origin).sort()).toEqual(["backfill", "backfill", "backfill", "live", "live"]);
  });
});

/** A gateway that is killed once it gets to that point with what is said. */
async function killedAt(point: string, text: string): Promise<void> {
  const crashLog = join(stage.folder, "crash");
  const { ended } = await gatewayProcess({ BELLHOP_CRASH: point, BELLHOP_CRASH_LOG: crashLog });
  await say(text);
  await ended;
  expect(await readFile(crashLog, "utf8")).toContain(point.split(":")[0]);
}

/** The gateway has said how far it heard there, and everywhere. */
async function marked(...places: string[]): Promise<void> {
  const read = async () => (await stage.bus.bucket(buckets.mark).entries("discord.*.*")).map(({ value }) => value.place);
  await expect.poll(read, { timeout: patience }).toEqual(expect.arrayContaining(["", channel, ...places]));
}

/** In this process. */
async function gateway(): Promise<Service> {
  const service = await start(
    {
      ...commonConfig(stage.env, "gateway"),
      prefixes: { general: "!", rooms: {} },
      accounts: [{ name: "default", token: new Secret(discord.bot.token), apiUrl: discord.apiUrl }],
    },
    silentLog,
  );
  stage.atEnd(() => service.stop());
  return service;
}

/** As it is shipped; ready when it has a session. */
function gatewayProcess(extra: Record<string, string> = {}): ReturnType<GatewayStage["run"]> {
  const before = discord.sockets();
  return stage.run({
    main: fileURLToPath(new URL("main.ts", import.meta.url)),
    env: { BELLHOP_DISCORD_TOKEN: discord.bot.token, BELLHOP_DISCORD_API_URL: discord.apiUrl, ...extra },
    ready: discord.waitUntil(() => discord.sockets() > before, patience),
  });
}

const long = Array.from({ length: 3 }, (_, n) => `part ${n} ${"x".repeat(1_900)}`).join("\n");

function say(text: string): Promise<{ id: string }> {
  return discord.say({ channel, user, text });
}

function answers(): { to?: string; text: string }[] {
  return discord
    .room(channel)
    .filter(({ bot }) => bot)
    .map(({ text, reply_to }) => ({ to: reply_to, text }));
}

/** Asks once more in the same channel: replies there go out one after the other, so that nothing is on its way before this answer. */
async function last(): Promise<void> {
  await say("!echo last");
  await discord.waitUntil(() => answers().some(({ text }) => text.endsWith("echo last")), patience);
}

function answered(count: number): Promise<void> {
  return discord.waitUntil(() => answers().length >= count, patience);
}
