import { expect, test } from "vitest";
import { messageKey, replayKey } from "./keys.ts";
import { spans, traceOf } from "./trace.ts";

const place = { platform: "slack", account: "A1", conversation: { space: "T1", channel: "C1", kind: "room" as const }, id: "12.5" };
const key = messageKey(place);

test("a message, its edits and its replays are one trace", () => {
  const edit = messageKey({ ...place, edit: "7" });
  const keys = [key, edit, replayKey(key, 3), replayKey(edit, 4)];
  expect(new Set(keys.map(traceOf)).size).toBe(1);
  expect(traceOf(key)).toMatch(/^[0-9a-f]{32}$/);
});

test("other messages and asks are other traces", () => {
  const others = [
    messageKey({ ...place, id: "12.6" }),
    messageKey({ ...place, account: "A2" }),
    "ask/prompt-1/0b9c",
    "ask/prompt-1/0b9d",
    "01M806NE6HKGEDWBMGNC4E9H0B/replay3",
  ];
  expect(new Set([key, ...others].map(traceOf)).size).toBe(others.length + 1);
});

test("each station names the one before it, and the same again after a crash", () => {
  const attempt = { run: "r1", task: "main", attempt: 1 };
  const trace = traceOf(key);
  const chain = [spans.receive(key), spans.decide(key), spans.attempt(trace, attempt), spans.finish(trace, attempt)];
  expect(chain.map(({ parent }) => parent)).toEqual([undefined, ...chain.slice(0, -1).map(({ span }) => span)]);
  expect(spans.send(trace, { key: "r1/reply", revision: 2 }).parent).toBe(spans.decide(key).span);
  const edit = messageKey({ ...place, edit: "7" });
  expect(spans.decide(edit).parent).toBe(spans.receive(edit).span);
  expect(spans.decide(edit).span).not.toBe(spans.decide(key).span);
  expect(spans.attempt(trace, { ...attempt, attempt: 2 }).span).not.toBe(spans.attempt(trace, attempt).span);
  expect(spans.attempt(trace, { ...attempt })).toEqual(spans.attempt(trace, attempt));
});
