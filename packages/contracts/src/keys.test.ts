import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  attemptKey,
  conversationKey,
  messageIds,
  messageKey,
  pressId,
  replayKey,
  runId,
  shardOfKey,
  shardOfMoment,
  shardOfRun,
} from "./keys.ts";
import { shardCount } from "./limits.ts";

const conversation = { space: "T1", channel: "C1", kind: "room" } as const;

describe("a message key", () => {
  it("names the message, and an edit of it apart", () => {
    const parts = { platform: "slack", account: "A1", conversation, id: "17.5" };
    expect(messageKey(parts)).toBe("slack/A1/T1/C1/17.5");
    expect(messageKey({ ...parts, edit: "2" })).toBe("slack/A1/T1/C1/17.5/e2");
    expect(messageKey({ ...parts, conversation: { channel: "C1", kind: "room" } })).toBe("slack/A1//C1/17.5");
  });

  it("differs where any part differs, whatever is in the parts", () => {
    const part = fc.string({ unit: "grapheme", maxLength: 6 });
    const parts = fc.record({
      platform: part,
      account: part,
      conversation: fc.record({ space: part, channel: part, kind: fc.constant("room" as const) }),
      id: part,
    });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(messageKey(a) === messageKey(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  it("shares its shard with the whole channel, threads included", () => {
    const parts = { platform: "slack", account: "A1" };
    const inThread = { ...conversation, thread: "17.1" };
    expect(conversationKey({ ...parts, conversation: inThread })).toBe(conversationKey({ ...parts, conversation }));
  });
});

describe("a replay's key", () => {
  it("is another for each dead letter, and does not grow with each", () => {
    expect(replayKey("slack/A1/T1/C1/17.1", 7)).toBe("slack/A1/T1/C1/17.1/replay7");
    expect(replayKey(replayKey("k/e1", 7), 12)).toBe("k/e1/replay12");
  });
});

describe("a run id", () => {
  const moment = fc.date({ min: new Date(0), max: new Date(2 ** 45), noInvalidDate: true }).map((date) => date.toISOString());
  const shard = fc.integer({ min: 0, max: shardCount - 1 });

  it("carries its shard", () => {
    fc.assert(
      fc.property(fc.string(), moment, shard, (key, at, born) => {
        expect(shardOfRun(runId({ key, at, shard: born }))).toBe(born);
      }),
    );
  });

  it("is the same for the same ask and another for another", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), moment, (a, b, at) => {
        expect(runId({ key: a, at, shard: 1 }) === runId({ key: b, at, shard: 1 })).toBe(a === b);
      }),
    );
  });

  it("is made as it has always been", () => {
    const key = "slack/A1/T1/C1/17.1";
    expect(runId({ key, at: "2026-01-01T00:00:00.000Z", shard: 7 })).toBe("01KDVDNA007S8K75J4GMWZJ107");
    expect(pressId("a question")).toBe("5HKB-T69KZH6NTG");
    expect(shardOfRun(runId({ key, at: "2026-01-01T00:00:00.000Z" }))).toBe(shardOfKey(key));
  });

  it("sorts by the time of asking", () => {
    fc.assert(
      fc.property(moment, moment, (a, b) => {
        const [first, second] = [a, b].map((at) => runId({ key: "k", at, shard: 0 }));
        if (Date.parse(a) < Date.parse(b)) expect((first ?? "") < (second ?? "")).toBe(true);
      }),
    );
  });

  it.each(["", "short", "01ARZ3NDEKTSV4RRFFQ69G5FZZ", "01arz3ndektsv4rrffq69g5f00", "01ARZ3NDEKTSV4RRFFQ69G5F0I"])("is not %j", (text) => {
    expect(shardOfRun(text)).toBeUndefined();
  });
});

describe("shards", () => {
  it("are all used, and evenly enough", () => {
    const counts = new Map<number, number>();
    for (let n = 0; n < 16_000; n++) counts.set(shardOfKey(`key ${n}`), (counts.get(shardOfKey(`key ${n}`)) ?? 0) + 1);
    expect(counts.size).toBe(shardCount);
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(200);
  });

  it("take turns with the moments of what happens", () => {
    const began = Date.parse("2026-01-01T00:00:00.000Z");
    const of = (ms: number) => shardOfMoment(new Date(began + ms).toISOString());
    expect(of(199)).toBe(of(0));
    expect(new Set(Array.from({ length: shardCount }, (_, turn) => of(200 * turn))).size).toBe(shardCount);
    expect(of(200 * shardCount)).toBe(of(0));
    const halves = Array.from({ length: shardCount }, (_, turn) => (of(200 * turn) < shardCount / 2 ? "a" : "b")).join("");
    expect(halves + halves).not.toMatch(/aaa|bbb/);
  });
});

describe("ids of what belongs to an attempt", () => {
  it("name run, task and attempt", () => {
    const attempt = { run: "R", task: "my task", attempt: 2 };
    expect(attemptKey(attempt)).toBe("R.=bbXkgdGFzaw.2");
    expect(messageIds.requested(attempt)).toBe("req:R/my task/2");
    expect(messageIds.finished(attempt)).not.toBe(messageIds.finished({ ...attempt, attempt: 3 }));
  });

  it("tells what happened to a message apart from the message, under one key too", () => {
    const { received, edited, deleted, reacted } = messageIds;
    expect([received, edited, deleted, reacted].map((idOf) => idOf("slack/A1/T1/C1/17.5/e2"))).toEqual([
      "in:slack/A1/T1/C1/17.5/e2",
      "edit:slack/A1/T1/C1/17.5/e2",
      "del:slack/A1/T1/C1/17.5/e2",
      "react:slack/A1/T1/C1/17.5/e2",
    ]);
  });
});
