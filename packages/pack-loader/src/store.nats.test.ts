import { connectBus, type Bus, type BusLog } from "@bellhop/bus";
import { buckets, durations } from "@bellhop/contracts";
import { startNats, type TestNats } from "@bellhop/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { loadPack, type LoadedPack } from "./load-pack.ts";
import { activatePack, deactivatePack, fetchFiles, fetchVersion } from "./store.ts";
import { writePack } from "./testing/write-pack.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

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
  expect((await active())?.value.digest).toBe(two.version.digest);

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

test("a version that is nowhere is a problem that time may mend", async () => {
  await expect(fetchVersion(bus, "0".repeat(64))).rejects.toMatchObject({ code: "pack_unavailable", retry: true });
  await expect(fetchFiles(bus, "0".repeat(64))).rejects.toMatchObject({ code: "pack_unavailable" });
});
