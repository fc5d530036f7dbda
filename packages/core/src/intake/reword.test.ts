import type { Message, MessageEdited, Run } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { asksToCancel, reword, withdraw, wordsOf, type Wording } from "./reword.ts";

const ana = { platform: "slack", space: "T1", id: "U1", name: "ana", kind: "human" } as const;
const replyTo = { platform: "slack", account: "A1", channel: "C1", message: "1.1" };
const room = { v: 1, platform: "slack", account: "A1", conversation: { space: "T1", channel: "C1", kind: "room" } } as const;
const message: Message = {
  ...room,
  key: "m1/e1",
  author: ana,
  content: { text: "deploy web" },
  addressed: "prefix",
  origin: "live",
  replyTo,
  sentAt: "2026-01-01T00:00:00.000Z",
};
const edited: MessageEdited = {
  ...room,
  key: "m1/e1",
  original: { key: "m1", sentAt: "2026-01-01T00:00:00.000Z" },
  author: ana,
  message,
  editedAt: "2026-01-01T00:00:05.000Z",
};
const uncalled: MessageEdited = { ...edited, message: undefined };
const run = (more: Partial<Run> = {}): Run => ({
  v: 1,
  id: "01RUN",
  revision: 1,
  status: "scheduled",
  action: "p.deploy",
  reply: { enabled: true },
  asker: ana,
  replyTo,
  answers: "m1",
  tasks: {},
  applied: [],
  askedAt: "2026-01-01T00:00:00.000Z",
  ...more,
});
const at = "2026-01-01T00:00:00.000Z";
const of = (more: Partial<Run> = {}): Wording => ({ at, words: "old", run: run(more) });
const answer = { key: "m1/answer", revision: 1, to: replyTo, answers: "m1", waits: false };
const answered: Wording = { at, words: "old", reply: answer };
const week = 7 * 86_400_000;

const decide = (last: Wording | undefined, how: { edited?: MessageEdited; words?: string; revoked?: boolean } = {}) =>
  reword({ edited, words: "new", ...how, last, keptMs: week });

describe("an edit", () => {
  it.each<[what: string, last: Wording | undefined, how: Parameters<typeof decide>[1], kind: string]>([
    ["of what led to nothing yet is a message", undefined, {}, "take"],
    ["of what is too old to have a log is refused", undefined, { edited: { ...edited, editedAt: "2026-01-09T00:00:00.000Z" } }, "refuse"],
    ["that does not call us, of what has not come yet, closes it", undefined, { edited: uncalled }, "close"],
    ["with the same words changes nothing", of(), { words: "old" }, "nothing"],
    ["with the same words changes nothing of an answer", answered, { words: "old" }, "nothing"],
    ["that is older than the last one changes nothing", { ...of(), at: "2026-01-01T00:00:06.000Z" }, {}, "nothing"],
    ["that names the second of the last one only is taken", { ...answered, at: "2026-01-01T00:00:05.900Z" }, {}, "take"],
    [
      "that is a moment older than the last one changes nothing",
      { ...answered, at: "2026-01-01T00:00:05.900Z" },
      { edited: { ...edited, editedAt: "2026-01-01T00:00:05.800Z" } },
      "nothing",
    ],
    ["of what was answered is taken", answered, {}, "take"],
    ["of what was answered, that does not call us, changes nothing", answered, { edited: uncalled }, "nothing"],
    ["of a run asks first for its attempt", of(), {}, "revoke"],
    ["of a run whose attempt is revoked ends it", of(), { revoked: true }, "supersede"],
    ["of a run that was begun comes too late", of(), { revoked: false }, "refuse"],
    ["of a run that is over comes too late", of({ status: "succeeded" }), {}, "refuse"],
    ["of a run that gave way already is taken", of({ status: "canceled", superseded: true }), {}, "take"],
    ["back to the words of a run that gave way already is taken", of({ status: "canceled", superseded: true }), { words: "old" }, "take"],
    ["of a run, that does not call us, takes it back", of(), { edited: uncalled }, "withdraw"],
    [
      "of a run that gave way, that does not call us, closes it",
      of({ status: "canceled", superseded: true }),
      { edited: uncalled },
      "close",
    ],
    ["of a run that is over, that does not call us, changes nothing", of({ status: "failed" }), { edited: uncalled }, "nothing"],
    ["by somebody else changes nothing", of(), { edited: { ...edited, author: { ...ana, id: "U2" } } }, "nothing"],
  ])("%s", (_, last, how, kind) => {
    expect(decide(last, how).kind).toBe(kind);
  });

  it("goes on with the answer that stands, and with the reply of the run that gave way", () => {
    expect(decide(answered)).toEqual({ kind: "take", reply: answer });
    expect(decide({ at, words: "old" })).toEqual({ kind: "take", reply: undefined });
    const gone: Partial<Run> = { status: "canceled", superseded: true };
    expect(decide(of(gone))).toMatchObject({ reply: { key: "01RUN/reply", revision: 0, answers: "m1", waits: false } });
    expect(decide(of({ ...gone, acknowledged: "message" }))).toMatchObject({ reply: { key: "01RUN/reply", revision: 1, waits: true } });
    const third = of({ ...gone, acknowledged: "message", reworded: { key: "01OLD/reply", revision: 3 } });
    expect(decide(third)).toMatchObject({ reply: { key: "01OLD/reply", revision: 4 } });
    expect(decide(of({ ...gone, reply: { enabled: true, whisper: true } }))).toMatchObject({ reply: { only: "U1" } });
  });

  it.each<[Partial<Run>, string]>([
    [{}, "it has been begun."],
    [{ status: "canceling" }, "it was canceled."],
    [{ status: "canceled" }, "it was canceled."],
    [{ status: "succeeded" }, "it is over."],
  ])("that comes too late is told why: %j", (more, words) => {
    const decision = decide(of(more), { revoked: false });
    expect(decision.kind === "refuse" ? decision.problem.message : "").toContain(words);
    expect(decision.kind === "refuse" ? decision.problem.hint : "").toContain("a message of their own");
  });
});

describe("a message that is gone", () => {
  it("takes its run back, unless that is over; what has not come yet counts for nothing", () => {
    expect(withdraw(undefined)).toEqual({ kind: "close" });
    expect(withdraw(answered)).toEqual({ kind: "nothing" });
    expect(withdraw(of()).kind).toBe("withdraw");
    expect(withdraw(of({ status: "succeeded" }))).toEqual({ kind: "nothing" });
    expect(withdraw(of({ status: "canceled", superseded: true, acknowledged: "message" }))).toMatchObject({
      kind: "close",
      reply: { waits: true },
    });
  });
});

describe("a reaction", () => {
  it.each([
    ["❌", true, true],
    ["🛑", true, true],
    ["❌\uFE0F", true, true],
    ["x", true, true],
    [":octagonal_sign:", true, true],
    ["❌", false, false],
    ["👍", true, false],
    ["xx", true, false],
  ])("%s, added: %s, cancels: %s", (emoji, added, cancels) => {
    expect(asksToCancel({ emoji, added })).toBe(cancels);
  });
});

it("the words of a command are the same with a prefix and without", () => {
  expect(["deploy web", " !deploy web\n", "! deploy web"].map((text) => wordsOf({ ...message, content: { text } }))).toEqual(
    Array(3).fill("deploy web"),
  );
});
