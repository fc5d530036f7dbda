import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { botClient, MatrixAuth } from "./bot-client.ts";
import { startFakeMatrix, type FakeMatrix } from "./fake-matrix.ts";

let matrix: FakeMatrix;
let client: ReturnType<typeof botClient>;
let ana: string;
let ops: string;

beforeEach(async () => {
  matrix = await startFakeMatrix();
  client = botClient(matrix);
  ana = matrix.createUser("ana");
  ops = matrix.createRoom("ops", { members: [ana] });
});

afterEach(async () => {
  client.stop();
  await matrix.close();
});

const put = (transaction: string, content: object, room = ops): Promise<{ event_id: string }> =>
  client.doRequest("PUT", `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/${transaction}`, null, content);
const text = (body: string) => ({ msgtype: "m.text", body });
const texts = (room = ops) => matrix.room(room).map((message) => message.text);

describe("the real client on the fake homeserver", () => {
  it("hears what a person says and answers in the thread", async () => {
    client.on("room.message", (room: string, event: { event_id: string; sender: string }) => {
      if (event.sender === ana) void client.replyNotice(room, event, "hello");
    });
    await client.start();
    const { event } = await matrix.say({ room: ops, user: ana, text: "!echo hello" });
    const reply = await matrix.waitForMessage(({ user }) => user === matrix.bot.userId);
    expect(reply).toMatchObject({ room: ops, msgtype: "m.notice", content: { "m.relates_to": { "m.in_reply_to": { event_id: event } } } });
    expect(matrix.room(ops)).toHaveLength(2);
  });

  it("logs in, knows who it is, and refuses what is wrong", async () => {
    const { bot, url } = matrix;
    const fresh = await new MatrixAuth(url).passwordLogin(bot.user, bot.password, "test");
    expect(await fresh.getUserId()).toBe(bot.userId);
    expect(await fresh.getUserProfile(bot.userId)).toEqual({ displayname: "Bellhop" });
    await expect(new MatrixAuth(url).passwordLogin(bot.user, "wrong", "test")).rejects.toMatchObject({
      errcode: "M_FORBIDDEN",
      statusCode: 403,
    });
    await expect(botClient(matrix, "syt_wrong").getUserId()).rejects.toMatchObject({ errcode: "M_UNKNOWN_TOKEN", statusCode: 401 });
    matrix.revokeTokens();
    await expect(botClient(matrix).getJoinedRooms()).rejects.toMatchObject({ errcode: "M_UNKNOWN_TOKEN" });
  });

  it("is invited, joins and hears what was said since", async () => {
    client.on("room.invite", (room: string) => void client.joinRoom(room));
    const heard = new Promise<string>((resolve) => {
      client.on("room.message", (_: string, event: { content: { body: string } }) => resolve(event.content.body));
    });
    await client.start();
    const { room } = await matrix.dm(ana, "status");
    expect(await heard).toBe("status");
    expect(matrix.isMember(room)).toBe(true);
    expect(await client.getJoinedRoomMembers(room)).toEqual([ana, matrix.bot.userId]);
    expect((await matrix.dm(ana, "again")).room).toBe(room);
  });

  it("takes one transaction for one message, on each device for itself", async () => {
    const first = await put("t1", text("a"));
    expect(await put("t1", text("b"))).toEqual(first);
    const other = await new MatrixAuth(matrix.url).passwordLogin(matrix.bot.user, matrix.bot.password);
    await other.doRequest("PUT", `/_matrix/client/v3/rooms/${encodeURIComponent(ops)}/send/m.room.message/t1`, null, text("c"));
    expect(texts()).toEqual(["a", "c"]);
  });

  it("shows edits and deletions to people, and an edited event as it was first to programs", async () => {
    const id = await client.sendText(ops, "working");
    const gone = await client.sendText(ops, "twice");
    await client.sendMessage(ops, {
      ...text("* done"),
      "m.new_content": text("done"),
      "m.relates_to": { rel_type: "m.replace", event_id: id },
    });
    await client.redactEvent(ops, gone);
    expect(matrix.room(ops)).toMatchObject([{ event: id, text: "done", edited: true }]);
    const event = await client.getRawEvent(ops, id);
    expect(event).toMatchObject({
      content: { body: "working" },
      unsigned: { "m.relations": { "m.replace": { content: { body: "* done" } } } },
    });
  });

  it("takes reactions once, typing, state and account data", async () => {
    const { event } = await matrix.say({ room: ops, user: ana, text: "hi" });
    const reaction = { "m.relates_to": { rel_type: "m.annotation", event_id: event, key: "👍" } };
    await client.sendEvent(ops, "m.reaction", reaction);
    await expect(client.sendEvent(ops, "m.reaction", reaction)).rejects.toMatchObject({
      errcode: "M_DUPLICATE_ANNOTATION",
      statusCode: 400,
    });
    await matrix.react({ room: ops, event, user: ana, key: "👍" });
    expect(matrix.room(ops)[0]?.reactions).toEqual([{ key: "👍", users: [matrix.bot.userId, ana] }]);
    const relations = `/_matrix/client/v1/rooms/${encodeURIComponent(ops)}/relations/${encodeURIComponent(event)}/m.annotation/m.reaction`;
    const found: { chunk: { sender: string; event_id: string }[] } = await client.doRequest("GET", relations, { limit: 10 });
    expect(found.chunk.map(({ sender }) => sender)).toEqual([ana, matrix.bot.userId]);
    await client.redactEvent(ops, found.chunk[1]?.event_id ?? "");
    await matrix.unreact({ room: ops, event, user: ana, key: "👍" });
    expect(matrix.room(ops)[0]?.reactions).toEqual([]);
    await client.setTyping(ops, true);
    expect(matrix.typing(ops)).toEqual([matrix.bot.userId]);
    await client.setTyping(ops, false);
    expect(matrix.typing(ops)).toEqual([]);
    expect(await client.getRoomStateEvent(ops, "m.room.name", "")).toEqual({ name: "ops" });
    await expect(client.getAccountData("m.direct")).rejects.toMatchObject({ errcode: "M_NOT_FOUND" });
    await client.setAccountData("m.direct", { [ana]: [ops] });
    expect(await client.getAccountData("m.direct")).toEqual({ [ana]: [ops] });
  });

  it("gives files to those with a token, and shows the bot's", async () => {
    const content = new TextEncoder().encode("a,b");
    await matrix.say({ room: ops, user: ana, text: "!count", files: [{ name: "n.csv", type: "text/csv", content }] });
    const [said] = matrix.room(ops);
    expect(said).toMatchObject({ text: "!count", msgtype: "m.file", files: [{ name: "n.csv", type: "text/csv", bytes: content }] });
    const url = String(said?.content.url);
    expect((await client.downloadContent(url)).data).toEqual(Buffer.from("a,b"));
    await expect(botClient(matrix, "syt_wrong").downloadContent(url)).rejects.toMatchObject({ statusCode: 401 });
    expect((await fetch(client.mxcToHttp(url))).status).toBe(404);

    const mine = await client.uploadContent(Buffer.from("{}"), "application/json", "r.json");
    await client.sendMessage(ops, { msgtype: "m.file", body: "r.json", url: mine });
    expect(matrix.room(ops)[1]).toMatchObject({
      text: "",
      files: [{ name: "r.json", type: "application/json", bytes: Buffer.from("{}") }],
    });
    expect(await client.doRequest("GET", "/_matrix/client/v1/media/config")).toEqual({ "m.upload.size": 50 * 1024 * 1024 });
  });

  it("makes a room for two, which the person comes to", async () => {
    const room = await client.createRoom({ is_direct: true });
    const member = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state/m.room.member/${encodeURIComponent(ana)}`;
    await client.doRequest("PUT", member, null, { membership: "invite", is_direct: true });
    expect(await client.getJoinedRoomMembers(room)).toEqual([matrix.bot.userId, ana]);
    await client.sendNotice(room, "between us");
    await client.sendNotice(ops, "for all");
    expect(matrix.sees(ana).map(({ text: words }) => words)).toEqual(["between us", "for all"]);
    expect((await matrix.dm(ana, "thanks")).room).toBe(room);
    const recluse = matrix.createUser("rob", { staysAway: true });
    await client.inviteUser(recluse, room);
    expect(matrix.isMember(room, recluse)).toBe(false);
  });

  it("keeps to a pace per user, as Synapse does, but answers a transaction that it knows", async () => {
    let now = 1_000_000;
    const paced = await startFakeMatrix({ now: () => now, pace: { perSecond: 0.2, burst: 2 } });
    const bot = botClient(paced);
    const room = paced.createRoom("ops");
    const say = (transaction: string) =>
      bot.doRequest("PUT", `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/${transaction}`, null, text("x"));
    const first: unknown = await say("t1");
    await say("t2");
    now += 1_000;
    await expect(say("t3")).rejects.toMatchObject({ statusCode: 429, errcode: "M_LIMIT_EXCEEDED", retryAfterMs: 4_000 });
    expect(await say("t1")).toEqual(first);
    now += 4_000;
    await say("t3");
    paced.pace(undefined);
    await say("t4");
    expect(paced.room(room)).toHaveLength(4);
    await paced.close();
  });

  it("breaks every connection during an outage", async () => {
    const outage = matrix.outage();
    await expect(client.getUserId()).rejects.toMatchObject({ code: "ECONNRESET" });
    outage.end();
    expect(await client.getUserId()).toBe(matrix.bot.userId);
  });

  it("tells who listens when something changed, and when it was", async () => {
    let changes = 0;
    const stop = matrix.onChange(() => (changes += 1));
    const before = Date.now();
    const { event } = await matrix.say({ room: ops, user: ana, text: "hi" });
    expect(changes).toBeGreaterThan(0);
    expect(matrix.room(ops)[0]?.at).toBeGreaterThanOrEqual(before);
    await matrix.remove({ room: ops, event });
    expect(matrix.events(ops).find(({ event_id }) => event_id === event)?.unsigned?.redacted_because).toMatchObject({
      origin_server_ts: expect.any(Number),
    });
    stop();
    changes = 0;
    await matrix.say({ room: ops, user: ana, text: "ho" });
    expect(changes).toBe(0);
  });

  it("lets other bots speak in notices", async () => {
    await matrix.say({ room: ops, user: matrix.createUser("robot", { bot: true }), text: "beep" });
    expect(matrix.room(ops)).toMatchObject([{ text: "beep", msgtype: "m.notice" }]);
  });

  it.each([
    ["a room it is not in", 403, "M_FORBIDDEN", (room: string) => put("t", text("x"), room)],
    ["an event that is too large", 413, "M_TOO_LARGE", () => put("t", text("x".repeat(65_500)))],
    ["a message without words", 400, "M_UNKNOWN", () => put("t", { msgtype: "m.text" })],
    ["half a character", 500, "M_UNKNOWN", () => put("t", text("\ud800"))],
    ["a fraction", 400, "M_BAD_JSON", () => put("t", { ...text("x"), share: 0.5 })],
    ["mentions that are none", 400, "M_BAD_JSON", () => put("t", { ...text("x"), "m.mentions": [] })],
    ["what it does not know", 404, "M_UNRECOGNIZED", () => client.doRequest("GET", "/_matrix/client/v3/weather")],
    ["another method", 405, "M_UNRECOGNIZED", () => client.doRequest("DELETE", "/_matrix/client/v3/joined_rooms")],
  ])("refuses %s", async (_, statusCode, errcode, call) => {
    const elsewhere = matrix.createRoom("elsewhere", { withoutBot: true });
    await expect(call(elsewhere)).rejects.toMatchObject({ statusCode, errcode });
    expect(matrix.room(ops)).toEqual([]);
  });

  it("takes a transaction for one event of its room, whatever its type, as Synapse does", async () => {
    const { event } = await matrix.say({ room: ops, user: ana, text: "hi" });
    const said = await put("t1", text("x"));
    const reaction = { "m.relates_to": { rel_type: "m.annotation", event_id: event, key: "👍" } };
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(ops)}/send/m.reaction/t1`;
    expect(await client.doRequest("PUT", path, null, reaction)).toEqual(said);
    expect(matrix.room(ops)[0]?.reactions).toEqual([]);
  });

  it("refuses a relation to what is not there", async () => {
    const relation = { "m.relates_to": { rel_type: "m.replace", event_id: "$nothing" } };
    await expect(put("t1", { ...text("x"), ...relation })).rejects.toMatchObject({ statusCode: 400, errcode: "M_UNKNOWN" });
  });

  it("refuses a thread under a message of a thread", async () => {
    const { event } = await matrix.say({ room: ops, user: ana, text: "root" });
    const inside = (root: string) => ({ ...text("x"), "m.relates_to": { rel_type: "m.thread", event_id: root } });
    const { event_id } = await put("t1", inside(event));
    await expect(put("t2", inside(event_id))).rejects.toMatchObject({ statusCode: 400 });
  });
});

