import type { Bus } from "@bellhop/bus";
import { buckets, limits, scaled, token, type Mark } from "@bellhop/contracts";
import { silentLog } from "@bellhop/service";
import { startBus, type TestBus } from "@bellhop/testkit";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createMarks, type MarksOptions } from "./marks.ts";

const durations = { ...scaled(0.01), catchUpRetention: 7 * 86_400_000 };
let own: TestBus;
let bus: Bus;
let accounts = 0;
let account: string;

beforeAll(async () => {
  own = await startBus(1);
  bus = own.bus;
});

afterAll(async () => await own.end());

beforeEach(() => {
  account = `@bot${++accounts}:example.org`;
});

it("gives at the next start what was reached, by place", async () => {
  const first = marks();
  first.reach({ place: "C1", position: "5", kind: "room", space: "T1", threads: { t1: "4" } });
  first.reach({ place: "", position: "s1" });
  await first.close();
  const read = await marks().read();
  expect([...read.keys()].toSorted()).toEqual(["", "C1"]);
  expect(read.get("C1")).toMatchObject({ v: 1, place: "C1", position: "5", kind: "room", space: "T1", threads: { t1: "4" } });
  expect((await marks({ account: "another" }).read()).size).toBe(0);
});

it("writes by itself, and no more often than needed, with the last position", async () => {
  const seen = watched("C1");
  const kept = marks();
  for (let position = 1; position <= 500; position++) kept.reach({ place: "C1", position: String(position) });
  await seen.until((mark) => mark.position === "500");
  expect(seen.marks.map(({ position }) => position)).toEqual(["500"]);
  kept.reach({ place: "C1", position: "501" });
  await seen.until((mark) => mark.position === "501");
  seen.stop();
});

it("writes nothing before what it speaks of has reached NATS", async () => {
  const stored = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const kept = marks({
    settled: () => {
      asked.resolve();
      return stored.promise;
    },
  });
  kept.reach({ place: "C1", position: "1" });
  await asked.promise;
  // It may be stored by now, what comes next may not be.
  kept.reach({ place: "C1", position: "2", threads: { t2: "2" } });
  const closed = kept.close();
  expect(await written("C1")).toBeUndefined();
  stored.resolve();
  await closed;
  expect(await written("C1")).toMatchObject({ position: "2" });
});

it("passes nothing that could not be stored", async () => {
  let owed: string | undefined = "C1";
  const kept = marks({ owes: (place) => owed !== undefined && ["", owed].includes(place) });
  const seen = watched("C2");
  for (const place of ["C1", "", "C2"]) kept.reach({ place, position: "1" });
  await seen.until(() => true);
  seen.stop();
  expect([await written("C1"), await written("")]).toEqual([undefined, undefined]);
  owed = undefined;
  await kept.close();
  expect([await written("C1"), await written("")]).toMatchObject([{ position: "1" }, { position: "1" }]);
});

it("keeps threads that another gateway of the account heard of", async () => {
  const [one, other] = [marks(), marks()];
  one.reach({ place: "C1", position: "1", threads: { t1: "1" } });
  await one.close();
  other.reach({ place: "C1", position: "3", threads: { t2: "3" } });
  await other.close();
  expect(await written("C1")).toMatchObject({ position: "3", threads: { t1: "1", t2: "3" } });
});

it("forgets the threads heard longest ago, where there are too many", async () => {
  const kept = marks();
  const names = Array.from({ length: limits.threads + 10 }, (_, index) => `1700000000.${index}`);
  for (const thread of names) kept.reach({ place: "C1", position: "1", threads: { [thread]: "1" } });
  await kept.close();
  expect(Object.keys((await written("C1"))?.threads ?? {}).toSorted()).toEqual(names.slice(10).toSorted());
});

it("forgets what was heard too long ago", async () => {
  const at = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  for (const [place, days] of [
    ["old", 7.5],
    ["recent", 6.5],
  ] as const)
    await write({ v: 1, place, position: "1", threads: { t1: "1" }, at: at(days) });
  const kept = marks();
  expect([...(await kept.read()).keys()]).toEqual(["recent"]);
  for (const place of ["old", "recent"]) kept.reach({ place, position: "2", threads: { t2: "2" } });
  await kept.close();
  expect([(await written("old"))?.threads, (await written("recent"))?.threads]).toEqual([{ t2: "2" }, { t1: "1", t2: "2" }]);
});

it("goes on after NATS was killed while it wrote", async () => {
  const kept = marks();
  kept.reach({ place: "C1", position: "1" });
  await own.nats.kill9();
  kept.reach({ place: "C1", position: "2" });
  const closed = kept.close();
  await own.nats.restart();
  await closed;
  expect(await written("C1")).toMatchObject({ position: "2" });
});

function marks(over: Partial<MarksOptions> = {}) {
  const nothing = { settled: async () => {}, owes: () => false };
  return createMarks({ bus, platform: "board", account, ...nothing, durations, log: silentLog, ...over });
}

function keyOf(place: string): string {
  return ["board", account, place].map(token).join(".");
}

async function written(place: string): Promise<Mark | undefined> {
  return (await bus.bucket(buckets.mark).get(keyOf(place)))?.value;
}

async function write(mark: Mark): Promise<void> {
  await bus.bucket(buckets.mark).put(keyOf(mark.place), mark);
}

/** Every wording of a mark from now on. */
function watched(place: string): {
  marks: readonly Mark[];
  until(condition: (mark: Mark) => boolean): Promise<void>;
  stop(): void;
} {
  const seen: Mark[] = [];
  const looking = new Set<() => void>();
  const watch = bus.bucket(buckets.mark).watch(keyOf(place), ({ value }) => {
    if (value !== undefined) seen.push(value);
    for (const look of looking) look();
  });
  return {
    marks: seen,
    stop: () => watch.stop(),
    until: (condition) =>
      new Promise((resolve) => {
        const look = () => {
          if (!seen.some(condition)) return;
          looking.delete(look);
          resolve();
        };
        looking.add(look);
        look();
      }),
  };
}
