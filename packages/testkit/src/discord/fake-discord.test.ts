import {
  ChannelType,
  Client,
  DiscordAPIError,
  GatewayIntentBits,
  HTTPError,
  Partials,
  RateLimitError,
  REST,
  Routes,
  type Message,
} from "discord.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startFakeDiscord, type FakeDiscord } from "./fake-discord.ts";

let discord: FakeDiscord;
let client: Client | undefined;
let channel: string;
let user: string;

beforeEach(async () => {
  discord = await startFakeDiscord();
  channel = discord.createChannel("ops");
  user = discord.createUser("ann");
});

afterEach(async () => {
  await client?.destroy();
  client = undefined;
  await discord.close();
});

const { Guilds, GuildMessages, DirectMessages, MessageContent, GuildMessageReactions } = GatewayIntentBits;

/** The real discord.js with all that it makes of what it gets. */
async function discordJs(onMessage: (message: Message) => Promise<void> | void): Promise<Client> {
  const opened = new Client({
    intents: [Guilds, GuildMessages, DirectMessages, MessageContent, GuildMessageReactions],
    partials: [Partials.Channel],
    rest: { api: discord.apiUrl },
  });
  client = opened;
  opened.on("messageCreate", (message) => void onMessage(message));
  const ready = new Promise((resolve) => opened.once("clientReady", resolve));
  await opened.login(discord.bot.token);
  await ready;
  return opened;
}

it("lets discord.js hear, reply, edit, react, type, start a thread and read back", async () => {
  const done = Promise.withResolvers<void>();
  await discordJs(async (message) => {
    if (message.author.bot || !message.channel.isSendable() || message.channel.type !== ChannelType.GuildText) return;
    await message.channel.sendTyping();
    const reply = await message.reply({ content: "on it", nonce: "n1", enforceNonce: true });
    await reply.edit("done");
    await message.react("👀");
    const thread = await message.startThread({ name: "more" });
    await thread.send("in the thread");
    const history = await message.channel.messages.fetch({ limit: 10 });
    expect([...history.values()].map(({ content }) => content)).toEqual(["done", "!go"]);
    await message.channel.messages.fetch(reply.id).then((found) => found.delete());
    done.resolve();
  });
  const { id } = await discord.say({ channel, user, text: "!go" });
  await done.promise;
  expect(discord.room(channel)).toMatchObject([{ text: "!go", bot: false, reactions: [{ name: "👀", users: [discord.bot.userId] }] }]);
  expect(discord.room(id)).toMatchObject([{ text: "in the thread", bot: true }]);
});

it("lets discord.js answer a direct message", async () => {
  await discordJs(async (message) => {
    if (!message.author.bot && message.channel.isDMBased()) await message.reply("hello");
  });
  const { channel: direct, id } = await discord.dm(user, "hi");
  expect(await discord.waitForMessage(({ bot }) => bot)).toMatchObject({ channel: direct, text: "hello", reply_to: id });
});

it("lets discord.js resume when its socket breaks", async () => {
  const heard: string[] = [];
  const last = Promise.withResolvers<void>();
  await discordJs(({ content }) => {
    heard.push(content);
    if (content === "three") last.resolve();
  });
  await discord.say({ channel, user, text: "one" });
  discord.dropSockets();
  await discord.waitUntil(() => discord.sockets() === 0);
  await discord.say({ channel, user, text: "two" });
  await discord.waitUntil(() => discord.sessions().resumes === 1);
  await discord.say({ channel, user, text: "three" });
  await last.promise;
  expect(heard).toEqual(["one", "two", "three"]);
});

describe("a call that meets a fault", () => {
  const route = () => Routes.channelMessages(channel);
  const post = () => rest().post(route(), { body: { content: "a" } });
  const rest = () => new REST({ api: discord.apiUrl, retries: 0, rejectOnRateLimit: () => true }).setToken(discord.bot.token);
  const stands = () => discord.room(channel).length;
  const fail = (fault: Parameters<FakeDiscord["failCalls"]>[0]["fault"]) =>
    discord.failCalls({ method: "POST /channels/:id/messages", fault });

  it.each([
    ["lose_request", 0],
    ["lose_answer", 1],
  ] as const)("%s: the connection breaks, %i stand", async (kind, count) => {
    fail({ kind });
    await expect(post()).rejects.toThrow();
    expect(stands()).toBe(count);
  });

  it.each([
    ["unavailable", 503, 0],
    ["error_after", 500, 1],
  ] as const)("%s: HTTP %i, %i stand", async (kind, status, count) => {
    fail({ kind });
    await expect(post()).rejects.toSatisfy((error) => error instanceof HTTPError && error.status === status);
    expect(stands()).toBe(count);
  });

  it("hold: stands later, whether or not its caller waits", async () => {
    fail({ kind: "hold", ms: 100 });
    const caller = new AbortController();
    const posted = rest().post(route(), { body: { content: "a" }, signal: caller.signal });
    await discord.waitUntil(() => discord.requests().length === 1);
    caller.abort();
    await expect(posted).rejects.toThrow();
    await discord.waitForMessage(({ text }) => text === "a");
  });

  it("rate_limit: 429 with the time to wait, nothing stands", async () => {
    fail({ kind: "rate_limit", retryAfter: 2 });
    await expect(post()).rejects.toSatisfy((error) => error instanceof RateLimitError && error.retryAfter >= 2_000);
    expect(stands()).toBe(0);
    expect(discord.requests().map(({ method, fault }) => [method, fault])).toEqual([["POST /channels/:id/messages", "rate_limit"]]);
  });

  it("a sixth post in five seconds is 429 by itself, and the headers tell before it comes to that", async () => {
    const answers = [];
    for (let n = 0; n < 6; n++) {
      const headers = { Authorization: `Bot ${discord.bot.token}`, "Content-Type": "application/json" };
      answers.push(await fetch(`${discord.apiUrl}/v10${route()}`, { method: "POST", headers, body: '{"content":"a"}' }));
    }
    expect(answers.map(({ headers }) => headers.get("X-RateLimit-Remaining"))).toEqual(["4", "3", "2", "1", "0", "0"]);
    expect(answers.at(-1)?.status).toBe(429);
    expect(await answers.at(-1)?.json()).toMatchObject({ retry_after: expect.any(Number), global: false });
    expect(stands()).toBe(5);
  });

  it("a token that was taken back is 401", async () => {
    discord.revokeTokens();
    await expect(post()).rejects.toSatisfy((error) => error instanceof DiscordAPIError && error.status === 401);
  });
});
