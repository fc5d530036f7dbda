import { buckets } from "@bellhop/contracts";
import { claimHash } from "@bellhop/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { platformNames } from "../platforms.ts";
import { ask, startTeam, type Team } from "../team.ts";
import { corePack } from "./packs.ts";

let team: Team;

beforeAll(async () => {
  team = await startTeam({ factor: 1, packs: [corePack], rooms: ["ops"], config: () => ({ owners: [] }) });
});
afterAll(() => team.end());

describe.each(platformNames)("where nobody owns the installation yet, in %s", (name) => {
  test("a stranger is refused and told how to own it, and the one who says the code owns it", async () => {
    // What `up` does while there is no owner; the person reads the code on its terminal.
    await team.stage.bus.bucket(buckets.owners).delete("owners");
    await team.stage.bus.bucket(buckets.claim).put("code", { v: 1, hash: claimHash("R0SE-TREE"), wrong: [] });
    const says = async (who: "ana" | "mallory", text: string) => (await ask(team.chat(name), { who, text, mention: true })).answer.text;

    expect(await says("mallory", "echo hello")).toMatch(/may not run core\.echo[^]*claim/);
    expect(await says("mallory", "claim WRONG-ONE")).toMatch(/not right/);
    expect(await says("ana", "claim r0se tree")).toMatch(/owner now/);
    expect(await says("mallory", "claim R0SE-TREE")).toMatch(/no claim code/i);
    expect(await says("ana", "echo mine")).toBe("mine");
  });
});
