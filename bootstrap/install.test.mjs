import assert from "node:assert/strict";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { innerEnvironment, pickNode, setUp, SetUpFailed } from "./install.mjs";
import { digest, isCurrent, listPackages, readStamp, writeStamp } from "./stamp.mjs";

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const made = [];
after(() => made.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A small workspace with an `npx` of its own on PATH, which is what a set-up runs: it notes each call in npx.log. */
function workspace({
  npx = "mkdir -p node_modules/.bin packages/one/node_modules; printf '#!/bin/sh\\necho v24.0.0\\n' > node_modules/.bin/node; chmod +x node_modules/.bin/node",
} = {}) {
  const root = mkdtempSync(join(tmpdir(), "bellhop-setup-"));
  made.push(root);
  mkdirSync(join(root, "packages/one"), { recursive: true });
  mkdirSync(join(root, "packages/no-package"));
  mkdirSync(join(root, "bin"));
  writeFileSync(join(root, "pnpm-workspace.yaml"), "packages:\n  - packages/*\n  - test\n\ncatalog:\n  a: 1\n");
  writeFileSync(join(root, "pnpm-lock.yaml"), "lockfileVersion: 9.0\n");
  writeFileSync(join(root, "package.json"), JSON.stringify({ devEngines: { packageManager: { version: "12.21.0" } } }));
  writeFileSync(join(root, "packages/one/package.json"), JSON.stringify({ name: "one", dependencies: { a: "1" } }));
  writeFileSync(join(root, "bin/npx"), `#!/bin/sh\necho "$@" >> npx.log\n${npx}\n`);
  chmodSync(join(root, "bin/npx"), 0o755);
  const env = { PATH: `${join(root, "bin")}:/usr/bin:/bin`, npm_lifecycle_event: "start" };
  const calls = () => (existsSync(join(root, "npx.log")) ? readFileSync(join(root, "npx.log"), "utf8").trim().split("\n") : []);
  return { root, env, calls };
}

test("a first set-up installs with the pinned pnpm, and the second asks nobody", async () => {
  const { root, env, calls } = workspace();
  const first = await setUp({ root, env });
  assert.equal(first.node, join(root, "node_modules/.bin/node"));
  assert.equal(calls().length, 1);
  assert.match(calls()[0], /-y pnpm@12\.21\.0 install --frozen-lockfile/);
  await setUp({ root, env: { PATH: "/nowhere" } });
  assert.equal(calls().length, 1);
});

test("set-ups that run at once install once", async () => {
  const { root, env, calls } = workspace();
  await Promise.all([1, 2, 3].map(() => setUp({ root, env })));
  assert.equal(calls().length, 1);
});

test("the lock of a set-up that was killed is taken over", async () => {
  const { root, env, calls } = workspace();
  mkdirSync(join(root, ".bellhop"));
  writeFileSync(join(root, ".bellhop/setup.lock"), `${process.pid} 1`);
  await setUp({ root, env });
  assert.equal(calls().length, 1);
  assert.equal(existsSync(join(root, ".bellhop/setup.lock")), false);
});

test("a set-up that fails says what was tried, its last words and what to do", async () => {
  const { root, env } = workspace({ npx: "echo 'the registry is on holiday' >&2; exit 7" });
  await assert.rejects(setUp({ root, env }), (error) => {
    assert.ok(error instanceof SetUpFailed);
    assert.match(error.message, /npx .*pnpm@12\.21\.0 install[^]*ended with 7[^]*the registry is on holiday[^]*To do: /);
    return true;
  });
});

test("a changed package.json, lockfile or missing node_modules makes the set-up stale", () => {
  const { root } = workspace();
  mkdirSync(join(root, "packages/one/node_modules"), { recursive: true });
  mkdirSync(join(root, "node_modules"));
  const current = () => isCurrent({ root, stamp: readStamp(root), packages: listPackages(root) });
  assert.equal(current(), false);
  const stamp = () => writeStamp(root, { digest: digest({ root, packages: listPackages(root) }), bundledNode: true });
  stamp();
  assert.equal(current(), true);
  writeFileSync(join(root, "pnpm-lock.yaml"), "lockfileVersion: 9.1\n");
  assert.equal(current(), false);
  stamp();
  writeFileSync(join(root, "packages/one/package.json"), JSON.stringify({ name: "one", dependencies: { a: "2" } }));
  assert.equal(current(), false);
  stamp();
  rmSync(join(root, "packages/one/node_modules"), { recursive: true });
  assert.equal(current(), false);
});

test("the packages of this repository are found in its pnpm-workspace.yaml", () => {
  const folders = listPackages(repository).map((one) => one.folder);
  for (const folder of [".", "apps/cli", "packages/contracts", "packs/core", "test"]) assert.ok(folders.includes(folder), folder);
});

test("an inner npm sees nothing of the outer one but where packages come from", () => {
  const env = innerEnvironment({
    root: "/house/bellhop",
    env: {
      npm_lifecycle_event: "start",
      npm_config_user_agent: "npm/11",
      npm_config_registry: "http://127.0.0.1:4873",
      HOME: "/home/me",
      PATH: "/house/bellhop/node_modules/.bin:/house/node_modules/.bin:/x/node-gyp-bin:/home/me/node_modules/.bin:/usr/bin",
    },
  });
  assert.equal(env.PATH, "/home/me/node_modules/.bin:/usr/bin");
  assert.equal(env.npm_config_registry, "http://127.0.0.1:4873");
  assert.equal(env.HOME, "/home/me");
  assert.equal(env.TURBO_TELEMETRY_DISABLED, "1");
  assert.equal(Object.hasOwn(env, "npm_lifecycle_event") || Object.hasOwn(env, "npm_config_user_agent"), false);
});

test("Node is the bundled one, else the machine's from 22.18 on, else a clear word", () => {
  const { root } = workspace();
  mkdirSync(join(root, "node_modules/.bin"), { recursive: true });
  cpSync("/bin/true", join(root, "node_modules/.bin/node"));
  const pick = (bundledNode, version) => pickNode({ root, stamp: { bundledNode }, version, execPath: "/usr/bin/node" });
  assert.equal(pick(true, "20.1.0"), join(root, "node_modules/.bin/node"));
  assert.equal(pick(false, "22.18.0"), "/usr/bin/node");
  assert.equal(pick(false, "23.0.0"), "/usr/bin/node");
  assert.throws(() => pick(false, "22.17.9"), /which is 22\.17\.9\. To do: install Node 22\.18 or later/);
});
