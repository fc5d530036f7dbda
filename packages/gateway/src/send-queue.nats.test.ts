import { buckets, scaled, token, type FileRef, type Receipt, type Send } from "@bellhop/contracts";
import { connectBus, type Bucket, type Bus } from "@bellhop/bus";
import { silentLog } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createCalls } from "./calls.ts";
import { pieceKey } from "./next-step.ts";
import { createSendQueue, type SendQueue } from "./send-queue.ts";
import type { UnsurePolicy } from "./say.ts";
import { Board, type Fault } from "./test-board.ts";
import { testClock, type TestClock } from "./test-clock.ts";

const durations = { ...scaled(1), lateReply: 600_000 };
let nats: TestNats;
let bus: Bus;
let board: Board;
let clock: TestClock;
let accounts = 0;
let sequence = 0;

beforeAll(async () => {
  nats = await startNats();
  bus = await connectBus({ url: nats.url, name: "test", role: "operator", durations, log: silentLog });
  await bus.setUp();
});

afterAll(async () => {
  await bus.drain();
  await nats.stop();
});

beforeEach(() => {
  board = new Board(`queue${++accounts}`);
  clock = testClock();
});

describe("a send in several pieces", () => {
  it("is said in order, with one write more than it has pieces", async () => {
    const receipts = bus.bucket(buckets.receipt);
    const before = await receipts.put("mark", {
      v: 1,
      key: "mark",
      revision: 1,
      state: "sent",
      by: "test/1",
      at: new Date().toISOString(),
      pieces: [],
    });
    await queue().take(send("a", "1|2|3"));
    expect(board.texts()).toEqual(["1", "2", "3"]);
    const entry = await receipts.get(token(send("a", "").key));
    expect(entry?.value).toMatchObject({ state: "sent", pieces: ["n1", "n2", "n3"].map((ref) => ({ state: "sent", ref })) });
    expect((entry?.revision ?? 0) - before).toBe(4);
  });

  it("is begun without asking for its receipt where it comes for the first time", async () => {
    const asked: string[] = [];
    const bucket = bus.bucket(buckets.receipt);
    const receipts: Bucket<Receipt> = { ...bucket, get: (key) => (asked.push(key), bucket.get(key)) };
    const { take } = queue("one", { receipts });
    await take(send("a", "1|2"));
    expect(asked).toEqual([]);
    await take(send("a", "x|y", { revision: 2 }));
    expect(asked).toEqual([token(send("a", "").key)]);
    expect(board.texts()).toEqual(["x", "y"]);
  });

  it.each<[string, Fault, string[]]>([
    ["never comes", "never comes", ["post 1", "find 1", "post 1", "post 2"]],
    ["stands", "never answered", ["post 1", "find 1", "post 2"]],
    ["is said", "none", ["post 1", "post 2"]],
  ])("stands once when a server that was killed forgot that it was given to somebody: what that one said %s", async (_, fault, calls) => {
    board.faults.push(fault);
    const told = queue("first").take(send("a", "1|2"));
    if (fault === "none") await told;
    else await board.until(() => board.calls.length === 1);
    await passing(queue("second").take(send("a", "1|2")));
    expect(board.calls).toEqual(calls);
    expect(board.texts()).toEqual(["1", "2"]);
  });

  const deaths = (["never comes", "never answered"] as const).flatMap((death) => [0, 1, 2].map((after) => ({ death, after })));

  it.each(deaths)("stands once when its gateway dies after call $after: that one $death", async ({ death, after }) => {
    board.faults.push(...none(after), death);
    const first = queue("first");
    void first.take(send("a", "1|2|3"));
    await board.until(() => board.calls.length === after + 1);
    await passing(queue("second").take(send("a", "1|2|3"), { deliveries: 2 }));
    expect(board.texts()).toEqual(["1", "2", "3"]);
    expect(board.calls.filter((call) => call.startsWith("find"))).toEqual([`find ${after + 1}`]);
  });

  it.each(deaths)("is reworded whole when its gateway dies after call $after of that: it $death", async ({ death, after }) => {
    await queue("zero").take(send("a", "1|2|3"));
    const { length } = board.calls;
    board.faults.push(...none(after), death);
    void queue("first").take(send("a", "x|y", { revision: 2 }));
    await board.until(() => board.calls.length === length + after + 1);
    await passing(queue("second").take(send("a", "x|y", { revision: 2 }), { deliveries: 2 }));
    expect(board.texts()).toEqual(["x", "y"]);
    expect(await receiptOf("a")).toMatchObject({ revision: 2, state: "sent", pieces: [{ ref: "n1" }, { ref: "n2" }] });
  });

  it("gets what is missing when a newer wording is longer", async () => {
    const { take } = queue();
    await take(send("a", "1"));
    await take(send("a", "x|y|z", { revision: 2 }));
    expect(board.texts()).toEqual(["x", "y", "z"]);
    expect(board.calls).toEqual(["post 1", "reword x", "post y", "post z"]);
  });

  it.each<[string, Fault]>([
    ["turned away for a while", { kind: "unavailable", why: "429", retryAfterMs: 5_000 }],
    ["met by a platform that is away", { kind: "unavailable", why: "ECONNREFUSED" }],
    ["lost", "request lost"],
    ["not answered", "answer lost"],
  ])("loses none when the one in the middle is %s", async (_, fault) => {
    board.faults.push("none", fault);
    const done = queue().take(send("a", "1|2|3"));
    await passing(done);
    expect(board.texts()).toEqual(["1", "2", "3"]);
  });

  it("ends where it is refused; a newer wording goes on from what stands", async () => {
    board.faults.push("none", { kind: "refused", why: "no permission" });
    const { take } = queue();
    await take(send("a", "1|2|3"));
    expect(board.texts()).toEqual(["1"]);
    expect(await receiptOf("a")).toMatchObject({ state: "failed", why: "no permission" });
    await take(send("a", "x|y", { revision: 2 }));
    expect(board.texts()).toEqual(["x", "y"]);
  });

  it("is recorded as far as it stands while it waits for the platform's pace", async () => {
    board.lanes = () => [{ name: "wall", everyMs: 60_000, burst: 1 }];
    const done = queue().take(send("a", "1|2"));
    await expect.poll(() => receiptOf("a")).toMatchObject({ state: "sending", pieces: [{ state: "sent", ref: "n1" }] });
    await passing(done, 60_000);
    expect(board.texts()).toEqual(["1", "2"]);
  });

  it("is finished by whoever comes next when its gateway has to stop between two", async () => {
    const held = Promise.withResolvers<void>();
    board.faults.push("none", held.promise);
    const first = queue("first");
    const told = first.take(send("a", "1|2|3"));
    await board.until(() => board.calls.length === 2);
    first.stop();
    held.resolve();
    await expect(told).rejects.toMatchObject({ retry: true });
    await expect(first.take(send("b", "b"))).rejects.toMatchObject({ retry: true });
    await queue("second").take(send("a", "1|2|3"), { deliveries: 2 });
    expect(board.calls).toEqual(["post 1", "post 2", "post 3"]);
  });
});

