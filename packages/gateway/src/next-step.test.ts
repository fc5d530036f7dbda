import type { Piece, Receipt } from "@bellhop/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextStep, pieceKey, piecesAfter, piecesDuring, piecesFor, type Can, type Step } from "./next-step.ts";

const all: Can = { reword: true, remove: true };
const none: Can = { reword: false, remove: false };

/** `r`: stands under that name; `r?`: stands, and is to be reworded; `?`: tried; `!`: refused. */
function pieces(text: string): Piece[] {
  return text
    .split(" ")
    .filter(Boolean)
    .map((word) => {
      if (word === "?") return { state: "sending" };
      if (word === "!") return { state: "failed" };
      return word.endsWith("?") ? { state: "sending", ref: word.slice(0, -1) } : { state: "sent", ref: word };
    });
}

function receipt(state: Receipt["state"], revision: number, text: string): Receipt {
  return { v: 1, key: "k", revision, state, by: "g/1", at: "2026-01-01T00:00:00.000Z", pieces: pieces(text) };
}

describe("of a send in revision 2 and two pieces", () => {
  it.each<[string, Receipt | undefined, Step, Partial<Parameters<typeof nextStep>[2]>?]>([
    ["what was never begun is posted", undefined, { kind: "post", index: 0 }],
    ["what stands is dropped", receipt("sent", 2, "a b"), { kind: "done" }],
    ["what is older than what stands is dropped", receipt("sent", 3, "a b"), { kind: "done" }],
    ["what is older than what is being said is dropped", receipt("sending", 3, "?"), { kind: "done" }],
    ["what was refused is not tried again", receipt("failed", 2, "!"), { kind: "done" }],
    ["a newer wording of what was refused is posted", receipt("failed", 1, "!"), { kind: "post", index: 0 }],
    ["a newer wording of what could not be reworded rewords again", receipt("failed", 1, "a?"), { kind: "reword", index: 0, ref: "a" }],
    ["it goes on at the first piece that does not stand", receipt("sending", 2, "a"), { kind: "post", index: 1 }],
    ["what was begun and stands nowhere is posted", receipt("sending", 2, ""), { kind: "post", index: 0 }],
    ["a piece that may stand is looked for", receipt("sending", 2, "a ?"), { kind: "look", index: 1 }],
    ["a wording that may stand is finished first", receipt("sending", 1, "?"), { kind: "earlier" }],
    ["one that does not come is looked for", receipt("sending", 1, "?"), { kind: "look", index: 0 }, { blind: true }],
    ["what stands is reworded", receipt("sent", 1, "a b"), { kind: "reword", index: 0, ref: "a" }],
    ["rewording goes on at the piece where it ended", receipt("sending", 2, "a b?"), { kind: "reword", index: 1, ref: "b" }],
    ["a wording before that was half reworded is reworded anew", receipt("sending", 1, "a b?"), { kind: "reword", index: 0, ref: "a" }],
    ["what is missing is posted after what is reworded", receipt("sending", 2, "a"), { kind: "post", index: 1 }],
    ["what is left over is removed, the last first", receipt("sending", 2, "a b c? d?"), { kind: "remove", index: 3, ref: "d" }],
    [
      "what is left over stays where nothing can be removed",
      receipt("sending", 2, "a b c?"),
      { kind: "finish" },
      { can: { reword: true, remove: false } },
    ],
    [
      "a newer wording is a message of its own where nothing can be reworded",
      receipt("sent", 1, "a b"),
      { kind: "post", index: 0 },
      { can: none },
    ],
    ["what is said is recorded", receipt("sending", 2, "a b"), { kind: "finish" }],
  ])("%s", (_, found, expected, at = {}) => {
    expect(nextStep({ revision: 2 }, found, { count: 2, can: all, blind: false, ...at })).toEqual(expected);
  });
});

it.each<[string, Receipt | undefined, Step]>([
  ["never made", undefined, { kind: "react" }],
  ["left in the middle", receipt("sending", 2, ""), { kind: "react" }],
  ["made", receipt("sent", 2, ""), { kind: "done" }],
  ["made in an earlier revision", receipt("sent", 1, ""), { kind: "react" }],
  ["taken back since", receipt("sent", 3, ""), { kind: "done" }],
])("a reaction that was %s", (_, found, expected) => {
  const gesture = { kind: "reaction", emoji: "👀" } as const;
  expect(nextStep({ revision: 2, gesture }, found, { count: 0, can: none, blind: false })).toEqual(expected);
});

