import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectBus, type Bus } from "@bellhop/bus";
import { buckets, scaled, token } from "@bellhop/contracts";
import { activeVersion, installedVersions, loadPack } from "@bellhop/pack-loader";
import { silentLog } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";
import { startRegistry, type TestRegistry } from "@bellhop/testkit/registry";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { commandLine } from "../command-line.ts";
import { followFolder, leaveFolder } from "./follow.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
let nats: TestNats;
let bus: Bus;
let registry: TestRegistry;
let home: string;

beforeAll(async () => {
  [nats, registry, home] = await Promise.all([startNats(), startRegistry(), mkdtemp(join(tmpdir(), "bellhop-versions-"))]);
  bus = await connectBus({ url: nats.url, name: "test", durations: scaled(0.1), log: silentLog });
  await bus.setUp();
});
afterAll(async () => {
  await bus.drain();
  await Promise.all([nats.stop(), registry.close()]);
  await rm(home, { recursive: true, force: true });
});
beforeEach(() => write("npmrc", registry.npmrc));
afterEach(async () => {
  vi.restoreAllMocks();
  for (const bucket of [bus.bucket(buckets.catalog), bus.bucket(buckets.version)])
    for (const { key } of await bucket.entries()) await bucket.delete(key);
});

function environment(config = "{}") {
  return {
    PATH: process.env.PATH,
    HOME: home,
    BELLHOP_FOLDER: join(home, ".bellhop"),
    BELLHOP_CONFIG: write("bellhop.yaml", config),
    NATS_URL: nats.url,
    npm_config_userconfig: join(home, "npmrc"),
  };
}

interface Said {
  code: number;
  out: string;
  err: string;
}

/** One command, in this process. */
async function pack(args: string, config?: string): Promise<Said> {
  const said = { out: "", err: "" };
  const into = (where: "out" | "err") => (text: string | Uint8Array) => {
    said[where] += String(text);
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(into("out")),
    vi.spyOn(process.stderr, "write").mockImplementation(into("err")),
  ];
  try {
    return {
      code: await commandLine(["pack", ...args.split(" ")], environment(config)),
      ...said,
      get out() {
        return said.out;
      },
      get err() {
        return said.err;
      },
    };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

async function json(args: string, config?: string): Promise<Record<string, unknown>> {
  const { out } = await pack(`${args} --json`, config);
  return JSON.parse(out) as Record<string, unknown>;
}

function write(name: string, text: string): string {
  const path = join(home, name);
  writeFileSync(path, text);
  return path;
}

let folders = 0;

async function folderOf(
  version: string,
  { name = "shop", more = {} }: { name?: string; more?: Record<string, string> } = {},
): Promise<string> {
  const folder = join(home, `pack-${++folders}`);
  const files = {
    "pack.yaml": `name: ${name}\nversion: ${version}\ndescription: Sells ${version}\nauthor: Acme\n`,
    "actions/open.yaml":
      "name: open\nrunner_type: local-shell-cmd\ndescription: Opens\nparameters:\n  cmd: {type: string, default: date, description: What to run}\n",
    "aliases/open.yaml": "name: open\naction_ref: shop.open\nformats: ['open the shop']\n",
    ...more,
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), name === "shop" ? text : text.replaceAll("shop.", `${name}.`));
  }
  return folder;
}

