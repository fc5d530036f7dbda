import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { openSlots } from "./slots.ts";

test("no more tasks work at once than there are slots, and they begin in the order they came", async () => {
  const slots = openSlots({ slots: 2, shortMs: 50 });
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const all = [1, 2, 3, 4].map((name) =>
    slots.work(() => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.push(resolve));
    }),
  );
  await turn();
  expect(begun).toEqual([1, 2]);
  ends[1]?.();
  await turn();
  expect(begun).toEqual([1, 2, 3]);
  ends[0]?.();
  await turn();
  for (const end of ends) end();
  await Promise.all(all);
  expect(begun).toEqual([1, 2, 3, 4]);
});

test("a task that fails gives its slot back", async () => {
  const slots = openSlots({ slots: 1, shortMs: 50 });
  await expect(slots.work(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await slots.work(async () => "next")).toBe("next");
});

test("more is claimed beside short tasks, and nothing beside long ones", async () => {
  const slots = openSlots({ slots: 4, shortMs: 10 });
  expect(slots.inHand()).toBe(4);
  for (let i = 0; i < 20; i++) await slots.work(async () => {});
  expect(slots.inHand()).toBe(8);
  await slots.work(() => pause(120));
  expect(slots.inHand()).toBe(4);
});
