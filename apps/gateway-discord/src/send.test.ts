import { createHash } from "node:crypto";
import { problem, scaled, type FileRef, type Send } from "@bellhop/contracts";
import type { Adapter, Place, SendResult } from "@bellhop/gateway";
import { placeOf } from "@bellhop/gateway/testing";
import { Secret, silentLog } from "@bellhop/service";
import { startFakeDiscord, type FakeDiscord, type FakeDiscordOptions } from "@bellhop/testkit/discord";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDiscord } from "./connection.ts";
import type { DiscordPiece } from "./write.ts";

const post = "POST /channels/:id/messages";

let discord: FakeDiscord;
let adapter: Required<Adapter<DiscordPiece>>;
let user: string;
let channel: string;

async function begin(options: FakeDiscordOptions = {}, durations = scaled(0.1)): Promise<void> {
  discord = await startFakeDiscord({ rateLimits: "off", ...options });
  user = discord.createUser("ana");
  channel = discord.createChannel("ops");
  const opened = await openDiscord({
    discord: { token: new Secret(discord.bot.token), apiUrl: discord.apiUrl },
    durations,
    log: silentLog,
  });
  adapter = opened as typeof adapter;
}

afterEach(() => discord.close());

interface Words extends Partial<Omit<Send, "body">> {
  text?: string;
  files?: FileRef[];
  /** What it answers. */
  message?: string;
  where?: string;
}

function reply({ text = "a", files, message, where = channel, ...rest }: Words = {}): Send {
  const to = { platform: "discord", account: discord.bot.userId, space: discord.guild.id, channel: where, message };
  return {
    v: 1,
    key: "a",
    revision: 1,
    platform: "discord",
    account: to.account,
    to,
    body: { text, tone: "info", files },
    final: true,
    ...rest,
  };
}

/** Posts one piece, the first unless told. */
function say(send: Send, index = 0, rest: Partial<Place> = {}): Promise<SendResult> {
  return adapter.post(pieceOf(send, index), { ...placeOf(send, index, { files: stored }), ...rest });
}

const look = (send: Send, { index = 0, since = Date.now() } = {}) =>
  adapter.find(pieceOf(send, index), { ...placeOf(send, index), since: new Date(since).toISOString() });
const reword = (send: Send, ref: string, index = 0) =>
  adapter.reword(pieceOf(send, index), { ...placeOf(send, index, { files: stored }), ref });

function pieceOf(send: Send, index: number): DiscordPiece {
  const piece = adapter.write(send)[index];
  if (piece === undefined) throw new Error(`nothing is said in piece ${index}`);
  return piece;
}

const stored = new Map<string, Uint8Array>();

function fileOf(name: string, text: string): FileRef {
  const bytes = new TextEncoder().encode(text);
  const object = createHash("sha256").update(bytes).digest("hex");
  stored.set(object, bytes);
  return { name, type: "text/plain", bytes: bytes.byteLength, object };
}

const asked = async (text = "!echo a") => (await discord.say({ channel, user, text })).id;
const shown = (where = channel) => discord.room(where).filter(({ bot }) => bot);
const texts = (where = channel) => shown(where).map(({ text }) => text.split(" ")[0]);
const long = (name: string, parts: number) => Array.from({ length: parts }, (_, n) => `${name}${n} ${"x".repeat(1_900)}`).join("\n");
const refOf = (result: SendResult) => (result.kind === "sent" ? result.ref : `not sent: ${result.kind}`);
const minute = 60_000;

