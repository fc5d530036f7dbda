import { connectBus, type Bus, type BusLog } from "@bellhop/bus";
import { buckets, durations } from "@bellhop/contracts";
import { startNats, type TestNats } from "@bellhop/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { followVersions } from "./follow-versions.ts";
import { loadPack, type LoadedPack } from "./load-pack.ts";
import {
  activatePack,
  activateVersion,
  activeVersion,
  deactivatePack,
  fetchFiles,
  fetchVersion,
  forgetVersion,
  installedVersions,
  isStored,
  recordVersion,
  storePack,
} from "./store.ts";
import { writePack } from "./testing/write-pack.ts";

vi.setConfig({ testTimeout: 45_000, hookTimeout: 60_000 });

let nats: TestNats;
let bus: Bus;
const log: BusLog = { debug() {}, info() {}, warn() {}, error() {}, child: () => log };

beforeAll(async () => {
  nats = await startNats();
  bus = await connectBus({ url: nats.url, name: "test", durations: { ...durations }, log, role: "operator" });
  await bus.setUp();
});
afterAll(async () => {
  await bus.drain();
  await nats.stop();
});

async function packOf(version: string): Promise<LoadedPack> {
  const text = `name: shop\nversion: ${version}\ndescription: x\nauthor: x\n`;
  const pack = await loadPack(await writePack({ "pack.yaml": text, "actions/open.sh*": "echo open\n" }));
  if (pack.kind === "faulty") throw new Error(JSON.stringify(pack.problems));
  return pack;
}

const active = () => bus.bucket(buckets.catalog).get("active.shop");

test("a pack is stored, answers, is replaced and taken out; what was stored stays", async () => {
  const [one, two] = [await packOf("1"), await packOf("2")];
  expect(await activatePack(bus, one)).toBe("activated");
  expect(await activatePack(bus, one)).toBe("unchanged");
  expect((await active())?.value).toEqual({ v: 1, name: "shop", version: "1", digest: one.version.digest });
  expect(await activatePack(bus, two)).toBe("activated");
  expect((await active())?.value).toMatchObject({ digest: two.version.digest, previous: one.version.digest });

  await deactivatePack(bus, "shop");
  await deactivatePack(bus, "shop");
  expect(await active()).toBeUndefined();
  expect(await fetchVersion(bus, one.version.digest)).toEqual(one.version);
  expect(await fetchFiles(bus, one.version.digest)).toEqual(one.files);
  expect(await activatePack(bus, one)).toBe("activated");
});

test("many that activate at once all get through, and one version stands", async () => {
  const packs = await Promise.all(["3", "4", "5", "6"].map(packOf));
  await Promise.all(packs.map((pack) => activatePack(bus, pack)));
  expect(packs.map((pack) => pack.version.digest)).toContain((await active())?.value.digest);
});

test("going back and forth names what answered before, and keeps what was known of the folder", async () => {
  const [one, two] = [await packOf("11"), await packOf("12")];
  for (const pack of [one, two]) await storePack(bus, pack);
  await deactivatePack(bus, "shop");
  await activateVersion(bus, one.version, () => ({ folder: one.version.digest }));
  expect(await activateVersion(bus, two.version)).toMatchObject({ kind: "activated", before: { digest: one.version.digest } });
  expect(await activeVersion(bus, "shop")).toMatchObject({ previous: one.version.digest, folder: one.version.digest });
  await activateVersion(bus, one.version);
  expect(await activeVersion(bus, "shop")).toMatchObject({ digest: one.version.digest, previous: two.version.digest });
  expect(await activateVersion(bus, one.version)).toMatchObject({ kind: "unchanged" });
  expect(await activateVersion(bus, two.version, () => undefined)).toMatchObject({ kind: "unchanged" });
  expect((await activeVersion(bus, "shop"))?.digest).toBe(one.version.digest);
});

test("what was installed is on record until it is forgotten, the newest first", async () => {
  const [one, two] = [await packOf("21"), await packOf("22")];
  const installed = ({ version }: LoadedPack, at: string) => ({
    v: 1 as const,
    name: version.name,
    version: version.version,
    digest: version.digest,
    from: { kind: "npm" as const, spec: "shop", signature: "verified" as const },
    at,
  });
  await recordVersion(bus, installed(one, "2026-01-01T00:00:00.000Z"));
  await recordVersion(bus, installed(two, "2026-01-02T00:00:00.000Z"));
  await recordVersion(bus, installed(two, "2026-01-02T00:00:00.000Z"));
  expect(await installedVersions(bus, "shop")).toEqual([
    installed(two, "2026-01-02T00:00:00.000Z"),
    installed(one, "2026-01-01T00:00:00.000Z"),
  ]);
  expect(await installedVersions(bus, "shopping")).toEqual([]);
  await forgetVersion(bus, one.version);
  expect((await installedVersions(bus)).map(({ version }) => version)).toEqual(["22"]);
});

test("a version is stored once all of it is there, its modules too", async () => {
  const pack = await packOf("31");
  expect(await isStored(bus, pack.version.digest)).toBe(false);
  const hash = "a".repeat(64);
  const version = { ...pack.version, modules: { hash } };
  await storePack(bus, { ...pack, version });
  expect(await isStored(bus, version.digest)).toBe(false);
  await storePack(bus, { ...pack, version, modules: { hash, read: async () => new Uint8Array([1]) } });
  expect(await isStored(bus, version.digest)).toBe(true);
});

test("a version that is nowhere is a problem that time may mend", async () => {
  await expect(fetchVersion(bus, "0".repeat(64))).rejects.toMatchObject({ code: "pack_unavailable", retry: true });
  await expect(fetchFiles(bus, "0".repeat(64))).rejects.toMatchObject({ code: "pack_unavailable" });
});

test("versions are followed: one that can't be fetched is tried again until it can be, and keeps no other from answering", async () => {
  const [late, next] = [await packOf("late"), await packOf("next")];
  await bus.bucket(buckets.catalog).put("active.other", { v: 1, name: "other", version: "1", digest: "0".repeat(64) });
  await bus.bucket(buckets.catalog).put("active.shop", { v: 1, name: "shop", version: "late", digest: late.version.digest });
  const taken: (string | undefined)[] = [];
  const tries: string[] = [];
  const settled = Promise.withResolvers<void>();
  const following = followVersions({
    store: bus,
    log: { warn: ({ pack }) => void tries.push(String(pack)), error() {} },
    retryMs: 5,
    take: (_, version) => void taken.push(version?.version),
    onSettled: settled.resolve,
  });
  await settled.promise;
  expect(taken).toEqual([]);
  await storePack(bus, late);
  await vi.waitUntil(() => taken.includes("late"), { timeout: 45_000 });
  expect(await activatePack(bus, next)).toBe("activated");
  await bus.bucket(buckets.catalog).delete("active.other");
  await vi.waitUntil(() => taken.length === 3, { timeout: 45_000 });
  expect(taken).toEqual(["late", "next", undefined]);
  expect(new Set(tries)).toEqual(new Set(["shop", "other"]));
  following.stop();
  await bus.bucket(buckets.catalog).delete("active.shop");
});
