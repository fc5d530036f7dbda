import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFakeDiscord, type FakeDiscord } from "./fake-discord.ts";

let discord: FakeDiscord;
let ops: string;
let ann: string;
let shy: string;
let said: string;
let mine: string;

const closed = () => discord.createChannel("closed", { denied: ["SendMessages", "AddReactions", "CreatePublicThreads"] });
const hidden = () => discord.createChannel("hidden", { denied: ["ViewChannel"] });
const nowhere = "100000000000000001";

beforeAll(async () => {
  discord = await startFakeDiscord({ rateLimits: "off", fileLimit: 1_000 });
  ann = discord.createUser("ann");
  shy = discord.createUser("shy", { closed: true });
  ops = discord.createChannel("ops");
  said = (await discord.say({ channel: ops, user: ann, text: "hi" })).id;
  mine = String((await call("POST", `/channels/${ops}/messages`, { content: "mine" })).body.id);
});
afterAll(() => discord.close());

describe("what the fake Discord refuses", () => {
  it.each<[number, number, string, () => [method: string, path: string, body?: unknown]]>([
    [404, 10_003, "an unknown channel", () => ["POST", `/channels/${nowhere}/messages`, { content: "a" }]],
    [403, 50_001, "a channel it can't see", () => ["GET", `/channels/${hidden()}`]],
    [403, 50_013, "a channel it may not write to", () => ["POST", `/channels/${closed()}/messages`, { content: "a" }]],
    [403, 50_013, "typing where it may not write", () => ["POST", `/channels/${closed()}/typing`]],
    [400, 50_006, "an empty message", () => ["POST", `/channels/${ops}/messages`, { content: " \n" }]],
    [400, 50_035, "a content that is too long", () => ["POST", `/channels/${ops}/messages`, { content: "é".repeat(2_001) }]],
    [400, 50_035, "a content that is no text", () => ["POST", `/channels/${ops}/messages`, { content: 1 }]],
    [400, 50_035, "a nonce that is too long", () => ["POST", `/channels/${ops}/messages`, { content: "a", nonce: "n".repeat(26) }]],
    [400, 50_035, "a body that is no object", () => ["POST", `/channels/${ops}/messages`, [1]]],
    [
      400,
      50_035,
      "mentions allowed twice",
      () => ["POST", `/channels/${ops}/messages`, { content: "a", allowed_mentions: { parse: ["users"], users: [ann] } }],
    ],
    [
      400,
      50_035,
      "unknown kinds of mentions",
      () => ["POST", `/channels/${ops}/messages`, { content: "a", allowed_mentions: { parse: ["all"] } }],
    ],
    [
      400,
      50_035,
      "a reply to nothing",
      () => ["POST", `/channels/${ops}/messages`, { content: "a", message_reference: { message_id: nowhere } }],
    ],
    [403, 50_005, "an edit of somebody else's words", () => ["PATCH", `/channels/${ops}/messages/${said}`, { content: "a" }]],
    [404, 10_008, "an edit of nothing", () => ["PATCH", `/channels/${ops}/messages/${nowhere}`, { content: "a" }]],
    [403, 50_013, "the deletion of somebody else's words", () => notOurs()],
    [404, 10_008, "the deletion of nothing", () => ["DELETE", `/channels/${ops}/messages/${nowhere}`]],
    [400, 50_035, "a page that is too long", () => ["GET", `/channels/${ops}/messages?limit=101`]],
    [400, 50_035, "a page of nothing", () => ["GET", `/channels/${ops}/messages?limit=0`]],
    [400, 50_035, "a bound that is no id", () => ["GET", `/channels/${ops}/messages?after=now`]],
    [400, 10_014, "a word for an emoji", () => ["PUT", `/channels/${ops}/messages/${said}/reactions/eyes/@me`]],
    [400, 160_004, "a second thread under one message", () => threadTwice()],
    [400, 50_035, "a thread without a name", () => ["POST", `/channels/${ops}/messages/${mine}/threads`, {}]],
    [400, 50_083, "a message to a locked thread", () => locked()],
    [400, 50_083, "a reaction in an archived thread", () => ["PUT", archived(`/messages/${mine}/reactions/%F0%9F%91%80/@me`)]],
    [403, 50_013, "waking up a thread that it is no member of", () => ["PATCH", archived(""), { archived: false }]],
    [400, 50_024, "waking up a channel", () => ["PATCH", `/channels/${ops}`, { archived: false }]],
    [404, 10_013, "a conversation with nobody", () => ["POST", "/users/@me/channels", { recipient_id: nowhere }]],
    [404, 0, "an unknown path", () => ["GET", "/nothing"]],
    [405, 0, "a method that a path does not have", () => ["PUT", `/channels/${ops}/messages`]],
  ])("%i %i: %s", async (status, code, _, request) => {
    const [method, path, body] = request();
    const answer = await call(method, path, body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it("shows where a form is wrong as Discord does", async () => {
    const { body } = await call("POST", `/channels/${ops}/messages`, { content: "x".repeat(2_001) });
    expect(body).toEqual({
      message: "Invalid Form Body",
      code: 50_035,
      errors: { content: { _errors: [{ code: "BASE_TYPE_MAX_LENGTH", message: "Must be 2000 or fewer in length." }] } },
    });
  });

  it("a call without the token, with another one, and one that is no JSON", async () => {
    for (const token of ["", "Bot wrong", discord.bot.token]) {
      expect(await call("GET", "/users/@me", undefined, token)).toEqual({ status: 401, body: { message: "401: Unauthorized", code: 0 } });
    }
    const headers = { Authorization: `Bot ${discord.bot.token}` };
    const answer = await fetch(`${discord.apiUrl}/v10/channels/${ops}/messages`, { method: "POST", headers, body: "{" });
    expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ code: 50_109 })]);
    expect((await fetch(`${discord.apiUrl}/v9/users/@me`, { headers })).status).toBe(404);
  });

  it("a person who takes no direct messages, who is found only when one is sent", async () => {
    const { body } = await call("POST", "/users/@me/channels", { recipient_id: shy });
    expect(body).toMatchObject({ type: 1, recipients: [{ username: "shy" }] });
    expect((await call("POST", `/channels/${String(body.id)}/messages`, { content: "a" })).body.code).toBe(50_007);
  });

  it("shows no history to who may not read it, and lets them not reply", async () => {
    const channel = discord.createChannel("blind", { denied: ["ReadMessageHistory"] });
    const { id } = await discord.say({ channel, user: ann, text: "hi" });
    expect(await call("GET", `/channels/${channel}/messages`)).toEqual({ status: 200, body: [] });
    const body = { content: "a", message_reference: { message_id: id } };
    expect((await call("POST", `/channels/${channel}/messages`, body)).body.code).toBe(160_002);
  });
});

