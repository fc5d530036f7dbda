import { scaled, type Message, type Send } from "@bellhop/contracts";
import { adapterContract } from "@bellhop/gateway/testing";
import { Secret, silentLog } from "@bellhop/service";
import { startFakeDiscord, type FakeDiscord, type FakeDiscordOptions } from "@bellhop/testkit/discord";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDiscord } from "./connection.ts";

const post = "POST /channels/:id/messages";

function open(discord: FakeDiscord, durations = scaled(0.1)) {
  return openDiscord({ discord: { token: new Secret(discord.bot.token), apiUrl: discord.apiUrl }, durations, log: silentLog });
}

adapterContract({
  name: "Discord",
  async start() {
    const discord = await startFakeDiscord();
    const user = discord.createUser("ana");
    const channel = discord.createChannel("ops");
    return {
      adapter: () => open(discord),
      say: async (command) => void (await discord.say({ channel, user, text: `!${command}` })),
      chat: async (text) => void (await discord.say({ channel, user, text })),
      shown: async () =>
        discord
          .room(channel)
          .filter(({ bot }) => bot)
          .map(({ text }) => text),
      nowhere: { platform: "discord", account: discord.bot.userId, space: discord.guild.id, channel: "100000000000000001" },
      loseAnswer: () => void discord.failCalls({ method: post, fault: { kind: "lose_answer" } }),
      loseRequest: () => void discord.failCalls({ method: post, fault: { kind: "lose_request" } }),
      turnAway: () => void discord.failCalls({ method: post, fault: { kind: "rate_limit", retryAfter: 1 } }),
      close: () => discord.close(),
    };
  },
});

let discord: FakeDiscord;
let user: string;
let channel: string;
let closing: (() => Promise<unknown>)[] = [];

async function begin(options: FakeDiscordOptions = {}): Promise<void> {
  discord = await startFakeDiscord({ rateLimits: "off", ...options });
  user = discord.createUser("ana");
  channel = discord.createChannel("ops");
  closing.push(() => discord.close());
}

afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

async function listening() {
  const heard: Message[] = [];
  const waiting = new Set<() => void>();
  const adapter = await open(discord);
  closing.push(() => adapter.disconnect());
  await adapter.connect({
    async receive(message) {
      heard.push(message);
      for (const look of waiting) look();
    },
  });
  const hears = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => heard.some(({ content }) => content.text === text) && resolve();
      waiting.add(look);
      look();
    });
  return { adapter, heard, hears };
}

const say = (text: string, where = channel) => discord.say({ channel: where, user, text });
const texts = (messages: readonly Message[]) => messages.map(({ content }) => content.text);

describe("a Discord connection", () => {
  beforeEach(() => begin());

  it("hears mentions of the bot and of its role, direct messages and threads", async () => {
    const { heard, hears } = await listening();
    const { id } = await say(`<@${discord.bot.userId}> echo one`);
    await say(`<@&${discord.bot.roleId}> echo two`);
    const thread = discord.createThread({ channel, message: id });
    await say("!echo three", thread);
    await discord.dm(user, "echo four");
    await hears("echo four");
    expect(heard.map(({ content, addressed, conversation }) => [content.text, addressed, conversation.channel])).toEqual([
      ["echo one", "mention", channel],
      ["echo two", "mention", channel],
      ["echo three", "prefix", thread],
      ["echo four", "direct", expect.any(String)],
    ]);
  });

  it("resumes after it broke, and hears what was said meanwhile", async () => {
    const { heard, hears } = await listening();
    await say("!echo before");
    await hears("echo before");
    discord.dropSockets();
    await discord.waitUntil(() => discord.sockets() === 0);
    await say("!echo meanwhile");
    await hears("echo meanwhile");
    expect(heard.map(({ origin }) => origin)).toEqual(["live", "resume"]);
    expect(discord.sessions()).toEqual({ identifies: 1, resumes: 1 });
  });

  it("comes back when Discord asks for it", async () => {
    const { hears } = await listening();
    discord.refreshSockets();
    await discord.waitUntil(() => discord.sessions().resumes === 1);
    await say("!echo fresh");
    await hears("echo fresh");
  });

  it("reads in the history what a new session did not see", async () => {
    const { heard, hears } = await listening();
    await say("!echo before");
    await discord.dm(user, "echo direct");
    await hears("echo direct");
    discord.failCalls({ method: "GET /channels/:id/messages", fault: { kind: "unavailable" } });
    discord.invalidateSessions();
    await discord.waitUntil(() => discord.sockets() === 0);
    for (let n = 0; n < 120; n++) await say(`!echo ${n}`);
    await discord.dm(user, "echo again");
    await hears("echo 119");
    await hears("echo again");
    const missed = heard.filter(({ origin }) => origin === "backfill");
    expect(texts(missed.filter(({ conversation }) => conversation.kind === "room"))).toEqual(
      Array.from({ length: 120 }, (_, n) => `echo ${n}`),
    );
    expect(texts(missed.filter(({ conversation }) => conversation.kind === "direct"))).toEqual(["echo again"]);
    expect(discord.sessions()).toEqual({ identifies: 2, resumes: 0 });
  }, 30_000);

  it("is opened once Discord can be reached again", async () => {
    const outage = discord.failCalls({ method: "GET /gateway/bot", fault: { kind: "unavailable" }, times: 6 });
    const { hears } = await listening();
    await discord.waitUntil(() => discord.sockets() === 1);
    expect(outage.hits()).toBe(6);
    await say("!echo late");
    await hears("echo late");
  });

  it("fails with the name of the variable when the token was taken back", async () => {
    const { adapter } = await listening();
    discord.revokeTokens();
    discord.closeSockets(4004);
    await expect(adapter.failed).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining("BELLHOP_DISCORD_TOKEN"),
    });
    await expect(open(discord)).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining("BELLHOP_DISCORD_TOKEN"),
    });
  });

  it("goes on sending with a token that was refused once", async () => {
    const { adapter } = await listening();
    discord.failCalls({ method: post, fault: { kind: "unavailable", status: 401 } });
    expect(await adapter.send(reply("a"), { key: "a" })).toMatchObject({ kind: "unavailable" });
    expect(await adapter.send(reply("a"), { key: "a" })).toMatchObject({ kind: "sent" });
  });
});

