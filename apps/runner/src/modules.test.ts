import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { silentLog } from "@bellhop/service";
import { packTar } from "modern-tar";
import { afterAll, beforeAll, expect, test } from "vitest";
import { unpackModules } from "./modules.ts";
import { modulesRoot, unpack } from "./packs.ts";
import { createWorkers, type Workers } from "./process/workers.ts";

/** What one pack depends on: packages of either style, one inside of another, with parts and conditions. */
const first = {
  "old/package.json": JSON.stringify({ name: "old", version: "1.0.0", main: "lib/main" }),
  "old/lib/main.js": "exports.word = require('./word').word; exports.inner = require('inner');",
  "old/lib/word.js": "exports.word = 'old';",
  "old/node_modules/inner/index.js": "module.exports = 'inner of old';",
  "inner/index.js": "module.exports = 'inner';",
  "@acme/new/package.json": JSON.stringify({
    name: "@acme/new",
    type: "module",
    exports: { ".": "./lib/index.js", "./part": { require: "./lib/part.cjs", import: "./lib/part.js" } },
  }),
  "@acme/new/lib/index.js":
    "import inner from 'inner'; import old from 'old'; import { defineAction } from '@bellhop/sdk'; export { inner, old }; export const sdk = defineAction;",
  "@acme/new/lib/part.js": "export default 'imported';",
  "@acme/new/lib/part.cjs": "module.exports = 'required';",
  // Packages ask whether others are there in this way.
  "curious/index.js":
    "exports.found = ['outside', 'nowhere'].map((name) => { try { return require(name); } catch (error) { return error.code; } });",
  "with-zod/index.js": "exports.kind = require('zod').kind;",
  "with-zod/node_modules/zod/index.js": "exports.kind = 'a zod of its own';",
  "without-zod/index.js": "exports.kind = typeof require('zod').object;",
};
/** Of another pack: the same name, something else. */
const second = { "old/index.js": "exports.word = 'another old';" };

const actions: Record<string, string> = {
  "first/imports.mjs": `import { inner, old, sdk } from "@acme/new";
    import part from "@acme/new/part";
    import { createRequire } from "node:module";
    const required = createRequire(import.meta.url)("@acme/new/part");
    export default defineAction({ description: "x", run: () => [inner, old.word, old.inner, part, required, sdk === defineAction] });`,
  "first/curious.mjs": `import { found } from "curious";
    export default defineAction({ description: "x", run: () => found });`,
  "first/zods.mjs": `import own from "with-zod";
    import host from "without-zod";
    export default defineAction({ description: "x", run: () => [own.kind, host.kind] });`,
  "first/outside.mjs": `import outside from "outside";
    export default defineAction({ description: "x", run: () => outside });`,
  "second/imports.mjs": `import { word } from "old";
    export default defineAction({ description: "x", run: () => word });`,
  "second/others.mjs": `import "@acme/new";
    export default defineAction({ description: "x", run: () => 1 });`,
  "none/made-up.mjs": `export default defineAction({ description: "x", run: async () => Object.keys(await import(["ol", "d"].join(""))) });`,
};

let top: string;
let root: string;
let workers: Workers;

beforeAll(async () => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "modules-")));
  root = join(top, "packs");
  mkdirSync(join(top, "node_modules/outside"), { recursive: true });
  writeFileSync(join(top, "node_modules/outside/index.js"), "module.exports = 'outside of every pack';");
  for (const [pack, packages] of [
    ["first", first],
    ["second", second],
    ["none", undefined],
  ] as const) {
    const files = Object.entries(actions).filter(([path]) => path.startsWith(`${pack}/`));
    const modules = packages === undefined ? undefined : await put(packages);
    await unpack(
      {
        files: files.map(([path, code]) => ({
          path: path.slice(pack.length + 1),
          executable: false,
          base64: Buffer.from(`import { defineAction } from "@bellhop/sdk";\n${code}`).toString("base64"),
        })),
        ...(modules === undefined ? {} : { modules }),
      },
      join(root, pack),
    );
  }
  workers = createWorkers({ mark: () => `test.${process.pid}`, root, memoryMb: 128, killGraceMs: 200, log: silentLog });
});
afterAll(async () => {
  await workers.stop();
  rmSync(top, { recursive: true, force: true });
});

