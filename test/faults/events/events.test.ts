import { expect, test } from "vitest";
import { soakEvents } from "./weather.ts";

test("what happens leads to its runs, once, whoever is killed meanwhile", async () => {
  const seed = Number(process.env.BELLHOP_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const result = await soakEvents({ seed, events: 60, kills: 10, factor: 0.1 });
  process.stderr.write(`${JSON.stringify({ ...result, faults: result.faults.length })}\n`);
  expect(result.faults, `seed ${seed}`).toEqual([]);
  expect(result.events).toBe(60);
  expect(result.waiting).toBe(0);
});
