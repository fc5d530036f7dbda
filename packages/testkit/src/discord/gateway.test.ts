import { once } from "node:events";
import { afterEach, expect, it } from "vitest";
import { WebSocket } from "ws";
import { intents } from "./events.ts";
import { startFakeDiscord, type FakeDiscord, type FakeDiscordOptions } from "./fake-discord.ts";

type Payload = { op: number; s?: number; t?: string; d?: Record<string, unknown> };

let discord: FakeDiscord;

afterEach(() => discord.close());

const all = intents.guilds | intents.guildMessages | intents.directMessages | intents.messageContent;
const identify = (more: object = {}) => ({
  op: 2,
  d: { token: discord.bot.token, intents: all, properties: { os: "linux", browser: "test", device: "test" }, ...more },
});

it.each<[number, string, FakeDiscordOptions, () => object]>([
  [4001, "an unknown op", {}, () => ({ op: 99 })],
  [4002, "no JSON", {}, () => ({ toJSON: () => undefined })],
  [4003, "anything before who it is", {}, () => ({ op: 3, d: {} })],
  [4004, "another token", {}, () => identify({ token: "other" })],
  [4010, "a shard that is not there", {}, () => identify({ shard: [1, 2] })],
  [4013, "no intents", {}, () => identify({ intents: undefined })],
  [4014, "a privileged intent that is off", { privileged: { messageContent: false } }, () => identify()],
  [4014, "another privileged intent", {}, () => identify({ intents: intents.guildMembers })],
])("closes with %i at %s", async (code, _, options, payload) => {
  discord = await startFakeDiscord(options);
  const client = await connect();
  client.send(payload());
  expect(await client.closed).toBe(code);
});

it("says hello, then who the bot is and where, and answers heartbeats", async () => {
  discord = await startFakeDiscord({ heartbeatMs: 5_000 });
  const client = await connect();
  expect(await client.next()).toMatchObject({ op: 10, d: { heartbeat_interval: 5_000 } });
  client.send(identify());
  expect(await client.next()).toMatchObject({ t: "READY", s: 1, d: { v: 10, user: { id: discord.bot.userId, bot: true } } });
  expect(await client.next()).toMatchObject({ t: "GUILD_CREATE", s: 2, d: { id: discord.guild.id, roles: [{}, { managed: true }] } });
  client.send({ op: 1, d: 2 });
  expect(await client.next()).toMatchObject({ op: 11 });
  client.send(identify());
  expect(await client.closed).toBe(4005);
});

it("cuts off who sends no heartbeats", async () => {
  discord = await startFakeDiscord({ heartbeatMs: 30 });
  const client = await connect();
  expect(await client.closed).toBe(4009);
});

it("replays to who resumes, with as much again as it is told to", async () => {
  discord = await startFakeDiscord({ resumeOverlap: 1 });
  const channel = discord.createChannel("ops");
  const user = discord.createUser("ann");
  const first = await session();
  await discord.say({ channel, user, text: "heard" });
  expect((await first.next()).d).toMatchObject({ content: "heard" });
  first.socket.terminate();
  await discord.waitUntil(() => discord.sockets() === 0);
  await discord.say({ channel, user, text: "missed" });
  const second = await resumed(first.id, 3);
  expect((await second.next()).d).toMatchObject({ content: "heard" });
  expect(await second.next()).toMatchObject({ s: 4, d: { content: "missed" } });
  expect(await second.next()).toMatchObject({ t: "RESUMED" });
  expect(discord.sessions()).toEqual({ identifies: 1, resumes: 1 });
});

it("does not resume what its client has closed, what it was told is over, or what it never gave", async () => {
  discord = await startFakeDiscord();
  const left = await session();
  left.socket.close(1000);
  await left.closed;
  const over = await session();
  discord.invalidateSessions();
  expect(await over.next()).toEqual({ op: 9, d: false });
  for (const id of [left.id, over.id, "none"]) expect(await (await resumed(id, 1)).next()).toEqual({ op: 9, d: false });
  const living = await session();
  expect(await (await resumed(living.id, 99)).closed).toBe(4007);
});

it("keeps sessions through an outage, and lets nobody in before it ends", async () => {
  discord = await startFakeDiscord();
  const channel = discord.createChannel("ops");
  const user = discord.createUser("ann");
  const before = await session();
  const outage = discord.outage();
  expect(await before.closed).toBe(1006);
  await expect(connect()).rejects.toThrow();
  await discord.say({ channel, user, text: "missed" });
  outage.end();
  expect(await (await resumed(before.id, 2)).next()).toMatchObject({ d: { content: "missed" } });
  discord.dropSockets();
  discord.invalidateSessions();
  expect(await (await resumed(before.id, 2)).next()).toEqual({ op: 9, d: false });
});

it("asks for a reconnect, and closes as it is told", async () => {
  discord = await startFakeDiscord();
  const client = await session();
  discord.refreshSockets();
  expect(await client.next()).toMatchObject({ op: 7 });
  discord.closeSockets(4000);
  expect(await client.closed).toBe(4000);
});

