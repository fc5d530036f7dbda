import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rehearseFile } from "@bellhop/cli";
import { describeProblem, loadPack } from "@bellhop/pack-loader";
import { expect, test } from "vitest";
import { z } from "zod";
import { files, root } from "./workspace.ts";

const packs = readdirSync(join(root, "packs")).filter((name) => existsSync(join(root, "packs", name, "pack.yaml")));

test.each(packs)("the pack %s is read without a word, and explains all that it has", async (name) => {
  const folder = join(root, "packs", name);
  const pack = await loadPack(folder, { modules: "own" });
  const said = pack.kind === "loaded" ? pack.warnings : [...pack.problems, ...pack.warnings];
  expect(said.map((problem) => describeProblem(name, problem))).toEqual([]);
  if (pack.kind !== "loaded") return;
  const { actions, aliases, config = {}, description } = pack.version;
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  const unexplained = [
    ...(description === "" ? ["pack.yaml"] : []),
    ...actions.filter((action) => action.description === "").map(({ ref }) => ref),
    ...aliases.filter((alias) => alias.description === "").map(({ ref }) => `alias ${ref}`),
    ...actions.flatMap(({ ref, parameters }) => undescribed(parameters).map((parameter) => `${parameter} of ${ref}`)),
    ...actions.filter(({ ref }) => !readme.includes(`\`${ref}\``)).map(({ ref }) => `${ref} in README.md`),
    ...Object.entries(config).flatMap(([setting, { description: words, secret }]) => (words || secret ? [] : [`setting ${setting}`])),
  ];
  expect(unexplained).toEqual([]);
});

test.each(packs)("the pack %s can be published: its name, licence, keywords and files say so", (name) => {
  const manifest = Manifest.parse(JSON.parse(readFileSync(join(root, "packs", name, "package.json"), "utf8")));
  expect(manifest.name).toBe(`@bellhop/pack-${name}`);
  expect(manifest.keywords).toEqual(expect.arrayContaining(["bellhop", "bellhop-pack"]));
  expect(manifest.files).toEqual(expect.arrayContaining(["pack.yaml", "actions", "aliases"]));
});

test.each(files("packs", ".rehearsal.yaml"))("%s goes as it says", async (file) => {
  const outcomes = await rehearseFile(join(root, file));
  expect(outcomes.flatMap(({ name, differences }) => differences.map((difference) => `${name}: ${difference}`))).toEqual([]);
});

const Manifest = z.object({
  name: z.string(),
  license: z.literal("Apache-2.0"),
  description: z.string().min(1),
  keywords: z.array(z.string()),
  files: z.array(z.string()),
  exports: z.object({ "./package.json": z.string(), "./pack.yaml": z.string() }),
});

function undescribed(parameters: Readonly<Record<string, { description?: string | undefined }>>): string[] {
  return Object.entries(parameters).flatMap(([name, { description = "" }]) => (description === "" ? [name] : []));
}