it("removes what it can where something left over can't be removed", () => {
  const step = { kind: "remove", index: 3, ref: "d" } as const;
  const left = piecesAfter(pieces("a b c? d?"), step, { kind: "refused" });
  expect(nextStep({ revision: 2 }, { ...receipt("sending", 2, ""), pieces: [...left] }, { count: 2, can: all, blind: false })).toEqual({
    kind: "remove",
    index: 2,
    ref: "c",
  });
  expect(piecesAfter(left, { kind: "remove", index: 2, ref: "c" }, { kind: "sent", ref: "c" })).toEqual([
    ...pieces("a b"),
    { state: "failed", ref: "d" },
  ]);
});

/** What a call to the platform comes to, and where its caller dies. */
type Fate = "ok" | "turned away" | "request lost" | "answer lost" | "died before" | "died after";

/** Says one wording after the other to a platform in memory, with what may happen on the way, from the receipt alone. */
function play(wordings: readonly (readonly string[])[], fates: readonly Fate[], can: Can): string[] {
  const stands = new Map<string, { key: string; text: string }>();
  let stored: Receipt | undefined;
  let names = 0;
  const left = [...fates];
  for (const [at, words] of wordings.entries()) {
    const send = { key: "k", revision: at + 1 };
    let known = stored;
    let notThere = false;
    for (;;) {
      const step = nextStep(send, known, { count: words.length, can, blind: false });
      if (step.kind === "done") break;
      if (step.kind === "earlier" || step.kind === "react") throw new Error(step.kind);
      const now = piecesFor(send, known, can);
      const noted = (state: Receipt["state"], list: readonly Piece[]): Receipt => ({
        ...receipt(state, send.revision, ""),
        pieces: [...list],
      });
      if (step.kind === "finish") {
        stored = known = noted("sent", now);
        continue;
      }
      if (step.kind === "look" && !notThere) {
        const found = [...stands].find(([, { key }]) => key === pieceKey(send, step.index));
        if (found === undefined) notThere = true;
        else known = noted("sending", now.with(step.index, { state: "sent", ref: found[0] }));
        continue;
      }
      const call = step.kind === "look" ? ({ kind: "post", index: step.index } as const) : step;
      const during = piecesDuring(now, call);
      stored = known = noted("sending", during);
      const fate = left.shift() ?? "ok";
      const ref = call.kind === "post" ? `r${++names}` : call.ref;
      if (fate === "ok" || fate === "answer lost" || fate === "died after") {
        if (call.kind === "remove") stands.delete(ref);
        else stands.set(ref, { key: stands.get(ref)?.key ?? pieceKey(send, call.index), text: words[call.index] ?? "" });
      }
      notThere = false;
      if (fate === "ok") known = noted("sending", piecesAfter(during, call, { kind: "sent", ref }));
      if (fate === "turned away") stored = known = noted("sending", piecesAfter(during, call, { kind: "gone" }));
      if (fate.startsWith("died")) known = stored;
    }
  }
  return [...stands.values()].map(({ text }) => text);
}

const fate = fc.constantFrom<Fate>("ok", "ok", "turned away", "request lost", "answer lost", "died before", "died after");
const wordings = fc
  .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 })
  .map((counts) => counts.map((count, revision) => Array.from({ length: count }, (_, piece) => `${revision}.${piece}`)));

it("leaves exactly the last wording standing, in order and once, whatever happens on the way", () => {
  fc.assert(
    fc.property(wordings, fc.array(fate, { maxLength: 40 }), (said, fates) => {
      expect(play(said, fates, all)).toEqual(said.at(-1));
    }),
    { numRuns: 500 },
  );
});

it("leaves every wording standing once where nothing can be reworded", () => {
  fc.assert(
    fc.property(wordings, fc.array(fate, { maxLength: 40 }), (said, fates) => {
      expect(play(said, fates, none)).toEqual(said.flat());
    }),
    { numRuns: 500 },
  );
});

it("names every piece of every wording differently", () => {
  const names = [1, 2].flatMap((revision) => [0, 1, 2].map((index) => pieceKey({ key: "k", revision }, index)));
  expect(new Set(names).size).toBe(6);
});
