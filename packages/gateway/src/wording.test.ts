import type { Receipt, Send } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { createWriter, lateSince, withLateLine } from "./wording.ts";
import type { Level } from "./adapter.ts";

const to = { platform: "test", account: "bot", channel: "ops" };
const send: Send = { v: 1, key: "k", revision: 2, platform: "test", account: "bot", to, body: { text: "words", tone: "ok" }, final: true };
const minutes = 60_000;
const stored = Date.parse("2026-11-22T12:34:56.789Z");

describe("a reply says that it is late", () => {
  const chat = { direct: "native" as Level };
  it.each<[string, Parameters<typeof lateSince>, string | undefined]>([
    [
      "after the time",
      [send, { storedAt: stored, now: stored + 11 * minutes, lateMs: 10 * minutes, capabilities: chat }],
      "2026-11-22T12:34:56.789Z",
    ],
    ["not before", [send, { storedAt: stored, now: stored + 10 * minutes, lateMs: 10 * minutes, capabilities: chat }], undefined],
    [
      "not with a wrong clock",
      [send, { storedAt: stored, now: stored - 99 * minutes, lateMs: 10 * minutes, capabilities: chat }],
      undefined,
    ],
    [
      "not at a prompt",
      [send, { storedAt: stored, now: stored + 11 * minutes, lateMs: 10 * minutes, capabilities: { direct: "none" } }],
      undefined,
    ],
    [
      "not with a reaction",
      [{ gesture: { kind: "reaction", emoji: "👀" } }, { storedAt: stored, now: stored + 11 * minutes, lateMs: 1, capabilities: chat }],
      undefined,
    ],
    [
      "not while it is only on its way",
      [{ passing: true }, { storedAt: stored, now: stored + 11 * minutes, lateMs: 1, capabilities: chat }],
      undefined,
    ],
  ])("%s", (_, [what, at], expected) => {
    expect(lateSince(what, at)).toBe(expected);
  });

  it("in a line of its own", () => {
    const line = "Late: this was to be said at 2026-11-22 12:34 UTC, but could not be until now.";
    expect(withLateLine(send, "2026-11-22T12:34:56.789Z").body).toEqual({ text: `${line}\n\nwords`, tone: "ok" });
    expect(withLateLine({ ...send, body: { text: "", tone: "ok" } }, "2026-11-22T12:34:56.789Z").body.text).toBe(line);
  });
});

describe("the words of a send", () => {
  let now = stored;
  const begun = (facts: Partial<Receipt>): Receipt => ({
    v: 1,
    key: "k",
    revision: 2,
    state: "sending",
    by: "g/1",
    at: "2026-11-22T12:34:57.000Z",
    pieces: [],
    ...facts,
  });
  const writer = () => {
    let written = 0;
    const write = createWriter({
      adapter: { write: ({ body }) => [++written, body.text], capabilities: { ...none, direct: "native" } },
      lateMs: 10 * minutes,
      now: () => now,
    });
    return (receipt?: Receipt, words = send) => write({ send: words, storedAt: stored }, receipt);
  };
  const none = {
    thread: "none",
    direct: "none",
    mention: "none",
    edit: "none",
    delete: "none",
    reaction: "none",
    typing: "none",
    ephemeral: "none",
    file: "none",
    table: "none",
    press: "none",
    form: "none",
    once: "none",
    catchUp: "none",
  } as const;

  it("are written once for the same wording", () => {
    now = stored;
    const write = writer();
    expect(write().pieces).toEqual([1, "words"]);
    expect(write(begun({})).pieces).toEqual([1, "words"]);
    expect(write(undefined, { ...send }).pieces).toEqual([2, "words"]);
  });

  it("become late while nothing of them stands", () => {
    const write = writer();
    now = stored;
    expect(write(begun({})).late).toBeUndefined();
    now = stored + 11 * minutes;
    expect(write(begun({})).late).toBe("2026-11-22T12:34:56.789Z");
    expect(write(begun({ revision: 1, pieces: [{ state: "sent", ref: "r" }] })).late).toBe("2026-11-22T12:34:56.789Z");
  });

  it("stay what they were from the first piece on", () => {
    const write = writer();
    now = stored + 11 * minutes;
    expect(write(begun({ pieces: [{ state: "sending" }] })).late).toBeUndefined();
    now = stored;
    expect(write(begun({ late: "2026-11-22T12:00:00.000Z", pieces: [{ state: "sending" }] })).send.body.text).toContain("12:00 UTC");
  });

  it("are none of a gesture", () => {
    const gesture = { kind: "reaction", emoji: "👀" } as const;
    expect(writer()(undefined, { ...send, gesture }).pieces).toEqual([]);
  });
});
