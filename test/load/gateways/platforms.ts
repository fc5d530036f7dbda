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
  /** Gets the text of each message that the bot posts, when the call has come. */
  onPost: (text: string) => void;
}

export const platforms: Readonly<Record<PlatformName, (options: Options) => Promise<FakePlatform>>> = {
  slack: openSlack,
  discord: openDiscord,
  matrix: openMatrix,
};

const rooms = Array.from({ length: conversations }, (_, index) => `room-${index}`);

async function openSlack({ limited, onPost }: Options): Promise<FakePlatform> {
  const slack = await startFakeSlack(limited ? { rateLimits: {} } : {});
  const channels = rooms.map((name) => slack.createChannel(name));
  const user = slack.createUser("ana");
  slack.failCalls({ ...never, method: posts.slack, when: ({ args }) => seen(args["text"], onPost) });
  return {
    env: {
      BELLHOP_SLACK_API_URL: slack.apiUrl,
      BELLHOP_SLACK_BOT_TOKEN: slack.bot.token,
      BELLHOP_SLACK_APP_TOKEN: slack.bot.appToken,
    },
    connections: () => slack.sockets(),
    say: (room, text) => slack.say({ channel: channels[room] ?? "", user, text }),
    turnedAway: () => slack.requests().filter(({ method, answer }) => method === posts.slack && answer === undefined).length,
  };
}

async function openDiscord({ limited, onPost }: Options): Promise<FakePlatform> {
  const discord = await startFakeDiscord(limited ? {} : { rateLimits: "off" });
  const channels = rooms.map((name) => discord.createChannel(name));
  const user = discord.createUser("ana");
  discord.failCalls({ ...never, method: posts.discord, when: ({ body }) => seen(fieldOf(body, "content"), onPost) });
  return {
    env: { BELLHOP_DISCORD_API_URL: discord.apiUrl, BELLHOP_DISCORD_TOKEN: discord.bot.token },
    connections: () => discord.sockets(),
    say: (room, text) => discord.say({ channel: channels[room] ?? "", user, text }),
    turnedAway: () => discord.requests().filter(({ method, answer }) => method === posts.discord && answer === undefined).length,
  };
}

async function openMatrix({ limited, onPost }: Options): Promise<FakePlatform> {
  const matrix = await startFakeMatrix(limited ? { pace: synapsePace } : {});
  const ids = rooms.map((name) => matrix.createRoom(name));
  const user = matrix.createUser("ana");
  matrix.failCalls({ ...never, call: posts.matrix, when: ({ body }) => seen(fieldOf(body, "body"), onPost) });
  return {
    env: { BELLHOP_MATRIX_HOMESERVER: matrix.url, BELLHOP_MATRIX_TOKEN: matrix.bot.token },
    connections: () => matrix.syncs(),
    say: (room, text) => matrix.say({ room: ids[room] ?? "", user, text }),
    turnedAway: () => matrix.requests().filter(({ call, answer }) => call === posts.matrix && answer?.status === 429).length,
  };
}

/** The calls that post, as each fake names them. */
const posts = { slack: "chat.postMessage", discord: "POST /channels/:id/messages", matrix: "send" } as const;

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