it("fails with the name of the switch when the bot may not read messages", async () => {
  await begin({ privileged: { messageContent: false } });
  const adapter = await open(discord);
  closing.push(() => adapter.disconnect());
  await adapter.connect({ receive: async () => {} });
  await expect(adapter.failed).rejects.toMatchObject({
    code: "config_invalid",
    message: expect.stringContaining("MESSAGE CONTENT INTENT"),
  });
});

const reply = (key: string, { text = key, message, revision = 1 }: { text?: string; message?: string; revision?: number } = {}): Send => {
  const to = { platform: "discord", account: discord.bot.userId, space: discord.guild.id, channel, message };
  return { v: 1, key, revision, platform: "discord", account: to.account, to, body: { text, tone: "info" }, final: true };
};
const begun = (key: string) => ({ v: 1, key, revision: 1, state: "sending", by: "gone/1", at: new Date().toISOString() }) as const;
const long = (name: string, parts: number) => Array.from({ length: parts }, (_, n) => `${name}${n} ${"x".repeat(1_900)}`).join("\n");
const shown = () =>
  discord
    .room(channel)
    .filter(({ bot }) => bot)
    .map(({ text }) => text.split(" ")[0]);

describe("a reply", () => {
  beforeEach(() => begin());

  it("answers the message, pings nobody and shows no previews", async () => {
    const { adapter } = await listening();
    const { id } = await say("!echo a");
    const text = `@everyone <@${user}> <@&${discord.bot.roleId}> https://x.example`;
    await adapter.send(reply("a", { text, message: id }), { key: "a" });
    const [said] = discord.room(channel).filter(({ bot }) => bot);
    expect(said).toMatchObject({ reply_to: id, pings: [] });
    expect(discord.requests().at(-1)?.body).toMatchObject({
      flags: 4,
      enforce_nonce: true,
      nonce: expect.stringMatching(/^[0-9a-f]{25}$/),
    });
  });

  it("is said to a message that was deleted meanwhile, and known again", async () => {
    const { adapter } = await listening();
    const { id } = await say("!echo a");
    await discord.remove({ channel, id });
    discord.failCalls({ method: post, fault: { kind: "lose_answer" } });
    expect(await adapter.send(reply("a", { message: id }), { key: "a" })).toMatchObject({ kind: "unsure" });
    expect(await adapter.resolve?.(reply("a", { message: id }), begun("a"))).toMatchObject({ kind: "sent" });
  });

  it("is dropped by Discord when it is posted twice", async () => {
    const { adapter } = await listening();
    const first = await adapter.send(reply("a"), { key: "a" });
    expect(await adapter.send(reply("a"), { key: "a" })).toEqual(first);
    expect(shown()).toEqual(["a"]);
  });

  it("stands once where the first try is still on its way", async () => {
    const adapter = await open(discord, scaled(0.1, { platformCall: 1_000 }));
    closing.push(() => adapter.disconnect());
    discord.failCalls({ method: post, fault: { kind: "hold", ms: 400 } });
    expect(await adapter.send(reply("a"), { key: "a" })).toEqual({ kind: "unsure", why: "no answer in time" });
    expect(await adapter.resolve?.(reply("a"), begun("a"))).toEqual({ kind: "not-there" });
    expect(await adapter.send(reply("a"), { key: "a" })).toMatchObject({ kind: "sent" });
    await discord.waitUntil(() => discord.requests().filter(({ method, answer }) => method === post && answer).length === 2);
    expect(shown()).toEqual(["a"]);
  });

  it("has its later wording where an earlier one got through after all", async () => {
    const { adapter } = await listening();
    const first = await adapter.send(reply("a", { text: "on it" }), { key: "a" });
    expect(await adapter.send(reply("a", { text: "done", revision: 2 }), { key: "a" })).toEqual(first);
    expect(shown()).toEqual(["done"]);
  });

  it("goes as several messages where it is long, and is reworded in all of them", async () => {
    const { adapter } = await listening();
    const { id } = await say("!echo a");
    const sent = await adapter.send(reply("a", { text: long("a", 3), message: id }), { key: "a" });
    expect(shown()).toEqual(["a0", "a1", "a2"]);
    expect(discord.room(channel).map(({ reply_to }) => reply_to)).toEqual([undefined, id, undefined, undefined]);
    const edits = sent.kind === "sent" ? sent.ref : "";
    expect(edits.split(",")).toHaveLength(3);
    const shorter = await adapter.send(reply("a", { text: long("b", 2), message: id, revision: 2 }), { key: "a", edits });
    expect(shown()).toEqual(["b0", "b1"]);
    const ref = shorter.kind === "sent" ? shorter.ref : "";
    await adapter.send(reply("a", { text: long("c", 4), message: id, revision: 3 }), { key: "a", edits: ref });
    expect(shown()).toEqual(["c0", "c1", "c2", "c3"]);
  });

  it("says no where the room is closed to it, and finds nothing there", async () => {
    const { adapter } = await listening();
    channel = discord.createChannel("closed", { denied: ["SendMessages"] });
    expect(await adapter.send(reply("a"), { key: "a" })).toEqual({ kind: "refused", why: "50013 Missing Permissions" });
    channel = discord.createChannel("hidden", { denied: ["ViewChannel"] });
    expect(await adapter.resolve?.(reply("a"), begun("a"))).toEqual({ kind: "not-there" });
  });

  it("is looked for through a long history", async () => {
    const { adapter } = await listening();
    const { id } = await say("!echo a");
    for (let n = 0; n < 150; n++) await say("talk");
    await adapter.send(reply("a", { message: id }), { key: "a" });
    expect(await adapter.resolve?.(reply("a", { message: id }), begun("a"))).toMatchObject({ kind: "sent" });
  });
});