describe("a piece that nobody knows the end of", () => {
  it("is looked for only when it surely came or went, and posted again as such", async () => {
    board.settleMs = 30_000;
    board.faults.push("request lost");
    const done = queue().take(send("a", "1"));
    await board.until(() => board.calls.length === 1);
    await clock.advance(29_999);
    expect(board.calls).toEqual(["post 1"]);
    await passing(done);
    expect(board.calls).toEqual(["post 1", "find 1", "post 1"]);
    expect(board.notes).toMatchObject([{ text: "1", again: true }]);
  });

  it("is looked for once, however often the next try is turned away", async () => {
    board.faults.push(
      "request lost",
      { kind: "unavailable", why: "429", retryAfterMs: 9 },
      { kind: "unavailable", why: "429", retryAfterMs: 9 },
    );
    await passing(queue().take(send("a", "1")));
    expect(board.calls).toEqual(["post 1", "find 1", "post 1", "post 1", "post 1"]);
    expect(board.notes).toMatchObject([{ text: "1", again: true }]);
  });

  it("is looked for anew when the next try is unsure too", async () => {
    board.faults.push("request lost", "answer lost", "none", "request lost");
    await passing(queue().take(send("a", "1|2|3")));
    expect(board.calls).toEqual(["post 1", "find 1", "post 1", "find 1", "post 2", "post 3", "find 3", "post 3"]);
    expect(board.notes.map(({ text, again = false }) => ({ text, again }))).toEqual([
      { text: "1", again: true },
      { text: "2", again: false },
      { text: "3", again: true },
    ]);
  });

  it.each<[UnsurePolicy, string[], Receipt["state"]]>([
    ["resend", ["1", "1", "2"], "sent"],
    ["stay_silent", ["1"], "failed"],
  ])("follows the setting %s where there is no way to look", async (unsure, expected, state) => {
    board.blind = true;
    board.faults.push("answer lost");
    await passing(queue("one", { unsure }).take(send("a", "1|2")));
    expect(board.texts()).toEqual(expected);
    expect(await receiptOf("a")).toMatchObject({ state });
  });

  it("is resolved by whoever comes next, though the one that had to leave it lives on", async () => {
    const held = Promise.withResolvers<Fault>();
    board.faults.push(held.promise);
    const first = queue("first");
    const told = first.take(send("a", "1"));
    await board.until(() => board.calls.length === 1);
    first.stop();
    held.resolve("answer lost");
    await expect(told).rejects.toMatchObject({ retry: true });
    await passing(queue("second").take(send("a", "1"), { deliveries: 2 }));
    expect(board.calls).toEqual(["post 1", "find 1"]);
    expect(board.texts()).toEqual(["1"]);
  });

  it("is looked for again when somebody else wrote after the look: it may be another piece", async () => {
    board.faults.push("never comes");
    void queue("first").take(send("a", "1|2"));
    await board.until(() => board.calls.length === 1);
    // The first was only slow: while the second looks, it says both pieces, and dies before it knows of the last.
    board.meanwhile = async () => {
      const { key } = send("a", "");
      const slow = board.adapter("first");
      for (const index of [0, 1]) await slow.post(String(index + 1), { ...nowhere(), key: pieceKey({ key, revision: 1 }, index) });
      const before = await bus.bucket(buckets.receipt).get(token(key));
      if (before === undefined) throw new Error("it was not begun");
      await bus.bucket(buckets.receipt).put(token(key), { ...before.value, pieces: [{ state: "sent", ref: "n1" }, { state: "sending" }] });
    };
    await passing(queue("second").take(send("a", "1|2"), { deliveries: 2 }));
    expect(board.texts()).toEqual(["1", "2"]);
  });

  it("is taken back by a gateway that slept while another said it anew", async () => {
    const held = Promise.withResolvers<void>();
    board.faults.push(held.promise);
    const first = queue("first").take(send("a", "1"));
    await board.until(() => board.calls.length === 1);
    await passing(queue("second").take(send("a", "1"), { deliveries: 2 }));
    held.resolve();
    await first;
    expect(board.notes).toMatchObject([{ by: "second", text: "1" }]);
    expect(await receiptOf("a")).toMatchObject({ state: "sent", by: "second/1" });
  });
});