describe("what the fake Discord takes", () => {
  const form = (json: object, ...files: (readonly [name: string, text: string])[]) => {
    const body = new FormData();
    body.set("payload_json", JSON.stringify(json));
    for (const [n, [name, text]] of files.entries()) body.set(`files[${n}]`, new Blob([text], { type: "text/plain" }), name);
    return body;
  };
  const filesOf = (id: unknown) =>
    discord
      .room(ops)
      .find((message) => message.id === id)
      ?.files.map(({ name, bytes }) => [name, String(Buffer.from(bytes))]);

  it("files, which stand with their names and bytes, and an edit that leaves some and brings others", async () => {
    const first = await send("POST", `/channels/${ops}/messages`, form({}, ["a b.txt", "one"], ["c.txt", "two"]));
    expect(filesOf(first.body.id)).toEqual([
      ["a_b.txt", "one"],
      ["c.txt", "two"],
    ]);
    const [kept] = first.body.attachments as { id: string }[];
    const change = { attachments: [kept, { id: 0 }] };
    const second = await send("PATCH", `/channels/${ops}/messages/${String(first.body.id)}`, form(change, ["d.txt", "three"]));
    expect(second.status).toBe(200);
    expect(filesOf(first.body.id)).toEqual([
      ["a_b.txt", "one"],
      ["d.txt", "three"],
    ]);
  });

  it.each<[number, number, string, () => FormData, path?: () => string]>([
    [413, 40_005, "a file that is too large", () => form({}, ["a", "x".repeat(1_001)])],
    [400, 30_015, "an eleventh file", () => form({}, ...Array.from({ length: 11 }, (_, n) => [`${n}`, "x"] as const))],
    [400, 50_035, "a file that is not listed", () => form({ attachments: [{ id: 1 }] }, ["a", "x"])],
    [
      403,
      50_013,
      "files where they are not allowed",
      () => form({}, ["a", "x"]),
      () => discord.createChannel("bare", { denied: ["AttachFiles"] }),
    ],
  ])("but not: %i %i: %s", async (status, code, _, body, channel = () => ops) => {
    const answer = await send("POST", `/channels/${channel()}/messages`, body());
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it("a look at a file with the signature it gave, and no other", async () => {
    const files = [{ name: "notes.txt", type: "text/plain", content: Buffer.from("hello") }];
    const { id } = await discord.say({ channel: ops, user: ann, text: "see", files });
    const { body } = await call("GET", `/channels/${ops}/messages/${id}`);
    const [attachment] = body.attachments as { url: string; size: number; content_type: string }[];
    expect(attachment).toMatchObject({ filename: "notes.txt", size: 5, content_type: "text/plain; charset=utf-8" });
    const url = attachment?.url ?? "";
    expect(await (await fetch(url)).text()).toBe("hello");
    for (const bad of [url.replace(/\?.*/, ""), url.replace("ex=", "ex=f")]) expect((await fetch(bad)).status).toBe(404);
    expect(discord.downloads().map(({ status }) => status)).toEqual([200, 404, 404]);
  });

  it("signs of typing, until a message comes", async () => {
    const channel = discord.createChannel("busy");
    await call("POST", `/channels/${channel}/typing`);
    expect(discord.typing(channel)).toEqual([discord.bot.userId]);
    await call("POST", `/channels/${channel}/messages`, { content: "done" });
    expect(discord.typing(channel)).toEqual([]);
  });

  it("a thread that it is a member of woken up", async () => {
    const thread = discord.createThread({ channel: ops, message: (await discord.say({ channel: ops, user: ann, text: "x" })).id });
    await call("POST", `/channels/${thread}/messages`, { content: "in" });
    discord.archive(thread);
    expect((await call("PATCH", `/channels/${thread}`, { archived: false })).body).toMatchObject({ thread_metadata: { archived: false } });
  });

  it("a nonce once, for as long as it is remembered", async () => {
    const body = { content: "once", nonce: "n1", enforce_nonce: true };
    const first = await call("POST", `/channels/${ops}/messages`, body);
    const again = await call("POST", `/channels/${ops}/messages`, { ...body, content: "twice" });
    expect(again.body).toMatchObject({ id: first.body.id, content: "once", nonce: "n1" });
    const unenforced = await call("POST", `/channels/${ops}/messages`, { content: "thrice", nonce: "n1" });
    expect(unenforced.body.id).not.toBe(first.body.id);
    expect((await call("GET", `/channels/${ops}/messages/${String(first.body.id)}`)).body).not.toHaveProperty("nonce");
  });

  it("mentions, which notify only whom they are allowed to", async () => {
    const content = `@everyone <@${ann}> <@&${discord.bot.roleId}>`;
    const pings = async (more: object) => {
      const { body } = await call("POST", `/channels/${ops}/messages`, { content, ...more });
      return discord.room(ops).find(({ id }) => id === body.id)?.pings;
    };
    expect(await pings({})).toEqual([ann, discord.bot.roleId, "everyone"]);
    expect(await pings({ allowed_mentions: { parse: [] } })).toEqual([]);
    expect(await pings({ allowed_mentions: { users: [ann] } })).toEqual([ann]);
    const reply = { message_reference: { message_id: said } };
    expect(await pings({ ...reply, content: "a" })).toEqual([ann]);
    expect(await pings({ ...reply, content: "a", allowed_mentions: { parse: [] } })).toEqual([]);
  });

  it("pages of a history from either end, each newest first", async () => {
    const channel = discord.createChannel("long");
    const ids: string[] = [];
    for (let n = 0; n < 7; n++) ids.push((await discord.say({ channel, user: ann, text: String(n) })).id);
    const page = async (query: string) =>
      ((await call("GET", `/channels/${channel}/messages?${query}`)).body as unknown as { content: string }[])
        .map(({ content }) => content)
        .join("");
    expect(await page("limit=3")).toBe("654");
    expect(await page(`limit=3&after=${ids[1]}`)).toBe("432");
    expect(await page(`limit=3&before=${ids[4]}`)).toBe("321");
    expect(await page(`limit=3&around=${ids[3]}`)).toBe("432");
  });

  it("a reply to what is gone, where it need not exist", async () => {
    const body = { content: "late", message_reference: { message_id: nowhere, fail_if_not_exists: false } };
    expect((await call("POST", `/channels/${ops}/messages`, body)).body).toMatchObject({ type: 0, content: "late" });
  });
});

function notOurs(): [string, string] {
  const channel = discord.createChannel("tidy", { denied: ["ManageMessages"] });
  return ["DELETE", `/channels/${channel}/messages/${seeded(channel)}`];
}

function seeded(channel: string): string {
  void discord.say({ channel, user: ann, text: "keep" });
  return discord.room(channel)[0]?.id ?? "";
}

function threadTwice(): [string, string, unknown] {
  const message = discord.room(ops)[0]?.id ?? "";
  discord.createThread({ channel: ops, message });
  return ["POST", `/channels/${ops}/messages/${message}/threads`, { name: "again" }];
}

function locked(): [string, string, unknown] {
  const channel = discord.createChannel("with-thread");
  const thread = discord.createThread({ channel, message: seeded(channel), locked: true });
  return ["POST", `/channels/${thread}/messages`, { content: "a" }];
}

function archived(rest: string): string {
  const channel = discord.createChannel("with-thread");
  const thread = discord.createThread({ channel, message: seeded(channel) });
  void discord.say({ channel: thread, user: ann, text: "in" });
  discord.archive(thread);
  return `/channels/${thread}${rest.replace(mine, discord.room(thread)[0]?.id ?? "")}`;
}

/** A form with files. */
async function send(method: string, path: string, body: FormData): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${discord.apiUrl}/v10${path}`, { method, headers: { Authorization: `Bot ${discord.bot.token}` }, body });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  authorization = `Bot ${discord.bot.token}`,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = { "Content-Type": "application/json", ...(authorization && { Authorization: authorization }) };
  const answer = await fetch(`${discord.apiUrl}/v10${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>) };
}
