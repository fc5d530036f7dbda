import type { Send } from "@bellhop/contracts";
import { placeOf } from "@bellhop/gateway/testing";
import { until } from "@bellhop/testkit";
import { startFakeSlack, type FakeSlack, type RoomMessage } from "@bellhop/testkit/slack";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { openSlack } from "./connection.ts";
import { open, quick, scopes } from "./testing.ts";

describe("what we say", () => {
  let slack: FakeSlack;
  let user: string;
  let channel: string;
  let thread: string;
  let adapter: Awaited<ReturnType<typeof openSlack>>;

  beforeEach(async () => {
    slack = await startFakeSlack({ ...quick, shareDelayMs: 5 });
    user = slack.createUser("ana");
    channel = slack.createChannel("ops");
    thread = (await slack.say({ channel, user, text: "!echo" })).ts;
    adapter = await open(slack);
  });

  afterEach(async () => {
    await adapter.disconnect();
    await slack.close();
  });

  function send(text: string, rest: Partial<Send> = {}): Send {
    const to = { platform: "slack", account: `${slack.team.id}-${slack.bot.userId}`, channel, thread, message: thread };
    return { v: 1, key: "k", revision: 1, platform: "slack", account: to.account, to, body: { text, tone: "info" }, final: true, ...rest };
  }

  const since = new Date().toISOString();
  const first = (said: Send) => adapter.write(said)[0] ?? { kind: "text", text: "" };
  const ours = (): RoomMessage[] => slack.room(channel).filter(({ bot_id }) => bot_id !== undefined);
  const shared = () => until(() => slack.sharing() === 0);
  const csv = new TextEncoder().encode("a,b\n");
  const files = new Map([["abc", csv]]);
  const attached = { name: "a.csv", type: "text/csv", bytes: csv.byteLength, object: "abc" };
  /** A file's first look has to wait until its upload is surely over. */
  const longAgo = new Date(Date.now() - 3_600_000).toISOString();

  async function say(said: Send): Promise<string[]> {
    const refs: string[] = [];
    for (const [at, piece] of adapter.write(said).entries()) {
      const result = await adapter.post(piece, placeOf(said, at, { files }));
      refs.push(result.kind === "sent" ? result.ref : result.why);
    }
    await shared();
    return refs;
  }

  it("stands in its thread, with the key by which we find it and without any preview", async () => {
    await say(send("see https://x.example"));
    expect(ours()).toMatchObject([
      { thread_ts: thread, metadata: { event_type: "bellhop_send", event_payload: { key: "k/1.0", revision: 1 } } },
    ]);
    expect(slack.requests().at(-1)?.args).toMatchObject({ unfurl_links: "false", unfurl_media: "false", link_names: "false" });
  });

  it("loses its table with the wording that had one", async () => {
    const table = send("| a |\n|---|\n| b |");
    const [ref = ""] = await say(table);
    expect(ours()[0]?.blocks).toHaveLength(1);
    const plain = send("no table", { revision: 2 });
    await adapter.reword?.(first(plain), { ...placeOf(plain), ref });
    expect(ours()).toMatchObject([{ text: "no table", blocks: undefined, metadata: { event_payload: { key: "k/2.0", revision: 2 } } }]);
  });

  it("is found in a long thread", async () => {
    for (let at = 0; at < 205; at++) await slack.say({ channel, user, text: `${at}`, thread });
    const said = send("found");
    await say(said);
    expect(await adapter.find?.(first(said), { ...placeOf(said), since })).toEqual({ kind: "sent", ref: ours()[0]?.ts });
  });

  it("can't be found while the history fails, and is unsure once it was said again", async () => {
    const said = send("careful");
    slack.failCalls({ method: "conversations.replies", fault: { kind: "rate_limit", retryAfter: 2 } });
    slack.failCalls({ method: "conversations.replies", fault: { kind: "unavailable" } });
    expect(await adapter.find?.(first(said), { ...placeOf(said), since })).toEqual({
      kind: "unavailable",
      why: "ratelimited",
      retryAfterMs: 2_000,
      lane: "conversations.replies",
    });
    expect(await adapter.post(first(said), placeOf(said, 0, { again: true }))).toMatchObject({ kind: "unsure" });
    expect(ours()).toHaveLength(1);
  });

  it("stands once where an earlier try came through while it was said again", async () => {
    const said = send("once");
    slack.failCalls({ method: "chat.postMessage", fault: { kind: "hold", ms: 1_500 }, when: ({ args }) => args.text === "once" });
    const again = adapter.post(first(said), placeOf(said, 0, { again: true }));
    await until(() => slack.requests().some(({ fault }) => fault === "hold"));
    await adapter.post(first(said), placeOf(said));
    const [earlier] = ours();
    expect(await again).toEqual({ kind: "sent", ref: earlier?.ts });
    expect(ours()).toHaveLength(1);
    expect(slack.journal().map(({ what }) => what)).toEqual(["appeared", "appeared", "appeared", "gone"]);
  });

  it("stands once when whoever looks finds it twice", async () => {
    const said = send("twice");
    await adapter.post(first(said), placeOf(said));
    await adapter.post(first(said), placeOf(said));
    const [earlier] = ours();
    expect(await adapter.find?.(first(said), { ...placeOf(said), since })).toEqual({ kind: "sent", ref: earlier?.ts });
    expect(ours()).toHaveLength(1);
  });

  it.each<[string, Record<string, unknown>]>([
    ["a name that the app may not use", { username: "odd" }],
    ["blocks that Slack does not know", { blocks: [{ text: "odd" }] }],
  ])("is said without %s, which is asked for once, however busy the channel is", async (_, wish) => {
    const said = send("out", { body: { text: "out", tone: "ok", native: { slack: wish } } });
    const isPlain = (args: Record<string, unknown>) => !JSON.stringify(args).includes("odd");
    slack.failCalls({ method: "chat.postMessage", fault: { kind: "rate_limit", retryAfter: 1 }, when: ({ args }) => isPlain(args) });
    expect(await adapter.post(first(said), placeOf(said))).toMatchObject({ kind: "unavailable" });
    await say(said);
    const posts = slack.requests().filter(({ method }) => method === "chat.postMessage");
    expect(posts.map(({ args }) => isPlain(args))).toEqual([false, true, true]);
    expect(ours().map(({ text }) => text)).toEqual(["out"]);
  });

  it("is said under the name that a pack gives it, where the app may", async () => {
    const voice = { username: "Deployer", icon_emoji: ":rocket:" };
    slack.grant([...scopes, "chat:write.customize"]);
    await say(send("out", { body: { text: "out", tone: "ok", native: { slack: voice } } }));
    expect(slack.requests().at(-1)?.args).toMatchObject(voice);
  });

  it("goes as a file where it is too long, under its name", async () => {
    const text = "0123456789\n".repeat(3_000);
    const refs = await say(send(text));
    expect(refs).toEqual([expect.stringMatching(/^\d/), expect.stringMatching(/^F/)]);
    expect(ours().map(({ thread_ts, files: shown }) => [thread_ts, shown])).toEqual([
      [thread, []],
      [thread, [{ name: "reply.md", type: "", bytes: new Uint8Array(Buffer.from(text)) }]],
    ]);
  });

  it("finds a file whose upload may not have come through, once it surely is over", async () => {
    const said = send("", { body: { text: "", tone: "info", files: [attached] } });
    slack.failCalls({ method: "files.completeUploadExternal", fault: { kind: "lose_answer" } });
    expect(await adapter.post(first(said), placeOf(said, 0, { files }))).toMatchObject({ kind: "unsure" });
    await shared();
    const soon = await adapter.find?.(first(said), { ...placeOf(said), since: new Date().toISOString() });
    expect(soon).toMatchObject({ kind: "unavailable", retryAfterMs: expect.any(Number), lane: "conversations.replies" });
    expect(await adapter.find?.(first(said), { ...placeOf(said), since: longAgo })).toEqual({
      kind: "sent",
      ref: expect.stringMatching(/^F/),
    });
  });

  it.each(["files.getUploadURLExternal", "upload"] as const)("knows that no file stands when %s fails", async (method) => {
    const said = send("", { body: { text: "", tone: "info", files: [attached] } });
    slack.failCalls({ method, fault: { kind: "lose_answer" } });
    expect(await adapter.post(first(said), placeOf(said, 0, { files }))).toMatchObject({ kind: "unavailable" });
    await say(said);
    expect(ours()).toHaveLength(1);
  });

  it("says which permission a file lacks", async () => {
    slack.grant(scopes.filter((scope) => scope !== "files:write"));
    await say(send("", { body: { text: "", tone: "info", files: [attached] } }));
    expect(ours()).toMatchObject([{ thread_ts: thread, text: "`a.csv` can't be shown here (missing_scope: files:write)" }]);
  });

  it("puts a file in a text's place, and a text in a file's", async () => {
    const [text = ""] = await say(send("on it"));
    const withFile = send("", { revision: 2, body: { text: "", tone: "info", files: [attached] } });
    const file = await adapter.reword?.(first(withFile), { ...placeOf(withFile, 0, { files }), ref: text });
    await shared();
    expect(file).toEqual({ kind: "sent", ref: expect.stringMatching(/^F/) });
    expect(ours().flatMap((message) => message.files.map(({ name }) => name))).toEqual(["a.csv"]);
    expect(ours()).toHaveLength(1);
    const done = send("done", { revision: 3 });
    const reworded = await adapter.reword?.(first(done), { ...placeOf(done), ref: file?.kind === "sent" ? file.ref : "" });
    expect(ours().map(({ ts, text: shown }) => [ts, shown])).toEqual([[reworded?.kind === "sent" ? reworded.ref : "", "done"]]);
  });

  it("takes a file back, also when it is gone already", async () => {
    const said = send("", { body: { text: "", tone: "info", files: [attached] } });
    const [ref = ""] = await say(said);
    for (const time of ["once", "again"]) {
      expect(await adapter.remove?.({ ...placeOf(said), ref }), time).toEqual({ kind: "sent", ref });
      expect(ours()).toEqual([]);
    }
  });

  it("is shown to one person beside the command, where Slack would show nothing in a thread that nobody answered in", async () => {
    await say(send("psst", { only: user }));
    expect(ours()).toMatchObject([{ only: user, text: "psst", thread_ts: undefined }]);
  });

  it("is shown to one person within the thread that the command was said in", async () => {
    const { ts: message } = await slack.say({ channel, user, text: "!echo", thread });
    await say(send("psst", { only: user, to: { ...send("").to, message } }));
    expect(ours()).toMatchObject([{ only: user, thread_ts: thread }]);
  });

  it("is told directly to whoever has left the channel", async () => {
    const gone = slack.createUser("gone");
    await say(send("psst", { only: gone }));
    expect(slack.sees(gone)).toMatchObject([{ channel: expect.stringMatching(/^D/), text: "psst", thread_ts: undefined }]);
    expect(ours()).toEqual([]);
  });

  it("gives one person's file to them directly", async () => {
    await say(send("psst", { only: user, body: { text: "psst", tone: "info", files: [attached] } }));
    expect(ours().map(({ only, files: shown }) => [only, shown.length])).toEqual([[user, 0]]);
    const seen = slack.sees(user).filter(({ files: shown }) => shown.length > 0);
    expect(seen).toMatchObject([{ channel: expect.stringMatching(/^D/), files: [{ name: "a.csv", bytes: csv }] }]);
  });

  it("refuses a reaction that Slack has no name for", async () => {
    const to = send("").to;
    expect(await adapter.react?.({ to, emoji: "🦜", gone: false })).toMatchObject({ kind: "refused" });
    expect(await adapter.react?.({ to: { ...to, message: undefined }, emoji: "👀", gone: false })).toMatchObject({ kind: "refused" });
  });
});
