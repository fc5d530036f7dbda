import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTeam, type Team } from "../../team.ts";
import { askingPack } from "../../journeys/packs.ts";
import { faultyPacks } from "../packs.ts";
import { editPoints, hitEdits } from "./edit-points.ts";
import { hitPresses, pressPoints } from "./press-points.ts";
import { gatewayPoints, hitGateways, introduce } from "./points.ts";

let team: Team;

beforeAll(async () => {
  team = await startTeam({ factor: 0.2, packs: [...faultyPacks, askingPack], rooms: ["ops", "dev"] });
  await introduce(team);
});
afterAll(() => team.end());

describe("every platform's gateway killed with -9 at its crash point leaves one answer standing", { timeout: 300_000 }, () => {
  test.each(gatewayPoints.map((point, index) => ({ point, words: `p${index}x` })))("$point", async ({ point, words }) => {
    const { faults } = await hitGateways(team, { point, trouble: "plain", victim: "self", words, heldMs: 0 });
    expect(faults).toEqual([]);
  });
});

describe("an engine killed with -9 between the old words of a command and the new ones leaves one answer", { timeout: 300_000 }, () => {
  test.each(editPoints.map((point, index) => ({ point, words: `e${index}x` })))("$point", async ({ point, words }) => {
    const { faults } = await hitEdits(team, { point, words });
    expect(faults).toEqual([]);
  });
});

describe("whoever is killed with -9 between a press and its answer, it is answered once", { timeout: 300_000 }, () => {
  // The others are everybody's points: all of them are `pnpm faults --presses`.
  test.each((["gateway.stored", ...pressPoints] as const).map((point, index) => ({ point, words: `b${index}x` })))(
    "$point",
    async ({ point, words }) => {
      const { hits, faults } = await hitPresses(team, { point, victim: "self", words });
      expect(hits).toBeGreaterThan(0);
      expect(faults).toEqual([]);
    },
  );
});
