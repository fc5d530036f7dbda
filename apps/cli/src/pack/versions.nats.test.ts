import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { activeVersion, installedVersions } from "@bellhop/pack-loader";
import { startRegistry } from "@bellhop/testkit/registry";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { openStand } from "./testing.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const stand = await openStand();
const { bus, registry, environment, pack, json, write, folderOf, publish } = stand;
afterAll(stand.stop);
beforeEach(stand.clear);

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

test("a pack is installed from the registry, upgraded, gone back from, and removed", async () => {
  await publish("first", "1.0.0");
  const installed = await pack("install @acme/first");
  expect(installed).toMatchObject({ code: 0 });
  expect(installed.out).toMatch(
    /^shop 1\.0\.0 is installed and answers now: 1 action, 1 alias\. From npm @acme\/first \(@acme\/first@1\.0\.0\), signature verified/,
  );
  expect(await activeVersion(bus, "shop")).toMatchObject({ version: "1.0.0" });

  expect(await json("upgrade")).toEqual({ packs: [{ name: "shop", version: "1.0.0", outcome: "current" }] });
  await publish("first", "1.1.0");
  expect(await json("upgrade --check")).toEqual({ packs: [{ name: "shop", version: "1.0.0", outcome: "newer", newer: "1.1.0" }] });
  expect((await activeVersion(bus, "shop"))?.version).toBe("1.0.0");
  expect(await json("upgrade shop")).toEqual({ packs: [{ name: "shop", version: "1.0.0", outcome: "upgraded", newer: "1.1.0" }] });
  expect(await activeVersion(bus, "shop")).toMatchObject({ version: "1.1.0" });

  expect(await json("activate shop previous")).toMatchObject({ version: "1.0.0", outcome: "activated", before: { version: "1.1.0" } });
  expect(await json("activate shop 1.1.0")).toMatchObject({ version: "1.1.0", outcome: "activated" });
  expect(await json("activate shop 1.1.0")).toMatchObject({ outcome: "unchanged" });
  expect(await json("activate shop 3.0.0")).toMatchObject({
    error: { code: "pack_version_unknown", hint: expect.stringContaining("1.0.0") },
  });
  expect(await json("activate shoop 1.0.0")).toMatchObject({ error: { code: "pack_unknown", hint: "Did you mean shop?" } });

  expect(await json("remove shop --version 1.1.0")).toMatchObject({ error: { code: "pack_active" } });
  expect(await json("remove shop --version 1.0.0")).toMatchObject({ deactivated: false, removed: [{ version: "1.0.0" }] });
  expect(await json("remove shop")).toMatchObject({ error: { code: "pack_active" } });
  expect(await json("remove shop --yes")).toMatchObject({ deactivated: true, removed: [{ version: "1.1.0" }] });
  expect(await activeVersion(bus, "shop")).toBeUndefined();
  expect(await installedVersions(bus)).toEqual([]);
});

test("list, show and search tell what is here and what could be", async () => {
  await publish("second", "1.0.0");
  await publish("second", "2.0.0");
  await pack("install @acme/second@1.0.0");
  await pack("install @acme/second@2.0.0 --no-activate");
  expect(await json("list")).toMatchObject({
    running: true,
    packs: [{ name: "shop", version: "1.0.0", active: true, from: { kind: "npm", signature: "verified" }, others: [{ version: "2.0.0" }] }],
  });
  const table = (await pack("list")).out.split("\n");
  expect(table[0]).toMatch(/^PACK +VERSION +DIGEST +OTHERS +FROM$/);
  expect(table[1]).toMatch(/^shop +1\.0\.0 +[0-9a-f]{12} +2\.0\.0 +npm @acme\/second@1\.0\.0, signature verified$/);

  const shown = await pack("show shop");
  for (const text of [
    "shop 1.0.0  Sells 1.0.0",
    "answers now",
    "others    2.0.0",
    "open the shop",
    "shop.open  Opens",
    'cmd  string, default "date": What to run',
  ])
    expect(shown.out).toContain(text);
  // Fetched to be looked at, and not installed.
  expect(await json(`show ${folderOf("7.0.0", { name: "elsewhere" })}`)).toMatchObject({
    state: "elsewhere",
    version: { version: "7.0.0" },
  });
  expect(await activeVersion(bus, "elsewhere")).toBeUndefined();

  const index = write(
    "index.json",
    JSON.stringify({
      packs: { shopping: { name: "shopping", version: "0.1.0", repo_url: "https://h.example/x", description: "Shop for more" } },
    }),
  );
  const found = await json("search shop", `packs: { index: ${index} }`);
  expect(found.packs).toEqual([
    { name: "shop", version: "1.0.0", description: "Sells 1.0.0", where: "here" },
    { name: "shopping", version: "0.1.0", description: "Shop for more", where: "exchange", spec: "exchange:shopping" },
  ]);
  expect(await json("search second")).toMatchObject({
    packs: [{ name: "@acme/second", version: "2.0.0", where: "npm", spec: "@acme/second" }],
    failed: [],
  });
});

