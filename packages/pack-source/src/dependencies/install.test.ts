import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { startRegistry, type TestRegistry } from "@bellhop/testkit/registry";
import { unpackTar } from "modern-tar";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { buildPack } from "../build.ts";
import { installDependencies, type InstallOptions, type Installation } from "./index.ts";

// Each call of npm takes a second of a machine that has nothing else to do.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let home: string;
let registry: TestRegistry;
let modulesFolder: string;
let env: InstallOptions["env"];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "bellhop-install-"));
  registry = await startRegistry();
  await publish({ "package.json": { name: "inner", version: "1.0.0" }, "index.js": "module.exports = 'inner 1';" });
  await publish({ "package.json": { name: "inner", version: "2.0.0" }, "index.js": "module.exports = 'inner 2';" });
  await publish({
    "package.json": {
      name: "outer",
      version: "1.0.0",
      type: "module",
      exports: { ".": "./index.js", "./part": "./lib/part.js" },
      dependencies: { inner: "^2" },
    },
    "index.js": "export { default } from 'inner';",
    "lib/part.js": "export default 'part';",
  });
  const leaveTrace = "node -e \"require('fs').writeFileSync('trace.txt', Object.keys(process.env).join())\"";
  await publish({ "package.json": { name: "scripted", version: "1.0.0", scripts: { postinstall: leaveTrace } }, "index.js": "" });
  await publish({ "package.json": { name: "alias", version: "1.0.0", scripts: { postinstall: "node -e 0" } }, "index.js": "" });
  await publish({ "package.json": { name: "native", version: "1.0.0" }, "index.js": "", "build/Release/it.node": "" });
  await publish({ "package.json": { name: "everywhere", version: "1.0.0" }, "index.js": "", "prebuilds/linux-x64/it.node": "" });
  await publish({ "package.json": { name: "here", version: "1.0.0", os: [process.platform], cpu: [process.arch] }, "index.js": "" });
});
afterAll(async () => {
  await registry.close();
  await rm(home, { recursive: true, force: true });
});
beforeEach(async () => {
  modulesFolder = await mkdtemp(join(home, "modules-"));
  env = { PATH: process.env["PATH"], HOME: home, npm_config_registry: registry.url, npm_config_cache: join(home, "npm") };
});

test("what is named is installed with what it needs itself; the host's own and the author's are left out", async () => {
  const installed = await install({
    dependencies: { inner: "^1", outer: "1.0.0", "@bellhop/sdk": "workspace:^" },
    devDependencies: { scripted: "1" },
  });
  expect(installed).toMatchObject({ kind: "installed", warnings: [] });
  expect(installed).not.toHaveProperty("platform");
  expect(await pathsIn(installed)).toEqual([
    "node_modules/inner/index.js",
    "node_modules/inner/package.json",
    "node_modules/outer/index.js",
    "node_modules/outer/lib/part.js",
    "node_modules/outer/node_modules/inner/index.js",
    "node_modules/outer/node_modules/inner/package.json",
    "node_modules/outer/package.json",
  ]);
});

test("once for each set: another pack with the same needs neither npm nor the registry", async () => {
  const told: string[] = [];
  const first = await install({ dependencies: { inner: "1.0.0" } }, { name: "deploy@1", tell: (text) => told.push(text) });
  env = { ...env, PATH: "" };
  env = { ...env, npm_config_registry: "http://127.0.0.1:9/" };
  const second = await install({ version: "2.0.0", dependencies: { inner: "1.0.0" } }, { tell: (text) => told.push(text) });
  expect(second).toMatchObject({ hash: hashOf(first) });
  expect(told).toEqual(["deploy@1: installing 1 dependency with npm"]);
});

test("two at once make one", async () => {
  const both = await Promise.all([install({ dependencies: { inner: "2.0.0" } }), install({ dependencies: { inner: "2.0.0" } })]);
  expect(both.map(hashOf)).toEqual([hashOf(both[0]), hashOf(both[0])]);
  expect(await readdir(modulesFolder)).toHaveLength(1);
});

test("what a power cut left of it is made again", async () => {
  const first = await install({ dependencies: { inner: "1.0.0" } });
  await writeFile(join(folderOf(first), "modules.json"), "");
  await rm(join(folderOf(first), "node_modules"), { recursive: true });
  const second = await install({ dependencies: { inner: "1.0.0" } });
  expect(hashOf(second)).toBe(hashOf(first));
  expect(await readdir(join(folderOf(second), "node_modules"))).toContain("inner");
});

