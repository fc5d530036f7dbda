import { startFakeDiscord } from "@bellhop/testkit/discord";
import { startFakeMatrix } from "@bellhop/testkit/matrix";
import { startFakeSlack } from "@bellhop/testkit/slack";
import { conversations } from "../order.ts";
import type { PlatformName } from "./order.ts";

/** A fake platform with one bot on it, as the bench uses it. */
export interface FakePlatform {
  /** How a gateway finds it: the environment of its main.ts. */
  env: Record<string, string>;
  /** A person writes in that room, counted from 0. */
  say(room: number, text: string): Promise<unknown>;
  /** Gateways that listen. */
  connections(): number;
  /** Calls that it turned away because they came too fast. */
  turnedAway(): number;
}

interface Options {
  /** Whether it counts calls as the real one does. */
  limited: boolean;
  /** Gets the text of each message that the bot posts: when the call has come, or some milliseconds after it was let through where calls are counted. */
  onPost: (text: string) => void;
}

/** What differs from platform to platform. */
interface Fake extends Pick<FakePlatform, "env" | "say" | "connections"> {
  /** Calls `onPost` with the text of each post as it comes. */
  watch(onPost: (text: string) => void): void;
  /** Every post so far; one that is still under way counts as refused. */
  posts(): { text: string | undefined; outcome: "posted" | "refused" }[];
}

const fakes: Readonly<Record<PlatformName, (limited: boolean) => Promise<Fake>>> = {
  slack: openSlack,
  discord: openDiscord,
  matrix: openMatrix,
};

export async function openPlatform(name: PlatformName, { limited, onPost }: Options): Promise<FakePlatform> {
  const fake = await fakes[name](limited);
  if (!limited) fake.watch(onPost);
  else setInterval(() => fake.posts().forEach(({ text, outcome }) => outcome === "posted" && text !== undefined && onPost(text)), pollMs);
  const { env, say, connections } = fake;
  return { env, say, connections, turnedAway: () => fake.posts().filter(({ outcome }) => outcome === "refused").length };
}

const pollMs = 20;

const rooms = Array.from({ length: conversations }, (_, index) => `room-${index}`);

/** The calls that post, as each fake names them. */
const posting = { slack: "chat.postMessage", discord: "POST /channels/:id/messages", matrix: "send" } as const;

async function openSlack(limited: boolean): Promise<Fake> {
  const slack = await startFakeSlack(limited ? { rateLimits: {} } : {});
  const channels = rooms.map((name) => slack.createChannel(name));
  const user = slack.createUser("ana");
  return {
    env: {
      BELLHOP_SLACK_API_URL: slack.apiUrl,
      BELLHOP_SLACK_BOT_TOKEN: slack.bot.token,
      BELLHOP_SLACK_APP_TOKEN: slack.bot.appToken,
    },
    connections: () => slack.sockets(),
    say: (room, text) => slack.say({ channel: channels[room] ?? "", user, text }),
    watch: (onPost) => slack.failCalls({ ...never, method: posting.slack, when: ({ args }) => seen(args["text"], onPost) }),
    posts: () =>
      slack
        .requests()
        .filter(({ method }) => method === posting.slack)
        // What is turned away has no answer of the API's.
        .map(({ args, answer }) => ({ text: args["text"], outcome: answer === undefined ? "refused" : "posted" })),
  };
}

async function openDiscord(limited: boolean): Promise<Fake> {
  const discord = await startFakeDiscord(limited ? {} : { rateLimits: "off" });
  const channels = rooms.map((name) => discord.createChannel(name));
  const user = discord.createUser("ana");
  return {
    env: { BELLHOP_DISCORD_API_URL: discord.apiUrl, BELLHOP_DISCORD_TOKEN: discord.bot.token },
    connections: () => discord.sockets(),
    say: (room, text) => discord.say({ channel: channels[room] ?? "", user, text }),
    watch: (onPost) => discord.failCalls({ ...never, method: posting.discord, when: ({ body }) => seen(fieldOf(body, "content"), onPost) }),
    posts: () =>
      discord
        .requests()
        .filter(({ method }) => method === posting.discord)
        .map(({ body, answer }) => ({ text: fieldOf(body, "content"), outcome: answer === undefined ? "refused" : "posted" })),
  };
}

async function openMatrix(limited: boolean): Promise<Fake> {
  const matrix = await startFakeMatrix(limited ? { pace: synapsePace } : {});
  const ids = rooms.map((name) => matrix.createRoom(name));
  const user = matrix.createUser("ana");
  return {
    env: { BELLHOP_MATRIX_HOMESERVER: matrix.url, BELLHOP_MATRIX_TOKEN: matrix.bot.token },
    connections: () => matrix.syncs(),
    say: (room, text) => matrix.say({ room: ids[room] ?? "", user, text }),
    watch: (onPost) => matrix.failCalls({ ...never, call: posting.matrix, when: ({ body }) => seen(fieldOf(body, "body"), onPost) }),
    posts: () =>
      matrix
        .requests()
        .filter(({ call }) => call === posting.matrix)
        .map(({ body, answer }) => ({ text: fieldOf(body, "body"), outcome: answer?.status === 200 ? "posted" : "refused" })),
  };
}

/** Synapse's `rc_message` unless its owner says otherwise. */
const synapsePace = { perSecond: 0.2, burst: 10 };

/** A fault that strikes no call, because it only looks at each of them as it comes. */
const never = { times: Infinity, fault: { kind: "lose_request" } } as const;

function seen(text: string | undefined, onPost: (text: string) => void): false {
  if (text !== undefined) onPost(text);
  return false;
}

function fieldOf(body: unknown, field: string): string | undefined {
  const value = typeof body === "object" && body !== null ? (body as Record<string, unknown>)[field] : undefined;
  return typeof value === "string" ? value : undefined;
}
