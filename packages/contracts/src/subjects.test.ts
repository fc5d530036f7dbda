import { describe, expect, it } from "vitest";
import { z } from "zod";
import { runId, shardOfKey } from "./keys.ts";
import type { Message } from "./message.ts";
import { streams } from "./streams.ts";
import { shards, subject, subjects } from "./subjects.ts";
import { readWire, wireVersion } from "./wire.ts";

const message: Message = {
  v: 1,
  key: "k",
  platform: "slack",
  account: "T1.A1",
  conversation: { space: "T1", channel: "C1", kind: "room" },
  author: { platform: "slack", space: "T1", id: "U1", kind: "human" },
  content: { text: "hi" },
  addressed: "prefix",
  origin: "live",
  replyTo: { platform: "slack", account: "T1.A1", channel: "C1" },
  sentAt: "2026-01-01T00:00:00.000Z",
};

describe("a subject", () => {
  it("is filled from the payload's fields, as tokens, and with the shard", () => {
    expect(subjects.message.received.of(message)).toBe(`message.received.slack.=bVDEuQTE.${shardOfKey("slack/T1.A1/T1/C1")}`);
    const run = runId({ key: "k", at: message.sentAt, shard: 7 });
    expect(subjects.control.of({ v: 1, run, kind: "cancel" })).toBe(`control.${run}`);
    expect(subjects.action.finished.of({ v: 1, run, task: "main", attempt: 1, runner: "r", outcome: { status: "succeeded" } })).toBe(
      "action.finished.7",
    );
  });

  it("filters by what is given and takes anything for the rest", () => {
    expect(subjects.message.received.filter()).toBe("message.received.*.*.*");
    expect(subjects.message.received.filter({ shard: 3 })).toBe("message.received.*.*.3");
    expect(subjects.message.send.filter({ platform: "slack", account: "T1.A1" })).toBe("message.send.slack.=bVDEuQTE");
  });

  it("with a placeholder that is no field of its payload does not compile", () => {
    const Payload = z.object({ run: z.string() });
    subject("fine.{run}", Payload);
    // @ts-expect-error `rum` is no field of the payload
    subject("wrong.{rum}", Payload);
    // @ts-expect-error a shard needs to be told how it comes from the payload
    subject("sharded.{shard}", Payload);
    // @ts-expect-error `pool` is no placeholder of that subject
    subjects.run.output.filter({ pool: "default" });
    expect(shards).toHaveLength(16);
  });

  it("that is stored belongs to exactly one stream", () => {
    const stored = [subjects.message.received, subjects.message.send, ...Object.values(subjects.run), ...Object.values(subjects.action)];
    for (const { template } of stored) {
      const owners = Object.values(streams).filter((stream) =>
        stream.subjects.some((pattern) => template.startsWith(pattern.slice(0, -1))),
      );
      expect([template, owners.length]).toEqual([template, 1]);
    }
  });
});

describe("what comes over the wire", () => {
  it("is read when it fits its schema", () => {
    expect(readWire(subjects.message.received, JSON.parse(JSON.stringify(message)))).toEqual({ kind: "ok", payload: message });
  });

  it("waits for an upgrade when it is of a newer version", () => {
    const read = readWire(subjects.message.received, { ...message, v: wireVersion + 1, content: "in another form" });
    expect(read.kind).toBe("newer");
    expect(read.kind === "newer" ? [read.problem.code, read.problem.retry] : []).toEqual(["version_newer", true]);
  });

  it.each([undefined, null, 3, "text", [], {}, { ...message, content: {} }])("is invalid and says why: %j", (raw) => {
    const read = readWire(subjects.message.received, raw);
    expect(read.kind === "invalid" ? read.problem.message : read.kind).toMatch(/^A message on message\.received.* can't be read: .+/);
  });

  it("keeps fields that nobody here knows, at any depth, so that they survive being written again", () => {
    const files = [{ name: "a.txt", type: "text/plain", bytes: 1, object: "o", seen: { by: "U2" } }];
    const raw = { ...message, mood: "good", author: { ...message.author, pronouns: ["they"] }, content: { text: "hi", files } };
    const read = readWire(subjects.message.received, JSON.parse(JSON.stringify(raw)));
    expect(read).toEqual({ kind: "ok", payload: raw });
  });

  it.each(["__proto__", "constructor"])("touches nobody's prototype by a field called %s", (name) => {
    readWire(subjects.control, JSON.parse(`{"v":1,"run":"R","kind":"cancel","${name}":{"evil":true,"prototype":{"evil":true}}}`));
    expect("evil" in {}).toBe(false);
  });
});
