// For the tests of this package: records as an engine writes them.
import { runId, type Run, type RunRecord, type RunStatus } from "@bellhop/contracts";

/** When the first run was asked for, and when it ended: epoch milliseconds. */
export const begun = Date.UTC(2026, 0, 1);
export const ended = begun + 1_000;

export interface Told {
  /** Runs are asked for a minute apart. */
  number: number;
  status?: RunStatus;
  action?: string;
  user?: string;
  name?: string;
  channel?: string;
  input?: Record<string, unknown>;
  reply?: string;
  /** The instance of the pack's configuration. */
  config?: string;
}

/** The two records of a run: it was asked for, it ended. */
export function recordOf(told: Told): [RunRecord, RunRecord] {
  const {
    number,
    status = "succeeded",
    action = "core.echo",
    user = "U1",
    name = "ana",
    channel = "C1",
    input = {},
    reply = "said hi",
    config,
  } = told;
  const askedAt = new Date(begun + (number - 1) * 60_000).toISOString();
  const endedAt = new Date(Date.parse(askedAt) + 1_000).toISOString();
  const key = `slack/A1/T1/${channel}/${number}`;
  const run = runId({ key, at: askedAt, shard: number % 16 });
  const replyTo = { platform: "slack", account: "A1", space: "T1", channel, thread: "7.1" };
  const task = {
    action,
    digest: "d",
    pool: "default",
    input,
    timeoutMs: 1_000,
    repeatable: true,
    attempt: 1,
    ...(config === undefined ? {} : { config }),
  };
  const state: Run = {
    v: 1,
    id: run,
    revision: 1,
    status: "scheduled",
    action,
    reply: { enabled: true },
    asker: { platform: "slack", space: "T1", id: user, name, kind: "human" },
    replyTo,
    answers: key,
    tasks: { main: task },
    applied: [key],
    askedAt,
  };
  const request = { v: 1 as const, run, task: "main", ...task };
  const body = { text: reply, tone: "ok" as const };
  const of = { platform: "slack", account: "A1", to: replyTo, answers: key, run };
  const send = { v: 1 as const, key: `${run}/reply`, revision: 1, ...of, body, final: true };
  return [
    { v: 1, run, revision: 1, event: { id: key, kind: "asked" }, state, commands: [{ kind: "request", request }], at: askedAt },
    {
      v: 1,
      run,
      revision: 2,
      event: { id: "f", kind: "finished" },
      state: { ...state, revision: 2, status, output: { inline: "said hi" }, endedAt },
      outcome: { status: "succeeded", ms: 40 },
      commands: [{ kind: "send", send }],
      at: endedAt,
    },
  ];
}
