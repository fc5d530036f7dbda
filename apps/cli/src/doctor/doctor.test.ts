import type { StreamFigures } from "@bellhop/bus";
import { durations, type Member } from "@bellhop/contracts";
import { startFakeDiscord } from "@bellhop/testkit/discord";
import { startFakeMatrix } from "@bellhop/testkit/matrix";
import { startFakeSlack } from "@bellhop/testkit/slack";
import { expect, test } from "vitest";
import { clockCheck, within, type Check } from "./check.ts";
import { checkText } from "./doctor.ts";
import { diskCheck, nodeCheck } from "./here.ts";
import { platformChecks } from "./platforms.ts";
import { replicasCheck, storageCheck } from "./running.ts";
import { lagCheck, leaseCheck, livingMembers, queueChecks } from "./work.ts";

const mb = 1024 * 1024;

test("doctor knows which Node is good enough, and shows its findings one a line", () => {
  expect(["20.20.2", "22.17.9", "22.18.0", "24.0.0"].map((version) => nodeCheck(version).state)).toEqual(["bad", "bad", "ok", "ok"]);
  expect(checkText({ name: "disk", state: "bad", found: "full", hint: "make room" }, false)).toBe("✘ disk         full\n  make room");
});

test.each<[string, Check, Check["state"]]>([
  ["a disk with room", diskCheck("history", { free: 5_000 * mb, total: 50_000 * mb }), "ok"],
  ["a disk that fills up", diskCheck("history", { free: 2_000 * mb, total: 50_000 * mb }), "odd"],
  ["a disk that is full", diskCheck("history", { free: 500 * mb, total: 50_000 * mb }), "bad"],
  ["storage without a limit", storageCheck({ used: 5 * mb }), "ok"],
  ["storage that is nearly used up", storageCheck({ used: 90 * mb, limit: 100 * mb }), "odd"],
  ["storage that is used up", storageCheck({ used: 99 * mb, limit: 100 * mb }), "bad"],
  ["one server, and no copies", replicasCheck({ wanted: 1, servers: 1 }), "ok"],
  ["three copies on three servers", replicasCheck({ wanted: 3, servers: 3 }), "ok"],
  ["three copies on one server", replicasCheck({ wanted: 3, servers: 1 }), "odd"],
  ["a clock that is right", clockCheck("NATS", -800), "ok"],
  ["a clock that is off", clockCheck("NATS", -10_000), "odd"],
  ["a clock of another time zone", clockCheck("NATS", 3_600_000), "bad"],
  ["a history that gives way", lagCheck({ behind: 500 }), "ok"],
  ["a history that nobody writes", lagCheck({ behind: 20_000 }), "odd"],
  ["what a killed prompt held", leaseCheck(["sender.terminal.p1"]), "ok"],
  ["a shard that a dead engine held", leaseCheck(["shard.3"]), "odd"],
])("%s is judged", (_, check, state) => {
  expect(check.state).toBe(state);
  expect(check.hint === undefined).toBe(state === "ok");
});

test("whoever renews late lives, and whoever does not renew for the length of a lease does not", async () => {
  const member = (id: string, more: Partial<Member> = {}): Member => ({
    v: 1,
    id,
    role: "engine",
    epoch: "1",
    lengthMs: 5_000,
    beat: 1,
    ...more,
  });
  let now = 0;
  const living = await livingMembers({
    read: async () => [
      { key: "late", revision: now < 2_000 ? 1 : 9, value: member("late") },
      { key: "silent", revision: 2, value: member("silent") },
      { key: "runner", revision: 3, value: member("runner", { role: "runner", lengthMs: 15_000 }) },
    ],
    wait: async (ms) => void (now += ms),
    durations,
  });
  expect(living.map(({ id }) => id)).toEqual(["late", "runner"]);
  expect(now).toBe(durations.lease + durations.leaseRenewal / 2);
});

test("nobody is waited for who was heard of meanwhile", async () => {
  let now = 0;
  const read = async () => [
    { key: "k", revision: now, value: { v: 1, id: "e", role: "engine", epoch: "1", lengthMs: 5_000, beat: 1 } as const },
  ];
  expect(await livingMembers({ read, wait: async (ms) => void (now += ms), durations })).toHaveLength(1);
  expect(now).toBe(durations.leaseRenewal / 2);
});

function figures(stream: string, fields: Partial<StreamFigures>): StreamFigures {
  return { stream, messages: 1, bytes: 1, oldestAgeMs: 0, queues: [], consumers: [], ...fields };
}

test.each<[string, StreamFigures[], Pick<Check, "state" | "found">[]]>([
  ["nothing", [figures("ACTION", { messages: 0 })], [{ state: "ok", found: "nothing waits" }]],
  ["work that is new", [figures("MESSAGE", { messages: 3, oldestAgeMs: 100 })], [{ state: "ok", found: "3 messages are on their way" }]],
  [
    "a pool without runners",
    [figures("ACTION", { queues: [{ name: "gpu", messages: 7, oldestAgeMs: 3_600_000 }] })],
    [{ state: "bad", found: "requests for the pool gpu: 7 in ACTION, the oldest for 60 min" }],
  ],
  [
    "messages that no engine takes",
    [figures("MESSAGE", { messages: 2, oldestAgeMs: 90_000 })],
    [{ state: "bad", found: "2 in MESSAGE, the oldest for 90 s" }],
  ],
  [
    "a platform that is away; a prompt that is closed is nothing to see to",
    [figures("SEND", { queues: ["slack", "terminal"].map((name) => ({ name, messages: 4, oldestAgeMs: 86_400_000 })) })],
    [{ state: "odd", found: "replies for slack: 4 in SEND, the oldest for 24 h" }],
  ],
])("of queues is told: %s", (_, given, expected) => {
  expect(queueChecks(given, durations)).toEqual(expected.map((check) => expect.objectContaining(check)));
});

