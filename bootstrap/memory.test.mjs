import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { folderInMemory } from "./memory.mjs";

const parent = mkdtempSync(join(tmpdir(), "bellhop-memory-"));
after(() => rmSync(parent, { recursive: true, force: true }));

test("a folder is had where there is room, and goes with all that is in it", () => {
  const folder = folderInMemory({ parent, room: 1 });
  writeFileSync(join(folder.path, "kept"), "x");
  folder.remove();
  assert.equal(existsSync(folder.path), false);
});

test("too little room, and a place that is not there, leave nothing and are no fault", () => {
  assert.equal(folderInMemory({ parent, room: Number.MAX_VALUE }), undefined);
  assert.equal(folderInMemory({ parent: join(parent, "missing") }), undefined);
  assert.deepEqual(readdirSync(parent), []);
});