describe("a reply", () => {
  beforeEach(() => begin());

  it("answers the message, pings nobody and shows no previews", async () => {
    const message = await asked();
    await say(reply({ text: `@everyone <@${user}> <@&${discord.bot.roleId}> https://x.example`, message }));
    expect(shown()).toMatchObject([{ reply_to: message, pings: [] }]);
    const body = { flags: 4, enforce_nonce: true, nonce: expect.stringMatching(/^[0-9a-f]{25}$/) };
    expect(discord.requests().at(-1)?.body).toMatchObject(body);
  });

  it("pings whom it calls by name", async () => {
    const send = reply();
    await say({ ...send, body: { text: "done, @a1b2", tone: "ok", mentions: [{ token: "@a1b2", person: user }] } });
    expect(shown()).toMatchObject([{ text: `done, <@${user}>`, pings: [user] }]);
  });

  it("shows what it answers on each of its messages, and is known by that later", async () => {
    const send = reply({ text: long("a", 3), message: await asked() });
    for (const index of [0, 1, 2]) await say(send, index);
    const refs = shown().map(({ id }) => `${channel}/${id}`);
    expect(shown().map(({ reply_to }) => reply_to)).toEqual(Array(3).fill(send.to.message));
    for (const index of [0, 1, 2]) expect(await look(send, { index })).toEqual({ kind: "sent", ref: refs[index] });
  });

  it("is said to a message that was deleted meanwhile, and known again", async () => {
    const message = await asked();
    await discord.remove({ channel, id: message });
    discord.failCalls({ method: post, fault: { kind: "lose_answer" } });
    expect(await say(reply({ message }))).toMatchObject({ kind: "unsure" });
    expect(await look(reply({ message }))).toMatchObject({ kind: "sent" });
  });

  it("is dropped by Discord when it is posted twice", async () => {
    const first = await say(reply());
    expect(await say(reply(), 0, { again: true })).toEqual(first);
    expect(texts()).toEqual(["a"]);
  });

  it("is left to Discord to know again for a minute, where it answers nothing", async () => {
    await say(reply());
    expect(await look(reply())).toEqual({ kind: "not-there" });
    expect(await look(reply(), { since: Date.now() - 2 * minute })).toMatchObject({ kind: "sent" });
    expect(await look(reply(), { since: Date.now() + minute })).toMatchObject({ kind: "sent" });
  });

  it("is looked for through a long history, and not before what it answers", async () => {
    const before = reply({ text: "same", message: await asked() });
    await say(before);
    const message = await asked();
    for (let n = 0; n < 150; n++) await asked("talk");
    expect(await look(reply({ text: "same", message }))).toEqual({ kind: "not-there" });
    const sent = await say(reply({ text: "same", message, key: "b" }));
    expect(await look(reply({ text: "same", message, key: "b" }))).toEqual(sent);
  });

  it("is known among messages that look the same", async () => {
    const same = `${"x".repeat(1_900)}\n\n`;
    const send = reply({ text: same.repeat(2), message: await asked() });
    await say(send, 0);
    expect(await look(send, { index: 1 })).toEqual({ kind: "not-there" });
    const second = await say(send, 1);
    expect(await look(send, { index: 1 })).toEqual(second);
  });

  it("says no where the room is closed to it, and finds nothing there", async () => {
    const closed = discord.createChannel("closed", { denied: ["SendMessages"] });
    expect(await say(reply({ where: closed }))).toEqual({ kind: "refused", why: "50013 Missing Permissions" });
    const hidden = discord.createChannel("hidden", { denied: ["ViewChannel"] });
    expect(await look(reply({ where: hidden, message: "100000000000000001" }))).toEqual({ kind: "not-there" });
  });

  it("is said without a reference where the bot may not read the history", async () => {
    const blind = discord.createChannel("blind", { denied: ["ReadMessageHistory"] });
    const { id } = await discord.say({ channel: blind, user, text: "!echo a" });
    expect(await say(reply({ where: blind, message: id }))).toMatchObject({ kind: "sent" });
    expect(discord.room(blind).at(-1)).toMatchObject({ text: "a", reply_to: undefined });
  });

  it("goes on being sent with a token that was refused once", async () => {
    discord.failCalls({ method: post, fault: { kind: "unavailable", status: 401 } });
    expect(await say(reply())).toMatchObject({ kind: "unavailable" });
    expect(await say(reply())).toMatchObject({ kind: "sent" });
  });

  it("is reworded in an archived thread, where reactions are taken back too", async () => {
    const message = await asked();
    const thread = discord.createThread({ channel, message });
    const { id } = await discord.say({ channel: thread, user, text: "!echo" });
    const to = { ...reply({ where: thread, message: id }).to };
    const ref = refOf(await say(reply({ where: thread, message: id })));
    await adapter.react({ to, emoji: "👀", gone: false });
    discord.archive(thread);
    expect(await reword(reply({ where: thread, message: id, text: "b", revision: 2 }), ref)).toEqual({ kind: "sent", ref });
    discord.archive(thread);
    expect(await adapter.react({ to, emoji: "👀", gone: true })).toMatchObject({ kind: "sent" });
    expect(discord.room(thread).map(({ text, reactions }) => [text, reactions])).toEqual([
      ["!echo", []],
      ["b", []],
    ]);
  });
});

