import fc from "fast-check";
import { expect, it } from "vitest";
import { closed, createGate, failuresToOpen, judge, letGo, type Breaker, type Verdict } from "./breaker.ts";
import { testClock } from "./test-clock.ts";

const limits = { pauseMs: 1_000, longestPauseMs: 8_000 };
const never = new AbortController().signal;
const open: Breaker = { kind: "open", until: 1_000, pauseMs: 1_000 };
const trying: Breaker = { kind: "trying", pauseMs: 1_000 };

it.each<[string, Breaker, { verdict: Verdict; tries: boolean; now: number }, Breaker]>([
  ["counts failures", closed, { verdict: "down", tries: false, now: 0 }, { kind: "closed", failures: 1 }],
  [
    "opens at the fifth in a row",
    { kind: "closed", failures: 4 },
    { verdict: "down", tries: false, now: 50 },
    { kind: "open", until: 1_050, pauseMs: 1_000 },
  ],
  ["forgets failures at an answer", { kind: "closed", failures: 4 }, { verdict: "up", tries: false, now: 0 }, closed],
  [
    "learns nothing of a call that was not made",
    { kind: "closed", failures: 4 },
    { verdict: "none", tries: false, now: 0 },
    { kind: "closed", failures: 4 },
  ],
  ["learns nothing new of a failure that began before it opened", open, { verdict: "down", tries: false, now: 10 }, open],
  ["closes at any answer", open, { verdict: "up", tries: false, now: 10 }, closed],
  ["closes when the one that tries is answered", trying, { verdict: "up", tries: true, now: 10 }, closed],
  [
    "rests twice as long when the one that tries fails",
    trying,
    { verdict: "down", tries: true, now: 10 },
    { kind: "open", until: 2_010, pauseMs: 2_000 },
  ],
  [
    "rests no longer than it may",
    { kind: "trying", pauseMs: 6_000 },
    { verdict: "down", tries: true, now: 0 },
    { kind: "open", until: 8_000, pauseMs: 8_000 },
  ],
  [
    "lets another try when the one that was to did not",
    trying,
    { verdict: "none", tries: true, now: 10 },
    { kind: "open", until: 10, pauseMs: 1_000 },
  ],
  ["waits for the one that tries, whatever earlier ones give", trying, { verdict: "down", tries: false, now: 10 }, trying],
])("%s", (_, before, call, after) => {
  expect(judge(before, call, limits)).toEqual(after);
});

it.each<[string, Breaker, number, boolean | undefined]>([
  ["anybody while it is closed", closed, 0, false],
  ["nobody while it rests", open, 999, undefined],
  ["one, to try, after that", open, 1_000, true],
  ["nobody else while that one tries", trying, 9_999, undefined],
])("lets go %s", (_, breaker, now, tries) => {
  expect(letGo(breaker, now)?.tries).toBe(tries);
});

it("lets single calls go while the platform is down, further and further apart, and all once it is back", async () => {
  const clock = testClock();
  const changes: boolean[] = [];
  const gate = createGate({ clock, limits, onChange: (isClosed) => changes.push(isClosed) });
  let isUp = false;
  const tried: number[] = [];
  const through: number[] = [];
  const work = async () => {
    for (;;) {
      await gate.opening(never);
      const tell = gate.enter();
      if (tell === undefined) continue;
      tried.push(clock.now());
      // It takes a moment to fail.
      await new Promise<void>((resolve) => clock.after(1, resolve));
      tell(isUp ? "up" : "down");
      if (isUp) return through.push(clock.now());
    }
  };
  const working = Array.from({ length: 20 }, work);
  await clock.advance(40_000);
  expect(tried.filter((at) => at > 1)).toEqual([1_001, 3_002, 7_003, 15_004, 23_005, 31_006, 39_007]);
  isUp = true;
  await clock.advance(10_000);
  await Promise.all(working);
  expect(through.length).toBe(20);
  expect(changes).toEqual([false, true]);
});

it("does not keep whoever has to stop", async () => {
  const clock = testClock();
  const gate = createGate({ clock, limits, onChange: () => {} });
  for (let at = 0; at < failuresToOpen; at++) gate.enter()?.("down");
  const stopping = new AbortController();
  const waiting = gate.opening(stopping.signal);
  stopping.abort();
  await waiting;
  expect(gate.enter()).toBeUndefined();
});

it("never has two calls that try, and always lets one go in the end", () => {
  const verdicts = fc.array(
    fc.record({ verdict: fc.constantFrom<Verdict>("up", "down", "none"), wait: fc.nat(20_000), late: fc.boolean() }),
  );
  fc.assert(
    fc.property(verdicts, (events) => {
      let breaker = closed;
      let now = 0;
      for (const { verdict, wait, late } of events) {
        now += wait;
        const gone = letGo(breaker, now);
        if (gone === undefined) {
          expect(breaker.kind).toBe("open");
          continue;
        }
        breaker = gone.breaker;
        if (gone.tries) expect(letGo(breaker, now + 1e9)).toBeUndefined();
        if (late) breaker = judge(breaker, { verdict: "down", tries: false, now }, limits);
        breaker = judge(breaker, { verdict, tries: gone.tries, now }, limits);
        expect(breaker.kind).not.toBe("trying");
        if (breaker.kind === "open") expect(breaker.until - now).toBeLessThanOrEqual(limits.longestPauseMs);
      }
      expect(letGo(breaker, now + limits.longestPauseMs)).toBeDefined();
    }),
  );
});

it("lets whoever waits in, though a timer rings early", async () => {
  const clock = testClock();
  const hasty = { now: () => clock.now(), after: (ms: number, call: () => void) => clock.after(Math.max(1, ms - 1), call) };
  const gate = createGate({ clock: hasty, limits, onChange: () => {} });
  for (let failures = 0; failures < failuresToOpen; failures++) gate.enter()?.("down");
  let entered = false;
  const waits = async () => {
    while (!entered) {
      await gate.opening(never);
      entered = gate.enter() !== undefined;
    }
  };
  void waits();
  await clock.advance(limits.pauseMs);
  expect(entered).toBe(true);
});
