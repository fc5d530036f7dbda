import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scaled, type Message, type Send } from "@bellhop/contracts";
import type { Adapter } from "@bellhop/gateway";
import { Secret, silentLog, type Log } from "@bellhop/service";
import { startFakeMatrix, type FakeMatrix, type FakeMatrixOptions } from "@bellhop/testkit/matrix";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MatrixSettings } from "./config.ts";
import { openMatrix } from "./connection.ts";

const durations = scaled(0.1);

interface Opening {
  matrix: FakeMatrix;
  folder: string;
  settings?: Partial<MatrixSettings>;
  log?: Log;
}

function open({ matrix: { bot, url }, folder, settings, log = silentLog }: Opening) {
  return openMatrix({ matrix: { homeserver: url, login: { token: new Secret(bot.token) }, ...settings }, folder, durations, log });
}

const newFolder = () => mkdtemp(join(tmpdir(), "bellhop-matrix-"));

async function placeIn(folder: string): Promise<string> {
  const files = await readdir(join(folder, "matrix"));
  return join(folder, "matrix", files.find((name) => !name.startsWith("login-")) ?? "");
}

describe("a Matrix account", () => {
  let matrix: FakeMatrix;
  let folder: string;
  let ana: string;
  let room: string;
  let closing: (() => Promise<unknown>)[];

  beforeEach(async () => {
    closing = [];
    folder = await newFolder();
    await homeserver();
  });

  afterEach(async () => {
    for (const close of closing.reverse()) await close();
    await rm(folder, { recursive: true, force: true });
  });

  async function homeserver(options: FakeMatrixOptions = {}): Promise<void> {
    const started = await startFakeMatrix(options);
    matrix = started;
    closing.push(() => started.close());
    ana = matrix.createUser("ana");
    room = matrix.createRoom("ops", { members: [ana] });
  }

  interface Listening {
    adapter: Adapter;
    heard: Message[];
    texts: () => string[];
    until: (count: number) => Promise<void>;
  }

  async function listening({
    store = async () => {},
    ...opening
  }: Partial<Opening> & { store?: () => Promise<void> } = {}): Promise<Listening> {
    const heard: Message[] = [];
    const looking = new Set<() => void>();
    const adapter = await open({ matrix, folder, ...opening });
    closing.push(() => adapter.disconnect());
    await adapter.connect({
      async receive(message) {
        await store();
        heard.push(message);
        for (const look of looking) look();
      },
    });
    const until = (count: number) =>
      new Promise<void>((resolve) => {
        const look = () => heard.length >= count && resolve();
        looking.add(look);
        look();
      });
    return { adapter, heard, texts: () => heard.map(({ content }) => content.text), until };
  }

  const say = (text: string, more: { thread?: string; mention?: boolean; room?: string } = {}) =>
    matrix.say({ room, user: ana, text, ...more });
  const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `echo ${from + n}`);

  it("hears everything in the order it was said, however little one sync gives", async () => {
    await homeserver({ largestTimeline: 10 });
    const first = await listening();
    await first.adapter.disconnect();
    for (const text of numbers(1, 60)) await say(`!${text}`);
    const { heard, texts, until } = await listening();
    await until(60);
    expect(texts()).toEqual(numbers(1, 60));
    expect(heard.map(({ origin }) => origin)).toEqual([...Array(50).fill("backfill"), ...Array(10).fill("resume")]);
    await say("!echo 61");
    await until(61);
    expect(texts()).toEqual(numbers(1, 61));
  });

  it("is told again what was not stored", async () => {
    let refusals = 1;
    const { texts, until } = await listening({
      store: async () => {
        if (refusals-- > 0) throw new Error("no room");
      },
    });
    await say("!echo 1");
    await say("!echo 2");
    await until(2);
    expect(texts()).toEqual(["echo 1", "echo 2"]);
  });

  it("writes down how far it is only when everything is stored", async () => {
    const stored = Promise.withResolvers<void>();
    const place = async () => readFile(await placeIn(folder), "utf8");
    await listening({ store: () => stored.promise });
    await matrix.waitUntil(() => matrix.syncs() === 1);
    const before = await place();
    await say("!echo 1");
    await matrix.waitUntil(() => matrix.syncs() === 0);
    expect(await place()).toBe(before);
    stored.resolve();
    await matrix.waitUntil(() => matrix.syncs() === 1);
    expect(await place()).not.toBe(before);
  });

  it("passes over what was said before it came", async () => {
    await say("!echo before");
    const { texts, until } = await listening();
    await say("!echo after");
    await until(1);
    expect(texts()).toEqual(["echo after"]);
  });

  it("goes on after the homeserver was away", async () => {
    const { texts, until } = await listening();
    await matrix.waitUntil(() => matrix.syncs() === 1);
    const outage = matrix.failCalls({ call: "sync", fault: { kind: "unavailable" }, times: 2 });
    await say("!echo before");
    await matrix.waitUntil(() => outage.hits() === 2);
    await say("!echo meanwhile");
    await until(2);
    expect(texts()).toEqual(["echo before", "echo meanwhile"]);
  });

  it("begins anew at a homeserver that was set up anew", async () => {
    await (await listening()).adapter.disconnect();
    const path = await placeIn(folder);
    await writeFile(path, JSON.stringify({ position: "of another life" }));
    const { texts, until } = await listening();
    await matrix.waitUntil(() => matrix.syncs() === 1);
    await say("!echo new");
    await until(1);
    expect(texts()).toEqual(["echo new"]);
  });

  describe("when it is invited", () => {
    it("comes, and hears what it was told since: there, everything is for it", async () => {
      const { heard, until } = await listening();
      const { room: direct } = await matrix.dm(ana, "status");
      await until(1);
      await matrix.dm(ana, "status 2");
      await until(2);
      expect(heard.map(({ content, addressed, replyTo }) => [content.text, addressed, replyTo.channel, replyTo.thread])).toEqual([
        ["status", "direct", direct, undefined],
        ["status 2", "direct", direct, undefined],
      ]);
    });

    it("hears nothing of what was said there before", async () => {
      const { texts, until } = await listening();
      const other = matrix.createRoom("other", { withoutBot: true, members: [ana] });
      await say("!echo before", { room: other });
      await matrix.invite({ room: other, by: ana });
      await matrix.waitUntil(() => matrix.isMember(other));
      await say("!echo after", { room: other });
      await until(1);
      expect(texts()).toEqual(["echo after"]);
    });

    it("stays away when a stranger asks, and comes when they are named", async () => {
      const stranger = matrix.createUser("@eve:elsewhere.example");
      const first = await listening();
      const { room: theirs } = await matrix.dm(stranger, "status");
      await say("!echo 1");
      await first.until(1);
      expect([matrix.isMember(theirs), first.texts()]).toEqual([false, ["echo 1"]]);
      await first.adapter.disconnect();

      const second = await listening({ settings: { inviters: ["*:elsewhere.example"] } });
      const { room: another } = await matrix.dm(matrix.createUser("@mal:elsewhere.example"), "status");
      await second.until(1);
      expect(matrix.isMember(another)).toBe(true);
    });

    it("keeps trying to come, over a restart too", async () => {
      const refusal = matrix.failCalls({ call: "join", fault: { kind: "rate_limit", retryAfterMs: 60_000 } });
      const first = await listening();
      await matrix.dm(ana, "status");
      await matrix.waitUntil(() => refusal.hits() === 1);
      await say("!echo 1");
      await first.until(1);
      await matrix.waitUntil(() => matrix.syncs() === 1);
      await first.adapter.disconnect();
      const second = await listening();
      await second.until(1);
      expect(second.texts()).toEqual(["status"]);
    });
  });

  it("takes a room for direct while two are in it and it has no name, and not when a third has come", async () => {
    const { heard, until } = await listening();
    const { room: direct } = await matrix.dm(ana, "one");
    await until(1);
    const bob = matrix.createUser("bob");
    await matrix.say({ room: direct, user: bob, text: "just talking" });
    await matrix.say({ room: direct, user: bob, text: "!echo two" });
    await until(2);
    const named = matrix.createRoom("named", { withoutBot: true, members: [ana] });
    await matrix.leave(named, "@keeper:fake.example");
    await matrix.invite({ room: named, by: ana });
    await matrix.waitUntil(() => matrix.isMember(named));
    await say("just talking", { room: named });
    await say("!echo three", { room: named });
    await until(3);
    expect(heard.map(({ content, addressed }) => [content.text, addressed])).toEqual([
      ["one", "direct"],
      ["echo two", "prefix"],
      ["echo three", "prefix"],
    ]);
  });

  describe("in a room that it can't read", () => {
    const secret = { type: "m.room.encrypted", content: { algorithm: "m.megolm.v1.aes-sha2", ciphertext: "x" } };

    it("tells the log so, once", async () => {
      const told: unknown[] = [];
      const log: Log = { ...silentLog, warn: (fields, words) => void told.push({ ...fields, words }) };
      const { until } = await listening({ log });
      for (let n = 0; n < 2; n++) await matrix.post({ room, user: ana, ...secret });
      await say("!echo plain");
      await until(1);
      expect(told).toEqual([{ room, direct: false, words: "the room is encrypted: what is said there can't be read" }]);
      expect(matrix.room(room)).toHaveLength(1);
    });

    it("tells whoever talks to it alone, once, over a restart too", async () => {
      const first = await listening();
      const { room: direct } = await matrix.dm(ana, "status");
      await first.until(1);
      await matrix.post({ room: direct, user: ana, ...secret });
      await matrix.waitForMessage(({ user, text }) => user === matrix.bot.userId && text.includes("can't read encrypted"));
      await first.adapter.disconnect();
      const second = await listening();
      await matrix.post({ room: direct, user: ana, ...secret });
      await matrix.dm(ana, "status 2");
      await second.until(1);
      expect(matrix.room(direct).filter(({ user }) => user === matrix.bot.userId)).toHaveLength(1);
    });
  });

  it("fails with the name of the variable when its token was taken back", async () => {
    const { adapter } = await listening();
    matrix.revokeTokens();
    await expect(adapter.failed).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining("BELLHOP_MATRIX_TOKEN"),
    });
    await expect(open({ matrix, folder })).rejects.toMatchObject({ code: "config_invalid" });
  });

  describe("with a password", () => {
    const byPassword = (): Partial<MatrixSettings> => ({
      login: { user: matrix.bot.user, password: new Secret(matrix.bot.password) },
    });
    const logins = () => matrix.requests().filter(({ call }) => call === "login").length;

    it("logs in once, and keeps the login where only we can read it", async () => {
      for (let n = 0; n < 2; n++) await (await open({ matrix, folder, settings: byPassword() })).disconnect();
      expect(logins()).toBe(1);
      const [file = ""] = await readdir(join(folder, "matrix"));
      expect((await stat(join(folder, "matrix", file))).mode & 0o777).toBe(0o600);
    });

    it("logs in as the same device when the token was taken back, and goes on", async () => {
      const { texts, until } = await listening({ settings: byPassword() });
      matrix.revokeTokens();
      await say("!echo again");
      await until(1);
      expect([texts(), logins()]).toEqual([["echo again"], 2]);
      const devices = matrix.requests().flatMap(({ call, body }) => (call === "login" ? [body] : []));
      expect(devices[1]).toMatchObject({ device_id: (devices[0] as { device_id: string }).device_id });
    });

    it("refuses to start with a wrong one, and says which variable it is", async () => {
      const settings = { login: { user: "bellhop", password: new Secret("wrong") } };
      await expect(open({ matrix, folder, settings })).rejects.toMatchObject({
        code: "config_invalid",
        message: expect.stringContaining("BELLHOP_MATRIX_PASSWORD"),
      });
    });
  });

  it("says the same thing once, however often it is asked, and finds it after the homeserver forgot", async () => {
    const { adapter } = await listening();
    const to = { platform: "matrix", account: adapter.account, channel: room };
    const said: Send = {
      v: 1,
      key: "k",
      revision: 1,
      platform: "matrix",
      account: adapter.account,
      to,
      body: { text: "x", tone: "info" },
      final: true,
    };
    const results = [await adapter.send(said, { key: "k" }), await adapter.send(said, { key: "k" })];
    expect(results[1]).toEqual(results[0]);
    expect(matrix.room(room)).toHaveLength(1);
    for (let n = 0; n < 205; n++) await say("talk");
    const receipt = { v: 1, key: "k", revision: 1, state: "sending", by: "x/1", at: new Date().toISOString() } as const;
    expect(await adapter.resolve?.(said, receipt)).toEqual(results[0]);
  });
});
