import { expect, test } from "vitest";
import { soakFlows } from "./weather.ts";

test("workflows of a hundred tasks come to the same, whoever is killed meanwhile", async () => {
  const seed = Number(process.env.BELLHOP_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const result = await soakFlows({ seed, runs: 2, kills: 20, factor: 0.1 });
  process.stderr.write(`${JSON.stringify({ ...result, faults: result.faults.length })}\n`);
  expect(result.faults, `seed ${seed}`).toEqual([]);
  expect(result.runs).toBe(2);
}, 240_000);