test("the same packages are the same tar, wherever and whenever they were installed", async () => {
  const first = await install({ dependencies: { outer: "1.0.0" } });
  const other = await mkdtemp(join(home, "other-"));
  const second = await install({ dependencies: { outer: "^1.0.0" } }, { modulesFolder: other });
  expect(hashOf(second)).toBe(hashOf(first));
});

test("scripts do not run, which is said where it may matter; those that are allowed by name do, and see no secrets", async () => {
  env = { ...env, NPM_TOKEN: "not-for-scripts" };
  env = { ...env, BELLHOP_KEY: "not-for-anybody" };
  const plain = await install({ dependencies: { scripted: "1.0.0" } });
  expect(await pathsIn(plain)).not.toContain("node_modules/scripted/trace.txt");
  expect(plain).toMatchObject({
    warnings: [
      {
        file: "package.json",
        message: "scripted has a script for its installation, which did not run.",
        hint: expect.stringContaining("packs: { scripts: [scripted] }"),
      },
    ],
  });

  const allowed = await install({ dependencies: { scripted: "1.0.0" } }, { scripts: ["scripted"] });
  expect(allowed).toMatchObject({ kind: "installed", warnings: [] });
  const seen = await readFile(join(folderOf(allowed), "node_modules/scripted/trace.txt"), "utf8");
  expect(seen.split(",")).toContain("npm_package_name");
  expect(seen).not.toMatch(/NPM_TOKEN|BELLHOP/);
});

test.each([
  ["another name", { scripted: "npm:alias@1.0.0" }],
  ["a tarball", { scripted: "file:./scripted.tgz" }],
])("a name that is allowed lets nothing else run its scripts: %s", async (_, dependencies) => {
  const evil = await folder({ "package.json": { name: "scripted", version: "1.0.0", scripts: { postinstall: "node -e 0" } } });
  const pack = await folder({ "package.json": { dependencies } });
  const { stdout } = await promisify(execFile)("npm", ["pack", "--ignore-scripts", "--pack-destination", pack], { cwd: evil });
  await rename(join(pack, stdout.trim()), join(pack, "scripted.tgz"));
  const failed = await installDependencies({ folder: pack, modulesFolder, cwd: home, env, scripts: ["scripted"] });
  expect(failed).toMatchObject({
    kind: "failed",
    temporary: false,
    problems: [{ message: expect.stringContaining("is not what the registry has under that name") }],
  });
  expect(await readdir(modulesFolder)).toEqual([]);
});

test.each([
  ["native", true],
  ["here", true],
  ["everywhere", false],
  ["inner", false],
])("what is for one platform only says so: %s", async (name, only) => {
  const installed = await install({ dependencies: { [name]: "1.0.0" } });
  if (only) expect(installed).toMatchObject({ platform: expect.stringMatching(`^${process.platform}-${process.arch}`) });
  else expect(installed).not.toHaveProperty("platform");
});

test("the settings of the folder that it is called in count, and nothing of them stays", async () => {
  await writeFile(join(home, ".npmrc"), `registry=${registry.url}\n`);
  env = { ...env, npm_config_registry: undefined };
  const installed = await install({ dependencies: { inner: "1.0.0" } });
  await rm(join(home, ".npmrc"));
  expect(await readdir(folderOf(installed))).not.toContain(".npmrc");
});

test("a tarball that the pack brings along needs no registry", async () => {
  env = { ...env, npm_config_registry: "http://127.0.0.1:9/" };
  const tool = await folder({ "package.json": { name: "tool", version: "3.0.0" }, "index.js": "" });
  const pack = await folder({ "package.json": { dependencies: { tool: "file:./vendor/tool-3.0.0.tgz" } } });
  await mkdir(join(pack, "vendor"));
  await promisify(execFile)("npm", ["pack", "--pack-destination", join(pack, "vendor")], { cwd: tool });
  const installed = await installDependencies({ folder: pack, modulesFolder, cwd: home, env });
  expect(await pathsIn(installed)).toEqual(["node_modules/tool/index.js", "node_modules/tool/package.json"]);
});

test.each([
  ["inner", "^9", "No matching version found for inner@^9.", false],
  ["nowhere", "1", "Not Found", false],
])("what is not there is said at its place: %s@%s", async (name, range, message, temporary) => {
  const failed = await install({ dependencies: { [name]: range } });
  expect(failed).toMatchObject({
    kind: "failed",
    temporary,
    problems: [{ file: "package.json", message: expect.stringContaining(message) }],
  });
  expect(await readdir(modulesFolder)).toEqual([]);
});

