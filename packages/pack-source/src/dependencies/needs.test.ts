import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readNeeds } from "./needs.ts";

async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bellhop-needs-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

const packageJson = (fields: object) => JSON.stringify(fields);
const keyOf = async (files: Record<string, string>, scripts: string[] = []) => {
  const read = await readNeeds(await folderOf(files), { scripts });
  return read.kind === "needs" ? read.needs.key : read.kind;
};

test.each([
  ["there is no package.json", {}],
  [
    "it names what the host provides",
    { "package.json": packageJson({ dependencies: { "@bellhop/sdk": "workspace:^", zod: "catalog:" } }) },
  ],
  [
    "it names what its author works with",
    { "package.json": packageJson({ devDependencies: { vitest: "5" }, peerDependencies: { zod: "4" } }) },
  ],
  ["it can't be read, which the loader says", { "package.json": "{" }],
])("nothing is needed where %s", async (_, files) => {
  expect(await readNeeds(await folderOf(files), { scripts: [] })).toEqual({ kind: "none" });
});

test("npm is given what is needed, and none of the rest", async () => {
  const folder = await folderOf({
    "package.json": packageJson({
      name: "@acme/pack-deploy",
      scripts: { prepare: "tsc" },
      dependencies: { "@bellhop/sdk": "^1.0.0", yaml: "^2.9.0", both: "1" },
      optionalDependencies: { both: "1", fsevents: "2" },
      devDependencies: { vitest: "5" },
      overrides: { yaml: { inner: "1" } },
    }),
    "package-lock.json": "{}",
  });
  const read = await readNeeds(folder, { scripts: [] });
  if (read.kind !== "needs") throw new Error(read.kind);
  expect(JSON.parse(read.needs.packageJson)).toEqual({
    name: "pack",
    version: "0.0.0",
    private: true,
    dependencies: { yaml: "^2.9.0" },
    optionalDependencies: { both: "1", fsevents: "2" },
    overrides: { yaml: { inner: "1" } },
  });
  expect(read.needs.files.map(({ path }) => path)).toEqual(["package-lock.json"]);
});

test("the same needs have the same key, whatever else changes; others have others", async () => {
  const files = { "package.json": packageJson({ version: "1.0.0", dependencies: { a: "1", b: "2", c: "file:./c.tgz" } }), "c.tgz": "one" };
  const key = await keyOf(files);
  const reordered = packageJson({ version: "1.0.1", dependencies: { c: "file:./c.tgz", b: "2", a: "1" }, devDependencies: { d: "1" } });
  expect(await keyOf({ ...files, "package.json": reordered, "actions/a.ts": "1" })).toBe(key);

  const others = await Promise.all([
    keyOf({ ...files, "package.json": packageJson({ dependencies: { a: "1", b: "3", c: "file:./c.tgz" } }) }),
    keyOf({ ...files, "c.tgz": "two" }),
    keyOf({ ...files, "package-lock.json": "{}" }),
    keyOf(files, ["a"]),
  ]);
  expect(new Set([key, ...others]).size).toBe(5);
});

test("a package that the pack brings along is taken with all its files, but for what is installed in it", async () => {
  const folder = await folderOf({
    "package.json": packageJson({ dependencies: { tool: "file:vendor/tool" } }),
    "vendor/tool/package.json": "{}",
    "vendor/tool/dist/index.js": "1",
    "vendor/tool/node_modules/other/index.js": "1",
    "vendor/tool/.npmrc": "git=/bin/sh",
  });
  await symlink("/etc", join(folder, "vendor/tool/etc"));
  const read = await readNeeds(folder, { scripts: [] });
  expect(read).toMatchObject({ needs: { files: [{ path: "vendor/tool/dist/index.js" }, { path: "vendor/tool/package.json" }] } });
});

test.each([
  ["workspace:^", "npm can't install x as workspace:^."],
  ["catalog:", "npm can't install x as catalog:."],
  ["link:./x", "npm can't install x as link:./x."],
  ["file:../x", "x: file:../x leads out of the pack."],
  ["file:/etc", "x: file:/etc leads out of the pack."],
  ["../x.tgz", "x: ../x.tgz leads out of the pack."],
  ["file:./gone.tgz", "x: there is no gone.tgz in this pack."],
  ["file:./etc", "x: there is no etc in this pack."],
  ["file:./.npmrc", "x: there is no .npmrc in this pack."],
  ["file:./node_modules/x", "x: there is no node_modules/x in this pack."],
])("refused, at its place: %s", async (range, message) => {
  const folder = await folderOf({ "package.json": `{ "dependencies": {\n  "x": ${JSON.stringify(range)}\n} }` });
  await symlink("/etc", join(folder, "etc"));
  await mkdir(join(folder, "node_modules/x"), { recursive: true });
  for (const path of [".npmrc", "node_modules/x/package.json"]) await writeFile(join(folder, path), "");
  expect(await readNeeds(folder, { scripts: [] })).toMatchObject({
    kind: "faulty",
    problems: [{ file: "package.json", line: 2, column: 3, message }],
  });
});