test("a bare name that the Exchange has is the Exchange's, and is upgraded from there; npm: says npm", async () => {
  const repository = folderOf("1.0.0", { name: "aws" });
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", repository, "-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
      env: environment(),
      stdio: "ignore",
    });
  const release = (version: string) => {
    git("add", "-A");
    git("commit", "-m", version);
    git("tag", `v${version}`);
    const entry = { name: "aws", version, versions: ["1.0.0", version], repo_url: repository, description: "The cloud" };
    return `packs: { index: [${write("aws.json", JSON.stringify({ packs: { aws: entry } }))}], sources: ["exchange:*"] }`;
  };
  git("init", "--initial-branch=main");
  const first = release("1.0.0");
  expect(await json("install aws", first)).toMatchObject({ active: true, version: "1.0.0", from: { kind: "exchange", spec: "aws" } });
  expect(await json("install npm:aws", first)).toMatchObject({ error: { code: "pack_source_refused" } });
  expect(await json("install aws@^1", first)).toMatchObject({
    error: { code: "pack_spec_unclear", message: expect.stringContaining("npm:aws@^1") },
  });
  writeFileSync(join(repository, "pack.yaml"), readFileSync(join(repository, "pack.yaml"), "utf8").replaceAll("1.0.0", "1.1.0"));
  const second = release("1.1.0");
  expect(await json("upgrade", second)).toMatchObject({ packs: [{ name: "aws", version: "1.0.0", outcome: "upgraded", newer: "1.1.0" }] });
  expect(await json("install aws=1.0.0", second)).toMatchObject({ version: "1.0.0", before: { version: "1.1.0" } });
  expect((await pack("list", second)).out).toContain("StackStorm's Exchange: aws=1.0.0 (1.0.0 ");
});

test("what may not be had is refused before anything is asked for", async () => {
  await publish("third", "1.0.0");
  const before = registry.requests.length;
  const listed = 'packs: { sources: ["npm:@other/*", "exchange:*"] }';
  for (const spec of ["@acme/third", "git+https://h.example/a.git", "./packs/x", "https://h.example/x.tgz"]) {
    const { error } = await json(`install ${spec}`, listed);
    expect(error).toMatchObject({ code: "pack_source_refused", message: expect.stringContaining("packs.sources") });
  }
  expect(await json(`install ${folderOf("1.0.0")}`, "packs: { requireSignature: true }")).toMatchObject({
    error: { code: "pack_source_refused" },
  });
  expect(registry.requests.length).toBe(before);
  expect(await json("install @acme/third", 'packs: { sources: ["npm:@acme/*"], requireSignature: true }')).toMatchObject({ active: true });
  const faulty = await pack("install @acme/third", "packs: { sources: [nothing], indx: x }");
  expect(faulty.code).toBe(2);
  expect(faulty.err).toMatch(/packs\.sources\.0.*expected npm:/);
});

test("where a signature is required, a registry that signs nothing is not enough", async () => {
  const plain = await startRegistry({ signs: false });
  try {
    write("npmrc", plain.npmrc);
    await plain.addFolder(folderOf("1.0.0", { more: { "package.json": '{"name":"@acme/plain","version":"1.0.0"}' } }));
    expect(await json("install @acme/plain", "packs: { requireSignature: true }")).toMatchObject({
      error: { code: "pack_source_refused", message: expect.stringContaining("nobody signed it") },
    });
    expect(await installedVersions(bus)).toEqual([]);
    expect(await json("install @acme/plain")).toMatchObject({ active: true, from: { signature: "unsigned" } });
  } finally {
    await plain.close();
  }
});