test("a look that takes too long, or fails, is a finding of its own", async () => {
  expect(await within("slow", () => new Promise(() => {}), 20)).toMatchObject([{ name: "slow", state: "odd" }]);
  expect(await within("broken", () => Promise.reject(new Error("no")), 1_000)).toMatchObject([{ name: "broken", state: "bad" }]);
});

const manifest = [
  "app_mentions:read",
  "channels:history",
  "channels:read",
  "chat:write",
  "files:read",
  "files:write",
  "groups:history",
  "groups:read",
];
const scopes = [...manifest, "im:history", "im:read", "im:write", "mpim:history", "mpim:read", "reactions:read", "reactions:write"];

test("tokens that are good, with all that they need, are told by whose they are", async () => {
  const [slack, discord, matrix] = await Promise.all([startFakeSlack({ scopes }), startFakeDiscord(), startFakeMatrix()]);
  try {
    const checks = await platformChecks({
      BELLHOP_SLACK_BOT_TOKEN: slack.bot.token,
      BELLHOP_SLACK_APP_TOKEN: slack.bot.appToken,
      BELLHOP_SLACK_API_URL: slack.apiUrl,
      BELLHOP_DISCORD_TOKEN: discord.bot.token,
      BELLHOP_DISCORD_API_URL: discord.apiUrl,
      BELLHOP_MATRIX_TOKEN: matrix.bot.token,
      BELLHOP_MATRIX_HOMESERVER: matrix.url,
    });
    expect(checks.map(({ name, state }) => [name, state])).toEqual([
      ["slack default", "ok"],
      ["discord default", "ok"],
      ["matrix default", "ok"],
    ]);
    expect(checks[1]?.found).toBe("bellhop in 1 servers");
    expect(checks[2]?.found).toContain("@");
    const told = JSON.stringify(checks);
    for (const secret of [slack.bot.token, slack.bot.appToken, discord.bot.token, matrix.bot.token]) expect(told).not.toContain(secret);
  } finally {
    await Promise.all([slack.close(), discord.close(), matrix.close()]);
  }
});

test("what a token lacks is named, with what to do", async () => {
  const slack = await startFakeSlack({ scopes: scopes.filter((scope) => scope !== "files:write") });
  const discord = await startFakeDiscord({ privileged: { messageContent: false }, permissions: String((1n << 10n) | (1n << 11n)) });
  try {
    const checks = await platformChecks({
      BELLHOP_SLACK_BOT_TOKEN: slack.bot.token,
      BELLHOP_SLACK_APP_TOKEN: "xapp-wrong",
      BELLHOP_SLACK_API_URL: slack.apiUrl,
      BELLHOP_DISCORD_TOKEN: discord.bot.token,
      BELLHOP_DISCORD_API_URL: discord.apiUrl,
    });
    expect(checks.map(({ state, found }) => [state, found])).toEqual([
      ["bad", "Slack refuses the app-level token: invalid_auth"],
      ["odd", "scopes are missing: files:write"],
      ["bad", "the Message Content intent is off"],
      ["odd", "in fake it lacks Read Message History, Attach Files, Add Reactions, Send Messages in Threads"],
    ]);
    expect(checks.every(({ hint }) => hint !== undefined)).toBe(true);
  } finally {
    await Promise.all([slack.close(), discord.close()]);
  }
});

test("tokens that are refused, and platforms that are not there, are told as such", async () => {
  const [slack, discord, matrix] = await Promise.all([startFakeSlack(), startFakeDiscord(), startFakeMatrix()]);
  await discord.close();
  try {
    const checks = await platformChecks({
      BELLHOP_SLACK_BOT_TOKEN: "xoxb-wrong",
      BELLHOP_SLACK_APP_TOKEN: slack.bot.appToken,
      BELLHOP_SLACK_API_URL: slack.apiUrl,
      BELLHOP_DISCORD_TOKEN: "a.b.c",
      BELLHOP_DISCORD_API_URL: discord.apiUrl,
      BELLHOP_MATRIX_TOKEN: "syt_wrong",
      BELLHOP_MATRIX_HOMESERVER: matrix.url,
    });
    expect(checks.map(({ name, state, found }) => [name, state, found])).toEqual([
      ["slack default", "bad", "Slack refuses the bot's token: invalid_auth"],
      ["discord default", "bad", expect.stringContaining("ECONNREFUSED")],
      ["matrix default", "bad", expect.stringContaining("refuses the token: M_UNKNOWN_TOKEN")],
    ]);
  } finally {
    await Promise.all([slack.close(), matrix.close()]);
  }
});

test("a configuration with faults is told, and keeps no other check from being made", async () => {
  expect(await platformChecks({ BELLHOP_SLACK_BOT_TOKEN: "wrong" })).toMatchObject([{ name: "Slack gateway", state: "bad" }]);
});
