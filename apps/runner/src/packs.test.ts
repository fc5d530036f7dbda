import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeDrafts, unpack } from "./packs.ts";

const root = () => mkdtempSync(join(tmpdir(), "packs-"));
const file = (path: string, text: string, executable = false) => ({ path, executable, base64: Buffer.from(text).toString("base64") });

test("files arrive with their folders and whether they are executable", async () => {
  const folder = join(root(), "d1");
  await unpack({ files: [file("a/b.sh", "#!/bin/sh\n", true), file("c.js", "1")] }, folder);
  expect(readFileSync(join(folder, "a/b.sh"), "utf8")).toBe("#!/bin/sh\n");
  expect(statSync(join(folder, "a/b.sh")).mode & 0o111).not.toBe(0);
  expect(statSync(join(folder, "c.js")).mode & 0o111).toBe(0);
});

test("two at once leave one whole folder", async () => {
  const at = root();
  const files = Array.from({ length: 50 }, (_, n) => file(`f${n}`, String(n)));
  await Promise.all([unpack({ files }, join(at, "d1")), unpack({ files }, join(at, "d1"))]);
  expect(readdirSync(at)).toEqual(["d1"]);
  expect(readdirSync(join(at, "d1"))).toHaveLength(50);
});

test.each(["../out", "/etc/out", "a/../../out", ".."])("a file outside of the pack is refused: %s", async (path) => {
  const at = root();
  await expect(unpack({ files: [file("ok", "1"), file(path, "x")] }, join(at, "d1"))).rejects.toThrow("outside of itself");
  expect(readdirSync(at)).toEqual([]);
});

test("drafts of dead processes are removed, those of living ones are not", async () => {
  const at = root();
  for (const name of [`d1.${process.pid}.0123abcd.new`, "d2.999999999.0123abcd.new", "d3"]) mkdirSync(join(at, name));
  await removeDrafts(at);
  expect(readdirSync(at)).toEqual([`d1.${process.pid}.0123abcd.new`, "d3"]);
});
