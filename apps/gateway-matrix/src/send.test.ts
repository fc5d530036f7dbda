import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scaled, type Address, type Send } from "@bellhop/contracts";
import type { Adapter, SendResult } from "@bellhop/gateway";
import { placeOf, testInbox } from "@bellhop/gateway/testing";
import { Secret, silentLog } from "@bellhop/service";
import { startFakeMatrix, type FakeMatrix, type FakeMatrixOptions } from "@bellhop/testkit/matrix";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openMatrix } from "./connection.ts";

const durations = scaled(0.1);

let matrix: FakeMatrix;
let folder: string;
let ana: string;
let room: string;
let asked: Address;
let adapter: Adapter;
let closing: (() => Promise<unknown>)[];

beforeEach(async () => {
  closing = [];
  folder = await mkdtemp(join(tmpdir(), "bellhop-matrix-"));
  await homeserver();
});

afterEach(async () => {
  for (const close of closing.reverse()) await close();
  await rm(folder, { recursive: true, force: true });
});

/** With a question in a room of it. */
async function homeserver(options: FakeMatrixOptions = {}): Promise<void> {
  const started = await startFakeMatrix(options);
  matrix = started;
  closing.push(() => started.close());
  ana = matrix.createUser("ana");
  room = matrix.createRoom("ops", { members: [ana] });
  adapter = await opened();
  const { event } = await matrix.say({ room, user: ana, text: "!echo a" });
  asked = { platform: "matrix", account: adapter.account, channel: room, thread: event, message: event };
}

async function opened(): Promise<Adapter> {
  const settings = { homeserver: matrix.url, login: { token: new Secret(matrix.bot.token) } };
  const one = await openMatrix({ matrix: settings, folder, durations, log: silentLog });
  closing.push(() => one.disconnect());
  return one;
}

const reply = (text: string, more: Partial<Send> = {}): Send => ({
  v: 1,
  key: "k",
  revision: 1,
  platform: "matrix",
  account: adapter.account,
  to: asked,
  body: { text, tone: "info" },
  final: true,
  ...more,
});
const post = (send: Send, at = 0, files?: ReadonlyMap<string, Uint8Array>) =>
  adapter.post(adapter.write(send)[at], placeOf(send, at, { files }));
const refOf = (result: SendResult) => (result.kind === "sent" ? result.ref : expect.fail(result.why));
const ofBot = () => matrix.room(room).filter(({ user }) => user === matrix.bot.userId);

it("stands once, however often it is asked, and is found after the homeserver forgot", async () => {
  const said = reply("x");
  const since = new Date().toISOString();
  const results = [await post(said), await post(said)];
  expect(results[1]).toEqual(results[0]);
  expect(ofBot()).toHaveLength(1);
  for (let n = 0; n < 205; n++) await matrix.say({ room, user: ana, text: "talk" });
  expect(await adapter.find?.(adapter.write(said)[0], { ...placeOf(said), since })).toEqual(results[0]);
});

it("stands once also where the homeserver takes it after we have gone", async () => {
  const said = reply("x");
  const held = matrix.failCalls({ call: "send", fault: { kind: "hold", ms: durations.platformCall + 200 } });
  expect(await post(said)).toMatchObject({ kind: "unsure" });
  await matrix.waitUntil(() => ofBot().length === 1, 45_000);
  expect([held.hits(), await post(said)]).toEqual([1, { kind: "sent", ref: ofBot()[0]?.event }]);
  expect(ofBot()).toHaveLength(1);
});

it("is one reaction, over a restart too, and goes when it is taken back", async () => {
  const { message = "" } = asked;
  const reactions = () => matrix.room(room).find(({ event }) => event === message)?.reactions;
  await matrix.react({ room, event: message, user: ana, key: "👀" });
  await adapter.react?.({ to: asked, emoji: "👀", gone: false });
  const other = await opened();
  expect(await other.react?.({ to: asked, emoji: "👀", gone: false })).toMatchObject({ kind: "sent" });
  expect(reactions()).toEqual([{ key: "👀", users: [ana, adapter.account] }]);
  for (const time of [1, 2]) {
    expect(await other.react?.({ to: asked, emoji: "👀", gone: true }), String(time)).toMatchObject({ kind: "sent" });
    expect(reactions()).toEqual([{ key: "👀", users: [ana] }]);
  }
  await other.react?.({ to: asked, emoji: "👀", gone: false });
  expect(reactions()).toEqual([{ key: "👀", users: [ana, adapter.account] }]);
  await other.react?.({ to: asked, emoji: "❤", gone: false });
  expect(reactions()?.at(-1)?.key).toBe("❤\ufe0f");
  await adapter.react?.({ to: asked, emoji: "❤", gone: true });
  expect(reactions()).toHaveLength(1);
});

