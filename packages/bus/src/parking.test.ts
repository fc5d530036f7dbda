import { describe, expect, test } from "vitest";
import { Parking, type Parkable, type Wording } from "./parking.ts";

const item = (sequence: number, over: Partial<Parkable> = {}): Parkable => ({
  id: `m${sequence}`,
  sequence,
  deliveries: 1,
  reply: `reply ${sequence}`,
  wording: undefined,
  ...over,
});
const wording = (key: string, revision: number, last = false): { wording: Wording } => ({ wording: { key, revision, last } });
const idsOf = (places: readonly { id: string }[]) => places.map(({ id }) => id);

/** Takes messages of a group, by their sequences. @returns which of them are in hand */
function take(parking: Parking<Parkable>, key: string, ...sequences: number[]): number[] {
  return sequences.filter((sequence) => parking.take(key, item(sequence)).kind === "in-hand");
}

function come(parking: Parking<Parkable>, sequence: number): Parkable[] {
  const place = parking.find(`m${sequence}`);
  return place === undefined ? [] : parking.come(place, item(sequence));
}

describe("a group that has enough in hand", () => {
  test("is parked from there on, and others are not", () => {
    const parking = new Parking<Parkable>({ each: 2, all: 100 });
    expect(take(parking, "a", 1, 2, 3, 4)).toEqual([1, 2]);
    expect(take(parking, "b", 5)).toEqual([5]);
    expect(parking.size).toBe(2);
    expect(parking.find("m3")).toMatchObject({ sequence: 3, reply: "reply 3", calledAt: undefined });
    expect(parking.find("m1")).toBeUndefined();
  });

  test("calls the next ones back in their order once half of them are over", () => {
    const parking = new Parking<Parkable>({ each: 4, all: 100 });
    take(parking, "a", 1, 2, 3, 4, 5, 6, 7, 8, 9);
    expect(parking.done("a", item(0), 0)).toEqual([]);
    expect(idsOf(parking.done("a", item(0), 0))).toEqual(["m5", "m6"]);
    expect(parking.done("a", item(0), 0)).toEqual([]);
    expect(parking.size).toBe(5);
  });

  test("gives on those that were called only together, in the order of the stream, and nothing passes them", () => {
    const parking = new Parking<Parkable>({ each: 2, all: 100 });
    take(parking, "a", 1, 2, 3, 4, 5);
    parking.done("a", item(0), 0);
    expect(idsOf(parking.done("a", item(0), 0))).toEqual([]);
    expect(come(parking, 3)).toEqual([item(3)]);
    expect(idsOf(parking.done("a", item(0), 0))).toEqual(["m4", "m5"]);
    expect(come(parking, 5)).toEqual([]);
    expect(take(parking, "a", 6)).toEqual([]);
    expect(come(parking, 4)).toEqual([item(4), item(5)]);
    expect(parking.size).toBe(1);
  });

  test("takes at once what comes again and is earlier than all that is parked", () => {
    const parking = new Parking<Parkable>({ each: 1, all: 100 });
    take(parking, "a", 5, 6, 8);
    expect(take(parking, "a", 2)).toEqual([2]);
    expect(take(parking, "a", 7)).toEqual([]);
    parking.done("a", item(0), 0);
    expect(idsOf(parking.done("a", item(0), 0))).toEqual(["m6"]);
    come(parking, 6);
    expect(idsOf(parking.done("a", item(0), 0))).toEqual(["m7"]);
  });
});

describe("a wording", () => {
  test("takes the place of an earlier one that is parked, which is over; what may have been begun and last words stay", () => {
    const parking = new Parking<Parkable>({ each: 1, all: 100 });
    take(parking, "a", 1, 2);
    const of = (sequence: number, over: Partial<Parkable>) => parking.take("a", item(sequence, over));
    expect(of(3, wording("k", 1))).toEqual({ kind: "parked" });
    take(parking, "a", 4);
    expect(of(5, wording("k", 3))).toEqual({ kind: "parked", over: "reply 3" });
    expect(of(6, wording("k", 2))).toEqual({ kind: "superseded" });
    expect(of(7, wording("k", 4, true))).toEqual({ kind: "parked", over: "reply 5" });
    expect(of(8, wording("k", 5))).toEqual({ kind: "parked" });
    expect(of(9, { ...wording("l", 1), deliveries: 2 })).toEqual({ kind: "parked" });
    expect(of(10, wording("l", 2))).toEqual({ kind: "parked" });
    expect(parking.find("m3")).toBeUndefined();
    expect(parking.find("m7")).toMatchObject({ sequence: 3, reply: "reply 7" });
    const order: string[] = [];
    for (;;) {
      const [place] = parking.done("a", item(0), 0);
      if (place === undefined) break;
      order.push(place.id);
      parking.come(place, item(place.sequence, { id: place.id }));
    }
    expect(order).toEqual(["m2", "m7", "m4", "m8", "m9", "m10"]);
  });

  test("goes to the hand of its group, however full, where an earlier one is", () => {
    const parking = new Parking<Parkable>({ each: 1, all: 100 });
    const first = item(1, wording("k", 1));
    expect(parking.take("a", first)).toEqual({ kind: "in-hand" });
    take(parking, "a", 2);
    const second = item(3, wording("k", 2));
    expect(parking.take("a", second)).toEqual({ kind: "in-hand" });
    expect(parking.done("a", first, 0)).toEqual([]);
    expect(idsOf(parking.done("a", second, 0))).toEqual(["m2"]);
    expect(parking.take("a", item(4, wording("k", 3)))).toEqual({ kind: "parked" });
  });
});

test("once there is much in hand a group gets one at a time, and every group gets one", () => {
  const parking = new Parking<Parkable>({ each: 3, all: 4 });
  expect(take(parking, "a", 1, 2, 3)).toEqual([1, 2, 3]);
  expect(take(parking, "b", 4, 5)).toEqual([4]);
  expect(take(parking, "c", 6, 7)).toEqual([6]);
  expect(idsOf(parking.done("b", item(0), 0))).toEqual(["m5"]);
  expect(come(parking, 5)).toEqual([item(5)]);
  expect(idsOf(parking.done("c", item(0), 0))).toEqual(["m7"]);
});

test("a call that was lost is overdue until what was called is there", () => {
  const parking = new Parking<Parkable>({ each: 1, all: 100 });
  take(parking, "a", 1, 2);
  parking.done("a", item(0), 10);
  expect(parking.overdue(10)).toEqual([]);
  expect(idsOf(parking.overdue(11))).toEqual(["m2"]);
  come(parking, 2);
  expect(parking.overdue(11)).toEqual([]);
});

test("one that is gone from the server is not waited for", () => {
  const parking = new Parking<Parkable>({ each: 1, all: 100 });
  take(parking, "a", 1, 2, 3);
  parking.done("a", item(0), 0);
  const place = parking.find("m2");
  if (place === undefined) throw new Error("it is parked");
  const { items, places } = parking.forget(place, 0);
  expect([items, idsOf(places)]).toEqual([[], ["m3"]]);
  expect(come(parking, 3)).toEqual([item(3)]);
});

test("a group that is over leaves nothing behind", () => {
  const parking = new Parking<Parkable>({ each: 1, all: 100 });
  take(parking, "a", 1, 2);
  parking.done("a", item(0), 0);
  come(parking, 2);
  parking.done("a", item(0), 0);
  expect(parking.size).toBe(0);
  expect(take(parking, "a", 3)).toEqual([3]);
});
