import { expect, test } from "vitest";
import { soakGateways } from "./soak.ts";

test("people on all platforms get one answer each through kills and misbehaving platforms", async () => {
  const seed = Number(process.env.BELLHOP_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const { faults, ...figures } = await soakGateways({ seed, messages: 90, kills: 12, factor: 0.2 });
  process.stderr.write(`${JSON.stringify({ ...figures, faults: faults.length })}\n`);
  expect(faults, `seed ${seed}`).toEqual([]);
  expect(figures.messages).toBeGreaterThanOrEqual(90);
  expect(figures.inFlight).toBeGreaterThanOrEqual(8);
}, 240_000);