describe("files of a reply", () => {
  beforeEach(() => begin({ fileLimit: 1_000 }));

  it("are one message, known again by its look", async () => {
    const send = reply({ text: "", files: [fileOf("a b.txt", "one"), fileOf("c.txt", "two")], message: await asked() });
    discord.failCalls({ method: post, fault: { kind: "error_after" } });
    expect(await say(send)).toMatchObject({ kind: "unsure" });
    expect(shown()[0]?.files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()])).toEqual([
      ["a_b.txt", "one"],
      ["c.txt", "two"],
    ]);
    expect(await look(send)).toMatchObject({ kind: "sent" });
  });

  it("take the place of words, and words theirs", async () => {
    const message = await asked();
    const ref = refOf(await say(reply({ text: "on it", message })));
    await reword(reply({ text: "", files: [fileOf("a.txt", "one")], message, revision: 2 }), ref);
    expect(shown()).toMatchObject([{ text: "", files: [{ name: "a.txt" }] }]);
    await reword(reply({ text: "", files: [fileOf("b.txt", "two")], message, revision: 3 }), ref);
    expect(shown()).toMatchObject([{ text: "", files: [{ name: "b.txt" }] }]);
    await reword(reply({ text: "done", message, revision: 4 }), ref);
    expect(shown()).toMatchObject([{ text: "done", files: [] }]);
  });

  it("are the whole of a reply that is too long for the room", async () => {
    await begin();
    const text = long("a", 9);
    const send = reply({ text, message: await asked() });
    for (const index of [0, 1]) await say(send, index);
    expect(shown()).toMatchObject([{ text: expect.stringContaining("cut here") }, { files: [{ name: "reply.md" }] }]);
    expect(Buffer.from(shown()[1]?.files[0]?.bytes ?? []).toString()).toBe(text);
  });

  it("are named where Discord takes none, and where their bytes are gone", async () => {
    const message = await asked();
    const large = reply({ text: "", files: [fileOf("large.txt", "x".repeat(1_001))], message });
    expect(await say(large)).toMatchObject({ kind: "sent" });
    expect(await look(large)).toMatchObject({ kind: "sent" });
    const ref = refOf(await say(reply({ text: "on it", key: "d" })));
    await reword(reply({ text: "", files: [fileOf("later.txt", "x".repeat(1_001))], key: "d", revision: 2 }), ref);
    const bare = discord.createChannel("bare", { denied: ["AttachFiles"] });
    await say(reply({ text: "", files: [fileOf("a.txt", "x")], where: bare, key: "b" }));
    await say(reply({ text: "", files: [{ ...fileOf("gone.txt", "x"), object: "gone" }], key: "c" }));
    expect([...shown(), ...shown(bare)].map(({ text }) => text)).toEqual([
      "`large.txt` can't be shown here.",
      "`later.txt` can't be shown here.",
      "`gone.txt` can't be shown here.",
      "`a.txt` can't be shown here.",
    ]);
  });

  it("are waited for where their bytes can't be had yet", async () => {
    const read = () => Promise.reject(problem("nats_unreachable", { url: "-", why: "away" }));
    expect(await say(reply({ text: "", files: [fileOf("a.txt", "x")] }), 0, { read })).toMatchObject({ kind: "unavailable" });
    expect(shown()).toEqual([]);
  });
});

