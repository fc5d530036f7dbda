import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Bus } from "@bellhop/bus";
import { activateVersion, activeVersion, fetchVersion, installedVersions } from "@bellhop/pack-loader";
import { silentLog } from "@bellhop/service";
import { startBus, type TestBus } from "@bellhop/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { keepPacks } from "./keep.ts";

vi.setConfig({ testTimeout: 45_000, hookTimeout: 60_000 });

let server: TestBus;
let bus: Bus;
const root = mkdtempSync(join(tmpdir(), "bellhop-keep-"));

beforeAll(async () => {
  server = await startBus();
  ({ bus } = server);
});
afterAll(async () => {
  await server.end();
  rmSync(root, { recursive: true });
});

const packs = join(root, "packs");

function write(version: string, note: string): void {
  mkdirSync(join(packs, "shop/actions"), { recursive: true });
  writeFileSync(join(packs, "shop/actions/open.yaml"), "name: open\nrunner_type: local-shell-cmd\n");
  writeFileSync(join(packs, "shop/notes.txt"), note);
  writeFileSync(join(packs, "shop/pack.yaml"), `name: shop\nversion: ${version}\ndescription: x\nauthor: x\n`);
}

/** `up`, as far as packs go, and what it tells. */
async function up() {
  const told: string[] = [];
  const build = { cacheFolder: join(root, "cache"), cwd: root, env: {} };
  const kept = await keepPacks({ bus, roots: [packs], build, log: silentLog, tell: (text) => void told.push(text), colour: false });
  const hear = async (words: string | RegExp) => await vi.waitFor(() => expect(told.join("\n")).toMatch(words), { timeout: 45_000 });
  return { ...kept, told, hear };
}

const versionNow = async () => (await activeVersion(bus, "shop"))?.version;

test("a pack that comes, changes, is gone back from over a restart, changes again and goes is told of each time", async () => {
  const first = await up();
  expect(first.active.size).toBe(0);
  write("0.1.0", "one");
  await first.hear("shop 0.1.0 reloaded: 1 action, 0 aliases");
  write("0.2.0", "two");
  await first.hear("shop 0.2.0 reloaded");
  expect(await versionNow()).toBe("0.2.0");
  const old = (await installedVersions(bus, "shop")).find(({ version }) => version === "0.1.0");
  if (old === undefined) throw new Error("it is on record");
  await activateVersion(bus, old);
  await first.stop();

  const second = await up();
  await second.hear(
    /shop 0\.1\.0 was chosen over .*shop, which answers again once it changes, or by `bellhop pack activate shop [0-9a-f]{12}`/,
  );
  expect(await versionNow()).toBe("0.1.0");
  expect([...second.active.values()]).toMatchObject([{ name: "shop", version: "0.1.0" }]);
  write("0.3.0", "three");
  await second.hear(/has changed: it answers in place of shop 0\.1\.0, which was chosen before/);
  await second.hear("shop 0.3.0 reloaded");
  expect(await versionNow()).toBe("0.3.0");
  writeFileSync(join(packs, "shop/actions/open.yaml"), "name: open\n");
  await second.hear(/shop is not loaded; what was loaded before stays/);
  rmSync(join(packs, "shop"), { recursive: true });
  await second.hear("shop is gone");
  expect(await versionNow()).toBeUndefined();

  // Nothing of it was ever loaded.
  mkdirSync(join(packs, "broken"));
  writeFileSync(join(packs, "broken/pack.yaml"), "name: broken\nversion: []\n");
  await second.hear(/broken is not loaded$/);
  await second.stop();
});

test("a pack whose folder went while nothing ran goes on, which is told with what takes it away", async () => {
  write("1.0.0", "one");
  await (await up()).stop();
  rmSync(packs, { recursive: true });
  const next = await up();
  await next.hear(/shop answers, though .*shop is not here any more: `bellhop pack remove shop --yes` takes it away/);
  expect(await versionNow()).toBe("1.0.0");
  await next.stop();
});

test("of a pack that comes with a faulty file the rest answers; a whole one is not given up for what is left of it", async () => {
  const room = join(packs, "door");
  const save = (path: string, text: string) => {
    mkdirSync(dirname(join(room, path)), { recursive: true });
    writeFileSync(join(room, path), text);
  };
  const answering = async () => {
    const active = await activeVersion(bus, "door");
    return active === undefined ? undefined : (await fetchVersion(bus, active.digest)).actions.map(({ name }) => name);
  };
  save("actions/open.yaml", "name: open\nrunner_type: local-shell-cmd\n");
  save("actions/shut.yaml", "name: shut\nrunner_typ: local-shell-cmd\n");
  save("pack.yaml", "name: door\nversion: 1.0.0\n");
  const now = await up();
  await now.hear(
    /shut\.yaml:2:1 There is no field runner_typ\.[^]*door 1\.0\.0 is loaded without actions\/shut\.yaml: 1 action, 0 aliases/,
  );
  expect(await answering()).toEqual(["open"]);
  save("actions/close.yaml", "name: close\nrunner_type: local-shell-cmd\n");
  await vi.waitFor(async () => expect(await answering()).toEqual(["close", "open"]), { timeout: 45_000 });
  save("actions/shut.yaml", "name: shut\nrunner_type: local-shell-cmd\n");
  await now.hear("door 1.0.0 reloaded: 3 actions, 0 aliases");
  save("actions/open.yaml", "name: [open]\nrunner_type: local-shell-cmd\n");
  await now.hear(/packs\/door is not loaded; what was loaded before stays/);
  expect(await answering()).toEqual(["close", "open", "shut"]);
  rmSync(room, { recursive: true });
  await now.hear("door is gone");
  expect(await answering()).toBeUndefined();
  await now.stop();
});
