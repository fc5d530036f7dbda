import { postSendKey, type Address, type Post } from "@bellhop/contracts";
import { describe, expect, it } from "vitest";
import type { Places } from "../run/place.ts";
import { postingOf } from "./posting.ts";
import { placesOf, postedOutput, postSends, type PostAsk } from "./say.ts";

const here: Address = { platform: "slack", account: "T1-U9", space: "T1", channel: "C1", thread: "1.1", message: "1.2" };
const there: Address = { platform: "matrix", account: "@b:example.org", channel: "!ops:example.org" };
const atRule: Address = { platform: "rule", account: "p.r", channel: "p.r" };
const rooms = new Map([["ops", [{ room: "slack:T1/C9" }, { room: "matrix:!ops:example.org" }]]]);
const senders = [
  { platform: "slack", account: "T1-U9" },
  { platform: "matrix", account: "@b:example.org" },
];

const planned = (input: Record<string, unknown>, places: Partial<Places> = {}, kind = "post") =>
  postingOf({ kind, action: "chat.post", input: { text: "Hi.", ...input }, places: { here, rooms, senders, ...places } });

function asked(input: Record<string, unknown>, key = "k", places: Partial<Places> = {}): PostAsk {
  const read = planned(input, places);
  if (read.kind === "refused") throw read.problem;
  const parent = { run: "R1", task: "main", attempt: 1 };
  const asker = { platform: "slack", id: "U1", kind: "human" } as const;
  const rest = { asker, replyTo: here, askedAt: "2026-01-01T00:00:00.000Z", parent };
  return { v: 2, kind: "post", key: "R1/main/1/post", run: "L1", ...rest, posting: { key, ...read.posting } };
}

const stands = (key: string, ...places: Address[]): Post => ({ v: 1, key, places: places.map((to) => ({ to })) });
const named = (places: ReturnType<typeof placesOf>) => places.map(({ to: { channel, thread }, under }) => [channel, thread, under]);

describe("words are posted", () => {
  it.each<[string, Record<string, unknown>, { stands?: Post; above?: Post }, unknown[]]>([
    ["where they were asked for", {}, {}, [["C1", "1.1", undefined]]],
    [
      "in each room of a name",
      { to: "ops" },
      {},
      [
        ["C9", undefined, undefined],
        ["!ops:example.org", undefined, undefined],
      ],
    ],
    [
      "where they stand already, and nowhere else",
      { key: "k" },
      { stands: stands("k", there) },
      [["!ops:example.org", undefined, undefined]],
    ],
    [
      "where they stand, and where they are asked for besides",
      { key: "k", to: ["matrix:!ops:example.org", "slack:T1/C9"] },
      { stands: stands("k", there) },
      [
        ["!ops:example.org", undefined, undefined],
        ["C9", undefined, undefined],
      ],
    ],
    [
      "in the thread of other words, wherever those stand",
      { thread: "a" },
      { above: stands("a", there) },
      [["!ops:example.org", undefined, postSendKey("a", there)]],
    ],
    [
      "in that thread of one of the rooms",
      { thread: "a", to: "slack:T1/C9" },
      { above: stands("a", there) },
      [["C9", undefined, postSendKey("a", { ...here, channel: "C9" })]],
    ],
    ["in a thread that has an id, here", { thread_id: "7.7" }, {}, [["C1", "7.7", undefined]]],
    ["in a thread that has an id", { to: "slack:T1/C9", thread_id: "7.7" }, {}, [["C9", "7.7", undefined]]],
    [
      "in the thread in which they stand, if that is not said again",
      { key: "k", to: "slack:T1/C9" },
      { stands: { v: 1, key: "k", places: [{ to: { ...here, channel: "C9", thread: "7.7" }, under: "u" }] } },
      [["C9", "7.7", "u"]],
    ],
  ])("%s", (_, input, known, places) => {
    expect(named(placesOf({ posting: asked(input).posting, ...known }))).toEqual(places);
  });

  it("under one key in a room, whichever run asks; the later ask has the higher revision", () => {
    const [first, second] = ["a", "b"].map((text, index) => {
      const ask = { ...asked({ text, key: "k", to: "ops" }), trace: "t1" };
      return postSends({ ask, places: placesOf({ posting: ask.posting }), revision: index + 7, words: { text, tone: "info" } });
    });
    expect(first?.map(({ key }) => key)).toEqual(second?.map(({ key }) => key));
    expect(new Set(first?.map(({ key }) => key)).size).toBe(2);
    expect(second?.[0]).toMatchObject({ revision: 8, final: false, renew: true, trace: "t1", body: { text: "b" }, account: "T1-U9" });
    expect(second?.[0]).not.toHaveProperty("answers");
  });

  it("with cards of the platform that they are for, and whom they call", () => {
    const ask = asked({ to: "ops", user: "U5", extra: { slack: { title: "In Slack" }, matrix: { cards: [{ title: "In Matrix" }] } } });
    const sends = postSends({ ask, places: placesOf({ posting: ask.posting }), revision: 1, words: { text: "Hi {{ 1 }}.", tone: "ok" } });
    expect(sends.map(({ body }) => body.cards?.[0]?.title)).toEqual(["In Slack", "In Matrix"]);
    expect(sends[0]?.body.mentions?.[0]?.person).toBe("U5");
    expect(sends[0]?.body.text).toMatch(/^@\w+: Hi \{\{ 1 \}\}\.$/);
  });

  it("and say where they stand", () => {
    const ask = asked({ to: "ops", thread: "a" });
    expect(postedOutput("k", placesOf({ posting: ask.posting }))).toMatchObject({
      key: "k",
      places: [{ room: "slack:T1/C9", account: "T1-U9", under: true }, { room: "matrix:!ops:example.org" }],
    });
  });
});