it("tells a session only what its intents are for, and no words that it may not read", async () => {
  discord = await startFakeDiscord();
  const channel = discord.createChannel("ops");
  const hidden = discord.createChannel("hidden", { denied: ["ViewChannel"] });
  const user = discord.createUser("ann");
  const deaf = await session({ intents: intents.guilds | intents.guildMessages });
  await discord.dm(user, "direct");
  await discord.say({ channel: hidden, user, text: "hidden" });
  await discord.say({ channel, user, text: "words" });
  await discord.say({ channel, user, text: `<@${discord.bot.userId}> words` });
  expect((await deaf.next()).d).toMatchObject({ content: "", guild_id: discord.guild.id, member: {} });
  expect((await deaf.next()).d).toMatchObject({ content: `<@${discord.bot.userId}> words` });
});

it("delivers an event twice, late or never", async () => {
  discord = await startFakeDiscord();
  const channel = discord.createChannel("ops");
  const user = discord.createUser("ann");
  const client = await session();
  for (const kind of ["twice", "late", "lost"] as const) discord.disturbEvents({ fault: { kind } });
  for (const text of ["one", "two", "three", "four"]) await discord.say({ channel, user, text });
  const contents = [];
  for (let n = 0; n < 4; n++) contents.push((await client.next()).d?.content);
  expect(contents).toEqual(["one", "one", "four", "two"]);
});

it("tells who put a reaction, of several deletions at once, of previews, and of active threads", async () => {
  discord = await startFakeDiscord();
  const channel = discord.createChannel("ops");
  const user = discord.createUser("ann");
  const ids = [];
  for (const text of ["a", "b"]) ids.push((await discord.say({ channel, user, text })).id);
  const [id = ""] = ids;
  const [active, archived] = ids.map((message) => discord.createThread({ channel, message }));
  discord.archive(archived ?? "");
  const client = await session({ intents: all | intents.guildReactions });
  await discord.unfurl({ channel, id });
  await discord.react({ channel, id, user, name: "👀" });
  await discord.unreact({ channel, id, user, name: "👀" });
  await discord.purge({ channel, ids });
  discord.archive(active ?? "");
  const told = [];
  for (let n = 0; n < 5; n++) told.push(await client.next());
  expect(told).toMatchObject([
    { t: "MESSAGE_UPDATE", d: { id, edited_timestamp: null, embeds: [{}] } },
    {
      t: "MESSAGE_REACTION_ADD",
      d: { message_id: id, message_author_id: user, member: { user: { id: user } }, emoji: { id: null, name: "👀" } },
    },
    { t: "MESSAGE_REACTION_REMOVE", d: { message_id: id, user_id: user } },
    { t: "MESSAGE_DELETE_BULK", d: { ids, channel_id: channel } },
    { t: "THREAD_UPDATE", d: { id: active, thread_metadata: { archived: true } } },
  ]);
  expect(discord.changes().map(({ kind }) => kind)).toEqual(["posted", "posted", "reacted", "unreacted", "deleted", "deleted"]);
  const [guild] = discord.dispatches().filter(({ t }) => t === "GUILD_CREATE");
  expect(guild?.d).toMatchObject({ channels: [{ id: channel, last_message_id: ids[1] }], threads: [{ id: active }] });
});

it("tells of edits, deletions, reactions and threads", async () => {
  discord = await startFakeDiscord();
  const channel = discord.createChannel("ops");
  const user = discord.createUser("ann");
  const client = await session({ intents: all | intents.guildReactions });
  const { id } = await discord.say({ channel, user, text: "a" });
  await discord.edit({ channel, id, text: "b" });
  await discord.react({ channel, id, user, name: "👀" });
  discord.createThread({ channel, message: id });
  await discord.remove({ channel, id });
  const told = [];
  for (let n = 0; n < 5; n++) told.push(await client.next());
  expect(told.map(({ t }) => t)).toEqual(["MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_REACTION_ADD", "THREAD_CREATE", "MESSAGE_DELETE"]);
  expect(told[1]?.d).toMatchObject({ content: "b", edited_timestamp: expect.any(String) });
  expect(told[3]?.d).toMatchObject({ id, type: 11, parent_id: channel });
});

interface Client {
  socket: WebSocket;
  send(payload: object): void;
  next(): Promise<Payload>;
  closed: Promise<number>;
}

async function connect(): Promise<Client> {
  const { url } = (await (await fetch(`${discord.apiUrl}/v10/gateway`)).json()) as { url: string };
  const socket = new WebSocket(`${url}?v=10&encoding=json`);
  const read: Payload[] = [];
  const waiting: ((payload: Payload) => void)[] = [];
  socket.on("message", (data) => {
    const payload = JSON.parse((data as Buffer).toString("utf8")) as Payload;
    const first = waiting.shift();
    if (first) first(payload);
    else read.push(payload);
  });
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  await once(socket, "open");
  return {
    socket,
    send: (payload) => socket.send(JSON.stringify(payload) ?? "no JSON"),
    next: () => {
      const payload = read.shift();
      return payload ? Promise.resolve(payload) : new Promise((resolve) => waiting.push(resolve));
    },
    closed,
  };
}

/** Identified, its guild heard of. */
async function session(more: object = {}): Promise<Client & { id: string }> {
  const client = await connect();
  await client.next();
  client.send(identify(more));
  const ready = await client.next();
  await client.next();
  return { ...client, id: String(ready.d?.session_id) };
}

async function resumed(id: string, seq: number): Promise<Client> {
  const client = await connect();
  await client.next();
  client.send({ op: 6, d: { token: discord.bot.token, session_id: id, seq } });
  return client;
}
