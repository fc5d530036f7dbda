import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { InstalledVersion } from "@bellhop/contracts";
import { startRegistry, type TestRegistry } from "@bellhop/testkit/registry";
import { expect, onTestFinished, test, vi } from "vitest";
import { buildPack } from "./build.ts";
import { readIndex, searchIndex } from "./exchange.ts";
import { findNewer } from "./newer.ts";
import { npmSettings, searchPackages } from "./npm.ts";
import { obtain, type ObtainOptions } from "./obtain.ts";
import { fetchGit } from "./git.ts";
import { readSpec } from "./spec.ts";
import { cleanEnv, folderWith, packFiles, repository } from "./testing.ts";

vi.setConfig({ testTimeout: 45_000 });

interface Place extends ObtainOptions {
  cwd: string;
  had: (spec: string) => Promise<{ folder: string; origin: object; files: Record<string, string>; deprecated?: string }>;
  newer: (version: string, from: InstalledVersion["from"]) => ReturnType<typeof findNewer>;
}

/** An installation's folder, with its .npmrc and its index. */
function place({ npmrc = "", index }: { npmrc?: string; index?: string } = {}): Place {
  const cwd = folderWith({ ".npmrc": npmrc, "package.json": "{}" });
  const cacheFolder = join(cwd, "cache");
  const env = cleanEnv();
  const npm = () => npmSettings({ cwd, env });
  const options = { cwd, env, cacheFolder, npm, index: () => readIndex(index === undefined ? [] : [index], npm) };
  return {
    ...options,
    async had(spec) {
      const { folder, origin, deprecated, release } = await obtain(readSpec(spec, { cwd, isFolder: () => false }), options);
      const files = Object.fromEntries(
        readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]),
      );
      await release();
      return { folder, origin, files, ...(deprecated === undefined ? {} : { deprecated }) };
    },
    newer: (version, from) => findNewer({ version, from }, options),
  };
}

async function registryWith(packages: Record<string, unknown>[], options?: Parameters<typeof startRegistry>[0]): Promise<TestRegistry> {
  const registry = await startRegistry(options);
  onTestFinished(() => registry.close());
  for (const manifest of packages) await publish(registry, manifest);
  return registry;
}

async function publish(registry: TestRegistry, manifest: Record<string, unknown>): Promise<void> {
  const version = String(manifest.version);
  await registry.addFolder(
    folderWith({ ...packFiles("deploy", version), "package.json": JSON.stringify({ name: "@acme/deploy", ...manifest }) }),
  );
}

test("a package of the registry comes with its integrity, and its signature verified by the registry's keys", async () => {
  const ran = join(folderWith({}), "ran");
  const registry = await registryWith([
    { version: "1.0.0" },
    { version: "1.1.0" },
    { version: "2.0.0", scripts: { install: `touch ${ran}` } },
  ]);
  const { had } = place(registry);
  const { origin, files } = await had("@acme/deploy@^1");
  expect(origin).toEqual({
    kind: "npm",
    spec: "@acme/deploy@^1",
    resolved: "@acme/deploy@1.1.0",
    integrity: expect.stringMatching(/^sha512-/),
    signature: "verified",
  });
  expect(files["pack.yaml"]).toContain("version: 1.1.0");
  expect((await had("@acme/deploy")).origin).toMatchObject({ resolved: "@acme/deploy@2.0.0" });
  expect(existsSync(ran)).toBe(false);
  expect((await had("@acme/deploy@1.0.0")).origin).toMatchObject({ resolved: "@acme/deploy@1.0.0" });
});

test("what a registry without keys has is unsigned, and what is not there is said so", async () => {
  const { had } = place(await registryWith([{ version: "1.0.0" }], { signs: false }));
  expect((await had("@acme/deploy")).origin).toMatchObject({ signature: "unsigned" });
  await expect(had("@acme/nothing")).rejects.toMatchObject({ code: "pack_not_found", message: expect.stringContaining("@acme/nothing") });
  await expect(had("@acme/deploy@^7")).rejects.toMatchObject({
    code: "pack_not_found",
    hint: expect.stringContaining("npm view @acme/deploy versions"),
  });
});

