import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadPack } from "./load-pack.ts";

// Real packs are not in this repository. Have StackStorm's own and the Exchange's anywhere, one folder each or in archives of such folders, and name the folder.
const named = process.env["BELLHOP_STACKSTORM_PACKS"];
const unpacked: string[] = [];
const packs = named === undefined ? [] : [named, ...archivesIn(named)].flatMap(foldersIn);

afterAll(() => unpacked.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

describe.skipIf(named === undefined)("packs written for StackStorm (set BELLHOP_STACKSTORM_PACKS to a folder of them)", () => {
  test("there are some", () => expect(packs).not.toEqual([]));

  test.each(packs)("%s loads whole, and each warning has its place", async (pack) => {
    const result = await loadPack(pack);
    expect(result.kind === "faulty" ? result.problems : []).toEqual([]);
    for (const problem of result.warnings) {
      expect(problem.line).toBeGreaterThan(0);
      expect(problem.column).toBeGreaterThan(0);
      expect(problem.message).not.toBe("");
    }
  });
});

function archivesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".tgz"))
    .map((name) => {
      const into = mkdtempSync(join(tmpdir(), "bellhop-stackstorm-"));
      unpacked.push(into);
      execFileSync("tar", ["xzf", join(folder, name), "-C", into]);
      return into;
    });
}

function foldersIn(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isDirectory());
}
