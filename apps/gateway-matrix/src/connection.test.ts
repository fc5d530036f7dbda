import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scaled, type Mark, type Message } from "@bellhop/contracts";
import type { Adapter, Heard } from "@bellhop/gateway";
import { testInbox, type TestInbox } from "@bellhop/gateway/testing";
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

describe("a Matrix account", () => {
  let matrix: FakeMatrix;
  let folder: string;
  let ana: string;
  let room: string;
  let closing: (() => Promise<unknown>)[];
  /** How far was heard: in NATS, wherever a gateway starts. */
  let marked: Map<string, Mark>;

  beforeEach(async () => {
    closing = [];
    marked = new Map();
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
    inbox: TestInbox;
    heard: () => Message[];
    texts: () => string[];
    /** Of any kind. */
    until: (count: number) => Promise<void>;
  }

  async function listening({
    store = async () => {},
    ...opening
  }: Partial<Opening> & { store?: (heard: Heard) => Promise<void> } = {}): Promise<Listening> {
    const stored: Heard[] = [];
    const looking = new Set<() => void>();
    const adapter = await open({ matrix, folder, ...opening });
    closing.push(() => adapter.disconnect());
    const inbox = testInbox({
      marked,
      async receive(one) {
        await store(one);
        stored.push(one);
        for (const look of looking) look();
      },
    });
    await adapter.connect(inbox);
    const until = (count: number) =>
      new Promise<void>((resolve) => {
        const look = () => stored.length >= count && resolve();
        looking.add(look);
        look();
      });
    const heard = () => stored.flatMap((one) => (one.kind === "message" ? [one.message] : []));
    return { adapter, inbox, heard, texts: () => heard().map(({ content }) => content.text), until };
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
    expect(heard().map(({ origin }) => origin)).toEqual([...Array(50).fill("backfill"), ...Array(10).fill("resume")]);
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

  it("says how far it has heard only when everything is stored", async () => {
    const stored = Promise.withResolvers<void>();
    await listening({ store: () => stored.promise });
    await matrix.waitUntil(() => matrix.syncs() === 1);
    const before = marked.get("")?.position;
    expect(before).toEqual(expect.any(String));
    await say("!echo 1");
    await matrix.waitUntil(() => matrix.syncs() === 0);
    expect(marked.get("")?.position).toBe(before);
    stored.resolve();
    await matrix.waitUntil(() => matrix.syncs() === 1);
    expect(marked.get("")?.position).not.toBe(before);
  });

  it("goes on where it was, also when it starts elsewhere, with nothing but its token", async () => {
    const first = await listening();
    await say("!echo 1");
    await first.until(1);
    await first.adapter.disconnect();
    await say("!echo 2");
    const elsewhere = await newFolder();
    closing.push(() => rm(elsewhere, { recursive: true, force: true }));
    const { texts, until } = await listening({ folder: elsewhere });
    await until(1);
    expect(texts().at(-1)).toBe("echo 2");
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
    marked.set("", { v: 1, place: "", position: "of another life", at: new Date().toISOString() });
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
      expect(heard().map(({ content, addressed, replyTo }) => [content.text, addressed, replyTo.channel, replyTo.thread])).toEqual([
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
      await second.until(2);
      // What was said since is heard twice, which does no harm; an invitation is told of once.
      expect(second.texts().sort()).toEqual(["echo 1", "status"]);
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
    expect(heard().map(({ content, addressed }) => [content.text, addressed])).toEqual([
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

  describe("when something happens to a message", () => {
    const facts = (inbox: TestInbox) =>
      inbox.heard.map((one) => {
        switch (one.kind) {
          case "message":
            return [one.message.content.text];
          case "edited":
            return ["edited", one.edited.message?.content.text];
          case "deleted":
            return ["deleted"];
          case "reacted":
            return ["reacted", one.reacted.emoji, one.reacted.added];
          case "pressed":
          case "submitted":
            return [one.kind];
        }
      });

    it("tells what it is about, however long ago that was said", async () => {
      const first = await listening();
      const { event: root } = await say("!echo root");
      const { event } = await say("!echo a", { thread: root });
      await first.until(2);
      const [, original] = first.heard();
      await first.adapter.disconnect();

      const { inbox, until } = await listening();
      await matrix.edit({ room, event, text: "!echo b" });
      await matrix.react({ room, event, user: ana, key: "❌" });
      await until(2);
      await matrix.remove({ room, event });
      await until(3);
      const about = { key: original?.key, sentAt: original?.sentAt };
      expect(inbox.heard).toMatchObject([
        { edited: { original: about, conversation: { thread: root }, message: { replyTo: { thread: root, message: event } } } },
        { reacted: { original: about, replyTo: { thread: root, message: event }, by: { id: ana } } },
        { deleted: { original: about } },
      ]);
    });

    it("takes no other's words, nor those that never called it", async () => {
      const { inbox, until } = await listening();
      const { event: talk } = await say("just talking");
      await matrix.edit({ room, event: talk, text: "still talking" });
      const { event } = await say("!echo a");
      const content = { msgtype: "m.text", body: "* !echo evil", "m.new_content": { msgtype: "m.text", body: "!echo evil" } };
      const relation = { "m.relates_to": { rel_type: "m.replace", event_id: event } };
      await matrix.post({ room, user: matrix.createUser("eve"), type: "m.room.message", content: { ...content, ...relation } });
      await matrix.edit({ room, event: talk, text: "!echo b" });
      await matrix.edit({ room, event: talk, text: "not any more" });
      const { event: more } = await say("more talk");
      await until(3);
      await matrix.remove({ room, event: more });
      await matrix.remove({ room, event });
      await until(4);
      expect(facts(inbox)).toEqual([["echo a"], ["edited", "echo b"], ["edited", undefined], ["deleted"]]);
    });

    it("knows one reaction from its other spelling, and whose was taken away", async () => {
      const { inbox, until } = await listening();
      const { event } = await say("!echo a");
      const other = matrix.createUser("bob");
      await matrix.react({ room, event, user: ana, key: "❤\ufe0f" });
      await matrix.react({ room, event, user: other, key: "❤" });
      await until(3);
      await matrix.unreact({ room, event, user: ana, key: "❤\ufe0f" });
      await until(4);
      expect(facts(inbox).slice(1)).toEqual([
        ["reacted", "❤", true],
        ["reacted", "❤", true],
        ["reacted", "❤", false],
      ]);
      expect(inbox.heard.at(-1)).toMatchObject({
        reacted: { by: { id: ana }, original: { key: inbox.heard[0]?.kind === "message" && inbox.heard[0].message.key } },
      });
    });

    it("asks nothing that was taken back before it was heard, in whatever words", async () => {
      await (await listening()).adapter.disconnect();
      const { event } = await say("!echo a");
      await matrix.edit({ room, event, text: "!echo b" });
      await matrix.react({ room, event, user: ana, key: "👍" });
      await matrix.unreact({ room, event, user: ana, key: "👍" });
      await matrix.remove({ room, event });
      await say("!echo c");
      const { inbox, until } = await listening();
      await until(2);
      expect(facts(inbox)).toEqual([["deleted"], ["echo c"]]);
    });

    it("is told again while the homeserver can't say what it is about", async () => {
      const first = await listening();
      const { event } = await say("!echo a");
      await first.until(1);
      await first.adapter.disconnect();
      const failing = matrix.failCalls({ call: "event", fault: { kind: "unavailable" }, times: 2 });
      const { inbox, until } = await listening();
      await matrix.react({ room, event, user: ana, key: "👍" });
      await until(1);
      expect([failing.hits(), facts(inbox)]).toEqual([2, [["reacted", "👍", true]]]);
    });

    it("hears of messages that the history leaves out what it hears of others", async () => {
      await homeserver({ largestTimeline: 3 });
      await (await listening()).adapter.disconnect();
      const { event } = await say("!echo a");
      await matrix.edit({ room, event, text: "!echo b" });
      await matrix.react({ room, event, user: ana, key: "👍" });
      const { event: gone } = await say("!echo gone");
      await matrix.remove({ room, event: gone });
      for (const text of numbers(1, 5)) await say(`!${text}`);
      const { inbox, until } = await listening();
      await until(9);
      expect(facts(inbox)).toEqual([
        ["echo a"],
        ["edited", "echo b"],
        ["reacted", "👍", true],
        ["deleted"],
        ...numbers(1, 5).map((text) => [text]),
      ]);
    });
  });

  it("keeps a file before it tells of the message, and says nothing of one that it can't have", async () => {
    const { inbox, heard, until } = await listening();
    const content = new TextEncoder().encode("a,b\n");
    const object = createHash("sha256").update(content).digest("hex");
    await matrix.dm(ana, "", { files: [{ name: "alone.csv", type: "text/csv", content }] });
    await matrix.dm(ana, "count", { files: [{ name: "numbers.csv", type: "text/csv", content }] });
    await until(1);
    expect(heard()[0]?.content).toEqual({ text: "count", files: [{ name: "numbers.csv", type: "text/csv", bytes: 4, object }] });
    expect(inbox.kept.get(object)).toEqual(content);
    matrix.failCalls({ call: "download", fault: { kind: "unavailable" } });
    await matrix.dm(ana, "count", { files: [{ name: "lost.csv", type: "text/csv", content }] });
    await until(2);
    expect(heard()[1]?.content.files).toEqual([{ name: "lost.csv", type: "text/csv", bytes: 4, lost: "unreadable" }]);
    expect(JSON.stringify(inbox.heard)).not.toMatch(/mxc:|_matrix/);
  });
});
