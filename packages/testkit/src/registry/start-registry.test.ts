import { execFile } from "node:child_process";
import { createPublicKey, verify } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRegistry, type TestRegistry } from "./index.ts";

const patience = { timeout: 60_000 };
const run = promisify(execFile);
let registry: TestRegistry;
let home: string;
let settings: string;

beforeAll(async () => {
  registry = await startRegistry();
  home = await mkdtemp(join(tmpdir(), "bellhop-registry-"));
  settings = join(home, "npmrc");
  await writeFile(settings, registry.npmrc);
});
afterAll(async () => {
  await registry.close();
  await rm(home, { recursive: true, force: true });
});

test("npm publishes to it, installs from it, and may publish a version once", patience, async () => {
  const source = await folder("source", { "package.json": manifest({ version: "1.2.0" }), "index.js": "module.exports = 42;" });
  await npm(["publish"], source);
  await expect(npm(["publish"], source)).rejects.toThrow(/previously published version/);
  await npm(["publish"], await folder("next", { "package.json": manifest({ version: "1.3.0" }), "index.js": "module.exports = 43;" }));

  const project = await folder("project", { "package.json": "{}" });
  await npm(["install", "@acme/answer@1.2"], project);
  const installed = await readFile(join(project, "node_modules/@acme/answer/index.js"), "utf8");
  expect(installed).toBe("module.exports = 42;");
  const { stdout } = await npm(["view", "@acme/answer", "dist-tags", "versions", "--json"], project);
  expect(JSON.parse(stdout)).toEqual({ "dist-tags": { latest: "1.3.0" }, versions: ["1.2.0", "1.3.0"] });
});

test("who has no token may read and not publish", patience, async () => {
  const source = await folder("stranger", { "package.json": manifest({ name: "stranger", version: "1.0.0" }) });
  const anonymous = join(home, "anonymous");
  await writeFile(anonymous, `registry=${registry.url}\n//${new URL(registry.url).host}/:_authToken=made-up\n`);
  await expect(npm(["publish", `--userconfig=${anonymous}`], source)).rejects.toThrow(/logged in/);
  expect(await get("stranger")).toEqual({ error: "Not found" });
});

test("what it has is signed with the key that it shows", async () => {
  const source = await folder("signed", { "package.json": manifest({ name: "signed", version: "1.0.0" }) });
  await registry.addFolder(source);
  const { keys } = (await get("-/npm/v1/keys")) as { keys: { keyid: string; key: string }[] };
  const { dist } = (await get("signed/latest")) as { dist: { integrity: string; signatures: { keyid: string; sig: string }[] } };
  const [signature] = dist.signatures;
  expect(signature?.keyid).toBe(keys[0]?.keyid);
  const key = createPublicKey({ key: Buffer.from(keys[0]?.key ?? "", "base64"), format: "der", type: "spki" });
  const signed = (text: string) => verify("sha256", Buffer.from(text), key, Buffer.from(signature?.sig ?? "", "base64"));
  expect(signed(`signed@1.0.0:${dist.integrity}`)).toBe(true);
  expect(signed(`signed@1.0.1:${dist.integrity}`)).toBe(false);
});

test("npm searches by words and by keyword", patience, async () => {
  const keywords = ["lunch", "bellhop-pack"];
  await registry.addFolder(
    await folder("found", { "package.json": manifest({ name: "found", version: "1.0.0", keywords, description: "Orders lunch" }) }),
  );
  await registry.addFolder(await folder("other", { "package.json": manifest({ name: "lunch", version: "1.0.0" }) }));
  const named = async (...words: string[]) =>
    (JSON.parse((await npm(["search", "--json", ...words], home)).stdout) as { name: string }[]).map(({ name }) => name);
  expect((await named("lunch")).toSorted()).toEqual(["found", "lunch"]);
  expect(await named("keywords:bellhop-pack", "orders")).toEqual(["found"]);
});

function manifest(fields: { name?: string; version: string; keywords?: string[]; description?: string }): string {
  return JSON.stringify({ name: "@acme/answer", ...fields });
}

async function folder(name: string, files: Record<string, string>): Promise<string> {
  const at = join(home, name);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(at, path)), { recursive: true });
    await writeFile(join(at, path), text);
  }
  return at;
}

function npm(args: readonly string[], cwd: string): Promise<{ stdout: string; stderr: string }> {
  // Nobody's settings but the registry's.
  const env = { PATH: process.env.PATH, HOME: home, npm_config_userconfig: settings, npm_config_cache: join(home, "cache") };
  return run("npm", [...args, "--no-audit", "--no-fund", "--no-update-notifier"], { cwd, env });
}

async function get(path: string): Promise<unknown> {
  return await (await fetch(`${registry.url}${path}`)).json();
}