describe("a newer wording", () => {
  it("rewords what stands, and older ones are dropped", async () => {
    const { take } = queue();
    await take(send("a", "on it"));
    await take(send("a", "done", { revision: 3 }));
    await passing(Promise.all([take(send("a", "nearly", { revision: 2 })), take(send("a", "done", { revision: 3 }))]));
    expect(board.calls).toEqual(["post on it", "reword done"]);
  });

  it("posts no second message where the first is gone", async () => {
    const { take } = queue();
    await take(send("a", "on it"));
    await board.adapter("somebody").remove?.({ ...nowhere(), ref: "n1" });
    await take(send("a", "done", { revision: 2 }));
    await take(send("a", "really done", { revision: 3 }));
    expect(board.texts()).toEqual([]);
    expect(await receiptOf("a")).toMatchObject({ state: "failed", why: "it is gone" });
  });

  it("posts a second message where the first is gone, if it is to be said anew then", async () => {
    const { take } = queue();
    await take(send("a", "on it|…"));
    await board.adapter("somebody").remove?.({ ...nowhere(), ref: "n1" });
    await take({ ...send("a", "done", { revision: 2 }), renew: true });
    // What stood behind it takes its place.
    expect(board.texts()).toEqual(["done"]);
    await board.adapter("somebody").remove?.({ ...nowhere(), ref: "n2" });
    await passing(take({ ...send("a", "really done|at last", { revision: 3 }), renew: true }));
    expect(board.texts()).toEqual(["really done", "at last"]);
    expect(await receiptOf("a")).toMatchObject({ state: "sent", revision: 3 });
  });

  it("is said below another where that stands, and beside it where it does not", async () => {
    const { take } = queue();
    await take(send("a", "on it"));
    const { key: under } = send("a", "");
    await take({ ...send("b", "look"), under });
    await take({ ...send("b", "look here", { revision: 2 }), under });
    await take({ ...send("c", "where?"), under: "nobody's" });
    expect(board.notes.map(({ text, thread }) => [text, thread])).toEqual([
      ["on it", undefined],
      ["look here", "n1"],
      ["where?", undefined],
    ]);
  });

  it("is a message of its own where nothing can be reworded", async () => {
    board.plain = true;
    const { take } = queue();
    await take(send("a", "on it|…"));
    await take(send("a", "done", { revision: 2 }));
    expect(board.texts()).toEqual(["on it", "…", "done"]);
  });

  it("is not said where nothing can be reworded, as long as it only shows how far something is", async () => {
    board.plain = true;
    const { take } = queue();
    await take({ ...send("a", "10 %"), passing: true });
    await take({ ...send("a", "20 %", { revision: 2 }), passing: true });
    await take(send("a", "done", { revision: 3, final: true }));
    expect(board.texts()).toEqual(["done"]);
  });

  it("waits for the one that somebody began and left", async () => {
    board.faults.push("never answered");
    void queue("first").take(send("a", "on it"));
    await board.until(() => board.calls.length === 1);
    const { take } = queue("second");
    const newer = take(send("a", "done", { revision: 2 }));
    await clock.advance(durations.ackWait);
    expect(board.calls).toEqual(["post on it"]);
    sequence -= 2;
    await passing(Promise.all([take(send("a", "on it"), { deliveries: 2 }), newer]), 0);
    expect(board.calls).toEqual(["post on it", "find on it", "reword done"]);
    expect(board.texts()).toEqual(["done"]);
  });

  it.each<[string, Fault, string[]]>([
    ["stands", "never answered", ["post on it", "find done", "reword done"]],
    ["does not stand", "never comes", ["post on it", "find done", "post done"]],
  ])("does without the one that never comes again: it %s", async (_, fault, calls) => {
    board.faults.push(fault);
    void queue("first").take(send("a", "on it"));
    await board.until(() => board.calls.length === 1);
    await passing(queue("second").take(send("a", "done", { revision: 2 })));
    expect(board.calls).toEqual(calls);
    expect(board.texts()).toEqual(["done"]);
  });

  it("takes the place of those that wait, never of a final one", async () => {
    const held = Promise.withResolvers<void>();
    board.faults.push(held.promise);
    const { take } = queue();
    const first = take(send("a", "1"));
    await board.until(() => board.calls.length === 1);
    const waiting = [
      take(send("a", "2", { revision: 2 })),
      take(send("b", "b")),
      take(send("a", "3", { revision: 3 })),
      take(send("a", "4", { revision: 4, final: true })),
      take(send("a", "5", { revision: 5 })),
    ];
    // Acknowledged as soon as the newer one is in hand.
    await Promise.all([waiting[0], waiting[2]]);
    held.resolve();
    await passing(Promise.all([first, ...waiting]));
    expect(board.calls).toEqual(["post 1", "reword 4", "post b", "reword 5"]);
  });

  it("comes at most once in a while, and holds nobody else up meanwhile", async () => {
    const { take } = queue();
    await take(send("a", "1"));
    await take(send("a", "2", { revision: 2 }));
    const waiting = [take(send("a", "3", { revision: 3 })), take(send("a", "4", { revision: 4 }))];
    await take(send("b", "b"));
    await clock.advance(durations.rewordEvery - 1);
    expect(board.calls).toEqual(["post 1", "reword 2", "post b"]);
    await clock.advance(1);
    await Promise.all(waiting);
    expect(board.calls).toEqual(["post 1", "reword 2", "post b", "reword 4"]);
  });

  it.each<[string, () => Promise<ReturnType<typeof queue>["take"]>]>([
    [
      "we tried ourselves",
      async () => {
        board.faults.push("request lost");
        const { take } = queue("second");
        await passing(take(send("a", "2", { revision: 2 })), 1_000);
        return take;
      },
    ],
    [
      "somebody left",
      async () => {
        board.faults.push("never comes");
        void queue("first").take(send("a", "2", { revision: 2 }));
        await board.until(() => board.calls.length === 2);
        const { take } = queue("second");
        await passing(take(send("a", "2", { revision: 2 }), { deliveries: 2 }), 1_000);
        return take;
      },
    ],
  ])("does not overtake one that %s and that may still be on its way", async (_, before) => {
    board.settleMs = 30_000;
    await queue().take(send("a", "1"));
    const take = await before();
    const last = take(send("a", "3", { revision: 3, final: true }));
    await clock.advance(20_000);
    await take(send("b", "b"));
    expect(board.texts()).toEqual(["2", "b"]);
    await passing(last);
    expect(board.texts()).toEqual(["3", "b"]);
  });

  it("waits no longer for the one before it because another has taken its place", async () => {
    board.faults.push("never answered");
    void queue("first").take(send("a", "1"));
    await board.until(() => board.calls.length === 1);
    const { take } = queue("second");
    const waiting = [take(send("a", "2", { revision: 2 }))];
    for (let revision = 3; revision < 12; revision++) {
      await clock.advance(durations.ackWait / 4);
      waiting.push(take(send("a", String(revision), { revision })));
      await roundTrips();
    }
    await clock.advance(0);
    await board.until(() => board.texts()[0] !== "1");
    await passing(Promise.all(waiting));
    expect(board.texts()).toEqual(["11"]);
  });

  it("takes the place of one that was turned away", async () => {
    board.faults.push({ kind: "unavailable", why: "429", retryAfterMs: 60_000 });
    const { take } = queue();
    const first = take(send("a", "1"));
    await expect.poll(() => receiptOf("a")).toMatchObject({ state: "sending", pieces: [] });
    const second = take(send("a", "2", { revision: 2 }));
    await first;
    await passing(second);
    expect(board.calls).toEqual(["post 1", "post 2"]);
  });

  it("is said too where it comes just as an older one is found said", async () => {
    const { take } = queue();
    for (let depth = 0; depth < 24; depth++) {
      const name = `a${depth}`;
      await take(send(name, "1"));
      let later = receiptOf(name).then(() => {});
      const older = take(send(name, "1"));
      // One more turn of the microtask queue each time.
      for (let turn = 0; turn < depth; turn++) later = later.then(() => {});
      await Promise.all([older, later.then(() => take(send(name, "2", { revision: 2 })))]);
      expect(board.texts().at(-1)).toBe("2");
    }
  });

  it("is what is said when its turn comes after a wait", async () => {
    board.lanes = () => [{ name: "wall", everyMs: 5_000, burst: 1 }];
    const { take } = queue();
    await take(send("z", "z"));
    const waiting = [take(send("a", "1"))];
    await clock.advance(100);
    waiting.push(take(send("a", "2", { revision: 2 })));
    await passing(Promise.all(waiting));
    expect(board.calls).toEqual(["post z", "post 2"]);
  });
});