/** Puts a pack on the registry's shelf as `@acme/<name>`. */
async function publish(name: string, version: string, of = "shop"): Promise<void> {
  const manifest = { name: `@acme/${name}`, version, keywords: ["bellhop-pack"], description: `The ${name}` };
  await registry.addFolder(await folderOf(version, { name: of, more: { "package.json": JSON.stringify(manifest) } }));
}

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
  expect(await json(`show ${await folderOf("7.0.0", { name: "elsewhere" })}`)).toMatchObject({
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
  const repository = await folderOf("1.0.0", { name: "aws" });
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
  expect(await json(`install ${await folderOf("1.0.0")}`, "packs: { requireSignature: true }")).toMatchObject({
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
    await plain.addFolder(await folderOf("1.0.0", { more: { "package.json": '{"name":"@acme/plain","version":"1.0.0"}' } }));
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
  expect(await json(`install ${await folderOf("1.5.0")}`)).toMatchObject({ active: true, from: { kind: "folder" } });
});

test("a faulty pack is reported whole, and changes nothing", async () => {
  const folder = await folderOf("1.0.0", {
    more: { "aliases/open.yaml": "name: open\naction_ref: shop.opne\nformats: ['x {{']\n", "actions/b.yaml": "name: b\n" },
  });
  const { code, out, err } = await pack(`install ${folder}`);
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(/aliases\/open\.yaml:2:\d+/);
  expect(err).toMatch(/actions\/b\.yaml/);
  expect(err).toContain("nothing has changed");
  const { problems } = await json(`install ${folder}`);
  expect(problems).toEqual(expect.arrayContaining([expect.objectContaining({ file: "aliases/open.yaml", line: 2 })]));
  expect(await installedVersions(bus)).toEqual([]);
});

test("what a pack has to be configured with is said when it is installed", async () => {
  const schema = "url: {type: string, required: true}\ntries: {type: integer, required: true, default: 3}\n";
  const { err } = await pack(`install ${await folderOf("1.0.0", { more: { "config.schema.yaml": schema } })}`);
  expect(err).toContain("It has to be told url: `bellhop pack config shop`");
});

test("two versions of one number are told apart by their digests", async () => {
  for (const text of ["one", "two"]) await pack(`install ${await folderOf("1.0.0", { more: { "notes.txt": text } })}`);
  const [newer, older] = await installedVersions(bus, "shop");
  expect(await json("activate shop 1.0.0")).toMatchObject({
    error: { code: "pack_version_ambiguous", message: expect.stringContaining(older?.digest.slice(0, 12) ?? "") },
  });
  expect(await json(`activate shop ${older?.digest.slice(0, 10)}`)).toMatchObject({ digest: older?.digest, outcome: "activated" });
  expect(newer?.digest).not.toBe(older?.digest);
});

test.each(["pack.obtained", "pack.stored", "pack.recorded"])("killed at %s, the next try does what is missing", async (crash) => {
  await publish(`crash-${crash.slice(5)}`, "1.0.0");
  await pack(`install ${await folderOf("0.9.0")}`);
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

test.each(["pack.stored", "pack.recorded"])(
  "up, killed at %s while it follows a folder, does what is missing at its next start",
  async (crash) => {
    const folder = await folderOf("0.1.0");
    const { digest: before } = await follow(folder);
    edit(folder, "changed");
    const program = `
    import { connectBus } from "@bellhop/bus";
    import { scaled } from "@bellhop/contracts";
    import { loadPack } from "@bellhop/pack-loader";
    import { silentLog } from "@bellhop/service";
    import { followFolder } from "./follow.ts";
    const bus = await connectBus({ url: ${JSON.stringify(nats.url)}, name: "up", durations: scaled(0.1), log: silentLog });
    const folder = ${JSON.stringify(folder)};
    await followFolder(bus, { folder, pack: await loadPack(folder), now: new Date() });
  `;
    const args = ["--input-type=module-typescript", "-e", program];
    const child = spawn(process.execPath, args, {
      cwd: import.meta.dirname,
      env: { ...environment(), BELLHOP_CRASH: crash },
      stdio: "ignore",
    });
    expect(await new Promise((resolve) => child.once("close", (_, by) => resolve(by)))).toBe("SIGKILL");
    expect((await activeVersion(bus, "shop"))?.digest).toBe(before);
    const { digest, followed } = await follow(folder);
    expect(followed).toEqual({ kind: "activated" });
    expect(await activeVersion(bus, "shop")).toMatchObject({ digest, previous: before });
  },
);

async function follow(folder: string) {
  const loaded = await loadPack(folder);
  if (loaded.kind === "faulty") throw new Error(JSON.stringify(loaded.problems));
  return { digest: loaded.version.digest, followed: await followFolder(bus, { folder, pack: loaded, now: new Date() }) };
}

function edit(folder: string, text: string): void {
  writeFileSync(join(folder, "notes.txt"), text);
}

test("a watched folder answers, gives way to what is installed, and answers again once it changes", async () => {
  const folder = await folderOf("0.1.0");
  expect((await follow(folder)).followed).toEqual({ kind: "activated" });
  expect(await json("list")).toMatchObject({ packs: [{ from: { kind: "folder", spec: folder } }] });
  await publish("rival", "5.0.0");
  await pack("install @acme/rival --replace");
  // The folder is as it was when the other was chosen: also after a restart.
  for (let times = 0; times < 2; times++)
    expect((await follow(folder)).followed).toMatchObject({ kind: "chosen", active: { version: "5.0.0" } });
  expect(await activeVersion(bus, "shop")).toMatchObject({ version: "5.0.0" });
  edit(folder, "changed");
  expect((await follow(folder)).followed).toMatchObject({ kind: "activated", over: { version: "5.0.0" } });
  expect(await activeVersion(bus, "shop")).toMatchObject({ version: "0.1.0" });
  expect(await json("activate shop previous")).toMatchObject({ version: "5.0.0" });
  expect((await follow(folder)).followed).toMatchObject({ kind: "chosen" });
});

test("going back outlives a restart, and a folder that went back while nothing ran is followed", async () => {
  const folder = await folderOf("0.1.0");
  const first = await follow(folder);
  edit(folder, "second");
  const second = await follow(folder);
  expect(second.followed).toEqual({ kind: "activated" });
  await pack(`activate shop ${first.digest.slice(0, 12)}`);
  expect((await follow(folder)).followed).toMatchObject({ kind: "chosen", active: { digest: first.digest } });
  await pack(`activate shop ${second.digest.slice(0, 12)}`);
  await rm(join(folder, "notes.txt"));
  expect((await follow(folder)).followed).toMatchObject({ kind: "activated" });
  expect((await activeVersion(bus, "shop"))?.digest).toBe(first.digest);
});

test("of what a watched folder had the last ten stay on record; what somebody asked for stays for ever", async () => {
  await publish("kept", "5.0.0");
  await pack("install @acme/kept");
  const folder = await folderOf("0.1.0");
  const digests: string[] = [];
  for (let number = 0; number < 14; number++) {
    edit(folder, String(number));
    digests.unshift((await follow(folder)).digest);
  }
  const installed = await installedVersions(bus, "shop");
  expect(installed.map(({ digest }) => digest).slice(0, 10)).toEqual(digests.slice(0, 10));
  expect(installed.slice(10).map(({ version }) => version)).toEqual(["5.0.0"]);
});

test("a folder that goes takes its pack with it, and not what was chosen over it", async () => {
  const folder = await folderOf("0.1.0");
  const { digest } = await follow(folder);
  await publish("stays", "5.0.0");
  await pack("install @acme/stays --replace");
  expect(await leaveFolder(bus, { name: "shop", digest })).toMatchObject({ version: "5.0.0" });
  await pack("activate shop 0.1.0");
  expect(await leaveFolder(bus, { name: "shop", digest })).toBeUndefined();
  expect(await activeVersion(bus, "shop")).toBeUndefined();
});

test("many that follow and install at once leave one that answers, and all on record", async () => {
  const [folder, other] = await Promise.all([folderOf("0.1.0"), folderOf("0.2.0")]);
  await Promise.all([follow(folder), follow(other), pack(`install ${await folderOf("0.3.0")}`)]);
  const active = await activeVersion(bus, "shop");
  const installed = await installedVersions(bus, "shop");
  expect(installed.map(({ version }) => version).toSorted()).toEqual(["0.1.0", "0.2.0", "0.3.0"]);
  expect(installed.map(({ digest }) => digest)).toContain(active?.digest);
  expect(token("shop")).toBe("shop");
  expect(readFileSync(join(folder, "pack.yaml"), "utf8")).toContain("0.1.0");
});