it("ends the sign that it is at it", async () => {
  await adapter.type?.(asked);
  expect(matrix.typing(room)).toEqual([adapter.account]);
  await post(reply("done"));
  await matrix.waitUntil(() => matrix.typing(room).length === 0);
});

describe("to one person alone", () => {
  const whisper = (text: string, more: Partial<Send> = {}) => reply(text, { only: ana, ...more });
  const alone = () => matrix.sees(ana).filter(({ room: where, user }) => where !== room && user === adapter.account);

  it("goes to a room that is made once, and names the one it is about", async () => {
    const ref = refOf(await post(whisper("one")));
    await post(whisper("two", { key: "l" }));
    expect(ofBot()).toEqual([]);
    expect(new Set(alone().map((message) => message.room)).size).toBe(1);
    expect(alone().map(({ text }) => text)).toEqual(
      ["one", "two"].map((text) => expect.stringMatching(new RegExp(`^In ops \\(.*, for you alone:\n\n${text}$`))),
    );

    const anew = whisper("three", { revision: 2 });
    expect(await adapter.reword?.(adapter.write(anew)[0], { ...placeOf(anew), ref })).toEqual({ kind: "sent", ref });
    expect(alone()[0]?.text).toMatch(/three$/);
    expect(await adapter.find?.(adapter.write(whisper("one"))[0], { ...placeOf(whisper("one")), since: new Date().toISOString() })).toEqual(
      { kind: "sent", ref },
    );
    expect(await adapter.remove?.({ ...placeOf(anew), ref })).toMatchObject({ kind: "sent" });
    expect(alone().map(({ text }) => text)).toEqual([expect.stringMatching(/two$/)]);
    expect(JSON.stringify(matrix.requests().map(({ call }) => call)).split("createRoom")).toHaveLength(2);
  });

  it("stands where it was asked when that is between the two of us", async () => {
    await adapter.connect(testInbox());
    const { room: direct, event } = await matrix.dm(ana, "status");
    await matrix.waitUntil(() => matrix.isMember(direct));
    const to = { ...asked, channel: direct, thread: undefined, message: event };
    await post(whisper("yes", { to }));
    expect(matrix.room(direct).map(({ text }) => text)).toEqual(["status", "yes"]);
  });

  it("never goes where a third could read it, and invites them again who left", async () => {
    await post(whisper("one"));
    const [first] = alone();
    await matrix.leave(first?.room ?? "", ana);
    await post(whisper("two", { key: "l" }));
    expect(alone().map((message) => message.room)).toEqual([first?.room, first?.room]);
    await matrix.say({ room: first?.room ?? "", user: matrix.createUser("bob"), text: "hello you two" });
    await post(whisper("three", { key: "m" }));
    const third = alone().find(({ text }) => text.endsWith("three"));
    expect(third?.room).not.toBe(first?.room);
  });

  it("does not go to a room that they have encrypted, but makes one, once", async () => {
    await adapter.connect(testInbox());
    const { room: direct } = await matrix.dm(ana, "status");
    await matrix.waitUntil(() => matrix.isMember(direct));
    await matrix.post({ room: direct, user: ana, type: "m.room.encryption", content: { algorithm: "m.megolm.v1.aes-sha2" }, stateKey: "" });
    await post(whisper("one"));
    const made = alone()[0]?.room ?? "";
    expect(made).not.toBe(direct);
    await matrix.post({ room: made, user: ana, type: "m.room.encryption", content: { algorithm: "m.megolm.v1.aes-sha2" }, stateKey: "" });
    await post(whisper("two", { key: "l" }));
    expect(alone().map((message) => message.room)).toEqual([made, made]);
  });

  it("says in the room that there is an answer, and not which, to who can't be invited", async () => {
    const nobody = { ...whisper("secret"), only: "nobody" };
    expect(await post(nobody)).toMatchObject({ kind: "sent" });
    expect([alone(), ofBot().map(({ text, thread }) => [text, thread])]).toEqual([
      [],
      [[expect.stringMatching(/the answer is for you alone/), asked.thread]],
    ]);
  });

  it("makes one room for what is said at once, and again after a failure between", async () => {
    matrix.failCalls({
      call: "other",
      when: ({ method, path }) => method === "PUT" && path.includes("/state/"),
      fault: { kind: "lose_request" },
    });
    const send = whisper("one");
    expect(await post(send)).toMatchObject({ kind: "unavailable" });
    await Promise.all([post(send), post(whisper("two", { key: "l" }))]);
    expect(new Set(alone().map(({ text }) => text.split("\n").at(-1)))).toEqual(new Set(["one", "two"]));
    expect(alone()).toHaveLength(2);
    expect(matrix.requests().filter(({ call }) => call === "createRoom")).toHaveLength(1);
  });
});