const crowd = Array.from({ length: 33 }, (_, index) => `slack:T1/C${index + 10}`);

describe("a posting is refused", () => {
  it.each<[string, Record<string, unknown>, Partial<Places>, string]>([
    ["in a room that nobody has named", { to: ["ops", "opss"] }, {}, '"opss" names no room'],
    ["where nobody asked for it in a room", {}, { here: atRule }, "to of chat.post can't be nothing"],
    ["here, where a rule asks for it", { to: "here" }, { here: atRule }, '"here" names no room'],
    ["when it says nothing", { text: " " }, {}, "text of chat.post can't be nothing"],
    ["in rooms without end", { to: crowd }, {}, "to of chat.post can't be 33 rooms"],
    ["when its key is a document", { key: "x".repeat(201) }, {}, "key of chat.post can't be 201 characters"],
  ])("%s", (_, input, places, message) => {
    expect(planned(input, places)).toMatchObject({ kind: "refused", problem: { message: expect.stringContaining(message) } });
  });

  it("but not at however many prompts, of which very many have it all the same, beside rooms", () => {
    const open = Array.from({ length: 300 }, (_, index) => ({ platform: "terminal", account: `p-${index}` }));
    const input = { to: ["terminal:prompt", "slack:T1/C9"] };
    const known = { senders: [...open, { platform: "slack", account: "T1-U9" }] };
    const { posting } = asked(input, "k", known);
    expect(named(placesOf({ posting })).filter(([channel]) => channel === "prompt")).toHaveLength(256);
    expect(named(placesOf({ posting })).at(-1)).toEqual(["C9", undefined, undefined]);
  });

  it("but not where a rule says by its key what it means", () => {
    expect(planned({ key: "k" }, { here: atRule })).toMatchObject({ kind: "ok", posting: { key: "k" } });
  });
});

it("what a run came to is posted by its id", () => {
  const input = { execution_id: "R7", channel: "ops", user: "U5", whisper: true };
  expect(planned(input, {}, "post-result")).toMatchObject({ kind: "ok", posting: { says: { kind: "result", run: "R7" }, only: "U5" } });
  expect(planned(input, {}, "format-result")).toEqual({ kind: "ok", posting: { says: { kind: "form", run: "R7" } } });
});
