import { expect, test } from "vitest";
import { Liveness } from "./liveness.ts";

const member = (id: string, epoch = "e1") => ({ id, epoch, lengthMs: 100 });
const watching = () => new Liveness({ lengthMs: 100, longestGapMs: 60, now: 0 });

/** The watcher renews its own lease every 20 ms. */
function inContact(liveness: Liveness, from: number, to: number): void {
  for (let now = from; now <= to; now += 20) liveness.contact(now);
}

test("a member lives as long as it is seen within its length, and stays over once it is over", () => {
  const liveness = watching();
  expect(liveness.seen(member("a"), 0)).toBe(true);
  inContact(liveness, 0, 100);
  expect(liveness.isAlive("a", "e1")).toBe(true);
  expect(liveness.seen(member("a"), 100)).toBe(false);
  inContact(liveness, 100, 200);
  expect(liveness.isAlive("a", "e1")).toBe(true);
  inContact(liveness, 200, 220);
  expect(liveness.isAlive("a", "e1")).toBe(false);
  liveness.seen(member("a"), 221);
  expect(liveness.isAlive("a", "e1")).toBe(false);
});

test("silence while the watcher itself was away does not count", () => {
  const liveness = watching();
  liveness.seen(member("a"), 0);
  inContact(liveness, 0, 40);
  liveness.contact(5_000);
  expect(liveness.isAlive("a", "e1")).toBe(true);
  inContact(liveness, 5_000, 5_100);
  expect(liveness.isAlive("a", "e1")).toBe(true);
  inContact(liveness, 5_100, 5_120);
  expect(liveness.isAlive("a", "e1")).toBe(false);
});

test("a new epoch ends the one before", () => {
  const liveness = watching();
  liveness.seen(member("a", "e1"), 0);
  expect(liveness.seen(member("a", "e2"), 10)).toBe(true);
  expect(liveness.isAlive("a", "e1")).toBe(false);
  expect(liveness.isAlive("a", "e2")).toBe(true);
});

test("one that was never seen gets one length, since its record may come later than its name", () => {
  const liveness = watching();
  expect(liveness.isAlive("a", "e1")).toBe(true);
  inContact(liveness, 0, 100);
  expect(liveness.isAlive("a", "e1")).toBe(true);
  inContact(liveness, 100, 120);
  expect(liveness.isAlive("a", "e1")).toBe(false);
});

test("who gave itself up is over, and a later epoch of it lives", () => {
  const liveness = watching();
  liveness.seen(member("a"), 0);
  liveness.end("a");
  expect(liveness.isAlive("a", "e1")).toBe(false);
  liveness.seen(member("a", "e2"), 1);
  expect(liveness.isAlive("a", "e2")).toBe(true);
});
