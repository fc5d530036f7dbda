import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadPack } from "./load-pack.ts";

// Real packs are not in this repository. Unpack StackStorm's own and the Exchange's anywhere, one folder each, and name the folder.
const folder = process.env["BELLHOP_STACKSTORM_PACKS"];
const packs = folder === undefined ? [] : readdirSync(folder).map((name) => join(folder, name));

describe.skipIf(folder === undefined)("packs written for StackStorm (set BELLHOP_STACKSTORM_PACKS to a folder of them)", () => {
  test.each(packs.filter((pack) => statSync(pack).isDirectory()))("%s is read without breaking", async (pack) => {
    const result = await loadPack(pack);
    const told = result.kind === "faulty" ? [...result.problems, ...result.warnings] : result.warnings;
    for (const problem of told) {
      expect(problem.line).toBeGreaterThan(0);
      expect(problem.column).toBeGreaterThan(0);
      expect(problem.message).not.toBe("");
    }
  });
});
