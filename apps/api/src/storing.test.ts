import { expect, test } from "vitest";
import { openStoring } from "./storing.ts";

test("what can't be stored in time is given up, and more is not taken while much of that waits", async () => {
  const storing = openStoring({ ms: 1, most: 2 });
  const waiting = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  for (const { promise } of waiting) await expect(storing(() => promise)).rejects.toMatchObject({ code: "nats_unreachable" });
  let asked = false;
  const third = storing(async () => (asked = true));
  await expect(third).rejects.toMatchObject({ code: "nats_unreachable" });
  expect(asked).toBe(false);
  waiting[0]?.resolve("stored");
  waiting[1]?.reject(new Error("closed"));
  await Promise.allSettled(waiting.map(({ promise }) => promise));
  await expect(storing(async () => "stored")).resolves.toBe("stored");
});

test("what was refused is told as it was", async () => {
  const storing = openStoring({ ms: 10_000, most: 1 });
  await expect(storing(() => Promise.reject(new Error("too large")))).rejects.toThrow("too large");
});
