import { expect, test } from "vitest";
import { soak } from "./soak.ts";

test("two hundred commands survive thirty kills in flight", async () => {
  const seed = Number(process.env.BELLHOP_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const result = await soak({ seed, commands: 200, kills: 36, inFlight: 30, factor: 0.1 });
  process.stderr.write(`${JSON.stringify({ ...result, faults: result.faults.length })}\n`);
  expect(result.faults, `seed ${seed}`).toEqual([]);
  expect(result.done + result.abandoned).toBe(result.asked);
  expect(result.asked).toBeGreaterThanOrEqual(200);
  expect(result.inFlight).toBeGreaterThanOrEqual(30);
});