test("somebody else's pack of the same name does not take its place unasked", async () => {
  await publish("ours", "1.0.0");
  await publish("theirs", "6.6.6");
  await pack("install @acme/ours");
  expect(await json("install @acme/theirs")).toMatchObject({
    error: { code: "pack_other_source", message: expect.stringContaining("@acme/ours") },
  });
  expect(await activeVersion(bus, "shop")).toMatchObject({ version: "1.0.0" });
  expect(await json("install @acme/theirs --replace")).toMatchObject({ active: true, before: { version: "1.0.0" } });
  // A folder that somebody points to is meant.
  expect(await json(`install ${folderOf("1.5.0")}`)).toMatchObject({ active: true, from: { kind: "folder" } });
});

test("of a pack with a faulty file the rest is installed, unless a whole one answers", async () => {
  const faulty = { "aliases/open.yaml": "name: open\naction_ref: {}\nformats: [x]\n" };
  const { code, out, err } = await pack(`install ${folderOf("1.0.0", { more: faulty })}`);
  expect({ code, out }, err).toEqual({ code: 0, out: expect.stringContaining("answers now, without aliases/open.yaml") });
  expect(err).toMatch(/aliases\/open\.yaml:2:\d+/);
  expect(await json(`install ${folderOf("1.1.0")}`)).toMatchObject({ active: true, before: { version: "1.0.0" } });
  expect(await json(`install ${folderOf("1.2.0", { more: faulty })}`)).toMatchObject({ error: { code: "pack_faulty" } });
  expect(await json(`install ${folderOf("1.2.0", { more: faulty })} --no-activate`)).toMatchObject({
    active: false,
    without: ["aliases/open.yaml"],
    problems: [{ file: "aliases/open.yaml", line: 2 }],
  });
  expect(await activeVersion(bus, "shop")).toMatchObject({ version: "1.1.0" });
});

test("where nothing may be left out, a faulty pack is reported whole, and changes nothing", async () => {
  const folder = folderOf("1.0.0", {
    more: { "aliases/open.yaml": "name: open\naction_ref: {}\nformats: [x]\n", "actions/b.yaml": "name: b\n" },
  });
  const { code, out, err } = await pack(`install ${folder} --strict`);
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(/aliases\/open\.yaml:2:\d+/);
  expect(err).toMatch(/actions\/b\.yaml/);
  expect(err).toContain("nothing has changed");
  const { problems } = await json(`install ${folder} --strict`);
  expect(problems).toEqual(expect.arrayContaining([expect.objectContaining({ file: "aliases/open.yaml", line: 2 })]));
  expect(await installedVersions(bus)).toEqual([]);
});

test("what a pack has to be configured with is said when it is installed", async () => {
  const schema = "url: {type: string, required: true}\ntries: {type: integer, required: true, default: 3}\n";
  const { err } = await pack(`install ${folderOf("1.0.0", { more: { "config.schema.yaml": schema } })}`);
  expect(err).toContain("It has to be told url: `bellhop pack config shop`");
});

test("two versions of one number are told apart by their digests", async () => {
  for (const text of ["one", "two"]) await pack(`install ${folderOf("1.0.0", { more: { "notes.txt": text } })}`);
  const [newer, older] = await installedVersions(bus, "shop");
  expect(await json("activate shop 1.0.0")).toMatchObject({
    error: { code: "pack_version_ambiguous", message: expect.stringContaining(older?.digest.slice(0, 12) ?? "") },
  });
  expect(await json(`activate shop ${older?.digest.slice(0, 10)}`)).toMatchObject({ digest: older?.digest, outcome: "activated" });
  expect(newer?.digest).not.toBe(older?.digest);
});

test.each(["pack.obtained", "pack.stored", "pack.recorded"])("killed at %s, the next try does what is missing", async (crash) => {
  await publish(`crash-${crash.slice(5)}`, "1.0.0");
  await pack(`install ${folderOf("0.9.0")}`);
  const spec = `@acme/crash-${crash.slice(5)}`;
  const child = spawn(process.execPath, [main, "pack", "install", spec, "--replace"], {
    env: { ...environment(), BELLHOP_CRASH: crash },
    stdio: "ignore",
  });
  const signal = await new Promise((resolve) => child.once("close", (_, by) => resolve(by)));
  expect(signal).toBe("SIGKILL");
  // What answered before answers still.
  expect(await activeVersion(bus, "shop")).toMatchObject({ version: "0.9.0" });
  expect((await installedVersions(bus, "shop")).map(({ version }) => version)).toEqual(
    crash === "pack.recorded" ? ["1.0.0", "0.9.0"] : ["0.9.0"],
  );
  expect(await json(`install ${spec} --replace`)).toMatchObject({ active: true, before: { version: "0.9.0" } });
  expect(await activeVersion(bus, "shop")).toMatchObject({ version: "1.0.0" });
});
