import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { findNpm, whyOf } from "./npm.ts";

let home: string;

beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), "bellhop-npm-")));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
});

test("the npm beside Node comes before others; one that is JavaScript is run by this Node, whichever is the first on the path", async () => {
  const node = join(home, "bin/node");
  const beside = await file("lib/node_modules/npm/bin/npm-cli.js");
  const elsewhere = await file("opt/npm/bin/npm-cli.js");
  await mkdir(join(home, "first"));
  await mkdir(join(home, "second"));
  await symlink(elsewhere, join(home, "second/npm"));
  const path = [join(home, "first"), join(home, "second")].join(delimiter);
  expect(findNpm({ node, path })).toEqual([node, beside]);
  await rm(beside);
  expect(findNpm({ node, path })).toEqual([node, elsewhere]);
  await file("first/npm");
  expect(findNpm({ node, path })).toEqual([join(home, "first/npm")]);
});

test("where there is none, there is none", async () => {
  expect(findNpm({ node: join(home, "bin/node"), path: join(home, "bin") })).toBeUndefined();
  expect(findNpm({ node: join(home, "bin/node"), path: "" })).toBeUndefined();
});

test.each([
  [
    '{ "error": { "code": "E404", "summary": "Not Found - GET x", "detail": "more" } }',
    "npm error code E404\n",
    { code: "E404", why: "Not Found - GET x" },
  ],
  [
    '> a script printed this\n{\n  "error": { "code": "E1", "summary": "" }\n}\n',
    "npm error it broke\nnpm error so it did\n",
    { code: "E1", why: "it broke" },
  ],
  ["", "npm error\nnpm error no JSON at all\n", { code: "", why: "no JSON at all" }],
  ["", "", { code: "", why: "it did not say why" }],
])("what it says of its failure is understood: %j", (told, said, why) => {
  expect(whyOf(told, said)).toEqual(why);
});

async function file(path: string, text = ""): Promise<string> {
  await mkdir(dirname(join(home, path)), { recursive: true });
  await writeFile(join(home, path), text);
  return join(home, path);
}
