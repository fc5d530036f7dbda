import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { watchPacks } from "@bellhop/pack-loader";
import { startRegistry } from "@bellhop/testkit/registry";
import { expect, onTestFinished, test } from "vitest";
import { buildPack, type BuildOptions } from "../build.ts";

test(
  "a changed package.json installs anew; while the registry is away the version before goes on, and it is asked again",
  { timeout: 120_000 },
  async () => {
    const home = await mkdtemp(join(tmpdir(), "bellhop-watch-"));
    const registry = await startRegistry();
    onTestFinished(async () => {
      await registry.close();
      await rm(home, { recursive: true, force: true });
    });
    for (const version of ["1.0.0", "2.0.0", "3.0.0"]) {
      const tool = join(home, `tool-${version}`);
      await mkdir(tool);
      await writeFile(join(tool, "package.json"), JSON.stringify({ name: "tool", version }));
      await writeFile(join(tool, "index.js"), `module.exports = "tool ${version}";`);
      await registry.addFolder(tool);
    }
    const pack = join(home, "pack");
    // Moved into place, so that nobody reads half of it.
    const wants = async (range: string) => {
      await writeFile(join(home, "next.json"), JSON.stringify({ version: "1.0.0", dependencies: { tool: range } }));
      await rename(join(home, "next.json"), join(pack, "package.json"));
    };
    await mkdir(join(pack, "actions"), { recursive: true });
    await wants("1");
    await writeFile(join(pack, "pack.yaml"), "name: shop\ndescription: x\nauthor: x\n");
    await writeFile(
      join(pack, "actions/use.ts"),
      `import { defineAction } from "@bellhop/sdk";\nimport tool from "tool";\nexport default defineAction({ description: tool, run: () => tool });\n`,
    );

    // Its own cache for each try: what npm has seen of a registry it would have without it, too.
    const env = (address: string, cache: string) => ({
      PATH: process.env["PATH"],
      npm_config_registry: address,
      npm_config_cache: join(home, cache),
    });
    const options: BuildOptions = { cacheFolder: join(home, "cache"), cwd: home, env: env(registry.url, "npm") };
    let reachable = true;
    const events: string[] = [];
    const watcher = await watchPacks({
      folders: [pack],
      retryMs: 50,
      load: async (folder, { signal }) =>
        await buildPack(folder, { ...options, signal, ...(reachable ? {} : { env: env("http://127.0.0.1:9/", "empty") }) }),
      onLoaded: (_, { version }) => void events.push(`${version.actions[0]?.description} ${version.modules?.hash.length}`),
      onFaulty: (_, { problems, temporary }) => {
        events.push(`${temporary === true ? "away" : "faulty"} ${problems.length}`);
        return undefined;
      },
      onRemoved: () => void events.push("removed"),
    });
    onTestFinished(() => watcher.stop());
    const happened = async (expected: string[]) => await expect.poll(() => events, { timeout: 60_000 }).toEqual(expected);

    await happened(["tool 1.0.0 64"]);
    await wants("2");
    await happened(["tool 1.0.0 64", "tool 2.0.0 64"]);
    reachable = false;
    await wants("3");
    await happened(["tool 1.0.0 64", "tool 2.0.0 64", "away 1"]);
    reachable = true;
    await happened(["tool 1.0.0 64", "tool 2.0.0 64", "away 1", "tool 3.0.0 64"]);
  },
);
