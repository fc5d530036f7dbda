import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readCache, writeCache } from "./cache.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellhop-cache-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("what edits leave behind goes, and what is used stays", async () => {
  await writeCache(folder, "used", entry("used"));
  for (let edit = 0; edit < 700; edit++) {
    await writeCache(folder, `edit-${edit}`, entry(`edit-${edit}`));
    if (edit % 50 === 0) expect(await readCache(folder, "used")).toEqual(entry("used"));
  }
  const names = await readdir(folder);
  expect(names.length).toBeGreaterThan(200);
  expect(names.length).toBeLessThan(600);
  expect(names).toEqual(expect.arrayContaining(["used.json", "edit-699.json"]));
});

function entry(digest: string) {
  const version = { v: 1 as const, name: "many", version: "1", description: "", digest, actions: [], aliases: [] };
  return { version, files: { v: 1 as const, digest, files: [] }, warnings: [] };
}
