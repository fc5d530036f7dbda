import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { activeVersion, installedVersions, loadPack } from "@bellhop/pack-loader";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { followFolder, leaveFolder } from "./follow.ts";
import { openStand } from "./testing.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const stand = await openStand();
const { bus, environment, pack, json, folderOf, publish } = stand;
afterAll(stand.stop);
beforeEach(stand.clear);

test.each(["pack.stored", "pack.recorded"])(
  "up, killed at %s while it follows a folder, does what is missing at its next start",
  async (crash) => {
    const folder = folderOf("0.1.0");
    const { digest: before } = await follow(folder);
    edit(folder, "changed");
    const program = `
    import { connectBus } from "@bellhop/bus";
    import { scaled } from "@bellhop/contracts";
    import { loadPack } from "@bellhop/pack-loader";
    import { silentLog } from "@bellhop/service";
    import { followFolder } from "./follow.ts";
    const bus = await connectBus({ url: ${JSON.stringify(stand.url)}, name: "up", durations: scaled(0.1), log: silentLog });
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

test("a watched folder answers, gives way to what is installed, and answers again once it changes", async () => {
  const folder = folderOf("0.1.0");
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
  const folder = folderOf("0.1.0");
  const first = await follow(folder);
  edit(folder, "second");
  const second = await follow(folder);
  expect(second.followed).toEqual({ kind: "activated" });
  await pack(`activate shop ${first.digest.slice(0, 12)}`);
  expect((await follow(folder)).followed).toMatchObject({ kind: "chosen", active: { digest: first.digest } });
  await pack(`activate shop ${second.digest.slice(0, 12)}`);
  rmSync(join(folder, "notes.txt"));
  expect((await follow(folder)).followed).toMatchObject({ kind: "activated" });
  expect((await activeVersion(bus, "shop"))?.digest).toBe(first.digest);
});

test("of what a watched folder had the last ten stay on record; what somebody asked for stays for ever", async () => {
  await publish("kept", "5.0.0");
  await pack("install @acme/kept");
  const folder = folderOf("0.1.0");
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
  const folder = folderOf("0.1.0");
  const { digest } = await follow(folder);
  await publish("stays", "5.0.0");
  await pack("install @acme/stays --replace");
  expect(await leaveFolder(bus, { name: "shop", digest })).toMatchObject({ version: "5.0.0" });
  await pack("activate shop 0.1.0");
  expect(await leaveFolder(bus, { name: "shop", digest })).toBeUndefined();
  expect(await activeVersion(bus, "shop")).toBeUndefined();
});

test("many that follow and install at once leave one that answers, and all on record", async () => {
  const [folder, other] = [folderOf("0.1.0"), folderOf("0.2.0")];
  await Promise.all([follow(folder), follow(other), pack(`install ${folderOf("0.3.0")}`)]);
  const active = await activeVersion(bus, "shop");
  const installed = await installedVersions(bus, "shop");
  expect(installed.map(({ version }) => version).toSorted()).toEqual(["0.1.0", "0.2.0", "0.3.0"]);
  expect(installed.map(({ digest }) => digest)).toContain(active?.digest);
});

async function follow(folder: string) {
  const loaded = await loadPack(folder);
  if (loaded.kind === "faulty") throw new Error(JSON.stringify(loaded.problems));
  return { digest: loaded.version.digest, followed: await followFolder(bus, { folder, pack: loaded, now: new Date() }) };
}

function edit(folder: string, text: string): void {
  writeFileSync(join(folder, "notes.txt"), text);
}