test.each([
  [
    "packages of either style, their parts, and what lies within them",
    "first/imports.mjs",
    ["inner", "old", "inner of old", "imported", "required", true],
  ],
  [
    "what lies above the packs is not there for packages, which find that out as they are used to",
    "first/curious.mjs",
    ["MODULE_NOT_FOUND", "MODULE_NOT_FOUND"],
  ],
  ["a package has the zod that it brought, or else the host's", "first/zods.mjs", ["a zod of its own", "function"]],
  ["each pack has its own", "second/imports.mjs", "another old"],
])("%s", async (_, module, output) => {
  expect(await run(module)).toEqual({ kind: "succeeded", output });
});

test.each([
  ["what lies above the packs", "first/outside.mjs", "outside"],
  ["what another pack depends on", "second/others.mjs", "@acme/new"],
  ["anything, where a pack depends on nothing", "none/made-up.mjs", "old"],
])("a pack can't import %s", async (_, module, name) => {
  expect(await run(module)).toMatchObject({
    kind: "failed",
    problem: { message: expect.stringContaining(`"${name}" can't be imported by a pack`) },
  });
});

test("two at once leave one whole folder", async () => {
  const { tar, hash } = await tarOf(first);
  const folder = join(mkdtempSync(join(top, "twice-")), hash);
  await Promise.all([unpackModules(tar, { hash, folder }), unpackModules(tar, { hash, folder })]);
  expect(readdirSync(join(folder, ".."))).toEqual([hash]);
  expect(existsSync(join(folder, "node_modules/@acme/new/lib/part.cjs"))).toBe(true);
});

test("what is not what its name says is not unpacked", async () => {
  const { tar } = await tarOf(first);
  const folder = join(mkdtempSync(join(top, "damaged-")), "0".repeat(64));
  await expect(unpackModules(tar, { hash: "0".repeat(64), folder })).rejects.toThrow(/the dependencies stored as 0{64} are [0-9a-f]{64}/);
  await expect(unpackModules(tar.subarray(0, 200), { hash: "0".repeat(64), folder })).rejects.toThrow();
  expect(readdirSync(join(folder, ".."))).toEqual([]);
});

test("nothing is written outside of the folder, and no links are made", async () => {
  const file = (name: string) => ({ header: { name, size: 1 }, body: "x" });
  const link = { header: { name: "node_modules/out", size: 0, type: "symlink" as const, linkname: top } };
  const { tar, hash } = await packed([
    file("node_modules/a/index.js"),
    link,
    file("node_modules/out/b.js"),
    file("../above.js"),
    file("node_modules/../../above.js"),
  ]);
  const folder = join(mkdtempSync(join(top, "sly-")), hash);
  await unpackModules(tar, { hash, folder }).catch(() => undefined);
  expect([existsSync(join(folder, "../above.js")), existsSync(join(folder, "../../above.js")), existsSync(join(top, "b.js"))]).toEqual([
    false,
    false,
    false,
  ]);
});

async function run(module: string) {
  const call = { action: "p.x", input: {}, config: {}, files: [], attachTo: top, signal: new AbortController().signal, onOutput() {} };
  const end = await workers.run({ ...call, kv: async () => ({ kind: "none" }), module: join(root, module) });
  return end.kind === "done" ? end.executed : end;
}

/** Unpacks packages as a runner that fetched them. @returns their hash */
async function put(packages: Record<string, string>): Promise<string> {
  const { tar, hash } = await tarOf(packages);
  await unpackModules(tar, { hash, folder: join(modulesRoot(root), hash) });
  return hash;
}

function tarOf(packages: Record<string, string>) {
  return packed(
    Object.entries(packages).map(([path, text]) => ({ header: { name: `node_modules/${path}`, size: text.length }, body: text })),
  );
}

async function packed(entries: Parameters<typeof packTar>[0]): Promise<{ tar: Uint8Array; hash: string }> {
  const tar = await packTar(entries);
  return { tar: gzipSync(tar), hash: createHash("sha256").update(tar).digest("hex") };
}
