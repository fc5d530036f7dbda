import { expect, test, vi } from "vitest";
import { loadPack, type LoadOptions } from "./load-pack.ts";
import { describeProblem } from "./problem.ts";
import { emptyFolder, writePack } from "./testing/write-pack.ts";

// Each fresh child loads a compiler, which takes its time where other suites run too.
vi.setConfig({ testTimeout: 60_000 });

const packYaml = "name: shop\ndescription: x\nauthor: x\n";
const action = (imports: string, description: string) => `import { defineAction } from "@bellhop/sdk";
${imports}
export default defineAction({ description: JSON.stringify(${description}), run: () => 1 });
`;
const packages = {
  "node_modules/old/index.js": "exports.word = 'old ' + require('inner');",
  "node_modules/old/node_modules/inner/index.js": "module.exports = 'inner';",
  "node_modules/new/package.json": JSON.stringify({ type: "module", exports: { ".": "./index.js", "./part": "./part.js" } }),
  "node_modules/new/index.js": "export const word = 'new';",
  "node_modules/new/part.js": "export default 'part';",
  "node_modules/inner/index.js": "module.exports = 'hoisted';",
};
const hash = "ab".repeat(32);
const installed = async () => ({ hash, folder: await writePack(packages) });

async function load(files: Record<string, string>, manifest: object, modules?: LoadOptions["modules"], cacheFolder?: string) {
  const folder = await writePack({
    "pack.yaml": packYaml,
    "package.json": JSON.stringify({ version: "1.0.0", ...manifest }, undefined, 2),
    ...files,
  });
  const options = { ...(modules === undefined ? {} : { modules }), ...(cacheFolder === undefined ? {} : { cacheFolder }) };
  return await loadPack(folder, options);
}

const imports = {
  "actions/a.ts": action(
    `import { word } from "old";\nimport * as next from "new";\nimport part from "new/part";`,
    "[word, next.word, part]",
  ),
  "actions/b.ts": `import sdk = require("@bellhop/sdk");
const old = require("old");
export = sdk.defineAction({ description: old.word, run: () => 1 });
`,
};
const both = { dependencies: { old: "1", new: "1" } };

test("definitions may use what the pack depends on, in either style; it is named by the version", async () => {
  const pack = await load(imports, both, { ...(await installed()), platform: "linux-x64" });
  expect(pack).toMatchObject({
    version: {
      actions: [{ description: '["old inner","new","part"]' }, { description: "old inner" }],
      modules: { hash, platform: "linux-x64" },
    },
  });
});

test("other dependencies are another version, also out of the cache", async () => {
  const cache = await emptyFolder();
  const modules = await installed();
  const first = await load(imports, both, modules, cache);
  const again = await load(imports, both, modules, cache);
  const other = await load(imports, both, { ...modules, hash: "cd".repeat(32) }, cache);
  const digests = [first, again, other].map((pack) => (pack.kind === "loaded" ? pack.version.digest : pack.problems));
  expect(digests[1]).toEqual(digests[0]);
  expect(digests[2]).not.toEqual(digests[0]);
});

test("what lies in the pack's own folder is for its author's tests only", async () => {
  const beside = { ...imports, ...packages };
  const tests = await load(beside, both, "own");
  expect(tests).toMatchObject({ version: { actions: [{ description: '["old inner","new","part"]' }, {}] } });
  expect(tests).not.toHaveProperty("version.modules");
  const empty = { hash, folder: await emptyFolder() };
  expect(await load(beside, both, empty)).toMatchObject({
    kind: "faulty",
    problems: [
      { message: expect.stringContaining('"old" can\'t be imported by a pack') },
      { message: expect.stringContaining('"old" can\'t be imported by a pack') },
    ],
  });
});

test("what is not declared is refused where it is imported, with what to do", async () => {
  const alias = `import { defineAlias } from "@bellhop/sdk";\nimport a from "../actions/a.ts";\nexport default defineAlias({ action: a, formats: ["a"] });\n`;
  const files = {
    "actions/a.ts": action(`import "oldd";\nimport "inner";\nimport "vitest";\nimport type { X } from "never";`, "1"),
    "aliases/a.ts": alias,
  };
  // What the alias lacks is said once, where it is wrong.
  const pack = await load(files, { ...both, devDependencies: { vitest: "5" } }, await installed());
  expect(pack.kind === "faulty" ? pack.problems.map((problem) => describeProblem("", problem)) : []).toEqual([
    'actions/a.ts:2:8 "oldd" is not among the dependencies of this pack.\n  Did you mean old? Else add it to dependencies in package.json.',
    'actions/a.ts:3:8 "inner" is not among the dependencies of this pack.\n  Add it to dependencies in package.json.',
    'actions/a.ts:4:8 "vitest" is not among the dependencies of this pack.\n  In package.json, move it from devDependencies to dependencies: only those travel.',
  ]);
});

test("dependencies that are not installed are one problem, beside what else is wrong", async () => {
  const files = { ...imports, "aliases/a.yaml": "name: a\naction_rf: shop.a\nformats: [a]\n" };
  const pack = await load(files, both);
  expect(pack).toMatchObject({
    kind: "faulty",
    problems: [
      { file: "aliases/a.yaml" },
      { file: "aliases/a.yaml" },
      { file: "package.json", line: 4, column: 5, message: "The dependencies of this pack are not installed." },
    ],
  });
  const why = { file: "package.json", line: 4, column: 5, message: "The registry is away.", hint: "" };
  expect(await load(files, both, { problems: [why] })).toMatchObject({
    kind: "faulty",
    problems: [{ file: "aliases/a.yaml" }, { file: "aliases/a.yaml" }, why],
  });
});

test("package.json has the version; what pack.yaml says beside it is pointed out", async () => {
  const files = { "actions/a.ts": action("", "1") };
  expect(await load(files, { version: "2.0.0" })).toMatchObject({ version: { version: "2.0.0" }, warnings: [] });
  const twice = await load({ ...files, "pack.yaml": `${packYaml}version: 1.0.0\n` }, { version: "2.0.0" });
  expect(twice).toMatchObject({
    version: { version: "2.0.0" },
    warnings: [{ file: "pack.yaml", line: 4, message: "package.json says 2.0.0, which counts." }],
  });
  expect(await loadPack(await writePack({ "pack.yaml": packYaml }))).toMatchObject({ kind: "faulty", problems: [{ file: "pack.yaml" }] });
});
