import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadPack } from "@bellhop/pack-loader";
import { startRegistry, type TestRegistry } from "@bellhop/testkit/registry";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../house/workspace.ts";
import { packageManagerEnv, published, run, shelveDependencies, workspacePackages, writeFiles, type Manifest } from "./packages.ts";

const patience = 180_000;
const packs = published.filter(({ folder }) => folder.startsWith("packs/"));
let home: string;
let registry: TestRegistry;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "bellhop-publish-"));
  registry = await startRegistry();
  env = await packageManagerEnv(home, registry);
});
afterAll(async () => {
  await registry.close();
  await rm(home, { recursive: true, force: true });
});

test("every package is published on purpose: it says what it is, or that it is private", () => {
  for (const { folder, manifest } of published) {
    expect(manifest, folder).toMatchObject({ license: "Apache-2.0", publishConfig: { access: "public" } });
    expect(manifest.description, folder).toMatch(/\S/);
    expect(manifest.keywords, folder).toContain("bellhop");
    expect(manifest.files?.length, folder).toBeGreaterThan(0);
    // No tarball is older than its sources.
    if (folder.startsWith("packages/")) expect(manifest.scripts?.["prepack"], folder).toBe("pnpm run build");
  }
});

test("what is published depends on nothing private", () => {
  const hidden = workspacePackages().flatMap(({ manifest }) => (manifest.private === true ? [manifest.name] : []));
  for (const { folder, manifest } of published)
    for (const name of Object.keys(manifest.dependencies ?? {})) expect(hidden, folder).not.toContain(name);
});

test("what can be imported here can be imported from the tarball", () => {
  for (const { folder, manifest } of published) {
    if (manifest.publishConfig?.exports === undefined) continue;
    expect(Object.keys(manifest.publishConfig.exports).toSorted(), folder).toEqual(Object.keys(manifest.exports ?? {}).toSorted());
  }
});

test.each(packs)("$folder says that it is a pack", ({ manifest }) => {
  expect(manifest.name).toMatch(/^@bellhop\/pack-/);
  expect(manifest.keywords).toContain("bellhop-pack");
  expect(manifest.exports).toMatchObject({ "./pack.yaml": "./pack.yaml", "./package.json": "./package.json" });
  expect(manifest.dependencies).toMatchObject({ "@bellhop/sdk": "workspace:^" });
});