describe("conversations", () => {
  it("are said side by side, each in its order", async () => {
    const held = Promise.withResolvers<void>();
    board.faults.push(held.promise);
    const { take } = queue();
    const blocked = [take(send("a1", "a1", { channel: "a" })), take(send("a2", "a2", { channel: "a" }))];
    await board.until(() => board.calls.length === 1);
    await Promise.all([take(send("b1", "b1", { channel: "b" })), take(send("t1", "t1", { channel: "a", thread: "t" }))]);
    held.resolve();
    await Promise.all(blocked);
    expect(board.texts().filter((text) => text.startsWith("a"))).toEqual(["a1", "a2"]);
  });

  it("wait for a lane that is shut, and only those", async () => {
    board.lanes = (channel) => [{ name: channel, everyMs: 0, burst: 1 }];
    board.faults.push({ kind: "unavailable", why: "429", retryAfterMs: 60_000, lane: "a" });
    const { take } = queue();
    const blocked = [take(send("a1", "a1", { channel: "a" }))];
    await expect.poll(() => receiptOf("a1")).toMatchObject({ state: "sending", pieces: [] });
    blocked.push(take(send("a2", "a2", { channel: "a", thread: "t" })));
    await take(send("b1", "b1", { channel: "b" }));
    expect(board.texts()).toEqual(["b1"]);
    await passing(Promise.all(blocked));
    expect(board.texts().sort()).toEqual(["a1", "a2", "b1"]);
  });

  it("lose nothing while the platform is away, and call it seldom", async () => {
    board.faults.push(...Array.from({ length: 34 }, (): Fault => ({ kind: "unavailable", why: "ECONNREFUSED" })));
    const { take } = queue();
    const names = Array.from({ length: 30 }, (_, at) => `s${at}`);
    const all = Promise.all(names.map((name) => take(send(name, name, { channel: `room ${name}` }))));
    await board.until(() => board.calls.length === 30);
    // One each after 1, 2, 4 and 8 seconds.
    for (const calls of [31, 32, 33, 34]) {
      await expect.poll(() => clock.advance(500).then(() => board.calls.length), { interval: 5 }).toBe(calls);
      await roundTrips();
      expect(board.calls.length).toBe(calls);
    }
    expect(clock.now()).toBeGreaterThanOrEqual(15_000);
    await passing(all);
    expect(board.texts().sort()).toEqual([...names].sort());
    expect(board.calls.length).toBe(64);
  });
});

