import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { packsIn } from "./folders.ts";
import { watchRoots } from "./roots.ts";

const patience = { timeout: 45_000 };

/** What is seen of the packs in a root, each time that something may have changed. */
function seenIn(root: string): string[][] {
  const seen: string[][] = [packsIn([root])];
  const watching = watchRoots([root], () => seen.push(packsIn([root])));
  onTestFinished(() => watching.stop());
  return seen;
}

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "roots-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a pack that is moved into a folder of packs is seen", async () => {
  const root = emptyFolder();
  const seen = seenIn(root);
  mkdirSync(join(root, ".draft", "actions"), { recursive: true });
  renameSync(join(root, ".draft"), join(root, "deploy"));
  await vi.waitFor(() => expect(seen.at(-1)).toEqual([join(root, "deploy")]), patience);
});

test("a folder that becomes a pack later is seen when it does", async () => {
  const root = emptyFolder();
  mkdirSync(join(root, "early"));
  const seen = seenIn(root);
  mkdirSync(join(root, "late"));
  writeFileSync(join(root, "early", "pack.yaml"), "name: early\n");
  await vi.waitFor(() => expect(seen.at(-1)).toEqual([join(root, "early")]), patience);
  writeFileSync(join(root, "late", "pack.yaml"), "name: late\n");
  await vi.waitFor(() => expect(seen.at(-1)).toEqual([join(root, "early"), join(root, "late")]), patience);
});

test("a folder of packs that is not there yet is waited for, however far away", async () => {
  const around = emptyFolder();
  const root = join(around, "far", "packs");
  const seen = seenIn(root);
  mkdirSync(join(around, "far"));
  mkdirSync(join(root, "deploy", "aliases"), { recursive: true });
  await vi.waitFor(() => expect(seen.at(-1)).toEqual([join(root, "deploy")]), patience);
});

test("a folder of packs that goes and comes again is seen", async () => {
  const around = emptyFolder();
  const root = join(around, "packs");
  mkdirSync(join(root, "one", "actions"), { recursive: true });
  const seen = seenIn(root);
  rmSync(root, { recursive: true });
  await vi.waitFor(() => expect(seen.at(-1)).toEqual([]), patience);
  mkdirSync(join(root, "two", "actions"), { recursive: true });
  await vi.waitFor(() => expect(seen.at(-1)).toEqual([join(root, "two")]), patience);
});
