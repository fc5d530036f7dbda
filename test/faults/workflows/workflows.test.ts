import { expect, test } from "vitest";
import { soakFlows } from "./weather.ts";

test("a workflow of a hundred tasks comes to the same, whoever is killed meanwhile", async () => {
  const seed = Number(process.env.BELLHOP_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const result = await soakFlows({ seed, runs: 1, kills: 12, factor: 0.1 });
  process.stderr.write(`${JSON.stringify({ ...result, faults: result.faults.length })}\n`);
  expect(result.faults, `seed ${seed}`).toEqual([]);
  expect(result.runs).toBe(1);
});
