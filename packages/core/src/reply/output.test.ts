import type { Run } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import { emptyTail, mayShowOutput, outputSend, tailed, type Tail } from "./output.ts";

const run: Run = {
  v: 1,
  id: "01RUN",
  revision: 2,
  status: "scheduled",
  action: "deploy.deploy",
  reply: { enabled: true, live: true },
  asker: { platform: "slack", id: "U1", name: "ana", kind: "human" },
  replyTo: { platform: "slack", account: "A", channel: "C", message: "1" },
  answers: "m1",
  tasks: {},
  applied: [],
  reworded: { key: "01RUN/reply", revision: 2_000_000_000 },
  shown: { from: 0 },
  askedAt: "2026-01-01T00:00:00.000Z",
};

type Piece = [text: string, stream?: "stdout" | "stderr" | "log"];

function tailOf(...pieces: Piece[]): Tail {
  return pieces.reduce((tail, [text, stream = "stdout"], seq) => tailed(tail, { attempt: 1, seq, stream, text }), emptyTail);
}

function shown(...pieces: Piece[]): string[] {
  const text = outputSend(run, tailOf(...pieces))?.body.text ?? "";
  return text.split("\n").slice(1, -2);
}

describe("what a command printed so far", () => {
  it("is its last lines, in a block of code, and what it is", () => {
    expect(outputSend(run, tailOf(["one\ntwo\n"]))?.body.text).toBe("```\none\ntwo\n```\ndeploy.deploy is at work, run `01RUN`");
    expect(shown([Array.from({ length: 40 }, (_, n) => `line ${n}\n`).join("")])).toEqual(
      Array.from({ length: 10 }, (_, n) => `line ${n + 30}`),
    );
  });

  it.each<[string, Piece[], string[]]>([
    ["a line that came in pieces", [["on"], ["e\ntw"], ["o"]], ["one", "two"]],
    ["lines of two streams that were begun at one time", [["a"], ["!", "stderr"], ["b\n"], ["?\n", "stderr"]], ["ab", "!?"]],
    ["what a carriage return left", [["10 %\r20 %\r"], ["30 %\r"]], ["30 %"]],
    ["lines that end as on Windows", [["one\r\ntwo\r\n"]], ["one", "two"]],
    ["no colours, also where they were cut in two", [["\u001b[3"], ["1mred\u001b[0m\n"]], ["red"]],
    ["nothing that controls a terminal", [["a\u0007b\u0000\n\u001b]0;title\u0007c"]], ["ab", "c"]],
    ["no blank lines", [["a\n\n \nb\n"]], ["a", "b"]],
    ["a long line's beginning", [[`${"x".repeat(500)}\n`]], [`${"x".repeat(159)}…`]],
  ])("shows %s", (_, pieces, lines) => {
    expect(shown(...pieces)).toEqual(lines);
  });

  it("fits one message of every platform, whatever is printed", () => {
    for (const text of ["好", "\u{1f600}", '"', "`"]) {
      const send = outputSend(run, tailOf([`${text.repeat(200)}\n`.repeat(30)]));
      expect(new TextEncoder().encode(JSON.stringify(send?.body.text)).length).toBeLessThan(1_900);
    }
  });

  it("is kept small where no line ends", () => {
    const tail = Array.from({ length: 100 }).reduce<Tail>(
      (before, _, seq) => tailed(before, { attempt: 1, seq, stream: "stdout", text: "x".repeat(64_000) }),
      emptyTail,
    );
    expect(JSON.stringify(tail).length).toBeLessThan(3_000);
  });

  it("is nothing before there is something to see, and after the run is over", () => {
    expect(outputSend(run, tailOf(["\n\u001b[0m"]))).toBeUndefined();
    expect(outputSend({ ...run, endedAt: run.askedAt }, tailOf(["one"]))).toBeUndefined();
    expect(outputSend({ ...run, shown: undefined }, tailOf(["one"]))).toBeUndefined();
  });

  it("stands below the words of an acknowledgement, in whose place it comes", () => {
    const acknowledged: Run = {
      ...run,
      acknowledged: "message",
      reply: { ...run.reply, acknowledgement: { enabled: true, format: "On it" } },
    };
    expect(outputSend(acknowledged, tailOf(["one"]))?.body.text).toMatch(/^On it\n```\none\n```\n/);
  });
});

describe("a wording that shows output", () => {
  const revisionOf = (tail: Tail, of = run) => outputSend(of, tail)?.revision ?? 0;

  it("has a revision of the output alone, above all that was said before and below the final one", () => {
    const tails = [tailOf(["a"]), tailOf(["a"], ["b"]), tailed(tailOf(["a"], ["b"]), { attempt: 2, seq: 0, stream: "stdout", text: "c" })];
    const revisions = tails.map((tail) => revisionOf(tail));
    expect(revisions.toSorted((a, b) => a - b)).toEqual(revisions);
    expect(revisionOf(tailOf(["a"]), { ...run, shown: { from: 7 } })).toBe((revisions[0] ?? 0) + 7);
    const last = tailed(emptyTail, { attempt: 10, seq: 8_400_000, stream: "stdout", text: "x" });
    expect(revisionOf(last)).toBeLessThan(run.reworded?.revision ?? 0);
    expect(outputSend(run, last)).toMatchObject({ key: "01RUN/reply", passing: true, final: false, answers: "m1", run: "01RUN" });
  });

  it("does not change for a piece that comes twice, or late from an earlier attempt", () => {
    const tail = tailed(tailOf(["a\n"], ["b\n"]), { attempt: 2, seq: 0, stream: "stdout", text: "again\n" });
    expect(tailed(tail, { attempt: 2, seq: 0, stream: "stdout", text: "again\n" })).toBe(tail);
    expect(tailed(tail, { attempt: 1, seq: 2, stream: "stdout", text: "late\n" })).toBe(tail);
    expect(tail.lines).toEqual(["again"]);
  });
});

it.each<[string, Partial<Run>, boolean]>([
  ["a chat", {}, true],
  ["a chat, where the alias did not ask for it", { reply: { enabled: true } }, false],
  ["a whisper", { reply: { enabled: true, live: true, whisper: true } }, false],
  ["a prompt, which shows it by itself", { replyTo: { platform: "terminal", account: "t", channel: "prompt" } }, false],
])("output is shown in %s: %j", (_, more, expected) => {
  expect(mayShowOutput({ ...run, ...more })).toBe(expected);
});