describe("gestures", () => {
  const eyes = (revision: number, gone?: boolean) =>
    ({ ...send("r", "", { revision }), gesture: { kind: "reaction", emoji: "👀", ...(gone && { gone }) } }) as const;
  const onMessage = <S extends Send>(one: S): S => ({ ...one, to: { ...one.to, message: "m1" } });

  it("put a reaction and take it back, in their order", async () => {
    const { take } = queue();
    board.faults.push("answer lost");
    await passing(take(onMessage(eyes(1))));
    expect([...board.reactions]).toEqual(["👀"]);
    await take(onMessage(eyes(2, true)));
    await take(onMessage(eyes(1)), { deliveries: 2 });
    expect([...board.reactions]).toEqual([]);
    expect(await receiptOf("r")).toMatchObject({ revision: 2, state: "sent", pieces: [] });
  });

  it("hold up no words while the platform takes no more of them", async () => {
    board.lanes = (_, kind) => (kind === "react" ? [{ name: "reactions", everyMs: 60_000, burst: 1 }] : []);
    const { take } = queue();
    await take(onMessage(eyes(1)));
    const back = take(onMessage(eyes(2, true)));
    await take(onMessage(send("words", "said")));
    expect([board.texts(), [...board.reactions]]).toEqual([["said"], ["👀"]]);
    await passing(back);
    expect([...board.reactions]).toEqual([]);
  });

  it("are left out where there is nothing to react to", async () => {
    await queue().take(eyes(1));
    expect(board.calls).toEqual([]);
    expect(await receiptOf("r")).toBeUndefined();
  });

  it("show that we are at it until the final word goes out", async () => {
    const { take } = queue();
    await take({ ...send("t", ""), gesture: { kind: "typing" }, answers: "q1" });
    await clock.advance(8_000);
    await take({ ...send("a", "done", { final: true }), answers: "q1" });
    await clock.advance(60_000);
    expect(board.calls).toEqual(["type wall", "type wall", "type wall", "post done"]);
    expect(await receiptOf("t")).toBeUndefined();
  });

  it("are not shown when they come again", async () => {
    await queue().take({ ...send("t", ""), gesture: { kind: "typing" }, answers: "q1" }, { deliveries: 2 });
    expect(board.calls).toEqual([]);
  });
});