describe("on a registry", () => {
  beforeAll(async () => {
    // Built is what is published in earnest; twice would only take longer.
    const said = await run("pnpm", ["-r", "publish", "--dry-run", "--no-git-checks", "--ignore-scripts"], { cwd: root, env });
    // That it is a dry run is the only thing to be warned of.
    expect(said.split("\n").filter((line) => /WARN|ERR/.test(line) && !/^\[WARN\] Skip publishing \S+ \(dry run\)$/.test(line))).toEqual(
      [],
    );
    expect(registry.requests.filter((line) => line.startsWith("PUT"))).toEqual([]);
    await run("pnpm", ["-r", "publish", "--no-git-checks"], { cwd: root, env });
  }, patience);

  test("everything that is published is there, and nothing else", () => {
    const put = registry.requests.flatMap((line) => (line.startsWith("PUT /") ? [line.slice("PUT /".length)] : []));
    expect(put.toSorted()).toEqual(published.map(({ manifest }) => manifest.name).toSorted());
  });

  test.each(published)("publint finds nothing in the tarball of $folder", async ({ manifest }) => {
    const tarball = await fetchTarball(manifest);
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  test.each(published)(
    "the tarball of $folder has its page and its licence, no tests, and nothing of this workspace",
    async ({ folder, manifest }) => {
      const unpacked = await unpack(manifest);
      const files = (await run("find", [".", "-type", "f"], { cwd: unpacked, env })).trim().split("\n");
      expect(files).toEqual(expect.arrayContaining(["./README.md", "./LICENSE", "./package.json"]));
      expect(files.filter((file) => /\.test\.[jt]s$|\/node_modules\/|\.turbo|tsconfig/.test(file))).toEqual([]);
      const { dependencies = {} } = JSON.parse(await run("cat", ["package.json"], { cwd: unpacked, env })) as Manifest;
      expect(
        Object.values(dependencies).filter((range) => /^(workspace|link|file|catalog):/.test(range)),
        folder,
      ).toEqual([]);
    },
  );

  describe("installed by npm, as somebody else's dependency", () => {
    const project = () => join(home, "packs-elsewhere");
    beforeAll(async () => {
      for (const { folder } of packs) await shelveDependencies(registry, join(root, folder));
      await writeFiles(project(), { "package.json": "{}" });
      await run("npm", ["install", "--ignore-scripts", ...packs.map(({ manifest }) => manifest.name)], { cwd: project(), env });
    }, patience);

    test.each(packs)("$folder is the whole pack", async ({ folder, manifest }) => {
      const load = async (at: string) => {
        const pack = await loadPack(at, { modules: "own" });
        if (pack.kind === "faulty") throw new Error(JSON.stringify(pack.problems));
        const { digest: _digest, ...definitions } = pack.version;
        const paths = pack.files.files.map(({ path }) => path);
        return { definitions, files: paths.filter((path) => !/^(LICENSE|[^/]+\.md|package\.json)$/.test(path)) };
      };
      expect(await load(join(project(), "node_modules", manifest.name))).toEqual(await load(join(root, folder)));
    });
  });

  test("a project elsewhere installs the sdk with npm, type-checks its pack and tests it", { timeout: patience }, async () => {
    const project = join(home, "elsewhere");
    await shelveDependencies(registry, join(root, "packages/sdk"));
    await writeFiles(project, elsewhere);
    await run("npm", ["install", "@bellhop/sdk"], { cwd: project, env });
    for (const moduleResolution of ["nodenext", "bundler"]) {
      await writeFile(
        join(project, "tsconfig.json"),
        JSON.stringify({ compilerOptions: compilerOptions(moduleResolution), include: ["**/*.ts"] }),
      );
      await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", project], { cwd: project, env });
    }
    expect(await run(process.execPath, ["--test"], { cwd: project, env })).toMatch(/\bpass 1\b[^]*\bfail 0\b/);
  });
});

/** Its declarations are checked too: `skipLibCheck` would hide what does not resolve. */
function compilerOptions(moduleResolution: string): object {
  const module = moduleResolution === "nodenext" ? "nodenext" : "esnext";
  const typeRoots = [join(root, "node_modules/@types")];
  return {
    module,
    moduleResolution,
    target: "es2024",
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    types: ["node"],
    typeRoots,
  };
}

const elsewhere = {
  "package.json": JSON.stringify({ name: "elsewhere", type: "module" }),
  "actions/greet.ts": `import { defineAction, z } from "@bellhop/sdk";
export default defineAction({
  description: "Greet somebody",
  input: { name: z.string() },
  output: z.object({ words: z.string() }),
  run: ({ input }) => ({ words: "hello " + input.name }),
});
`,
  "aliases/greet.ts": `import { defineAlias } from "@bellhop/sdk";
import greet from "../actions/greet.ts";
export const wrong = defineAlias({
  action: greet,
  // @ts-expect-error there is no parameter of this name
  formats: ["greet {{ nmae }}"],
});
export default defineAlias({ action: greet, formats: ["greet {{ name }}"], reply: "{{ result.words }}" });
`,
  "greet.test.ts": `import { equal } from "node:assert/strict";
import { test } from "node:test";
import { runAction } from "@bellhop/sdk/testing";
import greet from "./actions/greet.ts";
test("it greets", async () => {
  const { words } = await runAction(greet, { name: "Ana" });
  equal(words, "hello Ana");
});
`,
};

async function fetchTarball({ name, version }: Manifest): Promise<ArrayBuffer> {
  const { dist } = (await (await fetch(`${registry.url}${name}/${version}`)).json()) as { dist: { tarball: string } };
  return await (await fetch(dist.tarball)).arrayBuffer();
}

const unpacked = new Map<string, Promise<string>>();

/** The folder that a package's tarball becomes. */
function unpack(manifest: Manifest): Promise<string> {
  const folder = join(home, "unpacked", manifest.name);
  const making = async () => {
    await writeFiles(folder, {});
    await run("mkdir", ["-p", folder], { cwd: home, env });
    await writeFile(join(folder, "..", "tarball.tgz"), Buffer.from(await fetchTarball(manifest)));
    await run("tar", ["-xzf", "../tarball.tgz", "--strip-components=1"], { cwd: folder, env });
    return folder;
  };
  const made = unpacked.get(manifest.name) ?? making();
  unpacked.set(manifest.name, made);
  return made;
}