describe("what only one person may see", () => {
  beforeEach(() => begin());

  const alone = () => discord.sees(user).filter((message) => message.bot && message.channel !== channel);

  it("is told directly, reworded and taken back there, and the room sees nothing of it", async () => {
    const send = reply({ text: "the code is 42", message: await asked(), only: user });
    const ref = refOf(await say(send));
    expect(alone()).toMatchObject([{ text: expect.stringContaining(`/${channel}/${send.to.message}>\nthe code is 42`) }]);
    await reword({ ...send, revision: 2, body: { text: "the code is 43", tone: "info" } }, ref);
    expect(alone()).toMatchObject([{ text: expect.stringContaining("the code is 43") }]);
    await adapter.remove({ ...placeOf(send), ref });
    expect([...alone(), ...shown()]).toEqual([]);
    expect(discord.requests().filter(({ method }) => method === "POST /users/@me/channels")).toHaveLength(1);
  });

  it("is known again there, later than Discord remembers its nonce", async () => {
    const send = reply({ text: "the code is 42", message: await asked(), only: user });
    discord.failCalls({ method: post, fault: { kind: "lose_answer" } });
    expect(await say(send)).toMatchObject({ kind: "unsure" });
    expect(await look(send)).toEqual({ kind: "not-there" });
    expect(await look(send, { since: Date.now() - 2 * minute })).toMatchObject({ kind: "sent" });
  });

  it("is not said to who takes no direct messages, and the room is told why, once", async () => {
    user = discord.createUser("shy", { closed: true });
    const send = reply({ text: long("secret", 2), message: await asked(), only: user });
    const ref = refOf(await say(send, 0));
    expect(await say(send, 1)).toMatchObject({ kind: "refused" });
    expect(await reword({ ...send, revision: 2 }, ref)).toEqual({ kind: "sent", ref });
    expect(shown()).toMatchObject([
      { text: expect.stringContaining("takes no direct messages"), reply_to: send.to.message, pings: [user] },
    ]);
  });

  it("surely was not said where the conversation could not be opened", async () => {
    discord.failCalls({ method: "POST /users/@me/channels", fault: { kind: "unavailable" } });
    expect(await say(reply({ only: user }))).toEqual({ kind: "unavailable", why: "HTTP 503" });
  });
});

it("stands once where the first try is still on its way", async () => {
  await begin({}, scaled(0.1, { platformCall: 15_000 }));
  const send = reply({ message: await asked() });
  discord.failCalls({ method: post, fault: { kind: "hold", ms: 5_000 } });
  expect(await say(send)).toEqual({ kind: "unsure", why: "no answer in time" });
  expect(await look(send)).toEqual({ kind: "not-there" });
  expect(await say(send, 0, { again: true })).toMatchObject({ kind: "sent" });
  await discord.waitUntil(() => discord.requests().filter(({ method, answer }) => method === post && answer).length === 2);
  expect(texts()).toEqual(["a"]);
});

describe("a reply whose sending broke off, later than Discord remembers a nonce", () => {
  beforeEach(() => begin({ nonceMs: -1 }));

  it.each([
    ["lose_answer", true],
    ["error_after", true],
    ["lose_request", false],
    ["unavailable", false],
  ] as const)("stands or not, and that is found: %s", async (kind, stands) => {
    const send = reply({ text: long("a", 3), message: await asked() });
    await say(send, 0);
    discord.failCalls({ method: post, fault: { kind } });
    expect(await say(send, 1)).toMatchObject({ kind: "unsure" });
    expect(await look(send, { index: 1 })).toMatchObject({ kind: stands ? "sent" : "not-there" });
    expect(texts()).toEqual(stands ? ["a0", "a1"] : ["a0"]);
  });
});

it("turns calls away by itself, lane by lane, once Discord's headers say that they come too fast", async () => {
  await begin({ rateLimits: { messages: { limit: 2, perMs: 60_000 } } });
  for (const key of ["a", "b"]) await say(reply({ key }));
  const calls = discord.requests().length;
  expect(await say(reply({ key: "c" }))).toMatchObject({ kind: "unavailable", lane: `post/${channel}`, retryAfterMs: expect.any(Number) });
  expect(discord.requests()).toHaveLength(calls);
  expect(adapter.lanes({ kind: "post", to: reply().to }).map(({ name }) => name)).toContain(`post/${channel}`);
  expect(await say(reply({ key: "d", where: discord.createChannel("other") }))).toMatchObject({ kind: "sent" });
});
