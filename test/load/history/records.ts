import { runId, type Run, type RunRecord, type RunStatus } from "@bellhop/contracts";

/** What runs are about: a few of everything are common, most are rare (Zipf), as in life. The same for the same number. */
export interface Facts {
  status: RunStatus;
  action: string;
  user: string;
  channel: string;
  text: string;
}

const actions = 50;
const people = 300;
const rooms = 60;
const vocabulary = 20_000;
const wordsEach = 12;

/** Words from the most common one on. */
export function word(rank: number): string {
  return `w${rank.toString(36)}`;
}

export function factsOf(number: number): Facts {
  const random = randomFrom(number);
  return {
    status: statusOf(random()),
    action: `pack${zipf(actions, random())}.do`,
    user: `U${zipf(people, random())}`,
    channel: `C${zipf(rooms, random())}`,
    text: Array.from({ length: wordsEach }, () => word(zipf(vocabulary, random()))).join(" "),
  };
}

/** The two records of a run: it was asked for at that moment, it ended. @param asked epoch milliseconds */
export function recordsOf(number: number, asked: number): [RunRecord, RunRecord] {
  const { status, action, user, channel, text } = factsOf(number);
  const at = new Date(asked).toISOString();
  const key = `slack/A1/T1/${channel}/${number}`;
  const run = runId({ key, at, shard: number % 16 });
  const task = { action, digest: "d".repeat(64), pool: "default", input: { text }, timeoutMs: 60_000, repeatable: false, attempt: 1 };
  const replyTo = { platform: "slack", account: "A1", space: "T1", channel };
  const state: Run = {
    v: 1,
    id: run,
    revision: 1,
    status: "scheduled",
    action,
    alias: action,
    reply: { enabled: true },
    asker: { platform: "slack", space: "T1", id: user, name: `name of ${user}`, kind: "human" },
    replyTo,
    answers: key,
    tasks: { main: task },
    applied: [key],
    askedAt: at,
    // Over from the first: no engine that reads this log has anything to do with it.
    endedAt: at,
  };
  const body = { text: `done: ${text.slice(0, 20)}`, tone: "ok" as const };
  const of = { platform: "slack", account: "A1", to: replyTo, answers: key, run };
  const send = { v: 1 as const, key: `${run}/reply`, revision: 1, ...of, body, final: true };
  const request = { v: 1 as const, run, task: "main", ...task };
  const record = { v: 1 as const, run, at };
  return [
    { ...record, revision: 1, event: { id: key, kind: "asked" }, state, commands: [{ kind: "request", request }] },
    {
      ...record,
      revision: 2,
      event: { id: `fin:${run}/main/1`, kind: "finished" },
      state: { ...state, revision: 2, status, output: { inline: { stdout: body.text } } },
      outcome: { status: "succeeded", ms: 120 },
      commands: [{ kind: "send", send }],
    },
  ];
}

function statusOf(chance: number): RunStatus {
  if (chance < 0.9) return "succeeded";
  if (chance < 0.97) return "failed";
  if (chance < 0.99) return "canceled";
  return chance < 0.9999 ? "timeout" : "abandoned";
}

/** 0 … count - 1, the low ones often. */
export function zipf(count: number, chance: number): number {
  return Math.min(count - 1, Math.floor((count + 1) ** chance) - 1);
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
