import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { root } from "../house/workspace.ts";
import { run, workspacePackages, writeFiles, type Manifest } from "./packages.ts";

const patience = { timeout: 180_000 };
let copy: string;
const env = () => ({ PATH: [join(root, "node_modules/.bin"), process.env.PATH].join(delimiter), HOME: copy, CI: "1" });

/** A repository with the manifests of this one: changesets writes into the one that it runs in. */
beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), "bellhop-versions-"));
  const kept = [
    ".changeset",
    "package.json",
    "pnpm-workspace.yaml",
    "test/package.json",
    ...workspacePackages().map(({ folder }) => `${folder}/package.json`),
  ];
  for (const path of kept) await cp(join(root, path), join(copy, path), { recursive: true });
  await rm(join(copy, ".changeset"), { recursive: true });
  // To format what it writes it would have everything installed first.
  const config = { ...(JSON.parse(await readFile(join(root, ".changeset/config.json"), "utf8")) as object), format: false };
  await writeFiles(copy, { ".changeset/config.json": JSON.stringify(config) });
  const git = (...args: string[]) =>
    run("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], { cwd: copy, env: env() });
  await git("init", "-q", "-b", "main");
  await git("add", ".");
  await git("commit", "-q", "-m", "all");
});
afterEach(async () => {
  await rm(copy, { recursive: true, force: true });
});

test("a change of one pack moves that pack alone, and its page of changes says why", patience, async () => {
  const before = await versions();
  await changeset("--minor", "@bellhop/pack-core", "-m", "echo can shout");
  await changeset("version");
  const after = await versions();
  expect(changed(before, after)).toEqual(["@bellhop/pack-core"]);
  expect(await readFile(join(copy, "packs/core/CHANGELOG.md"), "utf8")).toContain("echo can shout");
});

test("a change of the sdk moves everything that is released with it, and packs go on with it", patience, async () => {
  const before = await versions();
  await changeset("--minor", "@bellhop/sdk", "-m", "actions have a colour");
  await changeset("version");
  const after = await versions();
  const product = [...before.keys()].filter((name) => !/^@bellhop\/pack-(?!loader|source)/.test(name));
  expect(changed(before, after)).toEqual(expect.arrayContaining(product));
  expect(new Set(product.map((name) => after.get(name))).size).toBe(1);
});

async function changeset(...args: string[]): Promise<void> {
  await run("changeset", args, { cwd: copy, env: env() });
}

async function versions(): Promise<Map<string, string>> {
  const manifests = await Promise.all(
    [...workspacePackages().map(({ folder }) => folder), "test"].map(
      async (folder) => JSON.parse(await readFile(join(copy, folder, "package.json"), "utf8")) as Manifest,
    ),
  );
  return new Map(manifests.map(({ name, version }) => [name, version]));
}

function changed(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...before.keys()].filter((name) => before.get(name) !== after.get(name));
}