describe("with files", () => {
  const bytes = new TextEncoder().encode("a,b\n");
  const file = { name: "numbers.csv", type: "text/csv", bytes: 4, object: "a".repeat(64) };
  const withFile = (more: Partial<Send> = {}): Send => reply("", { body: { text: "", tone: "info", files: [file] }, ...more });
  const files = new Map([[file.object, bytes]]);
  const shown = () => ofBot().map((message) => [message.text, message.files.map(({ name }) => name)]);

  it("may upload them again, but shows them once, in the thread", async () => {
    matrix.failCalls({ call: "send", fault: { kind: "lose_answer" } });
    expect(await post(withFile(), 0, files)).toMatchObject({ kind: "unsure" });
    expect(await post(withFile(), 0, files)).toMatchObject({ kind: "sent" });
    expect(matrix.requests().filter(({ call }) => call === "upload")).toHaveLength(2);
    expect([shown(), ofBot()[0]?.thread]).toEqual([[["", ["numbers.csv"]]], asked.thread]);
  });

  it("says so where the homeserver takes no file of that size, or nobody has it", async () => {
    await homeserver({ largestUpload: 3 });
    await post(withFile(), 0, files);
    await post(withFile({ key: "l" }), 0);
    expect(shown()).toEqual([
      ["`numbers.csv`: 0.0 MB, and this homeserver takes 0.0 MB", []],
      ["`numbers.csv`: could not be read", []],
    ]);
  });

  it("nothing stands where the upload fails", async () => {
    matrix.failCalls({ call: "upload", fault: { kind: "error_after" } });
    expect(await post(withFile(), 0, files)).toMatchObject({ kind: "unavailable" });
    expect(shown()).toEqual([]);
  });

  it("leaves the same file alone in an edit, and puts another in the place of words", async () => {
    const ref = refOf(await post(withFile(), 0, files));
    const again = withFile({ revision: 2 });
    expect(await adapter.reword?.(adapter.write(again)[0], { ...placeOf(again, 0, { files }), ref })).toEqual({ kind: "sent", ref });
    expect(matrix.requests().filter(({ call }) => call === "upload")).toHaveLength(1);
    const words = reply("words", { revision: 3 });
    const result = await adapter.reword?.(adapter.write(words)[0], { ...placeOf(words), ref });
    expect([shown(), result]).toEqual([[["words", []]], { kind: "sent", ref: ofBot()[0]?.event }]);
  });
});

it("waits as long as a homeserver that counts asks for", async () => {
  matrix.pace({ perSecond: 0.2, burst: 1 });
  expect(await post(reply("one"))).toMatchObject({ kind: "sent" });
  expect(await post(reply("two", { key: "l" }))).toMatchObject({ kind: "unavailable", retryAfterMs: expect.any(Number) });
  expect(await post(reply("one"))).toMatchObject({ kind: "sent" });
});
