import {
  conversationKey,
  runId,
  shardOfKey,
  type ActionRequested,
  type Message,
  type Run,
  type RunAsked,
  type Send,
} from "@bellhop/contracts";
import { expect, test } from "vitest";
import { readLetter, replayOf } from "./replay.ts";

const at = "2026-01-01T00:00:00.000Z";
const ana = { platform: "slack", space: "T1", id: "U1", name: "ana", kind: "human" } as const;
const here = { platform: "slack", account: "A1", channel: "C1", message: "1.1" };
const conversation = { space: "T1", channel: "C1", kind: "room" } as const;
const message: Message = {
  v: 1,
  key: "slack/A1/T1/C1/1.1",
  platform: "slack",
  account: "A1",
  conversation,
  author: ana,
  content: { text: "deploy web" },
  addressed: "prefix",
  origin: "live",
  replyTo: here,
  sentAt: at,
};
const about = { v: 1, platform: "slack", account: "A1", conversation, original: { key: message.key, sentAt: at } } as const;
const id = runId({ key: "ask/1", at, shard: 3 });
const start: RunAsked = { v: 1, kind: "start", key: "ask/1", run: id, action: "a.b", input: {}, asker: ana, replyTo: here, askedAt: at };
const again = { v: 1, run: id, task: "main", attempt: 1 } as const;
const request: ActionRequested = { ...again, pool: "default", action: "a.b", digest: "d", input: {}, timeoutMs: 1, repeatable: false };
const result = { ...again, runner: "r1", outcome: { status: "succeeded" } } as const;
const send: Send = {
  v: 1,
  key: `${id}/reply`,
  revision: 2,
  platform: "slack",
  account: "A1",
  to: here,
  body: { text: "hi", tone: "ok" },
  final: true,
  run: id,
};
const run = (status: Run["status"]): Run => ({
  v: 1,
  id,
  revision: 2,
  status,
  action: "a.b",
  reply: { enabled: true },
  asker: ana,
  replyTo: here,
  answers: "ask/1",
  tasks: {},
  applied: [],
  askedAt: at,
});

const subjects = {
  received: "message.received.slack.A1.3",
  edited: "message.edited.slack.A1.3",
  deleted: "message.deleted.slack.A1.3",
  reacted: "message.reacted.slack.A1.3",
  pressed: "message.pressed.slack.A1.3",
  asked: "run.asked.3",
  requested: "action.requested.default",
  finished: "action.finished.3",
  send: "message.send.slack.A1",
};

const changed = (fields: object): unknown => ({ kind: "changed", payload: expect.objectContaining(fields) as unknown });
const kept = (why: string): unknown => ({
  kind: "kept",
  problem: expect.objectContaining({ message: expect.stringContaining(why) as unknown }) as unknown,
});

test.each<[what: string, subject: string, payload: unknown, known: Run | undefined, replay: unknown]>([
  [
    "a message under a new key, so that its failed answer does not stand for it",
    subjects.received,
    message,
    undefined,
    changed({ key: `${message.key}/replay7`, content: message.content }),
  ],
  ["a message whose run was begun stays", subjects.received, message, run("scheduled"), kept("begun after all")],
  [
    "an edit under a new key",
    subjects.edited,
    { ...about, key: "k/e1", author: ana, editedAt: at },
    run("succeeded"),
    changed({ key: "k/e1/replay7" }),
  ],
  ["a delete as it was", subjects.deleted, { ...about, key: "k/d", deletedAt: at }, undefined, { kind: "same" }],
  [
    "a reaction as it was",
    subjects.reacted,
    { ...about, key: "k/r", by: ana, emoji: "❌", added: true, replyTo: here, at },
    undefined,
    { kind: "same" },
  ],
  [
    "a press under a new key, so that its refusal does not stand for it",
    subjects.pressed,
    {
      v: 1,
      key: "k/p",
      platform: "slack",
      account: "A1",
      conversation: about.conversation,
      by: ana,
      press: "7F3K-0",
      choice: 0,
      via: "button",
      replyTo: here,
      at,
    },
    undefined,
    changed({ key: "k/p/replay7" }),
  ],
  [
    "an ask under a new key and run, on the same shard",
    subjects.asked,
    start,
    undefined,
    changed({ key: "ask/1/replay7", run: runId({ key: "ask/1/replay7", at, shard: 3 }) }),
  ],
  ["an ask whose run was begun stays", subjects.asked, start, run("failed"), kept("begun after all")],
  [
    "an ask to cancel keeps the run it is about",
    subjects.asked,
    { ...start, kind: "cancel" },
    run("running"),
    changed({ key: "ask/1/replay7", run: id }),
  ],
  [
    "what was to be posted under a key and a log of its own, on the shard of its name",
    subjects.asked,
    {
      ...start,
      v: 2,
      kind: "post",
      parent: { run: id, task: "main", attempt: 1 },
      posting: { key: "k", says: { kind: "text", text: "Hi." } },
    },
    undefined,
    changed({ key: "ask/1/replay7", run: runId({ key: "ask/1/replay7", at, shard: 3 }) }),
  ],
  [
    "a request whose run has failed becomes an ask for what that run did",
    subjects.requested,
    request,
    run("failed"),
    {
      kind: "asked",
      ask: {
        v: 1,
        kind: "again",
        key: `${id}/replay7`,
        run: runId({ key: `${id}/replay7`, at, shard: 3 }),
        of: id,
        asker: ana,
        replyTo: here,
        askedAt: at,
      },
    },
  ],
  ["a request whose run lives stays", subjects.requested, request, run("running"), kept("is not over")],
  ["a request whose run was canceled stays", subjects.requested, request, run("canceled"), kept("was canceled")],
  ["a request whose run is not known stays", subjects.requested, request, undefined, kept("not known")],
  ["a result as it was: its run was ended for it", subjects.finished, result, run("failed"), { kind: "same" }],
  [
    "a send with the next revision, since the person was told under its own",
    subjects.send,
    send,
    undefined,
    changed({ key: send.key, revision: 3 }),
  ],
  ["what can't be read as it was, for a program that can", subjects.received, undefined, undefined, { kind: "same" }],
  ["what has another shape as it was", subjects.send, { v: 1, key: "k" }, undefined, { kind: "same" }],
])("a replay takes %s", (_, subject, payload, known, replay) => {
  expect(replayOf({ number: 7, subject, payload, run: known })).toEqual(replay);
});

test("of a letter it is known whose it is and which run it is about", () => {
  const shard = shardOfKey(conversationKey(message));
  expect(readLetter({ subject: subjects.received, payload: message })).toEqual({
    kind: "message",
    key: message.key,
    run: runId({ key: message.key, at, shard }),
    who: "ana in slack:C1",
  });
  expect(readLetter({ subject: subjects.asked, payload: start })).toEqual({ kind: "ask", key: "ask/1", run: id, who: "ana in slack:C1" });
  expect(readLetter({ subject: subjects.finished, payload: result })).toEqual({ kind: "result", run: id });
  expect(readLetter({ subject: subjects.send, payload: send })).toEqual({ kind: "send", key: send.key, run: id, who: "slack:C1" });
  expect(readLetter({ subject: "nobody.knows", payload: {} })).toEqual({ kind: "unreadable" });
});