test("a tarball that is not what the registry promised is refused", async () => {
  const registry = await registryWith([{ version: "1.0.0" }]);
  const other = await registryWith([{ version: "1.0.0", description: "another" }]);
  // In front of the one: its documents, and the other one's tarballs.
  const front = createServer((request, response) => {
    const from = request.url?.endsWith(".tgz") === true ? other.url : registry.url;
    void fetch(new URL(request.url ?? "/", from)).then(async (answer) => {
      const body = Buffer.from(await answer.arrayBuffer());
      const { port } = front.address() as AddressInfo;
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
      response.end(
        request.url?.endsWith(".tgz") === true ? body : body.toString("utf8").replaceAll(registry.url, `http://127.0.0.1:${port}/`),
      );
    });
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void front.close());
  const { had, cacheFolder } = place({ npmrc: `registry=http://127.0.0.1:${(front.address() as AddressInfo).port}/\n` });
  await expect(had("@acme/deploy")).rejects.toMatchObject({
    code: "pack_archive_refused",
    message: expect.stringContaining("hash differs"),
  });
  expect(readdirSync(join(cacheFolder, "obtained"))).toEqual([]);
});

test("a registry that is away is a problem that time may mend", async () => {
  const { had } = place({ npmrc: "registry=http://127.0.0.1:9/\nfetch-retries=0\n" });
  await expect(had("@acme/deploy")).rejects.toMatchObject({ code: "pack_unreachable", retry: true });
});

test("the registry's search finds packages that call themselves packs", async () => {
  const keywords = ["bellhop-pack"];
  const registry = await registryWith([
    { version: "1.0.0", keywords, description: "Rolls out" },
    { name: "other", version: "1.0.0", description: "Rolls" },
  ]);
  const { npm } = place(registry);
  expect(await searchPackages(["rolls"], await npm())).toEqual([{ name: "@acme/deploy", version: "1.0.0", description: "Rolls out" }]);
});

test("a tarball that npm packed comes out of a file, and from an address", async () => {
  const folder = folderWith({ ...packFiles("deploy", "1.2.3"), "package.json": '{"name":"deploy","version":"1.2.3"}' });
  execFileSync("npm", ["pack", "--ignore-scripts", "--silent", `--cache=${folderWith({})}`], { cwd: folder, env: cleanEnv() });
  const file = join(folder, "deploy-1.2.3.tgz");
  const { had } = place();
  const integrity = expect.stringMatching(/^sha512-/);
  const { origin, files } = await had(file);
  expect(origin).toEqual({ kind: "tarball", spec: file, integrity, signature: "unsigned" });
  expect(files["actions/say.sh"]).toBe("echo 1.2.3\n");

  const server = createServer((_, response) => response.end(readFileSync(file)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `http://ana:secret@127.0.0.1:${(server.address() as AddressInfo).port}/deploy.tgz`;
  const fetched = await had(url);
  expect(fetched.files).toEqual(files);
  expect(fetched.origin).toMatchObject({ ...origin, spec: url.replace("ana:secret@", "") });
  await expect(had("./nothing.tgz")).rejects.toMatchObject({ code: "pack_not_found" });
});

test("git gives a branch, a tag, a commit, a range of versions and a folder, without history and without running anything", async () => {
  const { url, commit, git, folder } = repository();
  const first = commit({ ...packFiles("deploy", "1.0.0"), ".gitattributes": "* text=auto\n" }, "v1.0.0");
  commit(packFiles("deploy", "1.1.0"), "v1.1.0");
  const head = commit({ ...packFiles("deploy", "2.0.0"), "packs/inner/pack.yaml": "name: inner\n" }, "v2.0.0");
  git("branch", "old", "v1.0.0");
  writeFileSync(join(folder, ".git/hooks/post-checkout"), `#!/bin/sh\ntouch ${folder}/ran\n`, { mode: 0o755 });
  const { had } = place();
  const version = async (spec: string) => /version: (.*)/.exec((await had(spec)).files["pack.yaml"] ?? "")?.[1];
  const whole = await had(`git+${url}`);
  expect(whole.origin).toEqual({ kind: "git", spec: `git+${url}`, resolved: head, signature: "unsigned" });
  expect(Object.keys(whole.files).filter((name) => name.startsWith(".git/"))).toEqual([]);
  expect(await version(`git+${url}#old`)).toBe("1.0.0");
  expect(await version(`git+${url}#v1.1.0`)).toBe("1.1.0");
  expect(await version(`git+${url}#${first}`)).toBe("1.0.0");
  expect(await version(`git+${url}#${first.slice(0, 8)}`)).toBe("1.0.0");
  expect(await version(`git+${url}#semver:^1`)).toBe("1.1.0");
  expect((await had(`git+${url}#main::path:packs/inner`)).files).toEqual({ "pack.yaml": "name: inner\n" });
  expect(existsSync(join(folder, "ran"))).toBe(false);
});

test("what git has not is said, and asks nobody", async () => {
  const { url, commit } = repository();
  commit(packFiles("deploy", "1.0.0"), "v1.0.0");
  const { had } = place();
  await expect(had(`git+${url}#nothing`)).rejects.toMatchObject({ code: "pack_not_found", message: expect.stringContaining("nothing") });
  await expect(had(`git+${url}#${"0".repeat(40)}`)).rejects.toMatchObject({ code: "pack_not_found" });
  await expect(had(`git+${url}#semver:^4`)).rejects.toMatchObject({ code: "pack_not_found", message: expect.stringContaining("^4") });
  await expect(had(`git+${url}#main::path:nowhere`)).rejects.toMatchObject({ code: "pack_not_found" });
  await expect(had(`git+file:///nowhere/at/all`)).rejects.toMatchObject({ code: "pack_unreachable" });
});

test("a git server that says nothing is given up, with all that git has started", async () => {
  let connections = 0;
  const server = createServer(() => {}).on("connection", (socket) => {
    connections++;
    socket.on("error", () => {}).on("close", () => connections--);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://ana:secret@127.0.0.1:${(server.address() as AddressInfo).port}/a.git`;
  const options = { spec: "a.git", env: cleanEnv(), limitMs: 500 };
  const fetching = fetchGit({ kind: "git", url, at: { kind: "head" } }, join(folderWith({}), "a"), options);
  await expect(fetching).rejects.toMatchObject({
    code: "pack_unreachable",
    message: "a.git can't be fetched: git took longer than 0.5 s.",
  });
  await vi.waitFor(() => expect(connections).toBe(0), { timeout: 45_000 });
});

test("a link in a repository that leads out of it is a fault of the pack", async () => {
  const { url, commit, folder } = repository();
  symlinkSync("/etc/passwd", join(folder, "secrets.txt"));
  commit(packFiles("deploy", "1.0.0"));
  const at = place();
  const obtained = await obtain(readSpec(`git+${url}`, { cwd: at.cwd, isFolder: () => false }), at);
  const built = await buildPack(obtained.folder, at);
  expect(built).toMatchObject({ kind: "faulty", problems: [{ file: "secrets.txt", message: expect.stringContaining("leads out") }] });
  await obtained.release();
});

test("the Exchange's index leads to a repository and the tag of a version; one without tags to its head", async () => {
  const aws = repository();
  aws.commit(packFiles("aws", "1.0.0"), "v1.0.0");
  aws.commit(packFiles("aws", "1.1.0"), "v1.1.0");
  aws.commit(packFiles("aws", "1.2.0-dev"));
  const untagged = repository();
  const head = untagged.commit(packFiles("linux", "0.3.0"));
  const entry = (name: string, version: string, repo: string) => ({
    name,
    ref: name,
    version,
    repo_url: repo,
    description: `The ${name} pack`,
    keywords: ["cloud"],
  });
  const at = folderWith({
    "index.json": JSON.stringify({
      packs: {
        aws: { ...entry("aws", "1.1.0", aws.folder), versions: ["1.0.0", "1.1.0"] },
        linux: entry("linux", "0.3.0", untagged.url),
        broken: { name: "broken" },
      },
    }),
  });
  const { had, newer, index } = place({ index: join(at, "index.json") });
  const current = await had("exchange:aws");
  expect(current.files["pack.yaml"]).toContain("version: 1.1.0");
  expect(current.origin).toMatchObject({
    kind: "exchange",
    spec: "exchange:aws",
    resolved: expect.stringMatching(/^1\.1\.0 [0-9a-f]{40}$/),
  });
  expect((await had("aws=1.0.0")).files["pack.yaml"]).toContain("version: 1.0.0");
  expect((await had("exchange:linux")).origin).toMatchObject({ resolved: `0.3.0 ${head}` });
  await expect(had("exchange:aws@9.9.9")).rejects.toMatchObject({ code: "pack_not_found", hint: expect.stringContaining("1.0.0") });
  await expect(had("exchange:awss")).rejects.toMatchObject({ hint: "Did you mean exchange:aws?" });
  expect(searchIndex(await index(), ["CLOUD", "aws"]).map(({ name }) => name)).toEqual(["aws"]);
  expect(await newer("1.0.0", { kind: "exchange", spec: "aws", signature: "unsigned" })).toMatchObject({ kind: "newer", version: "1.1.0" });
  expect(await newer("1.1.0", { kind: "exchange", spec: "aws=1.1.0", signature: "unsigned" })).toEqual({ kind: "current" });
});

test("what is newer: within the range, past an exact version, on the branch, past a tag", async () => {
  const registry = await registryWith([{ version: "1.0.0" }, { version: "1.1.0" }, { version: "2.0.0" }]);
  const { newer } = place(registry);
  const npm = (spec: string, resolved: string) => ({
    kind: "npm" as const,
    spec,
    resolved: `@acme/deploy@${resolved}`,
    signature: "verified" as const,
  });
  expect(await newer("1.0.0", npm("@acme/deploy@^1", "1.0.0"))).toEqual({ kind: "newer", spec: "@acme/deploy@^1", version: "1.1.0" });
  expect(await newer("1.1.0", npm("@acme/deploy@^1", "1.1.0"))).toEqual({ kind: "current" });
  expect(await newer("1.0.0", npm("@acme/deploy@1.0.0", "1.0.0"))).toEqual({
    kind: "newer",
    spec: "npm:@acme/deploy@2.0.0",
    version: "2.0.0",
  });
  expect(await newer("2.0.0", npm("@acme/deploy", "2.0.0"))).toEqual({ kind: "current" });

  const { url, commit } = repository();
  const first = commit(packFiles("deploy", "1.0.0"), "v1.0.0");
  const git = (spec: string, resolved: string) => ({
    kind: "git" as const,
    spec: `git+${url}${spec}`,
    resolved,
    signature: "unsigned" as const,
  });
  expect(await newer("1.0.0", git("", first))).toEqual({ kind: "current" });
  const second = commit(packFiles("deploy", "1.1.0"), "v1.1.0");
  expect(await newer("1.0.0", git("", first))).toMatchObject({ kind: "newer", version: second.slice(0, 12) });
  expect(await newer("1.0.0", git("#main", first))).toMatchObject({ kind: "newer", spec: `git+${url}#main` });
  expect(await newer("1.0.0", git("#v1.0.0", first))).toEqual({ kind: "newer", spec: `git+${url}#v1.1.0`, version: "v1.1.0" });
  expect(await newer("1.0.0", git("#semver:^1", `v1.0.0 ${first}`))).toMatchObject({ kind: "newer", version: "v1.1.0" });
  expect(await newer("1.0.0", git(`#${first}`, first))).toMatchObject({ kind: "unknown" });
  expect(await newer("1.0.0", { kind: "folder", spec: "/x", signature: "unsigned" })).toMatchObject({ kind: "unknown" });
});

test("a folder is used where it lies; what a killed one left behind goes after an hour", async () => {
  const folder = folderWith(packFiles("deploy", "1.0.0"));
  const at = place();
  expect((await at.had(folder)).origin).toEqual({ kind: "folder", spec: folder, signature: "unsigned" });
  expect(existsSync(join(folder, "pack.yaml"))).toBe(true);
  await expect(at.had("./nowhere")).rejects.toMatchObject({ code: "pack_not_found" });

  const { url, commit } = repository();
  commit(packFiles("deploy", "1.0.0"));
  for (const name of ["old", "young"]) mkdirSync(join(at.cacheFolder, "obtained", name), { recursive: true });
  utimesSync(join(at.cacheFolder, "obtained/old"), 1, 1);
  await at.had(`git+${url}`);
  expect(readdirSync(join(at.cacheFolder, "obtained"))).toEqual(["young"]);
});