describe("a sync", () => {
  interface Timeline {
    events: { content: { body?: string } }[];
    limited: boolean;
    prev_batch: string;
  }
  interface Batch {
    next_batch: string;
    rooms: { join: Record<string, { timeline: Timeline } | undefined> };
  }
  const sync = (query: object): Promise<Batch> => client.doRequest("GET", "/_matrix/client/v3/sync", query);
  const bodies = (events: Timeline["events"] = []) => events.map(({ content }) => content.body).filter((body) => body !== undefined);

  it("leaves out what its filter limits, and the history gives it back, page by page", async () => {
    const { next_batch: since } = await sync({});
    for (let n = 1; n <= 60; n++) await matrix.say({ room: ops, user: ana, text: String(n) });
    const filter = JSON.stringify({ room: { timeline: { limit: 10 } } });
    const timeline = (await sync({ since, filter })).rooms.join[ops]?.timeline;
    expect([timeline?.limited, bodies(timeline?.events)]).toEqual([true, Array.from({ length: 10 }, (_, n) => String(n + 51))]);
    const missed: (string | undefined)[] = [];
    for (let from = timeline?.prev_batch; from !== undefined;) {
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(ops)}/messages`;
      const page: { chunk: Timeline["events"]; end?: string } = await client.doRequest("GET", path, {
        dir: "b",
        from,
        to: since,
        limit: 20,
      });
      missed.unshift(...bodies(page.chunk).reverse());
      from = page.end;
    }
    expect(missed).toEqual(Array.from({ length: 50 }, (_, n) => String(n + 1)));
  });

  it("waits until something happens, and gives nothing twice", async () => {
    const { next_batch: since } = await sync({});
    const waiting = sync({ since, timeout: 5_000 });
    await matrix.waitUntil(() => matrix.syncs() === 1);
    await matrix.say({ room: ops, user: ana, text: "now" });
    const batch = await waiting;
    expect(bodies(batch.rooms.join[ops]?.timeline.events)).toEqual(["now"]);
    expect((await sync({ since: batch.next_batch, timeout: 1 })).rooms.join).toEqual({});
    await expect(sync({ since: "elsewhere" })).rejects.toMatchObject({ statusCode: 400, errcode: "M_UNKNOWN" });
  });

  it("comes twice, or late, when that was planned", async () => {
    let { next_batch: since } = await sync({});
    matrix.disturbSyncs({ fault: { kind: "twice" } });
    matrix.disturbSyncs({ fault: { kind: "late", ms: 20 } });
    const heard: string[][] = [];
    for (const word of ["a", "b", "c"]) {
      await matrix.say({ room: ops, user: ana, text: word });
      const batch = await sync({ since });
      heard.push(bodies(batch.rooms.join[ops]?.timeline.events));
      since = batch.next_batch;
    }
    expect(heard).toEqual([["a"], ["a", "b"], ["c"]]);
  });
});

describe("a faulty call as the SDK sees it", () => {
  it.each([
    ["a lost request: an error, nothing said", { kind: "lose_request" }, { code: "ECONNRESET" }, 0],
    ["a lost answer: the same error, yet it was said", { kind: "lose_answer" }, { code: "ECONNRESET" }, 1],
    ["an error after the deed: HTTP 500, yet it was said", { kind: "error_after" }, { statusCode: 500 }, 1],
    ["unavailable: HTTP 503, nothing said", { kind: "unavailable" }, { statusCode: 503 }, 0],
    ["a rate limit: 429, nothing said", { kind: "rate_limit", retryAfterMs: 4_423 }, { statusCode: 429, retryAfterMs: 4_423 }, 0],
  ] as const)("%s", async (_, fault, error, said) => {
    const planned = matrix.failCalls({ call: "send", fault });
    await expect(put("t1", text("hi"))).rejects.toMatchObject(error);
    expect([planned.hits(), texts().length]).toEqual([1, said]);
    await put("t1", text("hi"));
    expect(texts()).toEqual(["hi"]);
    expect(matrix.requests().filter(({ call }) => call === "send")).toHaveLength(2);
  });

  it("a held call: the caller gives up, and then it is said", async () => {
    matrix.failCalls({ call: "send", fault: { kind: "hold", ms: 4_000 } });
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(ops)}/send/m.room.message/t1`;
    // Long enough for the call to get there, on a machine with other work too.
    await expect(client.doRequest("PUT", path, null, text("hi"), 1_500)).rejects.toMatchObject({ code: "ESOCKETTIMEDOUT" });
    expect(texts()).toEqual([]);
    await matrix.waitForMessage((message) => message.text === "hi");
  });
});
