import fc from "fast-check";
import { expect, it } from "vitest";
import type { Lane } from "./adapter.ts";
import { createPace } from "./pace.ts";
import { testClock } from "./test-clock.ts";

const second: Lane = { name: "room", everyMs: 1_000, burst: 1 };
const account: Lane = { name: "account", everyMs: 100, burst: 3 };
const never = new AbortController().signal;

/** Calls that are over at once, and when each went. */
function scene({ paced = true, most = 100 } = {}) {
  const clock = testClock();
  const pace = createPace({ clock, paced, most, minuteMs: 60_000 });
  const went: [name: string, at: number][] = [];
  const call = (name: string, ...lanes: Lane[]) =>
    void pace.wait(lanes, never).then((end) => {
      went.push([name, clock.now()]);
      end?.();
    });
  return { clock, pace, went, call };
}

it("lets a burst go at once, and the rest evenly", async () => {
  const { clock, call, went } = scene();
  for (const name of ["a", "b", "c", "d", "e"]) call(name, account);
  await clock.advance(1_000);
  expect(went).toEqual([
    ["a", 0],
    ["b", 0],
    ["c", 0],
    ["d", 100],
    ["e", 200],
  ]);
});

it("gives a burst again after a pause", async () => {
  const { clock, call, went } = scene();
  for (const name of ["a", "b", "c"]) call(name, account);
  await clock.advance(10_000);
  for (const name of ["d", "e", "f"]) call(name, account);
  await clock.advance(0);
  expect(went.slice(3)).toEqual([
    ["d", 10_000],
    ["e", 10_000],
    ["f", 10_000],
  ]);
});

it("holds nobody up in a shared lane for a call that waits for its own", async () => {
  const { clock, call, went } = scene();
  call("a1", second, account);
  call("a2", second, account);
  call("b1", { ...second, name: "other room" }, account);
  await clock.advance(2_000);
  expect(went).toEqual([
    ["a1", 0],
    ["b1", 0],
    ["a2", 1_000],
  ]);
});

it("lets nothing go while the account is shut, and everything in its order after that", async () => {
  const { clock, pace, call, went } = scene();
  pace.shut({ ms: 5_000 });
  expect(pace.try([account])).toBeUndefined();
  expect(pace.try([])).toBeUndefined();
  for (const name of ["a", "b", "c", "d"]) call(name, account);
  await clock.advance(4_999);
  expect(went).toEqual([]);
  await clock.advance(101);
  expect(went.map(([name]) => name)).toEqual(["a", "b", "c", "d"]);
});

it("shuts one lane alone, and forgets no earlier shutting for a shorter one", async () => {
  const { clock, pace, call, went } = scene();
  pace.shut({ lane: "room", ms: 5_000 });
  pace.shut({ lane: "room", ms: 1_000 });
  call("a", second);
  call("b", account);
  await clock.advance(10_000);
  expect(went).toEqual([
    ["b", 0],
    ["a", 5_000],
  ]);
});

it("keeps what the platform asks for where the lanes' own pace is not kept", async () => {
  const { clock, pace, call, went } = scene({ paced: false });
  for (const name of ["a", "b"]) call(name, second);
  await clock.advance(0);
  expect(went.length).toBe(2);
  pace.shut({ lane: "room", ms: 5_000 });
  call("c", second);
  await clock.advance(10_000);
  expect(went[2]).toEqual(["c", 5_000]);
});

it("has only so many calls under way", async () => {
  const { clock, pace } = scene({ most: 2 });
  const [first, second_] = [pace.try([]), pace.try([])];
  expect(pace.try([])).toBeUndefined();
  let went = false;
  void pace.wait([], never).then(() => (went = true));
  await clock.advance(1_000);
  expect(went).toBe(false);
  first?.();
  first?.();
  await clock.advance(0);
  expect(went).toBe(true);
  expect(pace.try([])).toBeUndefined();
  second_?.();
  expect(pace.try([])).toBeDefined();
});

it("does not let a call that could go at once pass one that waits for the same lane", async () => {
  const { clock, pace, call, went } = scene();
  call("a", second);
  call("b", second);
  await clock.advance(0);
  expect(pace.try([account])).toBeDefined();
  expect(pace.try([second])).toBeUndefined();
  await clock.advance(1_000);
  expect(went.map(([name]) => name)).toEqual(["a", "b"]);
});

it("leaves no trace of a call that gave up waiting", async () => {
  const { clock, pace, call, went } = scene();
  const leaving = new AbortController();
  call("a", second);
  const left = pace.wait([second], leaving.signal);
  call("c", second);
  leaving.abort();
  expect(await left).toBeUndefined();
  expect(await pace.wait([second], leaving.signal)).toBeUndefined();
  await clock.advance(1_000);
  expect(went).toEqual([
    ["a", 0],
    ["c", 1_000],
  ]);
});

it("never exceeds a lane, keeps the order of equal calls, and lets everything through", async () => {
  const lanes = fc.array(fc.record({ everyMs: fc.integer({ min: 1, max: 500 }), burst: fc.integer({ min: 1, max: 4 }) }), {
    minLength: 1,
    maxLength: 3,
  });
  const calls = fc.array(fc.record({ after: fc.integer({ min: 0, max: 400 }), uses: fc.array(fc.nat(2), { maxLength: 3 }) }), {
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(lanes, calls, async (kinds, asked) => {
      const { clock, call, went } = scene();
      const named = kinds.map((kind, at): Lane => ({ name: `lane ${at}`, ...kind }));
      const used = asked.map(({ uses }) => [...new Set(uses)].sort((a, b) => a - b).flatMap((at) => named[at] ?? []));
      for (const [at, { after }] of asked.entries()) {
        await clock.advance(after);
        call(String(at), ...(used[at] ?? []));
      }
      await clock.advance(60_000);
      expect(went.length).toBe(asked.length);
      for (const lane of named) {
        const times = went.filter(([name]) => used[Number(name)]?.includes(lane)).map(([, at]) => at);
        for (const [at, time] of times.entries()) {
          const before = times[at - lane.burst];
          // So many at once, and no more than one each `everyMs` on the whole.
          if (before !== undefined) expect(time - before).toBeGreaterThanOrEqual(lane.everyMs - 1e-6);
        }
      }
      for (const set of new Set(used.map((each) => each.map(({ name }) => name).join()))) {
        const same = went.map(([name]) => Number(name)).filter((at) => used[at]?.map(({ name }) => name).join() === set);
        expect(same).toEqual([...same].sort((a, b) => a - b));
      }
    }),
    { numRuns: 60 },
  );
});