describe("a long reply whose sending broke off, later than Discord remembers a nonce", () => {
  beforeEach(() => begin({ nonceMs: -1 }));

  it.each(["lose_answer", "lose_request", "error_after", "unavailable"] as const)(
    "goes on at the part that is missing after %s",
    async (kind) => {
      const { adapter } = await listening();
      const { id } = await say("!echo a");
      const send = reply("a", { text: long("a", 4), message: id });
      let posts = 0;
      discord.failCalls({ method: post, fault: { kind }, when: () => ++posts === 3 });
      expect(await adapter.send(send, { key: "a" })).toMatchObject({ kind: "unsure", why: expect.stringContaining("part 3 of 4") });
      // By somebody else, who knows nothing of it.
      const { adapter: next } = await listening();
      await next.resolve?.(send, begun("a"));
      expect(await next.send(send, { key: "a" })).toMatchObject({ kind: "sent" });
      expect(shown()).toEqual(["a0", "a1", "a2", "a3"]);
    },
  );
});

it("waits for its turn within a long reply", async () => {
  await begin({ rateLimits: { messages: { limit: 2, perMs: 300 } } });
  const { adapter } = await listening();
  expect(await adapter.send(reply("a", { text: long("a", 5) }), { key: "a" })).toMatchObject({ kind: "sent" });
  expect(shown()).toEqual(["a0", "a1", "a2", "a3", "a4"]);
  expect(await adapter.send(reply("b"), { key: "b" })).toMatchObject({ kind: "sent" });
  expect(await adapter.send(reply("c"), { key: "c" })).toMatchObject({ kind: "unavailable", retryAfterMs: expect.any(Number) });
});