it("tells when a reply is late, in the same words at every try and in every piece", async () => {
  const minutes = 60_000;
  const storedAt = Date.now() - 11 * minutes;
  board.faults.push("none", "never answered");
  void queue("first").take(send("a", "1|2"), { storedAt });
  await board.until(() => board.calls.length === 2);
  expect(await receiptOf("a")).toMatchObject({ late: new Date(storedAt).toISOString() });
  await passing(queue("second").take(send("a", "1|2"), { storedAt, deliveries: 2 }));
  expect(board.texts()).toEqual([expect.stringMatching(/^Late: .* UTC.*\n\n1$/), "2"]);
  await queue("second").take(send("b", "b"), { storedAt: Date.now() - 9 * minutes });
  expect(board.texts().at(-1)).toBe("b");
});

it("shows it only to whom it is for", async () => {
  await queue().take({ ...send("a", "psst"), only: "ana" });
  expect(board.notes).toMatchObject([{ text: "psst", only: "ana" }]);
});

it("gives a file's bytes to the platform, and refuses what nobody has any more", async () => {
  const { take } = queue();
  const file: FileRef = { name: "a.txt", type: "text/plain", bytes: 5, object: "hello" };
  await take({ ...send("a", "here"), body: { text: "here", tone: "ok", files: [file] } });
  expect(board.texts()).toEqual(["here", "a.txt: hello"]);
  await passing(take({ ...send("b", "gone"), body: { text: "gone", tone: "ok", files: [{ ...file, object: "swept" }] } }));
  expect(await receiptOf("b")).toMatchObject({ state: "failed", why: "the file a.txt is gone" });
});

