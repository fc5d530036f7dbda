import { join } from "node:path";
import { startFakeDiscord } from "@bellhop/testkit/discord";
import { startFakeMatrix } from "@bellhop/testkit/matrix";
import { startFakeSlack } from "@bellhop/testkit/slack";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startStage, type PartName, type Stage } from "../stage.ts";

/** One platform, as the people on it see it. */
interface Chat {
  part: PartName;
  env: Record<string, string>;
  /** As `owners:` in bellhop.yaml names her. */
  ana: string;
  isConnected(): boolean;
  /** Says it in a room, calling the bot by its name where told. */
  say(words: { who: Who; room?: Room; text: string; mention?: boolean }): Promise<Said>;
  /** Ana says it in a new thread of ops. */
  sayInThread(text: string): Promise<Said>;
  /** Ana says it to the bot alone. */
  sayDirectly(text: string): Promise<Said>;
  /** Everything the bot ever said, wherever. */
  count(): number;
  /** Looks again whenever something changes. */
  until(condition: () => boolean, timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

type Who = "ana" | "mallory";
type Room = "ops" | "dev";

interface Said {
  /** What the bot said to it, where the answer belongs: in its thread, or as a reply to it. */
  answers(): Answer[];
}

interface Answer {
  /** As it went over the wire. */
  text: string;
  /** What people see as code. */
  code: string[];
}

const patience = 20_000;
const rooms = ["ops", "dev"] as const;

/** Every platform, with how often its bot was asked. */
const chats = new Map<string, { chat: Chat; asked: number }>();
let stage: Stage;

beforeAll(async () => {
  const [slack, discord, matrix] = await Promise.all([slackChat(), discordChat(), matrixChat()]);
  for (const [name, chat] of Object.entries({ slack, discord, matrix })) chats.set(name, { chat, asked: 0 });
  stage = await startStage({ factor: 1, packs: [join(import.meta.dirname, "..", "..", "packs", "core")] });
  stage.configure({ owners: [slack.ana, discord.ana, matrix.ana] });
  stage.start("engine-1");
  stage.start("runner-1");
  for (const { part, env } of [slack, discord, matrix]) stage.start(part, { env });
  await Promise.all([slack, discord, matrix].map(async (chat) => chat.until(() => chat.isConnected(), patience)));
});

afterAll(async () => {
  await stage.end();
  for (const { chat } of chats.values()) await chat.close();
});

describe.each(["slack", "discord", "matrix"])("a team in %s", (name) => {
  test("a command is answered where it was asked", async () => {
    expect(await asked(name, (chat) => chat.say({ who: "ana", text: "!echo hello" }))).toMatchObject({ text: "hello" });
  });

  test("a mention needs no prefix", async () => {
    expect(await asked(name, (chat) => chat.say({ who: "ana", text: "echo you", mention: true }))).toMatchObject({ text: "you" });
  });

  test("a command within a thread is answered there", async () => {
    expect(await asked(name, (chat) => chat.sayInThread("!echo in here"))).toMatchObject({ text: "in here" });
  });

  test("a direct message needs no prefix", async () => {
    expect(await asked(name, (chat) => chat.sayDirectly("echo psst"))).toMatchObject({ text: "psst" });
  });

  test("a stranger is refused, the owner of the configuration is not", async () => {
    const { text } = await asked(name, (chat) => chat.say({ who: "mallory", text: "!echo hello" }));
    expect(text).toMatch(/may not run core\.echo/);
    expect(await asked(name, (chat) => chat.say({ who: "ana", text: "!uuid" }))).toMatchObject({
      text: expect.stringMatching(/^[\w-]{36}$/),
    });
  });

  test.each([
    ["a span", "`**a** && _b_ \\d+ 2>&1`", "**a** && _b_ \\d+ 2>&1"],
    ["a block", "```\nif (a < b) { `c` && **d** }\n\n  # @everyone\n```", "if (a < b) { `c` && **d** }\n\n  # @everyone"],
  ])("code with marks in it comes back verbatim: %s", async (_, written, code) => {
    expect((await asked(name, (chat) => chat.say({ who: "ana", text: `!echo ${written}` }))).code).toEqual([code]);
  });

  test("two rooms at once get their own answers", async () => {
    await bothRooms(name);
  });
});

test("all platforms at once are served by the one engine", async () => {
  await Promise.all([...chats.keys()].flatMap((name) => [bothRooms(name), bothRooms(name)]));
});

test("everything that was asked was answered once, and nothing else was", async () => {
  for (const name of chats.keys()) {
    await chatOf(name).chat.say({ who: "ana", text: "echo not for you" });
    await asked(name, (chat) => chat.say({ who: "ana", text: "!echo last" }));
    expect([name, chatOf(name).chat.count()]).toEqual([name, chatOf(name).asked]);
  }
});

/** Asks in every room of a platform before any answer is there. */
async function bothRooms(name: string): Promise<void> {
  const answers = await Promise.all(
    rooms.map((room) => asked(name, (chat) => chat.say({ who: "ana", room, text: `!echo this is ${room} of ${name}` }))),
  );
  expect(answers.map(({ text }) => text)).toEqual(rooms.map((room) => `this is ${room} of ${name}`));
}

/** The one answer to what is said. */
async function asked(name: string, say: (chat: Chat) => Promise<Said>): Promise<Answer> {
  const entry = chatOf(name);
  entry.asked += 1;
  const said = await say(entry.chat);
  await entry.chat.until(() => said.answers().length > 0, patience);
  const [answer, ...more] = said.answers();
  expect(more).toEqual([]);
  return answer ?? { text: "", code: [] };
}

function chatOf(name: string): { chat: Chat; asked: number } {
  const found = chats.get(name);
  if (found === undefined) throw new Error(`there is no chat ${name}`);
  return found;
}

async function slackChat(): Promise<Chat> {
  const slack = await startFakeSlack();
  const { bot, team } = slack;
  const people = { ana: slack.createUser("ana"), mallory: slack.createUser("mallory") };
  const channels = { ops: slack.createChannel("ops"), dev: slack.createChannel("dev") };
  const seen = new Set<string>(Object.values(channels));
  const bots = (channel: string) => slack.room(channel).filter(({ user }) => user === bot.userId);
  const answer = ({ text }: { text: string }): Answer => ({ text, code: fencedIn(text).map(unescaped) });
  /** As a client sends it. */
  const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return {
    part: "slack-1",
    env: { BELLHOP_SLACK_API_URL: slack.apiUrl, BELLHOP_SLACK_BOT_TOKEN: bot.token, BELLHOP_SLACK_APP_TOKEN: bot.appToken },
    ana: `slack:${team.id}/${people.ana}`,
    isConnected: () => slack.sockets() > 0,
    async say({ who, room = "ops", text, mention = false }) {
      const channel = channels[room];
      const { ts } = await slack.say({ channel, user: people[who], text: `${mention ? `<@${bot.userId}> ` : ""}${escaped(text)}` });
      return {
        answers: () =>
          bots(channel)
            .filter(({ thread_ts }) => thread_ts === ts)
            .map(answer),
      };
    },
    async sayInThread(text) {
      const channel = channels.ops;
      const { ts: thread } = await slack.say({ channel, user: people.ana, text: "shall we?" });
      await slack.say({ channel, user: people.ana, text: escaped(text), thread });
      return {
        answers: () =>
          bots(channel)
            .filter(({ thread_ts }) => thread_ts === thread)
            .map(answer),
      };
    },
    async sayDirectly(text) {
      const { channel } = await slack.dm(people.ana, text);
      seen.add(channel);
      return { answers: () => bots(channel).map(answer) };
    },
    count: () => [...seen].flatMap(bots).length,
    until: async (condition, timeoutMs) => slack.waitUntil(condition, timeoutMs),
    close: async () => slack.close(),
  };
}

async function discordChat(): Promise<Chat> {
  const discord = await startFakeDiscord({ rateLimits: "off" });
  const people = { ana: discord.createUser("ana"), mallory: discord.createUser("mallory") };
  const channels = { ops: discord.createChannel("ops"), dev: discord.createChannel("dev") };
  const seen = new Set<string>(Object.values(channels));
  const bots = (channel: string) => discord.room(channel).filter(({ bot }) => bot);
  const answersTo = ({ channel, id }: { channel: string; id: string }): Said => {
    seen.add(channel);
    return {
      answers: () =>
        bots(channel)
          .filter(({ reply_to }) => reply_to === id)
          .map(({ text }) => ({ text, code: fencedIn(text) })),
    };
  };
  return {
    part: "discord-1",
    env: { BELLHOP_DISCORD_API_URL: discord.apiUrl, BELLHOP_DISCORD_TOKEN: discord.bot.token },
    ana: `discord:${people.ana}`,
    isConnected: () => discord.sockets() > 0,
    async say({ who, room = "ops", text, mention = false }) {
      const channel = channels[room];
      const words = mention ? `<@${discord.bot.userId}> ${text}` : text;
      return answersTo({ channel, ...(await discord.say({ channel, user: people[who], text: words })) });
    },
    async sayInThread(text) {
      const { id: message } = await discord.say({ channel: channels.ops, user: people.ana, text: "shall we?" });
      const channel = discord.createThread({ channel: channels.ops, message });
      return answersTo({ channel, ...(await discord.say({ channel, user: people.ana, text })) });
    },
    sayDirectly: async (text) => answersTo(await discord.dm(people.ana, text)),
    count: () => [...seen].flatMap(bots).length,
    until: async (condition, timeoutMs) => discord.waitUntil(condition, timeoutMs),
    close: async () => discord.close(),
  };
}

async function matrixChat(): Promise<Chat> {
  const matrix = await startFakeMatrix();
  const people = { ana: matrix.createUser("ana"), mallory: matrix.createUser("mallory") };
  const members = Object.values(people);
  const chambers = { ops: matrix.createRoom("ops", { members }), dev: matrix.createRoom("dev", { members }) };
  const seen = new Set<string>(Object.values(chambers));
  const bots = (room: string) => matrix.room(room).filter(({ user }) => user === matrix.bot.userId);
  const answersIn = (room: string, thread: string | undefined): Said => ({
    answers: () =>
      bots(room)
        .filter((message) => message.thread === thread)
        .map(({ text, html = "" }) => ({
          text,
          code: [...html.matchAll(/<code[^>]*>([^]*?)\n?<\/code>/g)].map(([, code = ""]) => unescaped(code)),
        })),
  });
  return {
    part: "matrix-1",
    env: { BELLHOP_MATRIX_HOMESERVER: matrix.url, BELLHOP_MATRIX_TOKEN: matrix.bot.token },
    ana: `matrix:${people.ana}`,
    isConnected: () => matrix.syncs() > 0,
    async say({ who, room: name = "ops", text, mention }) {
      const room = chambers[name];
      const { event } = await matrix.say({ room, user: people[who], text, mention });
      return answersIn(room, event);
    },
    async sayInThread(text) {
      const room = chambers.ops;
      const { event: thread } = await matrix.say({ room, user: people.ana, text: "shall we?" });
      await matrix.say({ room, user: people.ana, text, thread });
      return answersIn(room, thread);
    },
    async sayDirectly(text) {
      const { room } = await matrix.dm(people.ana, text);
      seen.add(room);
      return answersIn(room, undefined);
    },
    count: () => [...seen].flatMap(bots).length,
    until: async (condition, timeoutMs) => matrix.waitUntil(condition, timeoutMs),
    close: async () => matrix.close(),
  };
}

/** Blocks and spans between backticks. */
function fencedIn(text: string): string[] {
  return [...text.matchAll(/```\n?([^]*?)\n?```|`([^`\n]+)`/g)].map(([, block, span]) => block ?? span ?? "");
}

function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}
