import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { packsIn, packsToInstall, repository } from "./folders.ts";

const root = mkdtempSync(join(tmpdir(), "bellhop-folders-"));
afterAll(() => rmSync(root, { recursive: true }));

function pack(name: string, manifest?: object): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "pack.yaml"), `name: ${name}\n`);
  if (manifest !== undefined) writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  return folder;
}

test("a pack that is marked waits to be installed, unless it is named itself; one's own is watched, whatever it depends on", () => {
  const waits = pack("waits", { bellhop: { watch: false } });
  const own = pack("own", { dependencies: { x: "1" }, bellhop: {} });
  const plain = pack("plain");
  mkdirSync(join(root, "no-pack"));
  pack("0123456789abcdef".repeat(4));
  pack(".draft");
  const roots = [root, join(root, "nowhere")];
  expect(packsIn(roots)).toEqual([own, plain]);
  expect(packsToInstall(roots)).toEqual([waits]);
  expect(packsIn([...roots, waits]).toSorted()).toEqual([own, plain, waits]);
  expect(packsToInstall([...roots, waits])).toEqual([]);
});

test("of the packs that come along, those that need a registry wait, and the one that removes files", () => {
  const packs = join(repository, "packs");
  const needs = (folder: string) =>
    Object.keys((JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { dependencies?: object }).dependencies ?? {}).filter(
      (name) => name !== "@bellhop/sdk",
    );
  expect(packsIn([packs]).flatMap(needs)).toEqual([]);
  const others = packsToInstall([packs]).filter((folder) => needs(folder).length === 0);
  expect(others.map((folder) => basename(folder))).toEqual(["selfheal"]);
});