test("a registry that is away is temporary, and what else is wrong with the pack is said with it", async () => {
  env = { ...env, npm_config_registry: "http://127.0.0.1:9/" };
  env = { ...env, npm_config_cache: await mkdtemp(join(home, "empty-")) };
  const pack = await folder({
    "package.json": { version: "1.0.0", dependencies: { inner: "1.0.0" } },
    "pack.yaml": "name: p\n",
    "aliases/a.yaml": "naem: a\n",
  });
  const built = await buildPack(pack, { cacheFolder: home, modulesFolder, cwd: home, env });
  expect(built).toMatchObject({ kind: "faulty", temporary: true });
  expect(built.kind === "faulty" ? built.problems.map(({ file }) => file) : []).toEqual(
    expect.arrayContaining(["aliases/a.yaml", "package.json"]),
  );
});

test("npm ends when its time is over, and when nobody waits for it any more", async () => {
  const late = await install({ dependencies: { inner: "1.0.0" } }, { timeLimitMs: 1 });
  expect(late).toMatchObject({ kind: "failed", temporary: true, problems: [{ message: expect.stringContaining("within 0.001 s") }] });
  const leaving = new AbortController();
  const stopped = await install({ dependencies: { inner: "1.0.0" } }, { signal: leaving.signal, tell: () => leaving.abort() });
  expect(stopped).toMatchObject({ kind: "failed", problems: [{ message: expect.stringContaining("was stopped") }] });
  expect(await readdir(modulesFolder)).toEqual([]);
});

test("whoever is killed while npm works leaves nothing that counts", async () => {
  const pack = await folder({ "package.json": { dependencies: { outer: "1.0.0" } } });
  const options = { folder: pack, modulesFolder, cwd: home, env };
  const script = `import { installDependencies } from ${JSON.stringify(new URL("./index.ts", import.meta.url).href)};
    await installDependencies(${JSON.stringify(options)});`;
  const child = spawn(process.execPath, ["--no-warnings", "--input-type=module", "-e", script], { stdio: "ignore" });
  const over = once(child, "exit");
  await expect.poll(() => readdir(modulesFolder), { timeout: 30_000 }).toHaveLength(1);
  child.kill("SIGKILL");
  await over;
  expect(await readdir(modulesFolder)).toEqual([expect.stringContaining(".draft")]);
  const installed = await installDependencies(options);
  expect(await pathsIn(installed)).toContain("node_modules/inner/index.js");
});

test("what a process left that was killed on the way is taken away, and what was not used for long", async () => {
  const key = (n: number) => n.toString(16).padStart(64, "0");
  await mkdir(join(modulesFolder, `${key(1)}.999999999.0123abcd.draft`));
  await mkdir(join(modulesFolder, `${key(1)}.${process.pid}.0123abcd.draft`));
  for (let n = 1; n <= 40; n++) {
    await mkdir(join(modulesFolder, key(n)));
    await utimes(join(modulesFolder, key(n)), n, n);
  }
  await install({ dependencies: { inner: "1.0.0" } });
  const left = await readdir(modulesFolder);
  expect(left).not.toContain(`${key(1)}.999999999.0123abcd.draft`);
  expect(left).toContain(`${key(1)}.${process.pid}.0123abcd.draft`);
  expect(existsSync(join(modulesFolder, key(10)))).toBe(false);
  expect(existsSync(join(modulesFolder, key(11)))).toBe(true);
});

async function install(manifest: object, more: Partial<InstallOptions> = {}): Promise<Installation> {
  return await installDependencies({ folder: await folder({ "package.json": manifest }), modulesFolder, cwd: home, env, ...more });
}

async function folder(files: Record<string, string | object>): Promise<string> {
  const made = await mkdtemp(join(home, "folder-"));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(made, path)), { recursive: true });
    await writeFile(join(made, path), typeof content === "string" ? content : JSON.stringify(content));
  }
  return made;
}

async function publish(files: Record<string, string | object>): Promise<void> {
  await registry.addFolder(await folder(files));
}

function hashOf(installation: Installation | undefined): string {
  if (installation?.kind !== "installed") throw new Error(JSON.stringify(installation));
  return installation.hash;
}

function folderOf(installation: Installation): string {
  if (installation.kind !== "installed") throw new Error(JSON.stringify(installation));
  return installation.folder;
}

async function pathsIn(installation: Installation): Promise<string[]> {
  if (installation.kind !== "installed") throw new Error(JSON.stringify(installation));
  const entries = await unpackTar(gunzipSync(await installation.read()));
  expect(entries.map(({ header }) => [header.mtime?.getTime(), header.uid, header.type])).toEqual(entries.map(() => [0, 0, "file"]));
  return entries.map(({ header }) => header.name);
}