it("leaves one wording standing, in order and once, through deaths, losses and refusals", async () => {
  // The same walk each time: what happens follows from the number of the call.
  const fates: Fault[] = [
    "none",
    "never answered",
    "answer lost",
    "never comes",
    "request lost",
    { kind: "unavailable", why: "429", retryAfterMs: 5 },
  ];
  board.faults.push(...Array.from({ length: 60 }, (_, at) => fates[(at * at + 3 * at) % fates.length] ?? "none"));
  const wordings = ["1|2|3|4|5", "a", "b|c|d", "e|f"];
  for (const [at, words] of wordings.entries()) {
    const one = send("a", words, { revision: at + 1 });
    for (let life = 1; ; life++) {
      const name = `g${at}.${life}`;
      const { take } = queue(name);
      const { unanswered } = board;
      let over = false;
      const told = take(one, { deliveries: life }).then(() => (over = true));
      // Dead when it waits for an answer that never comes: nothing more happens then.
      while (!over && board.unanswered === unanswered)
        await Promise.race([told, clock.advance(clock.untilNext()).then(() => new Promise((resolve) => setTimeout(resolve, 2)))]);
      if (over) break;
    }
  }
  expect(board.texts()).toEqual(["e", "f"]);
});

function none(count: number): Fault[] {
  return Array.from({ length: count }, () => "none");
}

function nowhere() {
  return { to: send("x", "").to, key: "x", revision: 1, read: () => Promise.reject(new Error("no file")) };
}

/** A queue as one gateway has it; `stop` says that it may not send any more. */
function queue(
  name = "one",
  { unsure = "resend", receipts = bus.bucket(buckets.receipt) }: { unsure?: UnsurePolicy; receipts?: Bucket<Receipt> } = {},
) {
  const stopping = new AbortController();
  const adapter = board.adapter(name);
  const over = stopping.signal;
  const made: SendQueue = createSendQueue({
    adapter,
    receipts,
    read: async ({ object }) => (object === "swept" ? undefined : new TextEncoder().encode(object)),
    me: { id: name, epoch: "1" },
    calls: createCalls({ adapter, clock, paced: true, durations, over, log: silentLog }),
    clock,
    over,
    unsure,
    durations,
    log: silentLog,
  });
  return {
    take: (one: Send, { deliveries = 1, storedAt = Date.now() } = {}) => made(one, { sequence: ++sequence, storedAt, deliveries }),
    stop: () => stopping.abort(),
  };
}

/** What is under way gets to its next call. */
async function roundTrips(): Promise<void> {
  for (let at = 0; at < 8; at++) await bus.bucket(buckets.receipt).get("nothing");
}

/** Lets time pass until then, where something waits for it: what NATS takes to answer is no time here, however long it is. */
async function passing(work: Promise<unknown>, stepMs = 5_000): Promise<void> {
  let over = false;
  const done = work.finally(() => (over = true));
  done.catch(() => {});
  while (!over) {
    await clock.advance(Math.min(stepMs, clock.untilNext()));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await done;
}

function send(name: string, text: string, at: { revision?: number; final?: boolean; channel?: string; thread?: string } = {}): Send {
  const { revision = 1, final = false, channel = "wall", thread } = at;
  const to = { platform: "board", account: board.account, channel, ...(thread && { thread }) };
  const { account } = board;
  return { v: 1, key: `${account}/${name}`, revision, platform: "board", account, to, body: { text, tone: "info" }, final };
}

async function receiptOf(name: string): Promise<Receipt | undefined> {
  return (await bus.bucket(buckets.receipt).get(token(`${board.account}/${name}`)))?.value;
}
