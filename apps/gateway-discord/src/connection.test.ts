import { problem, scaled, type Mark, type Message } from "@bellhop/contracts";
import type { Heard } from "@bellhop/gateway";
import { adapterContract, testInbox, type TestInbox } from "@bellhop/gateway/testing";
import { Secret, silentLog } from "@bellhop/service";
import { startFakeDiscord, type FakeDiscord, type FakeDiscordOptions } from "@bellhop/testkit/discord";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDiscord } from "./connection.ts";

const post = "POST /channels/:id/messages";

function open(discord: FakeDiscord) {
  return openDiscord({ discord: { token: new Secret(discord.bot.token), apiUrl: discord.apiUrl }, durations: scaled(0.1), log: silentLog });
}

adapterContract({
  name: "Discord",
  async start() {
    const discord = await startFakeDiscord({ rateLimits: "off", pressMs: 20_000 });
    const user = discord.createUser("ana");
    const channel = discord.createChannel("ops");
    let last = "";
    const say = async (text: string, files: Parameters<FakeDiscord["say"]>[0]["files"] = []) => {
      last = (await discord.say({ channel, user, text, files })).id;
    };
    const ours = () => discord.room(channel).filter(({ author }) => author === discord.bot.userId);
    return {
      adapter: () => open(discord),
      say: (command) => say(`!${command}`),
      chat: (text) => say(text),
      sendFile: (command, { name, type, bytes }) => say(`!${command}`, [{ name, type, content: bytes }]),
      editLast: (command) => discord.edit({ channel, id: last, text: `!${command}` }),
      deleteLast: () => discord.remove({ channel, id: last }),
      react: (name, added) => discord[added ? "react" : "unreact"]({ channel, id: last, user, name }),
      press: (label) => discord.press({ channel, id: ours().at(-1)?.id ?? "", user, label }),
      form: async () => discord.modal(user),
      submit: (values) => discord.submit({ user, values }),
      pressable: async () => ours().at(-1)?.pressable ?? [],
      shown: async () => ours().map(({ text }) => text),
      shownAlone: async () =>
        discord
          .sees(user)
          .filter(({ author, only, channel: where }) => author === discord.bot.userId && (only === user || where !== channel))
          .map(({ text }) => text),
      files: async () => ours().flatMap(({ files }) => files.map(({ name, bytes }) => ({ name, bytes }))),
      reactions: async () =>
        (discord.room(channel).find(({ id }) => id === last)?.reactions ?? [])
          .filter(({ users }) => users.includes(discord.bot.userId))
          .map(({ name }) => name),
      typing: async () => discord.typing(channel).includes(discord.bot.userId),
      pinged: async () => ours().at(-1)?.pings ?? [],
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

/** One that listens, with the marks of an earlier one where they are given. */
async function listening(options: { marked?: Map<string, Mark>; receive?: (heard: Heard) => unknown } = {}) {
  const waiting = new Set<() => void>();
  const inbox = testInbox({
    marked: options.marked,
    async receive(heard) {
      await options.receive?.(heard);
      for (const look of waiting) look();
    },
  });
  const adapter = await open(discord);
  const close = () => adapter.disconnect();
  closing.push(close);
  await adapter.connect(inbox);
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => condition() && resolve();
      waiting.add(look);
      look();
    });
  const hears = (text: string) => until(() => messages(inbox).some(({ content }) => content.text === text));
  return { adapter, inbox, until, hears, close };
}

const say = (text: string, where = channel) => discord.say({ channel: where, user, text });
const messages = ({ heard }: TestInbox): Message[] => heard.flatMap((one) => (one.kind === "message" ? one.message : []));
const texts = (inbox: TestInbox) => messages(inbox).map(({ content }) => content.text);
/** Everywhere that is heard of: nobody has to wait for the marks of one place. */
const isMarked = (inbox: TestInbox, place: string) => expect.poll(() => inbox.marked.get(place)?.position);

describe("a Discord connection", () => {
  beforeEach(() => begin());

  it("hears mentions of the bot and of its role, direct messages and threads", async () => {
    const { inbox, hears } = await listening();
    const { id } = await say(`<@${discord.bot.userId}> echo one`);
    await say(`<@&${discord.bot.roleId}> echo two`);
    const thread = discord.createThread({ channel, message: id });
    await say("!echo three", thread);
    await discord.dm(user, "echo four");
    for (const text of ["echo two", "echo three", "echo four"]) await hears(text);
    const heard = messages(inbox).map(({ content, addressed, conversation }) => [content.text, addressed, conversation.channel]);
    expect(heard).toHaveLength(4);
    expect(heard).toEqual(
      expect.arrayContaining([
        ["echo one", "mention", channel],
        ["echo two", "mention", channel],
        ["echo three", "prefix", thread],
        ["echo four", "direct", expect.any(String)],
      ]),
    );
  });

  it("hears what becomes of messages in the order it happened, and nothing of previews and bots", async () => {
    const { inbox, until } = await listening();
    const rover = discord.createUser("rover", { bot: true });
    const { id } = await say("!echo one");
    await discord.unfurl({ channel, id });
    await discord.react({ channel, id, user: rover, name: "🛑" });
    await discord.edit({ channel, id, text: "!echo two" });
    await discord.react({ channel, id, user, name: "🛑" });
    await discord.unreact({ channel, id, user, name: "🛑" });
    const other = await say("!echo three");
    await discord.purge({ channel, ids: [id, other.id] });
    await until(() => inbox.heard.length === 7);
    expect(inbox.heard.map(({ kind }) => kind)).toEqual(["message", "edited", "reacted", "reacted", "message", "deleted", "deleted"]);
  });

  it("keeps files before it hands their message on, and asks for them without the token", async () => {
    const { inbox, hears } = await listening();
    const content = Buffer.from("a,b");
    await discord.dm(user, "sum", { files: [{ name: "a b.csv", type: "text/csv", content }] });
    await say("!next");
    await hears("sum");
    const [{ content: { files = [] } } = { content: {} }] = messages(inbox).filter(({ addressed }) => addressed === "direct");
    expect(files).toEqual([{ name: "a_b.csv", type: "text/csv", bytes: 3, object: expect.any(String) }]);
    expect(Buffer.from(inbox.kept.get(files[0]?.object ?? "") ?? [])).toEqual(content);
    expect(discord.downloads()).toEqual([{ name: "a_b.csv", status: 200 }]);
  });

  it.each<[string, FakeDiscordOptions, (() => void)?]>([
    ["its address is no good any more", { fileLifeMs: -1_000 }],
    [
      "the answer breaks off",
      {},
      () => void discord.failCalls({ method: "GET /attachments/:id/:id/:name", fault: { kind: "lose_request" } }),
    ],
  ])("hears a message whose file can't be had: %s", async (_, options, fail) => {
    await begin(options);
    fail?.();
    const { inbox, hears } = await listening();
    await discord.dm(user, "sum", { files: [{ name: "a.csv", type: "text/csv", content: Buffer.from("a") }] });
    await hears("sum");
    expect(messages(inbox)[0]?.content.files).toEqual([{ name: "a.csv", type: "text/csv", bytes: 1, lost: "unreadable" }]);
  });

  it("holds what can't be stored until it can, and what follows it in that channel", async () => {
    let isFull = true;
    const { inbox, hears } = await listening({
      receive(heard) {
        if (isFull && heard.kind === "message" && heard.message.content.text === "echo one") {
          isFull = false;
          throw problem("spool_unavailable", { why: "no room" });
        }
      },
    });
    await say("!echo one");
    const { id } = await say("!echo two");
    await hears("echo two");
    expect(texts(inbox)).toEqual(["echo one", "echo one", "echo two"]);
    await isMarked(inbox, channel).toBe(id);
  });

  it("resumes after it broke, and hears what was said meanwhile", async () => {
    const { inbox, hears } = await listening();
    await say("!echo before");
    await hears("echo before");
    discord.dropSockets();
    await discord.waitUntil(() => discord.sockets() === 0);
    await say("!echo meanwhile");
    await hears("echo meanwhile");
    expect(messages(inbox).map(({ origin }) => origin)).toEqual(["live", "resume"]);
    expect(discord.sessions()).toEqual({ identifies: 1, resumes: 1 });
  });

  it("comes back when Discord asks for it, and after an outage", async () => {
    const { hears } = await listening();
    discord.refreshSockets();
    await discord.waitUntil(() => discord.sessions().resumes === 1, 45_000);
    await say("!echo fresh");
    await hears("echo fresh");
    const outage = discord.outage();
    await discord.waitUntil(() => discord.sockets() === 0);
    await say("!echo missed");
    outage.end();
    await hears("echo missed");
  });

  it("is opened once Discord can be reached again", async () => {
    const outage = discord.failCalls({ method: "GET /gateway/bot", fault: { kind: "unavailable" }, times: 6 });
    const { hears } = await listening();
    await discord.waitUntil(() => discord.sockets() === 1, 45_000);
    expect(outage.hits()).toBe(6);
    await say("!echo late");
    await hears("echo late");
  });

  it("fails with the name of the variable when the token was taken back", async () => {
    const { adapter } = await listening();
    discord.revokeTokens();
    discord.closeSockets(4004);
    const fault = { code: "config_invalid", message: expect.stringContaining("BELLHOP_DISCORD_TOKEN") };
    await expect(adapter.failed).rejects.toMatchObject(fault);
    await expect(open(discord)).rejects.toMatchObject(fault);
  });
});

it("fails with the name of the switch when the bot may not read messages", async () => {
  await begin({ privileged: { messageContent: false } });
  const { adapter } = await listening();
  await expect(adapter.failed).rejects.toMatchObject({
    code: "config_invalid",
    message: expect.stringContaining("MESSAGE CONTENT INTENT"),
  });
});

describe("what was said while nobody listened", () => {
  beforeEach(() => begin());

  /** Hears of a channel, a thread and a direct conversation, and goes. */
  async function heardOnce() {
    const { id } = await say("!echo past");
    const thread = discord.createThread({ channel, message: id });
    const { inbox, hears, close } = await listening();
    await say("!echo room");
    await say("!echo thread", thread);
    const { channel: direct } = await discord.dm(user, "echo direct");
    for (const text of ["echo room", "echo thread", "echo direct"]) await hears(text);
    for (const place of [channel, thread, direct, ""]) await isMarked(inbox, place).toBeTruthy();
    return { marked: inbox.marked, thread, close };
  }

  it("is read by the next one: in channels, threads and direct conversations, oldest first", async () => {
    const { marked, thread, close } = await heardOnce();
    await close();
    const fresh = discord.createChannel("fresh");
    for (let n = 0; n < 120; n++) await say(`!echo ${n}`);
    await say("!echo in thread", thread);
    await say("!echo in fresh", fresh);
    await discord.dm(user, "echo directly");
    discord.archive(thread);
    discord.failCalls({ method: "GET /channels/:id/messages", fault: { kind: "unavailable" } });
    const { inbox, hears } = await listening({ marked });
    for (const text of ["echo 119", "echo in thread", "echo in fresh", "echo directly"]) await hears(text);
    expect(new Set(messages(inbox).map(({ origin }) => origin))).toEqual(new Set(["backfill"]));
    const inRoom = messages(inbox).filter(({ conversation }) => conversation.channel === channel);
    expect(inRoom.map(({ content }) => content.text)).toEqual(Array.from({ length: 120 }, (_, n) => `echo ${n}`));
    expect(texts(inbox)).toHaveLength(123);
  }, 45_000);

  it("is read by the same one when its session is over", async () => {
    const { inbox, hears } = await listening();
    await say("!echo before");
    await hears("echo before");
    await isMarked(inbox, channel).toBeTruthy();
    discord.dropSockets();
    await discord.waitUntil(() => discord.sockets() === 0);
    discord.invalidateSessions();
    await say("!echo meanwhile");
    await hears("echo meanwhile");
    await say("!echo after");
    await hears("echo after");
    expect(texts(inbox)).toEqual(["echo before", "echo meanwhile", "echo after"]);
    expect(discord.sessions().identifies).toBe(2);
  });

  it("is not heard at a first start: it was not said to us", async () => {
    await say("!echo past");
    const { inbox, hears } = await listening();
    await say("!echo now");
    await hears("echo now");
    expect(texts(inbox)).toEqual(["echo now"]);
  });

  it("is heard at the next start where it was said right after the first", async () => {
    await say("!echo past");
    const { inbox, close } = await listening();
    await isMarked(inbox, channel).toBeTruthy();
    await close();
    await say("!echo missed");
    const next = await listening({ marked: inbox.marked });
    await next.hears("echo missed");
    expect(texts(next.inbox)).toEqual(["echo missed"]);
  });

  it("is read once it can be, and holds up nobody until then", async () => {
    const { marked, close } = await heardOnce();
    await close();
    await say("!echo missed");
    const before = marked.get(channel)?.position;
    const trouble = discord.failCalls({ method: "GET /channels/:id/messages", fault: { kind: "unavailable" }, times: Infinity });
    const { inbox, hears } = await listening({ marked });
    await expect.poll(() => trouble.hits()).toBeGreaterThan(0);
    await say("!echo now");
    await hears("echo now");
    expect(texts(inbox)).toEqual(["echo now"]);
    expect(marked.get(channel)?.position).toBe(before);
    trouble.cancel();
    await hears("echo missed");
    await isMarked(inbox, channel).toBe(discord.room(channel).at(-1)?.id);
  });

  it("is read in spite of a channel that is closed to the bot", async () => {
    const { marked, close } = await heardOnce();
    await close();
    const hidden = discord.createChannel("hidden", { denied: ["ViewChannel"] });
    await say("!echo hidden", hidden);
    await say("!echo open");
    const { inbox, hears } = await listening({ marked });
    await hears("echo open");
    await isMarked(inbox, hidden).toBeTruthy();
    expect(texts(inbox)).toEqual(["echo open"]);
  });

  it("is read by the next one also where it was heard, and could not be stored", async () => {
    const full = await listening({
      receive(heard) {
        if (heard.kind === "message" && heard.message.content.text === "echo kept out")
          throw problem("spool_unavailable", { why: "no room" });
      },
    });
    await isMarked(full.inbox, "").toBeTruthy();
    await say("!echo kept out");
    await say("just talking");
    await discord.dm(user, "echo stored");
    await full.hears("echo stored");
    await full.close();
    const { inbox, hears } = await listening({ marked: full.inbox.marked });
    await hears("echo kept out");
    expect(texts(inbox)).toEqual(["echo kept out"]);
  });

  it("stands before what is said now, and is not marked before it is stored", async () => {
    const { marked, close } = await heardOnce();
    await close();
    await say("!echo missed");
    const before = marked.get(channel)?.position;
    const hold = Promise.withResolvers<void>();
    const seen: (string | undefined)[] = [];
    const { inbox, hears } = await listening({
      marked,
      receive: async () => {
        seen.push(marked.get(channel)?.position);
        await hold.promise;
      },
    });
    await say("!echo now");
    await expect.poll(() => seen.length).toBe(1);
    hold.resolve();
    await hears("echo now");
    expect(texts(inbox)).toEqual(["echo missed", "echo now"]);
    expect(seen[0]).toBe(before);
  });
});
